/* All kernels and functions in one precision, REAL. */
#include "elementary.h"
#include "activations.h"
#include "products.h"
#include "layers.h"
#include "heads.h"
#include "objective.h"
#include "optimizers.h"
#include "epoch.h"
