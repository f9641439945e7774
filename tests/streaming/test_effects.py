import numpy as np
import pytest

from skmlp.streaming.effects import FoldSums, scale_of, sums_of
from skmlp.tabular.target_statistics import FOLDS, LabelledRows

RNG = np.random.RandomState(0)
SIZES = (9, 5)
N, MORE, START = 60, 80, 3


def some(n, n_outputs):
    """Numbers, codes and targets of rows."""
    Z = RNG.randn(n, START).astype(np.float32)
    codes = np.array([RNG.randint(size, size=n) for size in SIZES])
    y = Z[:, :1] + np.sin(codes[0])[:, None] + RNG.randn(n, n_outputs)
    return Z, codes, (y - y.mean(axis=0)) / y.std(axis=0)


@pytest.fixture(params=[1, 2], ids=["one output", "two outputs"])
def data(request):
    """The rows of a sample with their numbers, and further rows in three folds."""
    Z, codes, y = some(N, request.param)
    rows = LabelledRows.of(codes, SIZES, Z, y, START)
    more = [(fold, *some(MORE, request.param)) for fold in (0, 5, 5)]
    return rows, Z, more


def sums_by(rows, Z, more):
    """The sums of a sample and of further rows."""

    def each(model):
        return [(fold, sums_of(model, rows.sizes, *one)) for fold, *one in more]

    return FoldSums.of(rows, Z, each)


def plain(rows, Z, more, sample=range(N)):
    """The sums and numbers of rows, in plain loops; of the sample only some rows."""
    model, n_outputs = rows.fitted(), rows.y.shape[1]
    sums = [np.zeros((FOLDS, size, n_outputs)) for size in SIZES]
    counts = [np.zeros((FOLDS, size)) for size in SIZES]
    every = [(rows.folds[i], Z[i], rows.codes[:, i], rows.y[i]) for i in sample]
    for fold, other, codes, y in more:
        every += [(fold, other[i], codes[:, i], y[i]) for i in range(MORE)]
    for fold, z, codes, y in every:
        left = y - (z - Z.mean(axis=0)) / Z.std(axis=0) @ model.w
        for i, code in enumerate(codes):
            j = 1 - i
            own = left - [effects[j][codes[j]] for effects in model.effects]
            sums[i][fold, code] += own
            counts[i][fold, code] += 1
    return sums, counts


def plain_tables(found, sums, counts, fold):
    """The numbers of labels by sums, without a fold."""
    kept = [f for f in range(FOLDS) if f != fold]
    tables = []
    for i, (mean, sd) in enumerate(found.scales):
        total, n = sums[i][kept].sum(axis=0), counts[i][kept].sum(axis=0)
        effects = total / (n + found.rows.needed[i])[:, None]
        z = (np.column_stack([effects, np.log(1 + n)]) - mean) / sd
        tables.append(z / np.sqrt(1 + (z / 3) ** 2))
    return tables


def close(found, expected):
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


def test_sums_of_all_rows(data):
    more = data[2]
    found = sums_by(*data)
    sums, counts = plain(*data)
    close(found.sums, sums)
    close(found.counts, counts)
    cut = [(f, Z[a], c[:, a], y[a]) for f, Z, c, y in more for a in halves()]
    close(sums_by(*data[:2], cut).sums, sums)
    for fold in (None, 0, 5, 7):
        close(found.tables(fold), plain_tables(found, sums, counts, fold))


def halves():
    return slice(0, MORE // 2), slice(MORE // 2, None)


def test_scales_are_those_over_all_rows(data):
    rows, _, more = data
    found = sums_by(*data)
    sums, counts = plain(*data)
    for i, (mean, sd) in enumerate(found.scales):
        n = counts[i].sum(axis=0)
        effects = sums[i].sum(axis=0) / (n + rows.needed[i])[:, None]
        numbers = np.column_stack([effects, np.log1p(n)])
        each = np.concatenate([rows.codes[i], *(codes[i] for _, _, codes, _ in more)])
        close([mean, sd], [numbers[each].mean(axis=0), numbers[each].std(axis=0)])


def test_numbers_that_are_all_equal():
    _, sd = scale_of(np.ones((3, 1)), np.array([1, 2, 3]))
    assert sd == 1


def test_without_rows_of_the_sample(data):
    held = np.arange(0, N, 3)
    kept = np.setdiff1d(np.arange(N), held)
    found = sums_by(*data).without(held)
    sums, counts = plain(*data, sample=kept)
    close(found.sums, sums)
    close(found.counts, counts)


def test_rows_do_not_see_targets_of_their_fold(data):
    rows = data[0]
    validation, training = np.arange(0, N, 4), np.arange(1, N, 4)
    found = sums_by(*data)
    own = found.own_columns(training, validation)
    assert own.place == rows.place
    sums, counts = plain(*data, sample=np.setdiff1d(np.arange(N), validation))
    for row in (*validation, *training):
        fold = None if row in validation else rows.folds[row]
        tables = plain_tables(found, sums, counts, fold)
        expected = [table[rows.codes[i, row]] for i, table in enumerate(tables)]
        close([own.values[row]], [np.concatenate(expected)])
    others = np.setdiff1d(np.arange(N), [*validation, *training])
    assert not own.values[others].any()


def test_more_rows_bring_effects_closer():
    effects = RNG.randn(SIZES[0])

    def rows(n):
        Z = RNG.randn(n, START).astype(np.float32)
        codes = np.array([RNG.randint(size, size=n) for size in SIZES])
        y = effects[codes[0]] + 3 * RNG.randn(n)
        return Z, codes, y[:, None]

    Z, codes, y = rows(200)
    sd = y.std()
    sample = LabelledRows.of(codes, SIZES, Z, y, START)
    more = [(f, *rows(5000)) for f in range(FOLDS)]
    more = [(f, Z, codes, (y - y.mean()) / sd) for f, Z, codes, y in more]
    found = sums_by(sample, Z, more).tables()[0][:, 0]
    assert np.corrcoef(found, effects)[0, 1] > 0.99
    few = sums_by(sample, Z, []).tables()[0][:, 0]
    assert np.corrcoef(few, effects)[0, 1] < 0.99
