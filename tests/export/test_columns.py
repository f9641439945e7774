"""The kinds of columns: each is exported or refused."""

import numpy as np
import pytest

from skmlp import TableEncoder, stored
from skmlp.common.labels import Labels
from skmlp.core.initializers import DataDriven, GlorotUniform, Zeros
from skmlp.core.network import Network
from skmlp.core.optimizers import OPTIMIZERS
from skmlp.core.training import Patience, TrainingState
from skmlp.estimators.tabular_regressor import TargetScale
from skmlp.export import activations, heads, layers
from skmlp.export.columns import KINDS, kind_of
from skmlp.export.encoder import with_names
from skmlp.tabular.column_encoders import ColumnEncoder
from skmlp.tabular.conformal import Calibration
from skmlp.tabular.repeated_rows import Repeated


def test_all_encoders_of_columns_are_there():
    every = {one for one in stored.CLASSES if issubclass(one, ColumnEncoder)}
    assert set(KINDS) == every - {Repeated}


OTHERS = {
    *(*stored.ESTIMATORS, TableEncoder, Repeated),
    *(TargetScale, Labels, Calibration, Network),
    *(GlorotUniform, DataDriven, Zeros),
    *(TrainingState, Patience, *OPTIMIZERS.values()),
}
"""Classes of stored models that are exported by name, or are not of use in prediction."""


def test_every_class_of_stored_models_is_known():
    nodes = {*activations.NODES, *heads.NODES, *layers.NODES, *KINDS}
    assert set(stored.CLASSES) == nodes | OTHERS


def test_texts_are_refused_by_name():
    rng = np.random.RandomState(0)
    words = rng.randint(0, 99, (150, 3)).astype(str)
    X = np.array([" ".join(row) for row in words], object)[:, None]
    encoder = TableEncoder(column_kinds={0: "text"}).fit(X)
    ((name, one),) = with_names(encoder)
    with pytest.raises(NotImplementedError, match=r"column 'x0'.*\{'x0': 'category'\}"):
        kind_of(one).type_of(name, one)
