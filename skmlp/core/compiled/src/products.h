/* The three matrix products of a dense layer, for matrices stored by rows. */

/* BLAS stores matrices by columns, so it computes the transposed product. */
static void NAME(gemm)(const Blas *blas, char ta, char tb, int64_t m, int64_t n, int64_t k,
                       REAL alpha, const REAL *a, int64_t lda, const REAL *b, int64_t ldb,
                       REAL beta, REAL *c, int64_t ldc)
{
    int M = (int)m, N = (int)n, K = (int)k, LDA = (int)lda, LDB = (int)ldb, LDC = (int)ldc;
    blas->GEMM(&ta, &tb, &M, &N, &K, &alpha, (REAL *)a, &LDA, (REAL *)b, &LDB, &beta, c,
               &LDC);
}

/* The number of rows to multiply at a time. OpenBLAS has kernels for AVX-512 that read
 * small matrices where they are; for larger ones it first copies them. */
static int64_t NAME(piece)(const Blas *blas, int64_t n, int64_t n_in, int64_t n_out)
{
    int64_t most = blas->largest_piece / (n_in * n_out);
    if (n <= most || most < 24) return n;
    int64_t n_pieces = (n + most - 1) / most;
    return ((n + n_pieces - 1) / n_pieces + 7) / 8 * 8;
}

/* s = gain h W; Wt is memory for the transpose of a narrow W. Without BLAS, a row of s does
 * not depend on the others. */
static void NAME(times_weights)(const Blas *blas, const Operation *o, const REAL *h,
                                const REAL *W, REAL *Wt, REAL *s, int64_t n)
{
    int64_t n_in = o->n_in, n_out = o->n_out;
    REAL gain = (REAL)o->gain;
    if (n_in <= NARROW) {
        NAME(combine)(n_in, h, W, s, n, n_out, gain);
        return;
    }
    if (n_out <= NARROW) {
        for (int64_t i = 0; i < n_in; i++)
            for (int64_t k = 0; k < n_out; k++) Wt[k * n_in + i] = W[i * n_out + k];
        NAME(dots)(n_out, h, Wt, s, n, n_in, gain);
        return;
    }
    if (!blas) {
        NAME(rowwise)(h, W, s, n, n_in, n_out, gain);
        return;
    }
    int64_t size = NAME(piece)(blas, n, n_in, n_out);
    for (int64_t at = 0; at < n; at += size) {
        int64_t rows = n - at < size ? n - at : size;
        NAME(gemm)(blas, 'N', 'N', n_out, rows, n_in, gain, W, n_out, h + at * n_in, n_in,
                   0, s + at * n_out, n_out);
    }
}

/* dL/dW = gain h^T dL/ds, or added to it */
static void NAME(weight_gradient)(const Blas *blas, const Operation *o, const REAL *h,
                                  const REAL *ds, REAL *dW, int64_t n, int add)
{
    int64_t n_in = o->n_in, n_out = o->n_out, size = NAME(piece)(blas, n, n_in, n_out);
    REAL gain = (REAL)o->gain;
    if (n_in <= NARROW) {
        NAME(accumulate)(n_in, h, ds, dW, n_out, 1, n, n_out, gain, add);
        return;
    }
    if (n_out <= NARROW) {
        NAME(accumulate)(n_out, ds, h, dW, 1, n_out, n, n_in, gain, add);
        return;
    }
    for (int64_t at = 0; at < n; at += size) {
        int64_t rows = n - at < size ? n - at : size;
        NAME(gemm)(blas, 'N', 'T', n_out, n_in, rows, gain, ds + at * n_out, n_out,
                   h + at * n_in, n_in, add || at ? 1 : 0, dW, n_out);
    }
}

/* dL/dh = gain dL/ds W^T; Wt is the transpose of a narrow W from times_weights */
static void NAME(times_weights_back)(const Blas *blas, const Operation *o, const REAL *ds,
                                     const REAL *W, const REAL *Wt, REAL *dh, int64_t n)
{
    int64_t n_in = o->n_in, n_out = o->n_out;
    REAL gain = (REAL)o->gain;
    if (n_in <= NARROW) NAME(dots)(n_in, ds, W, dh, n, n_out, gain);
    else if (n_out <= NARROW) NAME(combine)(n_out, ds, Wt, dh, n, n_in, gain);
    else NAME(gemm)(blas, 'T', 'N', n_in, n, n_out, gain, W, n_out, ds, n_out, 0, dh, n_in);
}
