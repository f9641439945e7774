/* r(s) and r'(s) of each activation; `a` is its setting, such as the slope of leaky_relu.
 * The NumPy twins and the sources are in activations.py.
 */
#define VALUE(name) static inline REAL NAME(name)(REAL s, REAL a)
#define SLOPE(name) static inline REAL NAME(name##_slope)(REAL s, REAL h, REAL a)

VALUE(identity) { (void)a; return s; }
SLOPE(identity) { (void)s, (void)h, (void)a; return 1; }

VALUE(logistic) { (void)a; return NAME(sigmoid_of)(s); }
SLOPE(logistic) { (void)s, (void)a; return h * (1 - h); }

VALUE(tanh) { (void)a; return NAME(tanh_of)(s); }
SLOPE(tanh) { (void)s, (void)a; return 1 - h * h; }

/* Comparisons are such that NaN stays NaN. */
VALUE(relu) { (void)a; return s < 0 ? 0 : s; }
SLOPE(relu) { (void)s, (void)a; return h > 0 ? 1 : 0; }

VALUE(leaky_relu) { return s < a * s ? a * s : s; }
SLOPE(leaky_relu) { (void)s; return h > 0 ? 1 : a; }

VALUE(elu) { (void)a; return s > 0 ? s : NAME(expm1)(s > 0 ? 0 : s); }
SLOPE(elu) { (void)s, (void)a; return h < 0 ? h + 1 : 1; }

#define SELU_SCALE ((REAL)1.0507009873554805)
#define SELU_BOTH ((REAL)(1.0507009873554805 * 1.6732632423543772))
VALUE(selu)
{
    (void)a;
    return s > 0 ? SELU_SCALE * s : SELU_BOTH * NAME(expm1)(s > 0 ? 0 : s);
}
SLOPE(selu) { (void)s, (void)a; return h > 0 ? SELU_SCALE : h + SELU_BOTH; }

/* Phi(s) = erfc(-s / sqrt 2) / 2, phi(s) = e^(-s^2 / 2) / sqrt(2 pi) */
static inline REAL NAME(Phi)(REAL s)
{
    return (REAL)0.5 * ERFC(s * (REAL)-0.7071067811865476);
}
VALUE(gelu) { (void)a; return s * NAME(Phi)(s); }
SLOPE(gelu)
{
    (void)h, (void)a;
    REAL near = s < -40 ? -40 : s > 40 ? 40 : s;
    REAL phi = NAME(exp)((REAL)-0.5 * near * near) * (REAL)0.3989422804014327;
    return NAME(Phi)(s) + near * phi;
}

VALUE(silu) { (void)a; return s * NAME(sigmoid_of)(s); }
SLOPE(silu) { (void)a; REAL p = NAME(sigmoid_of)(s); return p + h * (1 - p); }

/* with e = e^s, n = e (e + 2): s n / (n + 2);  above 20, n / (n + 2) is 1 */
VALUE(mish)
{
    (void)a;
    REAL e = NAME(exp)(s > 20 ? 20 : s), n = e * (e + 2);
    return s * (n / (n + 2));
}
SLOPE(mish)
{
    (void)h, (void)a;
    REAL near = s > 20 ? 20 : s, e = NAME(exp)(near), n = e * (e + 2);
    return (e * (1 + e) / (n + 2) * near * 4 + n) / (n + 2);
}

VALUE(softplus) { (void)a; return (s < 0 ? 0 : s) + NAME(log1p)(NAME(exp)(-FABS(s))); }
SLOPE(softplus) { (void)s, (void)a; return -NAME(expm1)(-h); }

/* s <- s + c b, h <- r(s) for n rows; h may be s itself. */
NOT_INLINE
static void NAME(activate)(enum activation r, REAL a, REAL *s, REAL *h, const REAL *b,
                           REAL c, int64_t n, int64_t n_units)
{
#define EACH_UNIT(value) \
    for (int64_t i = 0; i < n; i++) { \
        REAL *restrict row = s + i * n_units; \
        for (int64_t j = 0; j < n_units; j++) { \
            REAL z = row[j] + c * b[j]; row[j] = value; \
        } \
    }
#define EACH_UNIT_KEEPING_S(value) \
    for (int64_t i = 0; i < n; i++) { \
        REAL *restrict row = s + i * n_units, *restrict out = h + i * n_units; \
        for (int64_t j = 0; j < n_units; j++) { \
            REAL z = row[j] + c * b[j]; row[j] = z; out[j] = value; \
        } \
    }
#define CASE(name) \
    case CODE_##name: \
        if (h == s) EACH_UNIT(NAME(name)(z, a)) \
        else EACH_UNIT_KEEPING_S(NAME(name)(z, a)) \
        break;
    switch (r) {
        ACTIVATIONS(CASE)
        case NO_ACTIVATION: EACH_UNIT(z) break;
    }
#undef CASE
}

/* dL/ds = dL/dh r'(s), in place of dL/dh; dL/db += c times its column sums. */
NOT_INLINE
static void NAME(activate_back)(enum activation r, REAL a, REAL *dh, const REAL *s,
                                const REAL *h, REAL *restrict db, REAL c, int64_t n,
                                int64_t n_units)
{
#define EACH_UNIT_BACK(slope) \
    for (int64_t i = 0; i < n; i++) { \
        REAL *restrict row = dh + i * n_units; \
        const REAL *si = s + i * n_units, *hi = h + i * n_units; \
        for (int64_t j = 0; j < n_units; j++) { \
            REAL sj = si[j], hj = hi[j], ds = row[j] * slope; \
            (void)sj, (void)hj; \
            row[j] = ds; db[j] += c * ds; \
        } \
    }
#define CASE(name) case CODE_##name: EACH_UNIT_BACK(NAME(name##_slope)(sj, hj, a)) break;
    switch (r) {
        ACTIVATIONS(CASE)
        case NO_ACTIVATION: EACH_UNIT_BACK(1) break;
    }
#undef CASE
}
#undef VALUE
#undef SLOPE
#undef SELU_SCALE
#undef SELU_BOTH
#undef EACH_UNIT
#undef EACH_UNIT_KEEPING_S
#undef EACH_UNIT_BACK
