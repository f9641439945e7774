"""What a call of fit has beside its rows."""

from types import SimpleNamespace

import numpy as np
import pytest

from skmlp.mlp.call import FitCall


@pytest.mark.parametrize(
    ("files", "has_sample", "dtypes"),
    [
        (None, False, (np.float64, np.float32)),
        (SimpleNamespace(totals=None), False, (np.float64, np.float32)),
        (SimpleNamespace(totals=1), True, (np.float32,)),
    ],
)
def test_a_sample_of_a_large_table_is_trained_on_in_single_precision(
    files, has_sample, dtypes
):
    call = FitCall(files=files)
    assert call.has_sample is has_sample
    assert call.dtypes == dtypes
