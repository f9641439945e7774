import io

import pandas as pd

from skmlp.common.missing import BOOLEANS, MISSING


def test_missing_values_are_those_of_pandas():
    words = sorted(MISSING - {""})
    text = "a,b\n" + "".join(f"{word},1\n" for word in [*words, ""])
    assert pd.read_csv(io.StringIO(text))["a"].isna().all()
    others = ["none", "NONE", "missing", "?", "-", "NAN", "0"]
    assert not {*others} & MISSING


def test_booleans_are_those_of_pandas():
    text = "a,b\n" + "".join(f"{word},1\n" for word in BOOLEANS)
    found = pd.read_csv(io.StringIO(text))["a"]
    assert found.dtype == bool
    assert found.tolist() == [*BOOLEANS.values()]
