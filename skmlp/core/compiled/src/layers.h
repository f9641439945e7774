/* The layers: forward and backward, for a batch of n rows. */

/* h = r(gain h_prev W + bias_gain b) */
static void NAME(dense)(const Blas *blas, const Operation *o, const REAL *theta, REAL *work,
                        const REAL *h_prev, int64_t n)
{
    REAL *s = work + o->s, *h = work + o->h;
    NAME(times_weights)(blas, o, h_prev, theta + o->W, work + o->Wt, s, n);
    NAME(activate)((enum activation)o->activation, (REAL)o->setting, s, h, theta + o->b,
                   (REAL)o->bias_gain, n, o->n_out);
}

/* dL/ds = dL/dh r'(s),  dL/dW = gain h_prev^T dL/ds,  dL/db = bias_gain sum dL/ds,
 * dL/dh_prev = gain dL/ds W^T. Overwrites dh with dL/ds. The first layer has no dh_prev. */
static void NAME(dense_back)(const Blas *blas, const Operation *o, const REAL *theta,
                             REAL *grad, const REAL *work, const REAL *h_prev, REAL *dh,
                             REAL *dh_prev, int64_t n, int add)
{
    REAL *db = grad + o->b;
    NAME(clear)(db, o->n_out, add);
    NAME(activate_back)((enum activation)o->activation, (REAL)o->setting, dh, work + o->s,
                        work + o->h, db, (REAL)o->bias_gain, n, o->n_out);
    NAME(weight_gradient)(blas, o, h_prev, dh, grad + o->W, n, add);
    if (dh_prev)
        NAME(times_weights_back)(blas, o, dh, theta + o->W, work + o->Wt, dh_prev, n);
}

/* h = h_prev times 0 or 1 / (1 - p), by 16 random bits for each unit */
static void NAME(dropout)(const Operation *o, REAL *work, const REAL *h_prev, int64_t n,
                          uint64_t random[4])
{
    REAL *factors = work + o->factors, *h = work + o->h, kept = (REAL)o->setting;
    int64_t size = n * o->n_in;
    for (int64_t i = 0; i < size; i += 4) {
        uint64_t bits = next_random(random);
        int64_t stop = size - i < 4 ? size : i + 4;
        for (int64_t j = i; j < stop; j++, bits >>= 16)
            factors[j] = (int64_t)(bits & 0xffff) < o->cut ? 0 : kept;
    }
    for (int64_t i = 0; i < size; i++) h[i] = h_prev[i] * factors[i];
}

/* dL/dh_prev = dL/dh times the factors, in place */
static void NAME(dropout_back)(const Operation *o, const REAL *work, REAL *dh, int64_t n)
{
    const REAL *factors = work + o->factors;
    for (int64_t i = 0; i < n * o->n_in; i++) dh[i] *= factors[i];
}

/* x -> the scores; they are the h of the last operation. */
static void NAME(forward)(Program *p, const Blas *blas, const REAL *x, int64_t n)
{
    REAL *work = p->work;
    const REAL *theta = p->theta;
    int64_t stride = p->n_features;
    for (int64_t i = 0; i < p->n_operations; i++) {
        const Operation *o = p->operations + i;
        const REAL *h_prev = i ? work + o->h_prev : x, *part = x + o->column;
        REAL *h = work + o->h;
        switch ((enum kind)o->kind) {
            case DENSE: NAME(dense)(blas, o, theta, work, h_prev, n); break;
            case DROPOUT: NAME(dropout)(o, work, h_prev, n, p->random); break;
            case SCALE: NAME(scale)(o, theta, h_prev, h, n); break;
            case PARAMETRIC: NAME(parametric)(o, theta, work, work + o->h_prev, n); break;
            case PERIODIC: NAME(periodic)(o, theta, part, stride, h, n); break;
            case PIECEWISE:
                NAME(piecewise)(o, theta, work + o->memory, part, stride, h, n);
                break;
            case CATEGORIES: NAME(categories)(o, theta, part, stride, h, n); break;
            case UNCHANGED: NAME(unchanged)(o, part, stride, h, n); break;
            case N_KINDS: break;
        }
    }
}

/* dL/ds of the scores -> the gradient, written or added */
static void NAME(backward)(Program *p, const Blas *blas, const REAL *x, REAL *ds, int64_t n,
                           int add)
{
    REAL *work = p->work, *grad = p->grad, *dh = ds;
    const REAL *theta = p->theta;
    int64_t stride = p->n_features;
    int turn = 0;
    for (int64_t i = p->n_operations - 1; i >= 0; i--) {
        const Operation *o = p->operations + i;
        const REAL *h_prev = i ? work + o->h_prev : x, *part = x + o->column;
        const REAL *d_part = dh + (o->h - p->operations->h);
        REAL *dh_prev = i ? work + p->dh[turn] : 0;
        switch ((enum kind)o->kind) {
            case DENSE:
                NAME(dense_back)(blas, o, theta, grad, work, h_prev, dh, dh_prev, n, add);
                dh = dh_prev;
                turn = !turn;
                break;
            case DROPOUT: NAME(dropout_back)(o, work, dh, n); break;
            case SCALE: NAME(scale_back)(o, theta, grad, h_prev, dh, n, add); break;
            case PARAMETRIC:
                NAME(parametric_back)(o, theta, grad, work, h_prev, dh, n, add);
                break;
            case PERIODIC:
                NAME(periodic_back)(o, theta, grad, work + o->memory, part, stride, d_part,
                                    n, add);
                break;
            case PIECEWISE:
                NAME(piecewise_back)(o, theta, grad, work + o->memory, part, stride, d_part,
                                     n, add);
                break;
            case CATEGORIES:
                NAME(categories_back)(o, grad, part, stride, d_part, n, add);
                break;
            case UNCHANGED: case N_KINDS: break;
        }
    }
}
