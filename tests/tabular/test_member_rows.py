import numpy as np
import pytest

from skmlp.core.batches import Dataset
from skmlp.tabular.member_rows import MemberRows, OwnColumns, some_rows

DATA = Dataset(np.ones((20, 8), np.float32), np.arange(20.0)[:, None], np.arange(20.0))
OWN = OwnColumns(slice(3, 7), np.arange(80, dtype=np.float32).reshape(20, 4))
SOME = np.array([4, 0, 19])


def test_own_columns_take_the_place_of_those_of_all():
    data = OWN.put_into(DATA)
    np.testing.assert_array_equal(data.X[:, 3:7], OWN.values)
    assert (data.X[:, [0, 1, 2, 7]] == 1).all()
    np.testing.assert_array_equal(some_rows(DATA.X, SOME, OWN), data.X[SOME])
    assert (DATA.X == 1).all()


@pytest.mark.parametrize("data", [DATA, DATA._replace(w=None)], ids=["weights", "none"])
@pytest.mark.parametrize("own", [OWN, None], ids=["own", "all"])
def test_rows_of_a_member_are_a_copy(data, own):
    rows = MemberRows(data, SOME, own)
    found = rows.load()
    expected = (data if own is None else own.put_into(data)).take(SOME)
    assert rows.n_rows == found.n_rows == 3
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, other)
    found.X[:] = 0
    assert (DATA.X == 1).all()
