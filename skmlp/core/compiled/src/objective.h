/* The objective, the only place that averages, weights and penalises:
 *
 *     J(theta) = ( sum_i w_i L(y_i, s(x_i; theta)) + alpha/2 |W|^2 ) / sum_i w_i
 */

/* sum_i w_i L_i / weight of n rows with k losses each, and dL/ds times w_i / weight */
static double NAME(weighted)(const REAL *restrict losses, int64_t k, REAL *restrict ds,
                             int64_t n_scores, const REAL *w, int64_t n, double weight)
{
    double total = 0;
    if (!w) {
#pragma omp simd reduction(+ : total)
        for (int64_t i = 0; i < n * k; i++) total += losses[i];
        REAL share = (REAL)(1 / weight);
        for (int64_t i = 0; i < n * n_scores; i++) ds[i] *= share;
        double mean = total / weight;
        if (mean - mean == 0) return mean;
        total = 0;
    }
    for (int64_t i = 0; i < n; i++) {
        double share = (w ? w[i] : 1) / weight;
        for (int64_t j = 0; j < k; j++) total += share * losses[i * k + j];
        if (w)
            for (int64_t j = 0; j < n_scores; j++) ds[i * n_scores + j] *= (REAL)share;
    }
    return total;
}

#if !IS_DOUBLE
/* Scores in single precision, y and the losses in double: a search needs them so. */
static double double_loss(Program *p, const double *y, float *s, const float *w, int64_t n,
                          double weight)
{
    int64_t size = n * p->n_scores;
    double *wide = p->double_scores, total = 0;
    for (int64_t i = 0; i < size; i++) wide[i] = s[i];
    int64_t k = DOUBLE_NAME(head)(p, y, wide, p->double_losses, n);
    for (int64_t i = 0; i < n; i++) {
        double share = (w ? w[i] : 1) / weight;
        for (int64_t j = 0; j < k; j++) total += share * p->double_losses[i * k + j];
        for (int64_t j = i * p->n_scores; j < (i + 1) * p->n_scores; j++) {
            /* Subnormal numbers make products slow. */
            double ds = fabs(wide[j]) < 0x1p-80 ? 0 : wide[j];
            s[j] = (float)ds * (float)share;
        }
    }
    return total;
}
#endif

/* The loss of the rows of one block, a part of rows with the sum of weights `weight`, and
 * its gradient, written into grad or added to it. */
NOT_INLINE
static double NAME(block)(Program *p, const Blas *blas, const REAL *x, const void *y,
                          const REAL *w, int64_t n, double weight, int add)
{
    NAME(forward)(p, blas, x, n);
    REAL *s = (REAL *)p->work + p->operations[p->n_operations - 1].h;
    double loss;
#if !IS_DOUBLE
    if (p->double_scores) loss = double_loss(p, y, s, w, n, weight);
    else
#endif
    {
        REAL *losses = (REAL *)p->work + p->losses;
        int64_t k = NAME(head)(p, y, s, losses, n);
        loss = NAME(weighted)(losses, k, s, p->n_scores, w, n, weight);
    }
    NAME(backward)(p, blas, x, s, n, add);
    return loss;
}

/* Adds the penalty to the gradient of the weights; returns its value. */
static double NAME(penalty)(Program *p, double weight)
{
    const REAL *theta = p->theta;
    REAL *grad = p->grad, scale = (REAL)(p->alpha / weight), squares = 0;
    if (p->alpha == 0) return 0;
#pragma omp simd reduction(+ : squares)
    for (int64_t i = 0; i < p->n_weights; i++) {
        grad[i] += scale * theta[i];
        squares += theta[i] * theta[i];
    }
    return 0.5 * p->alpha * squares / weight;
}

static double NAME(sum_of)(const REAL *w, int64_t n)
{
    double total = 0;
#pragma omp simd reduction(+ : total)
    for (int64_t i = 0; i < n; i++) total += w[i];
    return total;
}
