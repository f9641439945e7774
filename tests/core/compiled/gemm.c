/* BLAS' matrix products, written out: a sanitizer sees what they read and write. */
#define GEMM(name, REAL) \
    void name(char *ta, char *tb, int *m, int *n, int *k, REAL *alpha, REAL *a, int *lda, \
              REAL *b, int *ldb, REAL *beta, REAL *c, int *ldc) \
    { \
        for (int j = 0; j < *n; j++) \
            for (int i = 0; i < *m; i++) { \
                REAL sum = 0, *to = c + i + (long)j * *ldc; \
                for (int l = 0; l < *k; l++) \
                    sum += (*ta == 'N' ? a[i + (long)l * *lda] : a[l + (long)i * *lda]) * \
                           (*tb == 'N' ? b[l + (long)j * *ldb] : b[j + (long)l * *ldb]); \
                *to = *beta ? *alpha * sum + *beta * *to : *alpha * sum; \
            } \
    }
GEMM(dgemm, double)
GEMM(sgemm, float)
