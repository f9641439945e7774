/* e^x and its relatives, without branches and calls, so that loops over them vectorise.
 *
 * x = k log 2 + r with |r| <= log(2) / 2, so e^x = 2^k (1 + p), p = e^r - 1 by its Taylor
 * series. NaN stays NaN. The error is about one unit in the last place.
 */
typedef struct {
    REAL p, half_power; /* p and 2^(k - 1) */
} NAME(Exponential);

static inline NAME(Exponential) NAME(exponential)(REAL x)
{
    NAME(Exponential) e;
#if IS_DOUBLE
    x = x < -708 ? -708 : x > 710 ? 710 : x;
    /* Adding 1.5 * 2^52 rounds to a whole number and leaves it in the low bits. */
    union { double number; uint64_t bits; } shifted, power;
    shifted.number = x * 1.4426950408889634 + 0x1.8p52;
    double k = shifted.number - 0x1.8p52;
    double r = x - k * 0x1.62e42feep-1 - k * 0x1.a39ef35793c76p-33;
    double p = 1.0 / 6227020800;
    p = p * r + 1.0 / 479001600;
    p = p * r + 1.0 / 39916800;
    p = p * r + 1.0 / 3628800;
    p = p * r + 1.0 / 362880;
    p = p * r + 1.0 / 40320;
    p = p * r + 1.0 / 5040;
    p = p * r + 1.0 / 720;
    p = p * r + 1.0 / 120;
    p = p * r + 1.0 / 24;
    p = p * r + 1.0 / 6;
    p = p * r + 1.0 / 2;
    e.p = p * r * r + r;
    power.bits = (shifted.bits + 1022) << 52;
#else
    x = x < -87 ? -87 : x > 89 ? 89 : x;
    union { float number; uint32_t bits; } shifted, power;
    shifted.number = x * 1.44269504f + 0x1.8p23f;
    float k = shifted.number - 0x1.8p23f;
    float r = x - k * 0.693359375f + k * 2.12194440e-4f;
    float p = 1.0f / 5040;
    p = p * r + 1.0f / 720;
    p = p * r + 1.0f / 120;
    p = p * r + 1.0f / 24;
    p = p * r + 1.0f / 6;
    p = p * r + 1.0f / 2;
    e.p = p * r * r + r;
    power.bits = (shifted.bits + 126) << 23;
#endif
    e.half_power = power.number;
    return e;
}

/* e^x; 0 below -708, or below -87 in single precision */
static inline REAL NAME(exp)(REAL x)
{
    NAME(Exponential) e = NAME(exponential)(x);
    return (x < (IS_DOUBLE ? -708 : -87)) ? 0 : 2 * (e.half_power * e.p + e.half_power);
}

/* e^x - 1, also precise near 0, where 2^k - 1 is 0 */
static inline REAL NAME(expm1)(REAL x)
{
    NAME(Exponential) e = NAME(exponential)(x);
    return 2 * (e.half_power * e.p + (e.half_power - (REAL)0.5));
}

/* log(1 + e) for 0 <= e <= 1 as 2 artanh(z) = 2 (z + z^3 / 3 + z^5 / 5 ...), z <= 1/3 */
static inline REAL NAME(log1p)(REAL e)
{
    REAL z = e / (2 + e), z2 = z * z;
    REAL sum = (REAL)1 / (IS_DOUBLE ? 33 : 15);
#if IS_DOUBLE
    sum = sum * z2 + 1.0 / 31;
    sum = sum * z2 + 1.0 / 29;
    sum = sum * z2 + 1.0 / 27;
    sum = sum * z2 + 1.0 / 25;
    sum = sum * z2 + 1.0 / 23;
    sum = sum * z2 + 1.0 / 21;
    sum = sum * z2 + 1.0 / 19;
    sum = sum * z2 + 1.0 / 17;
    sum = sum * z2 + 1.0 / 15;
#endif
    sum = sum * z2 + (REAL)1 / 13;
    sum = sum * z2 + (REAL)1 / 11;
    sum = sum * z2 + (REAL)1 / 9;
    sum = sum * z2 + (REAL)1 / 7;
    sum = sum * z2 + (REAL)1 / 5;
    sum = sum * z2 + (REAL)1 / 3;
    return 2 * (sum * z2 * z + z);
}

/* 1 / (1 + e^-x), which cannot overflow and keeps small values precise */
static inline REAL NAME(sigmoid_of)(REAL x)
{
    REAL e = NAME(exp)(-FABS(x));
    return (x < 0 ? e : 1) / (1 + e);
}

/* tanh(x) = t / (2 - t), t = 1 - e^(-2 |x|), with the sign of x */
static inline REAL NAME(tanh_of)(REAL x)
{
    REAL t = -NAME(expm1)(-2 * FABS(x));
    REAL tanh_x = t / (2 - t);
    return x < 0 ? -tanh_x : tanh_x;
}
