/* Products in which one matrix has at most NARROW columns or rows, such as those of a top
 * layer with one score. BLAS takes 1.3 to 4 times as long for them.
 *
 * K, the narrow size, is known to the compiler, so that the K sums stay in registers.
 */

/* out_i = scale sum_k a_ik row_k, for n rows of m numbers */
INLINE void NAME(combine_k)(int K, const REAL *a, const REAL *rows, REAL *out, int64_t n,
                            int64_t m, REAL scale)
{
    for (int64_t i = 0; i < n; i++, a += K, out += m) {
        REAL factors[NARROW];
        for (int k = 0; k < K; k++) factors[k] = scale * a[k];
        int64_t j = 0;
        for (; j + WIDTH <= m; j += WIDTH) {
            NAME(vector) sum = factors[0] * LOAD(rows + j);
            for (int k = 1; k < K; k++) sum += factors[k] * LOAD(rows + k * m + j);
            STORE(out + j) = sum;
        }
        for (; j < m; j++) {
            REAL sum = factors[0] * rows[j];
            for (int k = 1; k < K; k++) sum += factors[k] * rows[k * m + j];
            out[j] = sum;
        }
    }
}

/* out_ik = scale sum_j row_ij w_kj, for n rows of m numbers */
INLINE void NAME(dots_k)(int K, const REAL *rows, const REAL *w, REAL *out, int64_t n,
                         int64_t m, REAL scale)
{
    for (int64_t i = 0; i < n; i++, rows += m, out += K) {
        NAME(vector) sums[NARROW];
        int64_t j = 0;
        for (int k = 0; k < K; k++) sums[k] = (NAME(vector)){0};
        for (; j + WIDTH <= m; j += WIDTH)
            for (int k = 0; k < K; k++) sums[k] += LOAD(rows + j) * LOAD(w + k * m + j);
        for (int k = 0; k < K; k++) {
            REAL sum = 0;
            for (int64_t l = 0; l < WIDTH; l++) sum += sums[k][l];
            for (int64_t l = j; l < m; l++) sum += rows[l] * w[k * m + l];
            out[k] = scale * sum;
        }
    }
}

/* out_kj = scale sum_i a_ik row_ij, over n rows of m numbers, or added to it; out_kj is at
 * k to_k + j to_j */
INLINE void NAME(accumulate_k)(int K, const REAL *a, const REAL *rows, REAL *out,
                               int64_t to_k, int64_t to_j, int64_t n, int64_t m, REAL scale,
                               int add)
{
    int64_t j = 0;
    for (; j + 2 * WIDTH <= m; j += 2 * WIDTH) {
        NAME(vector) sums[NARROW][2];
        for (int k = 0; k < K; k++) sums[k][0] = sums[k][1] = (NAME(vector)){0};
        for (int64_t i = 0; i < n; i++) {
            const REAL *row = rows + i * m + j;
            for (int k = 0; k < K; k++) {
                sums[k][0] += a[i * K + k] * LOAD(row);
                sums[k][1] += a[i * K + k] * LOAD(row + WIDTH);
            }
        }
        for (int k = 0; k < K; k++)
            for (int64_t l = 0; l < 2 * WIDTH; l++) {
                REAL *to = out + k * to_k + (j + l) * to_j;
                *to = (add ? *to : 0) + scale * sums[k][l / WIDTH][l % WIDTH];
            }
    }
    for (; j < m; j++)
        for (int k = 0; k < K; k++) {
            REAL sum = 0, *to = out + k * to_k + j * to_j;
            for (int64_t i = 0; i < n; i++) sum += a[i * K + k] * rows[i * m + j];
            *to = (add ? *to : 0) + scale * sum;
        }
}

static void NAME(combine)(int64_t K, const REAL *a, const REAL *rows, REAL *out, int64_t n,
                          int64_t m, REAL scale)
{
    FOR_EACH_K(NAME(combine_k), a, rows, out, n, m, scale)
}
static void NAME(dots)(int64_t K, const REAL *rows, const REAL *w, REAL *out, int64_t n,
                       int64_t m, REAL scale)
{
    FOR_EACH_K(NAME(dots_k), rows, w, out, n, m, scale)
}
static void NAME(accumulate)(int64_t K, const REAL *a, const REAL *rows, REAL *out,
                             int64_t to_k, int64_t to_j, int64_t n, int64_t m, REAL scale,
                             int add)
{
    FOR_EACH_K(NAME(accumulate_k), a, rows, out, to_k, to_j, n, m, scale, add)
}
