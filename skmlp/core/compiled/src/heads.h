/* The heads: from the scores s of n rows to the losses and, in place of s, dLoss/ds.
 * The NumPy twins and the sources are in heads.py.
 *
 * Losses are one for each score, or one for each row (softmax, gaussian); the function
 * returns which. Nothing is averaged here.
 */
#define EACH_SCORE(...) \
    for (int64_t i = 0; i < size; i++) { \
        REAL si = s[i], yi = y[i], loss, ds; __VA_ARGS__ losses[i] = loss; s[i] = ds; \
    }
#define HEAD(name) \
    NOT_INLINE static int64_t NAME(head_##name)( \
        const Program *p, const REAL *restrict y, REAL *restrict s, REAL *restrict losses, \
        int64_t n)

/* 1/2 (s - y)^2,  s - y */
HEAD(squared_error)
{
    int64_t size = n * p->n_scores;
    EACH_SCORE({ ds = si - yi; loss = (REAL)0.5 * ds * ds; })
    return p->n_scores;
}

/* e^s - y s + (y log y - y),  e^s - y */
HEAD(poisson)
{
    int64_t size = n * p->n_scores;
    for (int64_t i = 0; i < size; i++) losses[i] = y[i] > 0 ? y[i] * LOG(y[i]) - y[i] : 0;
    EACH_SCORE({
        REAL mu = NAME(exp)(si);
        loss = losses[i] + (mu - yi * si);
        ds = mu - yi;
    })
    return p->n_scores;
}

/* e^d - 1 - d with d = log y - s,  -(e^d - 1) */
HEAD(gamma)
{
    int64_t size = n * p->n_scores;
    for (int64_t i = 0; i < size; i++) losses[i] = LOG(y[i]);
    EACH_SCORE({
        (void)yi;
        REAL d = losses[i] - si, error = NAME(expm1)(d);
        loss = error - d;
        ds = -error;
    })
    return p->n_scores;
}

/* |s - y|,  the sign of s - y */
HEAD(absolute_error)
{
    int64_t size = n * p->n_scores;
    EACH_SCORE({ REAL e = si - yi; loss = FABS(e); ds = e > 0 ? 1 : e < 0 ? -1 : e; })
    return p->n_scores;
}

/* with e = s - y clipped to [-delta, delta] as c:  c (e - c / 2),  c */
HEAD(huber)
{
    int64_t size = n * p->n_scores;
    REAL delta = (REAL)p->head_setting;
    EACH_SCORE({
        REAL e = si - yi; ds = e > delta ? delta : e < -delta ? -delta : e;
        loss = ds * (e - ds / 2);
    })
    return p->n_scores;
}

/* with e = y - s, level a:  max(a e, (a - 1) e),  1 - a below s, -a above, 0 on it */
HEAD(quantile)
{
    int64_t n_levels = p->n_levels;
    for (int64_t i = 0; i < n * p->n_targets; i++)
        for (int64_t q = 0; q < n_levels; q++) {
            int64_t j = i * n_levels + q;
            REAL a = (REAL)p->levels[q], e = y[i] - s[j];
            REAL above = a * e, below = (a - 1) * e;
            losses[j] = above > below ? above : below;
            s[j] = e < 0 ? 1 - a : e > 0 ? -a : 0;
        }
    return p->n_scores;
}

/* with z = (y - m) e^-t, t clipped:  t + z^2 / 2 + log(2 pi) / 2,  -z e^-t and 1 - z^2,
 * both times sigma^(2 beta) if training uses the factor */
HEAD(gaussian)
{
    int64_t k = p->n_targets;
    REAL power = p->use_factor ? 2 * (REAL)p->head_setting : 0;
    REAL limit = (REAL)((IS_DOUBLE ? 709.782712893384 : 88.7228391116729966) / 4);
    for (int64_t i = 0; i < n; i++) {
        REAL *m = s + i * 2 * k, *log_std = m + k;
        losses[i] = 0;
        for (int64_t j = 0; j < k; j++) {
            REAL t = log_std[j] < -limit ? -limit : log_std[j] > limit ? limit : log_std[j];
            REAL precision = NAME(exp)(-t), z = (y[i * k + j] - m[j]) * precision;
            REAL factor = NAME(exp)(power * t);
            losses[i] += t + z * z / 2 + (REAL)0.9189385332046727;
            m[j] = -z * precision * factor;
            log_std[j] = t == log_std[j] ? (1 - z * z) * factor : 0 * factor;
        }
    }
    return 1;
}

/* log(1 + e^s) - y s,  sigmoid(s) - y */
HEAD(sigmoid)
{
    int64_t size = n * p->n_scores;
    EACH_SCORE({
        REAL e = NAME(exp)(-FABS(si));
        loss = (si < 0 ? 0 : si) + NAME(log1p)(e) - yi * si;
        ds = (si < 0 ? e : 1) / (1 + e) - yi;
    })
    return p->n_scores;
}

/* log sum_j e^{s_j} - sum_j y_j s_j,  e^{s_j} / sum - y_j;  both with s - max s */
HEAD(softmax)
{
    int64_t k = p->n_scores;
    for (int64_t i = 0; i < n; i++) {
        REAL *z = s + i * k, top = z[0], at_y = 0;
        const REAL *yi = y + i * k;
        for (int64_t j = 1; j < k; j++) top = z[j] > top ? z[j] : top;
        for (int64_t j = 0; j < k; j++) { z[j] -= top; at_y += z[j] * yi[j]; }
        losses[i] = -at_y;
    }
    for (int64_t i = 0; i < n * k; i++) s[i] = NAME(exp)(s[i]);
    for (int64_t i = 0; i < n; i++) {
        REAL *e = s + i * k, total = 0;
        const REAL *yi = y + i * k;
        for (int64_t j = 0; j < k; j++) total += e[j];
        losses[i] += LOG(total);
        for (int64_t j = 0; j < k; j++) e[j] = e[j] / total - yi[j];
    }
    return 1;
}

static int64_t NAME(head)(const Program *p, const REAL *y, REAL *s, REAL *losses, int64_t n)
{
#define CASE(name) case CODE_##name: return NAME(head_##name)(p, y, s, losses, n);
    switch ((enum head)p->head) {
        HEADS(CASE)
        case N_HEADS: break;
    }
#undef CASE
    return 0;
}
#undef EACH_SCORE
#undef HEAD
