/* A network as Python records it: one operation for each layer, in order.
 *
 * Operations hold no addresses but offsets, counted in numbers: of parameters in theta and
 * grad, which have the same layout, and of buffers in `work`. Python checks that each lies
 * inside its array. A buffer has a row for each row of the batch.
 */
#ifndef PROGRAM_H
#define PROGRAM_H
#include <stdint.h>

/* Those from PERIODIC on are parts of an input layer: each reads some columns of x and
 * writes some columns of h. */
enum kind {
    DENSE, DROPOUT, SCALE, PARAMETRIC, PERIODIC, PIECEWISE, CATEGORIES, UNCHANGED, N_KINDS
};

/* Matrices with at most this many columns or rows are multiplied without BLAS. A periodic
 * or piecewise-linear feature has at most so many outputs. */
#define NARROW 4

/* Each name has functions of that name; Python finds its code by the name. */
#define ACTIVATIONS(X) \
    X(identity) X(logistic) X(tanh) X(relu) X(leaky_relu) X(elu) X(selu) X(gelu) X(silu) \
    X(mish) X(softplus)
#define HEADS(X) \
    X(squared_error) X(poisson) X(gamma) X(absolute_error) X(huber) X(quantile) \
    X(gaussian) X(sigmoid) X(softmax)
#define OPTIMIZERS(X) X(sgd) X(nesterov) X(adam)

#define AS_CODE(name) CODE_##name,
enum activation { ACTIVATIONS(AS_CODE) NO_ACTIVATION };
enum head { HEADS(AS_CODE) N_HEADS };
enum optimizer { OPTIMIZERS(AS_CODE) N_OPTIMIZERS };

typedef struct {
    int64_t kind, activation;      /* activation: NO_ACTIVATION where h = s */
    int64_t n_in, n_out;
    int64_t W, b;                  /* offsets in theta and in grad */
    int64_t q;                     /* the same of the scale or the mix of each unit */
    int64_t w, c, n_frequencies;   /* periodic: the same of frequencies and phases */
    int64_t t, n_bins;             /* piecewise: the same of the knots */
    int64_t n_categories;
    int64_t column, width;         /* parts: the first column of x, the row length of h */
    int64_t h_prev;                /* offset in work; the input layer reads x instead */
    int64_t s, h;                  /* dense: equal if r' needs no s; parametric: s is r(s) */
    int64_t Wt;                    /* memory for W^T, if W has at most NARROW columns */
    int64_t memory;                /* periodic: for its parameters and their gradients;
                                    * piecewise: for its values at the knots;
                                    * parametric: for dL/dh r'(s) */
    int64_t factors, cut;          /* dropout: a unit is dropped if its 16 bits are < cut */
    double gain, bias_gain;        /* s = gain h_prev W + bias_gain b */
    double setting;                /* of the activation; dropout: the factor of kept units */
} Operation;

typedef struct {
    const Operation *operations;
    int64_t n_operations, batch_size, n_parameters, n_weights;
    void *theta, *grad, *work;

    /* The rows: X with any strides, y and w without gaps; w may be null. */
    const void *X, *y, *w;
    int64_t n_rows, n_features, row_stride, column_stride, n_targets;
    int64_t in_place;               /* X has no gaps: the objective reads it where it is */
    int64_t x_rows, y_rows, w_rows; /* offsets of copied rows of a batch */
    int64_t dh[2];                  /* offsets of two buffers for dL/dh, used in turn */

    int64_t head, n_scores, n_levels, use_factor;
    const double *levels;           /* of the quantile head */
    double head_setting;
    int64_t losses;                 /* offset of the loss of each row or score */
    double *double_scores, *double_losses; /* if y is double and theta single, else null */
    double alpha, weight_decay, max_norm;

    int64_t optimizer, t;
    void *moment_1, *moment_2;      /* the velocity, or the moments of Adam */
    double beta_1, beta_2, epsilon, decay_1, decay_2; /* beta_1 is also the momentum */

    uint64_t random[4];             /* the state of SFC64; for dropout */
} Program;

/* What a slice of an epoch returns, as sums over its steps. */
typedef struct {
    double loss, gradient_norm;     /* loss of a batch times its rows */
    int64_t n_rows, n_steps;        /* without batches of weight 0 */
} Sums;

/* A pointer to BLAS' dgemm and sgemm, as Fortran calls them. */
typedef void (*dgemm_t)(char *, char *, int *, int *, int *, double *, double *, int *,
                        double *, int *, double *, double *, int *);
typedef void (*sgemm_t)(char *, char *, int *, int *, int *, float *, float *, int *,
                        float *, int *, float *, float *, int *);
typedef struct {
    dgemm_t dgemm;
    sgemm_t sgemm;
    int64_t largest_piece;          /* m n k up to which BLAS does not pack; 0: no pieces */
} Blas;
#endif
