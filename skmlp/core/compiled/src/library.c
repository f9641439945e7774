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
                                      sizeof(Blas), NARROW};

/* The names in the order of their codes. */
#define AS_TEXT(name) #name " "
EXPORT const char skmlp_activations[] = ACTIVATIONS(AS_TEXT);
EXPORT const char skmlp_heads[] = HEADS(AS_TEXT);
EXPORT const char skmlp_optimizers[] = OPTIMIZERS(AS_TEXT);

#if defined(LEVEL_AVX2) || defined(LEVEL_AVX512)
#include <cpuid.h>

/* Whether the processor has the instructions, and the system saves their registers. (For
 * __builtin_cpu_supports, what zig links with is empty.) */
static int has_level(int avx512)
{
    enum { FMA = 1 << 12, OSXSAVE = 1 << 27 };             /* ecx of leaf 1 */
    unsigned avx2 = 1u << 5, f_dq_bw_vl = 0xc0030000;       /* ebx of leaf 7 */
    unsigned wanted = avx512 ? avx2 | f_dq_bw_vl : avx2, saved = avx512 ? 0xe6 : 6;
    unsigned a, b, c, d, system, high;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & FMA) || !(c & OSXSAVE)) return 0;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || (b & wanted) != wanted) return 0;
    __asm__ volatile("xgetbv" : "=a"(system), "=d"(high) : "c"(0));
    return (system & saved) == saved;
}
#endif

/* The best level of instructions that was built and that this processor has. */
EXPORT const char *skmlp_level(void)
{
#if defined(LEVEL_AVX512)
    if (has_level(1)) return "avx512";
#endif
#if defined(LEVEL_AVX2)
    if (has_level(0)) return "avx2";
#endif
    return "base";
}
