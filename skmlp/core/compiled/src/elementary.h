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

/* cos and sin of 2 pi t: sin and cos of z = 2 pi (1/4 - |t|), |z| <= pi/2, by their Taylor
 * series, with t without its whole turns. Beyond 2^51 turns, or 2^22 in single precision, a
 * number has no part of a turn: t is then 0. */
static inline void NAME(turn)(REAL t, REAL *cosine, REAL *sine)
{
    REAL whole = IS_DOUBLE ? 0x1.8p52 : 0x1.8p23f;
    t -= (t + whole) - whole;
    t = t > (REAL)0.5 || t < (REAL)-0.5 ? 0 : t;
    REAL z = (REAL)6.283185307179586 * ((REAL)0.25 - FABS(t)), z2 = z * z;
    REAL sin_z = 0, cos_z = 0;
#if IS_DOUBLE
    sin_z = sin_z * z2 - 1 / 25852016738884976640000.0;
    sin_z = sin_z * z2 + 1 / 51090942171709440000.0;
    sin_z = sin_z * z2 - 1 / 121645100408832000.0;
    sin_z = sin_z * z2 + 1 / 355687428096000.0;
    sin_z = sin_z * z2 - 1 / 1307674368000.0;
    cos_z = cos_z * z2 - 1 / 1124000727777607680000.0;
    cos_z = cos_z * z2 + 1 / 2432902008176640000.0;
    cos_z = cos_z * z2 - 1 / 6402373705728000.0;
    cos_z = cos_z * z2 + 1 / 20922789888000.0;
    cos_z = cos_z * z2 - 1 / 87178291200.0;
#endif
    sin_z = sin_z * z2 + (REAL)(1 / 6227020800.0);
    sin_z = sin_z * z2 - (REAL)(1 / 39916800.0);
    sin_z = sin_z * z2 + (REAL)(1 / 362880.0);
    sin_z = sin_z * z2 - (REAL)(1 / 5040.0);
    sin_z = sin_z * z2 + (REAL)(1 / 120.0);
    sin_z = sin_z * z2 - (REAL)(1 / 6.0);
    cos_z = cos_z * z2 + (REAL)(1 / 479001600.0);
    cos_z = cos_z * z2 - (REAL)(1 / 3628800.0);
    cos_z = cos_z * z2 + (REAL)(1 / 40320.0);
    cos_z = cos_z * z2 - (REAL)(1 / 720.0);
    cos_z = cos_z * z2 + (REAL)(1 / 24.0);
    cos_z = cos_z * z2 - (REAL)(1 / 2.0);
    *cosine = sin_z * z2 * z + z;
    cos_z = cos_z * z2 + 1;
    *sine = t < 0 ? -cos_z : cos_z;
}
