"""The kinds of columns: each is exported or refused."""

import numpy as np
import pytest

from skmlp import TableEncoder, stored
from skmlp.export.columns import KINDS, kind_of
from skmlp.export.encoder import with_names
from skmlp.tabular.column_encoders import ColumnEncoder
from skmlp.tabular.repeated_rows import Repeated


def test_all_encoders_of_columns_are_there():
    every = {one for one in stored.CLASSES if issubclass(one, ColumnEncoder)}
    assert set(KINDS) == every - {Repeated}


def test_texts_are_refused_by_name():
    rng = np.random.RandomState(0)
    words = rng.randint(0, 99, (150, 3)).astype(str)
    X = np.array([" ".join(row) for row in words], object)[:, None]
    encoder = TableEncoder(column_kinds={0: "text"}).fit(X)
    ((name, one),) = with_names(encoder)
    with pytest.raises(NotImplementedError, match=r"column 'x0'.*\{'x0': 'category'\}"):
        kind_of(one).type_of(name, one)
