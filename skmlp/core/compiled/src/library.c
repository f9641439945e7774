/* What Python reads before it uses the library. */
#include "program.h"

#if defined(_WIN32)
#define EXPORT __declspec(dllexport)
#else
#define EXPORT __attribute__((visibility("default")))
#endif

/* The hash of the sources that this library was built from, and the compiler. */
EXPORT const char skmlp_sources[] = SOURCES;
#if defined(__clang__)
EXPORT const char skmlp_compiler[] = __VERSION__;
#else
EXPORT const char skmlp_compiler[] = "GCC " __VERSION__;
#endif
EXPORT const int64_t skmlp_sizes[] = {sizeof(Operation), sizeof(Program), sizeof(Sums),
                                      sizeof(Blas)};

/* The names in the order of their codes. */
#define AS_TEXT(name) #name " "
EXPORT const char skmlp_activations[] = ACTIVATIONS(AS_TEXT);
EXPORT const char skmlp_heads[] = HEADS(AS_TEXT);
EXPORT const char skmlp_optimizers[] = OPTIMIZERS(AS_TEXT);

/* The best level of instructions that was built and that this processor has. */
EXPORT const char *skmlp_level(void)
{
#if defined(LEVEL_AVX2) || defined(LEVEL_AVX512)
    __builtin_cpu_init();
#endif
#if defined(LEVEL_AVX512)
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq"))
        return "avx512";
#endif
#if defined(LEVEL_AVX2)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return "avx2";
#endif
    return "base";
}
