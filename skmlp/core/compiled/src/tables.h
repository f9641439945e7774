/* The layers of networks for tables: scales and mixes of units, and the parts of the input
 * layer.
 * The NumPy twins and the sources are in scaling.py and embeddings.py.
 *
 * A part reads columns of x, whose rows have `stride` numbers, and writes columns of h, whose
 * rows have `width` numbers. The input layer passes no gradient on.
 */

/* Zeros to begin a sum, unless more is to be added. */
static void NAME(clear)(REAL *sums, int64_t size, int add)
{
    if (!add) memset(sums, 0, (size_t)size * sizeof(REAL));
}

/* h = gain q h_prev */
static void NAME(scale)(const Operation *o, const REAL *theta, const REAL *h_prev, REAL *h,
                        int64_t n)
{
    const REAL *q = theta + o->q;
    REAL gain = (REAL)o->gain;
    for (int64_t i = 0; i < n; i++, h += o->n_out, h_prev += o->n_out)
        for (int64_t j = 0; j < o->n_out; j++) h[j] = gain * q[j] * h_prev[j];
}

/* dL/dq = gain sum over rows of dL/dh h_prev,  dL/dh_prev = gain q dL/dh, in place */
static void NAME(scale_back)(const Operation *o, const REAL *theta, REAL *grad,
                             const REAL *h_prev, REAL *dh, int64_t n, int add)
{
    const REAL *q = theta + o->q;
    REAL *restrict dq = grad + o->q, gain = (REAL)o->gain;
    NAME(clear)(dq, o->n_out, add);
    for (int64_t i = 0; i < n; i++, dh += o->n_out, h_prev += o->n_out)
        for (int64_t j = 0; j < o->n_out; j++) {
            dq[j] += gain * dh[j] * h_prev[j];
            dh[j] *= gain * q[j];
        }
}

/* h = s + a (r(s) - s) with a = gain q for each unit */
static void NAME(parametric)(const Operation *o, const REAL *theta, REAL *work, REAL *s,
                             int64_t n)
{
    const REAL *q = theta + o->q;
    REAL *restrict r = work + o->s, *restrict h = work + o->h, gain = (REAL)o->gain;
    NAME(activate)((enum activation)o->activation, (REAL)o->setting, s, r, q, 0, n,
                   o->n_out);
    for (int64_t i = 0; i < n * o->n_out; i += o->n_out)
        for (int64_t j = 0; j < o->n_out; j++)
            h[i + j] = s[i + j] + gain * q[j] * (r[i + j] - s[i + j]);
}

/* dL/ds = dL/dh (1 - a + a r'(s)), in place;  dL/dq = gain sum over rows of
 * dL/dh (r(s) - s) */
static void NAME(parametric_back)(const Operation *o, const REAL *theta, REAL *grad,
                                  REAL *work, const REAL *s, REAL *dh, int64_t n, int add)
{
    const REAL *q = theta + o->q, *r = work + o->s;
    REAL *restrict dq = grad + o->q, *restrict dr = work + o->memory, gain = (REAL)o->gain;
    NAME(clear)(dq, o->n_out, add);
    memcpy(dr, dh, (size_t)(n * o->n_out) * sizeof(REAL));
    NAME(activate_back)((enum activation)o->activation, (REAL)o->setting, dr, s, r, dq, 0, n,
                        o->n_out);
    for (int64_t i = 0; i < n * o->n_out; i += o->n_out)
        for (int64_t j = 0; j < o->n_out; j++) {
            REAL a = gain * q[j];
            dq[j] += gain * dh[i + j] * (r[i + j] - s[i + j]);
            dh[i + j] = (1 - a) * dh[i + j] + a * dr[i + j];
        }
}

/* For each feature x: e_k = sum_j cos(2 pi w_j x + c_j) W_jk + b_k for K outputs, then x;
 * all parameters times gain. Some rows at a time, so that their sums stay in the cache. */
#define ROWS 32
#define PER_TURN ((REAL)0.15915494309189535)
INLINE void NAME(periodic_k)(int K, const Operation *o, const REAL *theta, const REAL *x,
                             int64_t stride, REAL *h, int64_t n)
{
    const REAL *w = theta + o->w, *c = theta + o->c, *W = theta + o->W, *b = theta + o->b;
    int64_t d = o->n_in, m = o->n_frequencies;
    REAL gain = (REAL)o->gain, values[ROWS], sums[NARROW][ROWS];
    for (int64_t at = 0; at < n; at += ROWS) {
        int64_t rows = n - at < ROWS ? n - at : ROWS;
        for (int64_t f = 0; f < d; f++) {
            for (int64_t i = 0; i < ROWS; i++)
                values[i] = i < rows ? x[(at + i) * stride + f] : 0;
            for (int k = 0; k < K; k++)
                for (int64_t i = 0; i < ROWS; i++) sums[k][i] = gain * b[f * K + k];
            for (int64_t j = f * m; j < (f + 1) * m; j++) {
                REAL wj = gain * w[j], cj = gain * c[j] * PER_TURN;
                for (int64_t i = 0; i < ROWS; i++) {
                    REAL cosine, sine;
                    NAME(turn)(wj * values[i] + cj, &cosine, &sine);
                    for (int k = 0; k < K; k++) sums[k][i] += gain * W[j * K + k] * cosine;
                }
            }
            for (int64_t i = 0; i < rows; i++) {
                REAL *to = h + (at + i) * o->width;
                for (int k = 0; k < K; k++) to[f * K + k] = sums[k][i];
                to[d * K + f] = values[i];
            }
        }
    }
}

/* With g = dL/de and a_j = 2 pi w_j x + c_j, sums over rows:
 * dL/dW_jk of g_k cos a_j,  dL/db_k of g_k,  dL/dc_j of -sin a_j sum_k g_k W_jk, and
 * dL/dw_j of that times 2 pi x. */
INLINE void NAME(periodic_back_k)(int K, const Operation *o, const REAL *theta, REAL *grad,
                                  REAL *memory, const REAL *x, int64_t stride,
                                  const REAL *dh, int64_t n, int add)
{
    int64_t d = o->n_in, m = o->n_frequencies;
    NAME(clear)(grad + o->w, d * m, add);
    NAME(clear)(grad + o->c, d * m, add);
    NAME(clear)(grad + o->W, d * m * K, add);
    NAME(clear)(grad + o->b, d * K, add);
    REAL gain = (REAL)o->gain, *restrict w = memory, *restrict c = w + m, *restrict W = c + m;
    REAL *restrict dw = W + K * m, *restrict dc = dw + m, *restrict dW = dc + m;
    for (int64_t f = 0; f < d; f++) {
        REAL db[NARROW] = {0};
        for (int64_t j = 0; j < m; j++) {
            w[j] = gain * theta[o->w + f * m + j];
            c[j] = gain * theta[o->c + f * m + j] * PER_TURN;
            for (int k = 0; k < K; k++)
                W[k * m + j] = gain * theta[o->W + (f * m + j) * K + k];
        }
        memset(dw, 0, (size_t)((2 + K) * m) * sizeof(REAL));
        for (int64_t i = 0; i < n; i++) {
            REAL value = x[i * stride + f], g[NARROW];
            for (int k = 0; k < K; k++) db[k] += g[k] = dh[i * o->width + f * K + k];
#pragma omp simd
            for (int64_t j = 0; j < m; j++) {
                REAL cosine, sine, da = 0;
                NAME(turn)(w[j] * value + c[j], &cosine, &sine);
                for (int k = 0; k < K; k++) {
                    dW[k * m + j] += g[k] * cosine;
                    da -= g[k] * W[k * m + j];
                }
                dc[j] += sine * da;
                dw[j] += sine * da * value;
            }
        }
        for (int64_t j = 0; j < m; j++) {
            grad[o->w + f * m + j] += (REAL)6.283185307179586 * gain * dw[j];
            grad[o->c + f * m + j] += gain * dc[j];
            for (int k = 0; k < K; k++) grad[o->W + (f * m + j) * K + k] += gain * dW[k * m + j];
        }
        for (int k = 0; k < K; k++) grad[o->b + f * K + k] += gain * db[k];
    }
}
#undef PER_TURN

/* The places of ROWS numbers among the m + 1 knots t: the bin, and the part of it below. */
static void NAME(places)(const REAL *t, int64_t m, const REAL *x, int32_t *bins, REAL *parts)
{
    for (int i = 0; i < ROWS; i++) bins[i] = 0;
    for (int64_t j = 1; j < m; j++)
        for (int i = 0; i < ROWS; i++) bins[i] += x[i] >= t[j];
    for (int i = 0; i < ROWS; i++) {
        REAL low = t[bins[i]], high = t[bins[i] + 1], d = x[i] - low, width = high - low;
        /* Rounding can make d the width of a bin just below its upper knot. */
        int above = x[i] >= high || (d >= width && width > 0);
        parts[i] = above ? 1 : d > 0 && width > 0 ? d / width : 0;
    }
}

/* The values of a feature in up to ROWS rows, and zeros. */
static void NAME(values_of)(const REAL *x, int64_t stride, int64_t n, REAL *values)
{
    for (int64_t i = 0; i < ROWS; i++) values[i] = i < n ? x[i * stride] : 0;
}

/* For each feature x with knots t_0 <= ... <= t_m: e_k = sum_j r_j W_jk + b_k for K outputs,
 * then x; r_j is 0 below the bin from t_j to t_(j+1), 1 above it, and linear in between.
 * W and b times gain. `e` has the outputs at the knots. */
INLINE void NAME(piecewise_k)(int K, const Operation *o, const REAL *theta, REAL *e,
                              const REAL *x, int64_t stride, REAL *h, int64_t n)
{
    int64_t d = o->n_in, m = o->n_bins;
    REAL gain = (REAL)o->gain, values[ROWS], parts[ROWS];
    int32_t bins[ROWS];
    for (int64_t f = 0; f < d; f++) {
        const REAL *W = theta + o->W + f * m * K;
        for (int k = 0; k < K; k++) e[k] = gain * theta[o->b + f * K + k];
        for (int64_t j = 0; j < m * K; j++) e[K + j] = e[j] + gain * W[j];
        for (int64_t at = 0; at < n; at += ROWS) {
            int64_t rows = n - at < ROWS ? n - at : ROWS;
            NAME(values_of)(x + at * stride + f, stride, rows, values);
            NAME(places)(theta + o->t + f * (m + 1), m, values, bins, parts);
            for (int64_t i = 0; i < rows; i++) {
                REAL *to = h + (at + i) * o->width;
                const REAL *low = e + bins[i] * K, *high = low + K;
                for (int k = 0; k < K; k++)
                    to[f * K + k] = low[k] + parts[i] * (high[k] - low[k]);
                to[d * K + f] = values[i];
            }
        }
    }
}

/* With g = dL/de, sums over rows: dL/dW_jk of g_k r_j, dL/db_k of g_k. The knots have no
 * gradient. `sums` are first those of the outputs at the knots. */
INLINE void NAME(piecewise_back_k)(int K, const Operation *o, const REAL *theta, REAL *grad,
                                   REAL *sums, const REAL *x, int64_t stride,
                                   const REAL *dh, int64_t n, int add)
{
    int64_t d = o->n_in, m = o->n_bins;
    REAL gain = (REAL)o->gain, values[ROWS], parts[ROWS];
    int32_t bins[ROWS];
    NAME(clear)(grad + o->t, d * (m + 1), add);
    NAME(clear)(grad + o->W, d * m * K, add);
    NAME(clear)(grad + o->b, d * K, add);
    for (int64_t f = 0; f < d; f++) {
        NAME(clear)(sums, (m + 1) * K, 0);
        for (int64_t at = 0; at < n; at += ROWS) {
            int64_t rows = n - at < ROWS ? n - at : ROWS;
            NAME(values_of)(x + at * stride + f, stride, rows, values);
            NAME(places)(theta + o->t + f * (m + 1), m, values, bins, parts);
            for (int64_t i = 0; i < rows; i++) {
                const REAL *g = dh + (at + i) * o->width + f * K;
                REAL *low = sums + bins[i] * K, *high = low + K;
                for (int k = 0; k < K; k++) {
                    low[k] += (1 - parts[i]) * g[k];
                    high[k] += parts[i] * g[k];
                }
            }
        }
        REAL *dW = grad + o->W + f * m * K, *db = grad + o->b + f * K;
        for (int64_t j = (m - 1) * K; j >= 0; j -= K)
            for (int k = 0; k < K; k++) {
                dW[j + k] += gain * sums[j + K + k];
                sums[j + k] += sums[j + K + k];
            }
        for (int k = 0; k < K; k++) db[k] += gain * sums[k];
    }
}

/* The number of outputs of each feature; the feature itself comes after them. */
#define N_EACH(o) ((o)->n_out / (o)->n_in - 1)
static void NAME(periodic)(const Operation *o, const REAL *theta, const REAL *x,
                           int64_t stride, REAL *h, int64_t n)
{
    int64_t K = N_EACH(o);
    FOR_EACH_K(NAME(periodic_k), o, theta, x, stride, h, n)
}
static void NAME(periodic_back)(const Operation *o, const REAL *theta, REAL *grad,
                                REAL *memory, const REAL *x, int64_t stride, const REAL *dh,
                                int64_t n, int add)
{
    int64_t K = N_EACH(o);
    FOR_EACH_K(NAME(periodic_back_k), o, theta, grad, memory, x, stride, dh, n, add)
}
static void NAME(piecewise)(const Operation *o, const REAL *theta, REAL *values,
                            const REAL *x, int64_t stride, REAL *h, int64_t n)
{
    int64_t K = N_EACH(o);
    FOR_EACH_K(NAME(piecewise_k), o, theta, values, x, stride, h, n)
}
static void NAME(piecewise_back)(const Operation *o, const REAL *theta, REAL *grad,
                                 REAL *sums, const REAL *x, int64_t stride, const REAL *dh,
                                 int64_t n, int add)
{
    int64_t K = N_EACH(o);
    FOR_EACH_K(NAME(piecewise_back_k), o, theta, grad, sums, x, stride, dh, n, add)
}
#undef N_EACH
#undef ROWS

/* A code that is no category counts as the nearest one, and NaN as 0. */
static int64_t NAME(category)(const Operation *o, REAL x)
{
    return !(x > 0) ? 0 : x < (REAL)o->n_categories ? (int64_t)x : o->n_categories - 1;
}

/* h = the row of W of a category code */
static void NAME(categories)(const Operation *o, const REAL *theta, const REAL *x,
                             int64_t stride, REAL *h, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        const REAL *row = theta + o->W + NAME(category)(o, x[i * stride]) * o->n_out;
        for (int64_t k = 0; k < o->n_out; k++) h[i * o->width + k] = row[k];
    }
}

/* The row of dL/dW of each code += dL/dh */
static void NAME(categories_back)(const Operation *o, REAL *grad, const REAL *x,
                                  int64_t stride, const REAL *dh, int64_t n, int add)
{
    NAME(clear)(grad + o->W, o->n_categories * o->n_out, add);
    for (int64_t i = 0; i < n; i++) {
        REAL *row = grad + o->W + NAME(category)(o, x[i * stride]) * o->n_out;
        for (int64_t k = 0; k < o->n_out; k++) row[k] += dh[i * o->width + k];
    }
}

/* h = the columns of x */
static void NAME(unchanged)(const Operation *o, const REAL *x, int64_t stride, REAL *h,
                            int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < o->n_out; j++) h[i * o->width + j] = x[i * stride + j];
}
