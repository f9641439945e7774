/* A `vector` holds as many numbers as the processor adds at a time. */
#define WIDTH ((int64_t)(VECTOR_BYTES / sizeof(REAL)))
typedef REAL NAME(vector)
    __attribute__((vector_size(VECTOR_BYTES), aligned(sizeof(REAL)), may_alias));
#define LOAD(from) (*(const NAME(vector) *)(from))
#define STORE(to) (*(NAME(vector) *)(to))
/* Functions whose first argument the compiler must know. */
#define INLINE static inline __attribute__((always_inline))
/* The function for each K. */
#define FOR_EACH_K(function, ...) \
    switch (K) { \
        case 1: function(1, __VA_ARGS__); break; \
        case 2: function(2, __VA_ARGS__); break; \
        case 3: function(3, __VA_ARGS__); break; \
        case 4: function(4, __VA_ARGS__); break; \
    }
