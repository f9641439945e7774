"""The libraries, each with its default settings, from the raw table.

A library is a function (regression, X, seed, settings) that returns an unfitted
estimator; `settings` replace defaults. Data that a library does not accept, such as text,
are encoded in a pipeline step as its documentation suggests; this is part of its time.
"""

import ast
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from .tables import is_text


def texts(X: pd.DataFrame) -> list[str]:
    return [name for name in X if is_text(X[name])]


def dates(X: pd.DataFrame) -> list[str]:
    return [name for name in X if X[name].dtype.kind == "M"]


class Dates(TransformerMixin, BaseEstimator):
    """Dates as days, and their parts as further columns, all of them numbers."""

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        parts = {}
        for name in dates(X):
            date = X[name].dt
            days = (X[name] - pd.Timestamp(0)) / pd.Timedelta(days=1)
            parts |= {name: days, f"{name}_month": date.month, f"{name}_day": date.day}
            parts |= {f"{name}_weekday": date.weekday, f"{name}_hour": date.hour}
        return X.assign(**parts)


class Categories(TransformerMixin, BaseEstimator):
    """Text columns as pandas categories; as codes if there are more than `most`."""

    def __init__(self, most=None):
        self.most = most

    def fit(self, X, y=None):
        self.dtypes_ = {name: X[name].astype("category").dtype for name in texts(X)}
        return self

    def transform(self, X):
        columns = {
            name: X[name].astype(pd.CategoricalDtype(dtype.categories))
            for name, dtype in self.dtypes_.items()
        }
        for name, column in columns.items():
            if self.most and len(column.cat.categories) > self.most:
                columns[name] = column.cat.codes.astype(float)
        return X.assign(**columns)


class Words(TransformerMixin, BaseEstimator):
    """Text columns as strings, missing values as the string "nan"."""

    def fit(self, X, y=None):
        self.names_ = texts(X)
        return self

    def transform(self, X):
        columns = {name: X[name].astype(object) for name in self.names_}
        return X.assign(
            **{
                name: c.where(c.notna(), "nan").astype(str)
                for name, c in columns.items()
            }
        )


class Filled(TransformerMixin, BaseEstimator):
    """Numbers as floats, missing values as the mean, with indicator columns."""

    def fit(self, X, y=None):
        names = [name for name in X if not is_text(X[name])]
        self.means_ = X[names].astype(float).mean()
        self.missing_ = [name for name in names if X[name].isna().any()]
        return self

    def transform(self, X):
        numbers = X[self.means_.index].astype(float)
        indicators = {
            f"{name}_missing": numbers[name].isna().astype(float)
            for name in self.missing_
        }
        return X.assign(**numbers.fillna(self.means_), **indicators)


def skmlp(regression, X, seed, settings):
    import skmlp

    kind = skmlp.TabularMLPRegressor if regression else skmlp.TabularMLPClassifier
    return kind(**{"random_state": seed} | settings)


def sklearn_mlp(regression, X, seed, settings):
    """scikit-learn's MLP, in a pipeline that encodes the table."""
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    words = texts(X)
    encode = ColumnTransformer(
        [
            (
                "numbers",
                make_pipeline(SimpleImputer(strategy="median"), StandardScaler()),
                [name for name in X if name not in words],
            ),
            (
                "texts",
                make_pipeline(
                    SimpleImputer(strategy="most_frequent"),
                    OneHotEncoder(handle_unknown="ignore"),
                ),
                words,
            ),
        ]
    )
    kind = MLPRegressor if regression else MLPClassifier
    model = kind(**{"early_stopping": True, "random_state": seed} | settings)
    if regression:
        model = TransformedTargetRegressor(model, transformer=StandardScaler())
    return make_pipeline(encode, model)


def hgb(regression, X, seed, settings):
    """scikit-learn's histogram gradient boosting."""
    from sklearn.ensemble import (
        HistGradientBoostingClassifier,
        HistGradientBoostingRegressor,
    )

    kind = (
        HistGradientBoostingRegressor if regression else HistGradientBoostingClassifier
    )
    defaults = {"categorical_features": "from_dtype", "random_state": seed}
    return make_pipeline(Categories(most=255), kind(**defaults | settings))


def lightgbm(regression, X, seed, settings):
    import lightgbm

    kind = lightgbm.LGBMRegressor if regression else lightgbm.LGBMClassifier
    defaults = {"n_jobs": 1, "verbose": -1, "random_state": seed}
    return make_pipeline(Categories(), kind(**defaults | settings))


def lightgbm_tuned(regression, X, seed, settings):
    """The best of 30 random settings of LightGBM, in a bag of five folds."""
    from .tuned import TunedLightGBMClassifier, TunedLightGBMRegressor

    kind = TunedLightGBMRegressor if regression else TunedLightGBMClassifier
    return make_pipeline(Categories(), kind(**{"random_state": seed} | settings))


def xgboost(regression, X, seed, settings):
    import xgboost

    kind = xgboost.XGBRegressor if regression else xgboost.XGBClassifier
    defaults = {"n_jobs": 1, "enable_categorical": True, "random_state": seed}
    return make_pipeline(Categories(), kind(**defaults | settings))


def catboost(regression, X, seed, settings):
    import catboost

    kind = catboost.CatBoostRegressor if regression else catboost.CatBoostClassifier
    defaults = {
        "thread_count": 1,
        "verbose": 0,
        "random_state": seed,
        "cat_features": texts(X),
        "allow_writing_files": False,
    }
    return make_pipeline(Words(), kind(**defaults | settings))


def _real_mlp(suffix):
    def build(regression, X, seed, settings):
        import pytabkit

        what = "Regressor" if regression else "Classifier"
        kind = getattr(pytabkit, f"RealMLP_{suffix}_{what}")
        defaults = {"device": "cpu", "n_threads": 1, "random_state": seed}
        return make_pipeline(Filled(), Categories(), kind(**defaults | settings))

    return build


def realmlp_bag(regression, X, seed, settings):
    """RealMLP-TD as its authors recommend for the log-loss, in a bag of eight folds."""
    chosen = {"n_cv": 8}
    if not regression:
        chosen |= {"use_ls": False, "val_metric_name": "cross_entropy"}
    return LIBRARIES["realmlp_td"](regression, X, seed, chosen | settings)


def tabm(regression, X, seed, settings):
    """TabM with its defaults.

    In classification it keeps the epoch with the smallest error: pytabkit 1.8 takes
    probabilities for logits where it computes the log-loss of an epoch.
    """
    import pytabkit

    kind = pytabkit.TabM_D_Regressor if regression else pytabkit.TabM_D_Classifier
    defaults = {"device": "cpu", "n_threads": 1, "random_state": seed}
    return make_pipeline(Filled(), Categories(), kind(**defaults | settings))


LIBRARIES = {
    "skmlp": skmlp,
    "sklearn_mlp": sklearn_mlp,
    "hgb": hgb,
    "lightgbm": lightgbm,
    "lightgbm_tuned": lightgbm_tuned,
    "xgboost": xgboost,
    "catboost": catboost,
    "realmlp_td": _real_mlp("TD"),
    "realmlp_td_s": _real_mlp("TD_S"),
    "realmlp_bag": realmlp_bag,
    "tabm": tabm,
}


SLOW = ("realmlp_bag", "tabm")
"""Too slow for some tables: the report compares these on the tables that they have."""

TUNED = ("lightgbm_tuned",)
"""No defaults: only a suite compares these."""


@dataclass(frozen=True)
class Entry:
    """A library and changed settings: `skmlp`, or `skmlp:n_estimators=4,dropout=0.2`."""

    name: str

    @property
    def library(self) -> str:
        return self.name.partition(":")[0]

    @cached_property
    def settings(self) -> dict[str, Any]:
        """The changed settings; values are Python literals, a bare word is a string."""
        call = ast.parse(f"dict({self.name.partition(':')[2]})", mode="eval").body
        if call.args:
            raise ValueError(f"settings must be NAME=VALUE. Got {self.name}")
        return {
            keyword.arg: keyword.value.id
            if isinstance(keyword.value, ast.Name)
            else ast.literal_eval(keyword.value)
            for keyword in call.keywords
        }

    def build(self, regression: bool, X: pd.DataFrame, seed: int):
        """The library's estimator; all but skmlp get the parts of dates as numbers."""
        if self.library != "skmlp" and dates(X):
            X = Dates().transform(X[:0])
            model = LIBRARIES[self.library](regression, X, seed, self.settings)
            return make_pipeline(Dates(), model)
        return LIBRARIES[self.library](regression, X, seed, self.settings)


def entries(text: str) -> list[Entry]:
    """Parse a comma-separated list; a comma before NAME=VALUE continues an entry."""
    names = re.split(r",(?=[a-z]\w*(?:[:,]|$))", text.replace(" ", ""))
    found = [Entry(name) for name in names]
    for entry in found:
        if entry.library not in LIBRARIES:
            raise ValueError(f"{entry.library} is not one of {', '.join(LIBRARIES)}")
        _ = entry.settings
    return found
