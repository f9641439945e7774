/* A product whose rows do not depend on each other: each number of it is one sum over k, in
 * order, for any number of rows. BLAS does not promise that. For predictions, which must not
 * depend on the other rows of a call.
 *
 * A tile of some rows and vectors of the result stays in registers.
 */
#define TILE_ROWS 4
#define TILE_VECTORS 3
INLINE void NAME(tile)(int rows, int vectors, const REAL *h, const REAL *W, REAL *s,
                       int64_t n_in, int64_t n_out, REAL scale)
{
    NAME(vector) sums[TILE_ROWS][TILE_VECTORS];
    for (int r = 0; r < rows; r++)
        for (int v = 0; v < vectors; v++) sums[r][v] = (NAME(vector)){0};
    for (int64_t k = 0; k < n_in; k++)
        for (int v = 0; v < vectors; v++) {
            NAME(vector) weights = LOAD(W + k * n_out + v * WIDTH);
            for (int r = 0; r < rows; r++) sums[r][v] += h[r * n_in + k] * weights;
        }
    for (int r = 0; r < rows; r++)
        for (int v = 0; v < vectors; v++)
            STORE(s + r * n_out + v * WIDTH) = scale * sums[r][v];
}

/* Some vectors of columns of s, for all rows */
INLINE void NAME(strip)(int vectors, const REAL *h, const REAL *W, REAL *s, int64_t n,
                        int64_t n_in, int64_t n_out, REAL scale)
{
    int64_t i = 0;
    for (; i + TILE_ROWS <= n; i += TILE_ROWS)
        NAME(tile)(TILE_ROWS, vectors, h + i * n_in, W, s + i * n_out, n_in, n_out, scale);
    for (; i < n; i++)
        NAME(tile)(1, vectors, h + i * n_in, W, s + i * n_out, n_in, n_out, scale);
}

/* s = scale h W, for n rows */
static void NAME(rowwise)(const REAL *h, const REAL *W, REAL *s, int64_t n, int64_t n_in,
                          int64_t n_out, REAL scale)
{
    int64_t j = 0;
    for (; j + TILE_VECTORS * WIDTH <= n_out; j += TILE_VECTORS * WIDTH)
        NAME(strip)(TILE_VECTORS, h, W + j, s + j, n, n_in, n_out, scale);
    for (; j + WIDTH <= n_out; j += WIDTH)
        NAME(strip)(1, h, W + j, s + j, n, n_in, n_out, scale);
    for (int64_t i = 0; i < n && j < n_out; i++)
        for (int64_t l = j; l < n_out; l++) {
            REAL sum = 0;
            for (int64_t k = 0; k < n_in; k++) sum += h[i * n_in + k] * W[k * n_out + l];
            s[i * n_out + l] = scale * sum;
        }
}
#undef TILE_ROWS
#undef TILE_VECTORS
