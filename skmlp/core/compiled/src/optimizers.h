/* The optimisers: one step on theta. The NumPy twins and the sources are in
 * optimizers.py. */

/* v <- mu v - rate g,  theta <- theta + v */
static void NAME(step_sgd)(Program *p, double rate)
{
    REAL *restrict theta = p->theta, *restrict v = p->moment_1;
    const REAL *restrict g = p->grad;
    REAL mu = (REAL)p->beta_1, a = (REAL)rate;
    for (int64_t i = 0; i < p->n_parameters; i++) {
        v[i] = mu * v[i] - a * g[i];
        theta[i] += v[i];
    }
}

/* v <- mu v - rate g,  theta <- theta + mu v - rate g */
static void NAME(step_nesterov)(Program *p, double rate)
{
    REAL *restrict theta = p->theta, *restrict v = p->moment_1;
    const REAL *restrict g = p->grad;
    REAL mu = (REAL)p->beta_1, a = (REAL)rate;
    for (int64_t i = 0; i < p->n_parameters; i++) {
        v[i] = mu * v[i] - a * g[i];
        theta[i] += mu * v[i] - a * g[i];
    }
}

/* The pending decay; once it is small, it is applied to the moment. */
static double NAME(decayed)(REAL *moment, int64_t n, double decay)
{
    if (decay > 0x1p-10) return decay;
    for (int64_t i = 0; i < n; i++) moment[i] *= (REAL)decay;
    return 1;
}

/* m <- beta_1 m + (1 - beta_1) g,  v <- beta_2 v + (1 - beta_2) g^2,
 * theta <- theta - rate sqrt(1 - beta_2^t) / (1 - beta_1^t) m / (sqrt(v) + epsilon)
 *
 * The moments are stored without the factors (1 - beta) and without the pending decay. */
static void NAME(step_adam)(Program *p, double rate)
{
    REAL *restrict theta = p->theta, *restrict m = p->moment_1, *restrict v = p->moment_2;
    const REAL *restrict g = p->grad;
    int64_t n = p->n_parameters;
    p->t++;
    p->decay_1 = NAME(decayed)(m, n, p->decay_1 * p->beta_1);
    p->decay_2 = NAME(decayed)(v, n, p->decay_2 * p->beta_2);
    double scale = sqrt((1 - p->beta_2) * p->decay_2);
    double t = (double)p->t;
    double unbiased = sqrt(1 - pow(p->beta_2, t)) / (1 - pow(p->beta_1, t));
    REAL by_1 = (REAL)(1 / p->decay_1), by_2 = (REAL)(1 / p->decay_2);
    REAL epsilon = (REAL)(p->epsilon / scale);
    REAL a = (REAL)(rate * (unbiased * (1 - p->beta_1) * p->decay_1 / scale));
    for (int64_t i = 0; i < n; i++) {
        m[i] += by_1 * g[i];
        v[i] += by_2 * (g[i] * g[i]);
        theta[i] -= a * (m[i] / (SQRT(v[i]) + epsilon));
    }
}

static void NAME(step)(Program *p, double rate)
{
#define CASE(name) case CODE_##name: NAME(step_##name)(p, rate); break;
    switch ((enum optimizer)p->optimizer) {
        OPTIMIZERS(CASE)
        case N_OPTIMIZERS: break;
    }
#undef CASE
}

/* |g|, also if its square overflows or underflows */
static double NAME(norm)(const REAL *g, int64_t n)
{
    REAL squares = 0, largest = 0, scaled = 0;
#pragma omp simd reduction(+ : squares)
    for (int64_t i = 0; i < n; i++) squares += g[i] * g[i];
    if (squares > 0 && squares < (REAL)INFINITY) return sqrt((double)squares);
    for (int64_t i = 0; i < n; i++) {
        if (g[i] != g[i]) return NAN;
        largest = FABS(g[i]) > largest ? FABS(g[i]) : largest;
    }
    if (!(largest > 0 && largest < (REAL)INFINITY)) return largest;
    for (int64_t i = 0; i < n; i++) scaled += (g[i] / largest) * (g[i] / largest);
    return largest * sqrt((double)scaled);
}

/* Clips the gradient to `max_norm`; returns its norm before that. */
static double NAME(clip)(REAL *g, int64_t n, double max_norm)
{
    double before = NAME(norm)(g, n);
    if (before > max_norm)
        for (int64_t i = 0; i < n; i++) g[i] *= (REAL)(max_norm / before);
    return before;
}
