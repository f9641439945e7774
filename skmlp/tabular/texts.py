"""The encoder of a column of texts: components of the n-grams of letters in their words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import numpy as np
from scipy.sparse import csr_array, vstack
from sklearn.utils.extmath import randomized_svd

from ..common.values import kinds_in
from .assembly import encode, layout_of
from .column_encoders import ColumnEncoder, Group, kind_error
from .columns import LABELS, Column
from .rare_labels import FEW_LABELS, standardised
from .target_statistics import RIDGE

TEXT = "text"
"""The name of this kind of column."""

WHY_TEXT = "most rows have a text of their own, of several words"
"""Why a column is of this kind."""

LEAST_TEXTS, LEAST_SHARE, LEAST_WORDS = 100, 0.5, 1.5
"""Labels are texts if they are so many, so many for each row, and of so many words."""

LEAST_GAIN = 0.03
"""The fraction of the squared error of a linear regression that texts must explain."""

BITS = 12
BUCKETS = 2**BITS
"""The number of buckets of n-grams; different n-grams can share a bucket."""

FACTOR = np.uint32(0x9E3779B1)
"""The factor of hashes: a prime near 2^32 divided by the golden ratio."""

MOST_TEXTS, MOST_LETTERS = 3000, 1000
"""The most texts that components are learnt from, and the most letters of each.

As many rows say whether texts are of use.
"""

N_COMPONENTS, SMALLEST_DEVIATION = 30, 1e-6
"""The number of components; those with smaller deviations are rounding errors."""

BLOCK = 1000
"""The number of texts whose n-grams are in memory together."""


def is_text(column: Column) -> bool:
    """Whether a column has texts, not labels; a type of categories says that it has not."""
    if column.kind != LABELS or column.declared:
        return False
    return are_texts(column.labels, int((column.values >= 0).sum()))


def are_texts(labels: Sequence[Any], n_rows: int) -> bool:
    """Whether different labels are texts: most rows have one, of several words."""
    n_labels = len(labels)
    if n_labels < max(LEAST_TEXTS, LEAST_SHARE * n_rows):
        return False
    if kinds_in(labels).keys() != {"text"}:
        return False
    n_words = sum(len(one[:MOST_LETTERS].split()) for one in labels)
    return n_words >= LEAST_WORDS * n_labels


@dataclass(frozen=True, eq=False)
class Text(ColumnEncoder):
    """A column of texts: components of the n-grams in their words.

    Counts of n-grams are multiplied by `weights`, which are higher for rare n-grams, and
    divided by their norm. Times `components` plus `offset`, they have mean 0 and variance 1
    over the texts of fit, and are smoothly clipped to (-3, 3). A missing text is 0 in all
    components; if fit saw any, an indicator column marks them.
    """

    weights: Any
    components: Any
    offset: Any
    has_missing: bool

    @classmethod
    def fit(cls, column: Column) -> "Text":
        """Learn weights and components from the different texts of a column."""
        texts = sorted(column.labels)
        texts = texts[:: -(-len(texts) // MOST_TEXTS)]
        counts = vstack([counts_of(some) for some in _blocks(texts)], format="csr")
        n_with = np.bincount(counts.indices, minlength=BUCKETS)
        weights = (np.log((1 + len(texts)) / (1 + n_with)) + 1).astype(np.float32)
        counts = _weighted(counts, weights)
        # The encoder has no random_state, so the same texts give the same components.
        V = randomized_svd(counts, N_COMPONENTS, n_iter=2, random_state=0)[2].T
        Z = counts @ V
        deviation = Z.std(axis=0)
        varies = deviation > SMALLEST_DEVIATION
        scale = np.divide(1, deviation, out=np.zeros_like(deviation), where=varies)
        components = (V * scale).astype(np.float32)
        offset = (-Z.mean(axis=0) * scale).astype(np.float32)
        return cls(weights, components, offset, bool((column.values < 0).any()))

    @property
    def has_values(self) -> bool:
        return True

    @property
    def groups(self) -> list[Group]:
        return [Group.PART] * (N_COMPONENTS + self.has_missing)

    def names(self, name: str) -> list[str]:
        names = [f"{name}_component_{i}" for i in range(1, N_COMPONENTS + 1)]
        return [*names, *[f"{name}_missing"] * self.has_missing]

    def _texts_of(self, column: Column) -> tuple[Sequence[str], Any]:
        """The different texts of a column, which must hold texts, and their places."""
        if column.is_empty:
            return (), np.full(len(column.values), -1)
        if column.kind != LABELS or kinds_in(column.labels).keys() != {"text"}:
            raise kind_error(column, "text")
        return column.labels, column.values

    def keys_of(self, column: Column) -> Any:
        texts, places = self._texts_of(column)
        data = (one.encode("utf-8", "surrogatepass") for one in texts)
        keys = [int.from_bytes(blake2b(one, digest_size=8).digest()) for one in data]
        return np.array([*keys, 0], np.uint64)[places]

    def transform(self, column: Column) -> Any:
        texts, places = self._texts_of(column)
        # Missing texts have the place -1.
        zeros = np.zeros((1, N_COMPONENTS), np.float32)
        encoded = np.vstack([*map(self._encoded, _blocks(texts)), zeros])[places]
        return np.hstack([encoded, (places < 0)[:, None][:, : int(self.has_missing)]])

    def _encoded(self, texts: Sequence[str]) -> Any:
        z = _weighted(counts_of(texts), self.weights) @ self.components + self.offset
        return z / np.sqrt(1 + (z / 3) ** 2)

    def check_sizes(self) -> None:
        shape = (BUCKETS, N_COMPONENTS)
        for array, wanted in (
            (self.weights, shape[:1]),
            (self.components, shape),
            (self.offset, shape[1:]),
        ):
            if array.shape != wanted or array.dtype != np.float32:
                raise ValueError(
                    f"a column of texts has an array of shape {array.shape}"
                )


def _blocks(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    return (texts[i : i + BLOCK] for i in range(0, len(texts), BLOCK))


def counts_of(texts: Sequence[str]) -> Any:
    """The counts of the n-grams of each text by bucket, sparse, (n_texts, BUCKETS).

    n-grams are four letters in a row of a word in lower case with a space before and after
    it. HashingVectorizer of scikit-learn counts the same with `analyzer="char_wb"`, but for
    words of one letter; on all texts at once it takes a fifth of the time.
    """
    spaced = [f" {' '.join(one[:MOST_LETTERS].lower().split())} " for one in texts]
    rows = np.repeat(np.arange(len(texts)), [len(one) for one in spaced])
    data = "".join(spaced).encode("utf-32-le", "surrogatepass")
    letters, n = np.frombuffer(data, np.uint32), max(len(rows) - 3, 0)
    a, b, c, d = (letters[i : i + n] for i in range(4))
    # Two spaces follow each other where a text ends, so no n-gram is of two texts.
    inside = (b != ord(" ")) & (c != ord(" "))
    hashes = (((a * FACTOR + b) * FACTOR + c) * FACTOR + d)[inside]
    buckets = (hashes ^ (hashes >> np.uint32(15))) * FACTOR >> np.uint32(32 - BITS)
    places = (rows[:n][inside], buckets)
    counts = csr_array(
        (np.ones(len(buckets), np.float32), places), (len(texts), BUCKETS)
    )
    counts.sum_duplicates()
    return counts


def _weighted(counts: Any, weights: Any) -> Any:
    """Counts times weights, divided by the norm of the row."""
    rows = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    data = counts.data * weights[counts.indices]
    norms = np.sqrt(np.bincount(rows, data**2)).astype(np.float32)
    return csr_array((data / norms[rows], counts.indices, counts.indptr), counts.shape)


def useless_texts(
    encoders: Sequence[ColumnEncoder], columns: Sequence[Column], y: Any
) -> list[int]:
    """The places of the texts that say too little about the target.

    A text must lower the squared error of a linear regression on the other columns, in rows
    that are left out.
    """
    some = slice(None, None, -(-len(y) // MOST_TEXTS))
    columns = [one._replace(values=one.values[some]) for one in columns]
    y, Z = standardised(y[some]), _plain(encoders, columns)
    texts = [i for i, one in enumerate(encoders) if isinstance(one, Text)]
    parts = [encoders[i].transform(columns[i]) for i in texts]
    errors = [_error_of_left_out(np.hstack([Z, part]), y) for part in parts]
    most = (1 - LEAST_GAIN) * _error_of_left_out(Z, y)
    return [i for i, error in zip(texts, errors, strict=True) if error > most]


def _plain(encoders: Sequence[ColumnEncoder], columns: Sequence[Column]) -> Any:
    """The columns that are no texts, encoded: few codes as one-hot, others left out."""
    pairs = list(zip(encoders, columns, strict=True))
    pairs = [both for both in pairs if not isinstance(both[0], Text)]
    if not pairs:
        return np.empty((len(columns[0].values), 0), np.float32)
    known, others = zip(*pairs, strict=True)
    sizes = layout_of(known).cardinalities
    Z = encode(known, others)
    Z, codes = np.split(Z, [Z.shape[1] - len(sizes)], axis=1)
    both = zip(codes.T, sizes, strict=True)
    one_hot = [code[:, None] == np.arange(n) for code, n in both if n <= FEW_LABELS]
    return np.hstack([Z, *one_hot])


def _error_of_left_out(X: Any, y: Any) -> float:
    """The mean squared error in each row of a ridge regression on the other rows."""
    X = standardised(X)
    XA = X @ np.linalg.inv(X.T @ X + RIDGE * np.eye(X.shape[1]))
    left = 1 - 1 / len(X) - (XA * X).sum(axis=1)
    errors = (y - XA @ (X.T @ y)) / np.maximum(left, 0.01)[:, None]
    return float((errors**2).mean())
