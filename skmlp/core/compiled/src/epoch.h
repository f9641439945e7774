/* Training steps, and the objective of all rows. */

/* Copies row `r` of X to place `i` of the batch. */
static void NAME(gather)(Program *p, int64_t r, int64_t i)
{
    int64_t d = p->n_features;
    const REAL *X = (const REAL *)p->X + r * p->row_stride;
    REAL *x = (REAL *)p->work + p->x_rows + i * d;
    if (p->column_stride == 1) memcpy(x, X, (size_t)d * sizeof(REAL));
    else for (int64_t j = 0; j < d; j++) x[j] = X[j * p->column_stride];
}

/* Copies row `r` of y and w to place `i` of the batch. */
static void NAME(gather_targets)(Program *p, int64_t r, int64_t i)
{
    int64_t k = p->n_targets;
    const REAL *y = (const REAL *)p->y + r * k;
    REAL *to = (REAL *)p->work + p->y_rows + i * k;
    for (int64_t j = 0; j < k; j++) to[j] = y[j];
    if (p->w) ((REAL *)p->work + p->w_rows)[i] = ((const REAL *)p->w)[r];
}

/* One step for each batch of the rows `order`, or without it of n rows from `first` on;
 * `rates` has the learning rate of each step. Returns 0, or -1 for a row number that is
 * out of range. */
EXPORT int64_t EXPORTED(train)(Program *p, const Blas *blas, const int64_t *order,
                               int64_t first, int64_t n_rows, const double *rates,
                               Sums *sums)
{
    REAL *work = p->work, *theta = p->theta, *x = work + p->x_rows;
    const REAL *w = p->w ? work + p->w_rows : 0;
    for (int64_t start = 0; start < n_rows; start += p->batch_size, rates++) {
        int64_t n = n_rows - start < p->batch_size ? n_rows - start : p->batch_size;
        for (int64_t i = 0; i < n; i++) {
            int64_t r = order ? order[start + i] : first + start + i;
            if (r < 0 || r >= p->n_rows) return -1;
            NAME(gather)(p, r, i);
            NAME(gather_targets)(p, r, i);
        }
        double weight = w ? NAME(sum_of)(w, n) : (double)n;
        if (weight == 0) continue;
        double value = NAME(block)(p, blas, x, work + p->y_rows, w, n, weight, 0);
        value += NAME(penalty)(p, weight);
        sums->gradient_norm += NAME(clip)(p->grad, p->n_parameters, p->max_norm);
        if (p->weight_decay != 0) {
            REAL left = (REAL)(1 - *rates * p->weight_decay);
            for (int64_t i = 0; i < p->n_weights; i++) theta[i] *= left;
        }
        NAME(step)(p, *rates);
        sums->loss += value * (double)n;
        sums->n_rows += n;
        sums->n_steps++;
    }
    return 0;
}

/* The rows of X from `at` on: where they are, or copied. */
static const REAL *NAME(rows_from)(Program *p, int64_t at, int64_t n)
{
    if (p->in_place) return (const REAL *)p->X + at * p->row_stride;
    for (int64_t i = 0; i < n; i++) NAME(gather)(p, at + i, i);
    return (REAL *)p->work + p->x_rows;
}

/* J over all rows, in blocks of the batch size, and its gradient. */
EXPORT double EXPORTED(evaluate)(Program *p, const Blas *blas)
{
    const REAL *w = p->w;
    size_t y_size = p->double_scores ? sizeof(double) : sizeof(REAL);
    double weight = w ? NAME(sum_of)(w, p->n_rows) : (double)p->n_rows, value = 0;
    for (int64_t at = 0; at < p->n_rows; at += p->batch_size) {
        int64_t n = p->n_rows - at < p->batch_size ? p->n_rows - at : p->batch_size;
        const char *y = (const char *)p->y + (size_t)(at * p->n_targets) * y_size;
        const REAL *x = NAME(rows_from)(p, at, n);
        value += NAME(block)(p, blas, x, y, w ? w + at : 0, n, weight, at > 0);
    }
    return value + NAME(penalty)(p, weight);
}

/* The scores of all rows, in blocks. Without BLAS, a row does not depend on the others. */
EXPORT void EXPORTED(scores)(Program *p, REAL *scores)
{
    const REAL *top = (REAL *)p->work + p->operations[p->n_operations - 1].h;
    for (int64_t at = 0; at < p->n_rows; at += p->batch_size) {
        int64_t n = p->n_rows - at < p->batch_size ? p->n_rows - at : p->batch_size;
        NAME(forward)(p, 0, NAME(rows_from)(p, at, n), n);
        memcpy(scores + at * p->n_scores, top, (size_t)(n * p->n_scores) * sizeof(REAL));
    }
}
