"""The words for missing values are those of pandas."""

import io

import pandas as pd

from skmlp.common.missing import BOOLEANS, MISSING


def test_pandas_reads_the_same_words():
    words = sorted(MISSING | set(BOOLEANS) | {"none", "NAN", "yes", "0", "-"})
    text = "a,b\n" + "\n".join(f'1,"{word}"' for word in words) + "\nx,x"
    missing = pd.read_csv(io.StringIO(text))["b"].isna()
    assert {word for word, one in zip(words, missing, strict=False) if one} == MISSING


def test_booleans():
    assert {word: word.lower() == "true" for word in BOOLEANS} == BOOLEANS
