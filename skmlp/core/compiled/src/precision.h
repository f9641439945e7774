/* All kernels and functions in one precision, REAL. */
#include "elementary.h"
#include "activations.h"
#include "vectors.h"
#include "narrow.h"
#include "rowwise.h"
#include "products.h"
#include "tables.h"
#include "layers.h"
#include "heads.h"
#include "objective.h"
#include "optimizers.h"
#include "epoch.h"
#undef WIDTH
#undef LOAD
#undef STORE
#undef INLINE
#undef FOR_EACH_K
