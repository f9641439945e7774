"""Writes models of this release, which all later releases have to read.

    python tests/data/make.py

fills the directory named after the version: a pickle and a skops file of each model, and
what it predicts. This is part of a release, after its last change; the files of earlier
releases stay as they are.

Needs skops, and an old NumPy, since old ones do not read what new ones pickle: these
files are from Python 3.11, NumPy 1.26.4, SciPy 1.10.1, scikit-learn 1.7.0 and skops 0.16;
those of 0.1.0 are pickles of the models up to "partial_fit", from NumPy 1.24.4.
"""

import pickle
import warnings
from datetime import datetime, timedelta
from pathlib import Path
from shutil import copyfile
from zipfile import ZIP_DEFLATED

import numpy as np
from scipy.sparse import csr_matrix

import skmlp
from skmlp import MLPClassifier, MLPRegressor, TabularMLPClassifier, TabularMLPRegressor
from skmlp.core.activations import ACTIVATIONS
from skmlp.core.heads import REGRESSION_HEADS
from skmlp.tabular.parameters import LOSSES

X = np.random.RandomState(0).randn(40, 3)
CODES = (X[:, 0] > 0).astype(int) + (X[:, 1] > 0)
NAMES = np.array(["ant", "bee", "cat"])
SEVERAL = (X > 0).astype(int)
NUMBERS = 0.5 + 0.4 * np.tanh(X)
N = 120


def table():
    """Numbers with gaps, codes, labels, repeated labels, dates and texts, as objects."""
    rng = np.random.RandomState(1)
    days = [datetime(2024, 1, 1) + timedelta(hours=7 * i) for i in range(N)]
    words = [" ".join(rng.choice([*"abcdefgh"], 6)) + f" {i}" for i in range(N)]
    columns = [
        [None if i % 9 == 0 else one for i, one in enumerate(rng.randn(N).tolist())],
        rng.choice([10, 20, 35, 47, 58], N).tolist(),
        rng.choice(["ant", "bee", "cat"], N).tolist(),
        rng.choice([f"city {i}" for i in range(30)], N).tolist(),
        days,
        words,
    ]
    return np.array([[*row] for row in zip(*columns, strict=True)], dtype=object)


TABLE = table()
KINDS = {1: "code", 5: "text"}
NUMBERS_OF_TABLE = np.array([(row[1] or 0) / 10 + len(row[2]) for row in TABLE])
SMALL = {"hidden_layer_sizes": (4,), "max_iter": 5, "random_state": 0}


def classifier(**parameters):
    return MLPClassifier(**{**SMALL, **parameters})


def regressor(**parameters):
    return MLPRegressor(**{**SMALL, **parameters})


def models():
    """(name, model, y) of each."""
    yield "binary", classifier(solver="lbfgs"), NAMES[SEVERAL[:, 0]]
    yield "multiclass", classifier(early_stopping=True), NAMES[CODES]
    yield "multilabel", classifier(activation="tanh"), SEVERAL
    yield "multilabel_sparse", classifier(solver="lbfgs"), csr_matrix(SEVERAL)
    yield "multi_output", regressor(solver="lbfgs"), NUMBERS[:, :2]
    yield "poisson", regressor(loss="poisson", solver="lbfgs"), NUMBERS[:, 0]
    yield "warm_start", regressor(warm_start=True), NUMBERS[:, 0]
    yield "partial_fit", classifier(solver="sgd"), CODES
    for loss in REGRESSION_HEADS:
        yield f"loss_{loss}", regressor(loss=loss, solver="lbfgs"), NUMBERS[:, 0]
    plain = {"solver": "sgd", "nesterovs_momentum": False, "learning_rate": "cosine"}
    yield "plain_sgd", regressor(warm_start=True, **plain), NUMBERS[:, 0]
    activations = list(ACTIVATIONS)
    deep = {"hidden_layer_sizes": 2, "n_hidden_layers": len(activations)}
    yield "activations", regressor(activation=activations, **deep), NUMBERS[:, 0]
    regular = {"dropout": 0.2, "weight_decay": 0.01, "max_grad_norm": 1.0}
    scored = {"early_stopping": True, "scoring": "neg_log_loss"}
    weights = {"class_weight": "balanced", "label_smoothing": 0.1}
    yield "regular", classifier(**regular, **scored, **weights), CODES
    tables = {**SMALL, "n_estimators": 2, "categorical_features": [2]}
    yield "tabular_binary", TabularMLPClassifier(**tables), NAMES[SEVERAL[:, 0]]
    yield "tabular_multiclass", TabularMLPClassifier(**tables), NAMES[CODES]
    yield "tabular_multilabel", TabularMLPClassifier(**tables), SEVERAL
    for loss in LOSSES:
        model = TabularMLPRegressor(**tables, loss=loss)
        yield f"tabular_{loss}", model, NUMBERS[:, 0]
    mixed = {**SMALL, "n_estimators": 3, "column_kinds": KINDS}
    yield "table_number", TabularMLPRegressor(**mixed), NUMBERS_OF_TABLE
    labels = np.array([row[2] for row in TABLE], dtype=str)
    yield "table_multiclass", TabularMLPClassifier(**mixed, preset="best"), labels


def rows_of(name):
    """The X of a model."""
    return TABLE if name.startswith("table") else X


def dense(a):
    return a if isinstance(a, np.ndarray) else a.toarray()


def write(directory):
    import skops.io

    arrays = {"X": X}
    directory.mkdir(exist_ok=True)
    for name, model, y in models():
        rows = rows_of(name)
        if name == "partial_fit":
            model.partial_fit(rows, y, classes=np.unique(y))
        else:
            model.fit(rows, y)
        arrays[f"{name} y"], arrays[name] = dense(y), dense(model.predict(rows))
        if hasattr(model, "predict_proba"):
            arrays[f"{name} probability"] = model.predict_proba(rows)
        (directory / f"{name}.pickle").write_bytes(pickle.dumps(model, protocol=4))
        file = directory / f"{name}.skops"
        skops.io.dump(model, file, compression=ZIP_DEFLATED, compresslevel=9)
    np.savez_compressed(directory / "predictions.npz", **arrays)


def write_of_command(directory):
    """A table, models that the command saves, and its predictions."""
    from skmlp.__main__ import main

    directory.mkdir(exist_ok=True)
    table = directory / "table.csv"
    copyfile(directory.parents[1] / "0.3.0" / "command" / "table.csv", table)
    for target, other in (("rent", "level"), ("level", "rent")):
        for suffix in (".skops", ".pkl"):
            model = directory / f"{target}{suffix}"
            options = ["--target", target, "--drop", other, "--preset", "fast"]
            train = [table, *options, "--save", model, "--no-refit"]
            assert main([str(one) for one in train]) == 0
            if suffix == ".pkl" and target == "level":
                model.unlink()
        output = directory / f"{target}.csv"
        predict = ["predict", f"{directory / target}.skops", table, "--output", output]
        assert main([str(one) for one in predict]) == 0


if __name__ == "__main__":
    if not np.__version__.startswith("1."):
        raise SystemExit(f"NumPy 1 has to read the files. Got {np.__version__}.")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        write(Path(__file__).parent / skmlp.__version__)
        write_of_command(Path(__file__).parent / skmlp.__version__ / "command")
