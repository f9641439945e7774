/* The library for one level of instructions, LEVEL, in both precisions. */
#include <math.h>
#include <string.h>
#include "program.h"
#include "random.h"

#if defined(_WIN32)
#define EXPORT __declspec(dllexport)
#else
#define EXPORT __attribute__((visibility("default")))
#endif
/* One copy for all callers; many copies of these take longer to compile. */
#define NOT_INLINE __attribute__((noinline))

#if defined(__AVX512F__)
#define VECTOR_BYTES 64
#elif defined(__AVX__)
#define VECTOR_BYTES 32
#else
#define VECTOR_BYTES 16
#endif
#define JOIN_(a, b, c) a##_##b##_##c
#define JOIN(a, b, c) JOIN_(a, b, c)
#define DOUBLE_NAME(name) JOIN(name, f8, LEVEL)

#define REAL double
#define IS_DOUBLE 1
#define NAME(name) JOIN(name, f8, LEVEL)
#define EXPORTED(name) JOIN(skmlp_##name, f8, LEVEL)
#define GEMM dgemm
#define SQRT sqrt
#define FABS fabs
#define LOG log
#define ERFC erfc
#include "precision.h"
#undef REAL
#undef IS_DOUBLE
#undef NAME
#undef EXPORTED
#undef GEMM
#undef SQRT
#undef FABS
#undef LOG
#undef ERFC

#define REAL float
#define IS_DOUBLE 0
#define NAME(name) JOIN(name, f4, LEVEL)
#define EXPORTED(name) JOIN(skmlp_##name, f4, LEVEL)
#define GEMM sgemm
#define SQRT sqrtf
#define FABS fabsf
#define LOG logf
#define ERFC erfcf
#include "precision.h"
