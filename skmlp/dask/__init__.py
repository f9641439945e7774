"""Estimators that train on a cluster of Dask: the extra `dask`."""

from .estimators import (
    DaskMLPClassifier,
    DaskMLPRegressor,
    DaskTabularMLPClassifier,
    DaskTabularMLPRegressor,
)

__all__ = [
    "DaskMLPClassifier",
    "DaskMLPRegressor",
    "DaskTabularMLPClassifier",
    "DaskTabularMLPRegressor",
]
