"""Encoded dates, against Python's calendar."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from skmlp import TableEncoder, TabularMLPRegressor
from skmlp.stored import check_model, read_skops
from skmlp.tabular.columns import LABELS, Column
from skmlp.tabular.dates import HOUR, WEEKDAY, WEEKDAYS, YEAR, Dated, parts_of
from skmlp.tabular.moments import DATES, DAY, DURATIONS, TIMES

START = datetime(2023, 3, 1, tzinfo=UTC)
HOURS = [START + timedelta(hours=7 * i) for i in range(1500)]
SECONDS = np.array([one.timestamp() for one in HOURS])


def column(seconds, kind=DATES, zone=""):
    return Column("at", kind, np.asarray(seconds, float), zone=zone)


@pytest.mark.parametrize("zone", ["", "America/New_York"])
def test_parts_against_python(zone):
    one = Dated.fit(column(SECONDS, zone=zone), False)
    assert one.parts == (HOUR, WEEKDAY, YEAR)
    assert one.names("at") == [
        *("at", "at_hour", "at_day_of_year", "at_hour_sin", "at_hour_cos"),
        *(f"at_{day}" for day in WEEKDAYS),
        *("at_day_of_year_sin", "at_day_of_year_cos"),
    ]
    given = column(SECONDS, zone="UTC" if zone else "")
    found, (seconds, *phases) = one.transform(given), one.numbers_of(given)
    np.testing.assert_array_equal(seconds, SECONDS)
    there = ZoneInfo(zone) if zone else UTC
    rows = zip(found, np.transpose(phases), HOURS, strict=True)
    for row, phase, moment in list(rows)[::29]:
        local = moment.astimezone(there)
        hour = (local.hour + local.minute / 60) / 24
        year = timedelta(days=366 if local.year % 4 == 0 else 365)
        past = local.replace(tzinfo=None) - datetime(local.year, 1, 1)
        np.testing.assert_allclose(phase, [hour, past / year], atol=1e-9)
        turns = 2 * np.pi * np.array([hour, past / year])
        np.testing.assert_allclose(row[[0, 9]], np.sin(turns), atol=1e-5)
        np.testing.assert_allclose(row[[1, 10]], np.cos(turns), atol=1e-5)
        assert row[2:9].tolist() == [day == local.weekday() for day in range(7)]


def days(*dates):
    return [(one - date(1970, 1, 1)).days * DAY for one in dates]


@pytest.mark.parametrize(
    ("seconds", "kind", "parts"),
    [
        (SECONDS, DATES, (HOUR, WEEKDAY, YEAR)),
        (SECONDS[:90], DATES, (HOUR, WEEKDAY)),
        (SECONDS[:9], DATES, (HOUR,)),
        (SECONDS[:3], DATES, ()),
        (DAY * np.arange(400), DATES, (WEEKDAY, YEAR)),
        (DAY * np.arange(400) + 3600, DATES, (WEEKDAY, YEAR)),
        (DAY * np.arange(0, 700, 7), DATES, (YEAR,)),
        (
            days(*(date(2020 + i // 12, 1 + i % 12, 1) for i in range(30))),
            DATES,
            (YEAR,),
        ),
        (
            days(*(date(2020, m, 1) - timedelta(1) for m in range(1, 13))),
            DATES,
            (YEAR,),
        ),
        (days(*(date(2000 + i, 1, 1) for i in range(9))), DATES, ()),
        ([DAY], DATES, ()),
        ([np.nan], DATES, ()),
        (SECONDS, DURATIONS, ()),
        ([0, 3600], TIMES, (HOUR,)),
    ],
)
def test_parts_by_range_and_resolution(seconds, kind, parts):
    assert parts_of(kind, np.asarray(seconds, float)) == parts


def test_missing_dates_are_zero_in_all_parts():
    given = column([*SECONDS, np.nan])
    one = Dated.fit(given, True)
    assert "at_missing" in one.names("at")
    assert len(one.names("at")) == len(one.groups)
    assert not one.transform(given)[-1].any()
    assert np.isnan(one.numbers_of(given))[:, -1].all()
    empty = Dated.fit(column([np.nan]), True)
    assert not empty.has_values
    assert np.isnan(empty.values_of(column([3.0], DURATIONS))).all()
    nothing = Column("at", LABELS, np.array([-1]))
    assert np.isnan(one.values_of(nothing)).all()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (column([1.0], "numbers"), "must hold dates, as it did in fit. Got numbers"),
        (column([1.0], TIMES), "must hold dates, as it did in fit. Got times of day"),
        (
            Column("at", LABELS, np.array([0]), ["2024-01-01"]),
            "must hold dates, as it did in fit. Got text in 1 row: '2024-01-01'",
        ),
        (
            column([1.0], zone="UTC"),
            "dates without a time zone, as it did in fit. Got dates with a time zone",
        ),
    ],
)
def test_other_values_than_in_fit(given, message):
    one = Dated.fit(column(SECONDS), True)
    for work in (one.values_of, one.transform):
        with pytest.raises(TypeError, match=f"Column 'at' of X .*{message}"):
            work(given)


def test_a_zone_that_has_no_name():
    with pytest.raises(ValueError, match="Column 'at' of X must have a time zone"):
        Dated.fit(column(SECONDS, zone="tzlocal()"), True)


@pytest.mark.parametrize(
    "wrong",
    [
        {"parts": ("minute",)},
        {"kind": "x"},
        {"elapsed": 1},
        {"zone": "../x"},
        {"cycles": ()},
        {"cycles": (1, 2)},
    ],
)
def test_sizes(wrong):
    one = Dated.fit(column(SECONDS), True)
    one.check_sizes()
    with pytest.raises(ValueError, match="a column of dates|time zone"):
        replace(one, **wrong).check_sizes()


def test_a_table_with_dates():
    rows = [
        [one.replace(tzinfo=None), time(one.hour), 1.5, "ab"[i % 2]]
        for i, one in enumerate(HOURS)
    ]
    X = np.array([*rows, [None] * 4], dtype=object)
    encoder = TableEncoder().fit(X)
    names = encoder.get_feature_names_out().tolist()
    assert names[:5] == ["x0", "x0_hour", "x0_day_of_year", "x1", "x2"]
    assert names.index("x0_monday") > names.index("x2_missing")
    assert names[-1] == "x3_b"
    Z = encoder.transform(X)
    np.testing.assert_array_equal(Z, TableEncoder().fit_transform(X))
    monday = [one.weekday() == 0 for one in HOURS]
    assert Z[:-1, names.index("x0_monday")].tolist() == monday
    assert Z[:, names.index("x0_missing")].tolist() == [0] * len(rows) + [1]
    later = np.array([[datetime(2500, 1, 1), time(1), 1.5, "a"]], dtype=object)
    assert 2.9 < encoder.transform(later)[0, 0] < 3
    with pytest.raises(TypeError, match="Column 2 of X must hold numbers.*Got dates"):
        encoder.transform(X[:, [0, 1, 0, 3]])
    with pytest.raises(TypeError, match="Column 3 of X must hold text.*Got dates"):
        encoder.transform(X[:, [0, 1, 2, 0]])


def test_an_estimator_learns_weekdays():
    X = SECONDS[:400].astype("M8[s]")[:, None]
    y = np.array([one.weekday() == 0 for one in HOURS[:400]], float)
    model = TabularMLPRegressor(n_estimators=1, max_iter=15, random_state=0).fit(X, y)
    assert model.score(X, y) > 0.9
    tomorrow = X + np.timedelta64(21, "D")
    assert model.score(tomorrow, y) > 0.8


def test_a_stored_model_with_dates():
    skops_io = pytest.importorskip("skops.io")
    X = SECONDS[:60].astype("M8[s]")[:, None]
    model = TabularMLPRegressor(n_estimators=1, max_iter=1, random_state=0)
    model.fit(X, np.arange(60.0))
    again = read_skops(skops_io.dumps(model))
    check_model(again)
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
