"""Files of models: what they may contain, and that nothing in them is called."""

import copy
import importlib
import io
import json
import warnings
import zipfile

import numpy as np
import pandas as pd
import pytest

import skmlp
from skmlp import (
    MLPClassifier,
    MLPRegressor,
    TableEncoder,
    TabularMLPClassifier,
    TabularMLPRegressor,
)
from skmlp.common.labels import Labels
from skmlp.core.activations import ACTIVATIONS
from skmlp.core.heads import REGRESSION_HEADS
from skmlp.core.layers import Dropout
from skmlp.core.network import Network
from skmlp.core.optimizers import OPTIMIZERS
from skmlp.stored import CLASSES, MOVED, TRUSTED, check_model, read_skops

skops_io = pytest.importorskip("skops.io")
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
RNG = np.random.RandomState(0)
X = RNG.randn(30, 2)
Y = RNG.gamma(2.0, size=30)
LABELS = np.where(X[:, 0] > 0, "a", "b")
TABLE = pd.DataFrame(
    {
        "x": X[:, 0],
        "city": RNG.choice(["Bonn", "Ulm"], 30),
        "street": pd.Categorical(RNG.choice(list("abcdefghijk"), 30)),
    }
)
PLACES = np.r_[np.arange(300), np.arange(200)]
REPEATED = TABLE.iloc[PLACES % 30].assign(x=PLACES * 7 % 300)
"""Rows of which some repeat."""

SMALL = {"hidden_layer_sizes": (3,), "max_iter": 1, "random_state": 0}
TABULAR = {**SMALL, "n_estimators": 2, "n_frequencies": 2}


def models():
    """Models that together have each class that can be stored."""
    for name in ACTIVATIONS:
        yield MLPRegressor(**SMALL, activation=name), X, Y
    for name in REGRESSION_HEADS:
        yield MLPRegressor(**SMALL, loss=name), X, Y
        if name != "huber":
            yield TabularMLPRegressor(**TABULAR, loss=name), TABLE, Y
    yield TabularMLPRegressor(**TABULAR, column_kinds={"x": "code"}), TABLE, Y
    yield TabularMLPRegressor(**TABULAR, n_bins=5), REPEATED, PLACES % 99
    for name in OPTIMIZERS:
        solver = {"solver": name if name == "adam" else "sgd"}
        momentum = {"nesterovs_momentum": name == "nesterov"}
        yield MLPRegressor(**SMALL, **solver, **momentum, warm_start=True), X, Y
    yield MLPClassifier(**SMALL, dropout=0.5, warm_start=True), X, LABELS
    yield MLPClassifier(**SMALL, class_weight={0: 2.0}), X, np.arange(30) % 3
    yield TabularMLPClassifier(**TABULAR, activation="elu"), TABLE, LABELS
    yield MLPRegressor(**SMALL, max_fun=np.int64(2), alpha=np.float64(1)), X, Y


def fitted(model, X, y):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return model.fit(X, y)


FITTED = [fitted(*one) for one in models()]
EXAMPLES = {
    "classifier": FITTED[-4],
    "tabular classifier": FITTED[-2],
    "tabular regressor": next(
        one for one in FITTED if isinstance(one, TabularMLPRegressor)
    ),
}


def opened(data):
    """The schema and the other members of a file."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    return json.loads(members.pop("schema.json")), members


def closed(schema, members, compression=zipfile.ZIP_STORED):
    """A file of this schema and these members."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        archive.writestr("schema.json", json.dumps(schema))
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def nodes(node):
    """All nodes of a schema."""
    if isinstance(node, dict):
        if "__loader__" in node:
            yield node
        for value in node.values():
            yield from nodes(value)
    elif isinstance(node, list):
        for value in node:
            yield from nodes(value)


def classes_of(schema):
    return {
        f"{node['__module__']}.{node['__class__']}"
        for node in nodes(schema)
        if node["__loader__"] == "ObjectNode"
    }


def test_the_list_has_what_models_consist_of_and_nothing_else():
    stored = set()
    dated = TableEncoder().fit(np.array([["2024-01-01"], ["NaT"]], "M8[D]"))
    texts = TableEncoder().fit(np.array([[f"row {i}"] for i in range(100)], object))
    for model in [*FITTED, TableEncoder().fit(TABLE), dated, texts]:
        stored |= classes_of(opened(skops_io.dumps(model))[0])
    moved = {f"{old}.{one.__name__}" for old, some in MOVED.items() for one in some}
    assert stored == set(skmlp.trusted_types()) - moved


@pytest.mark.parametrize("name", skmlp.trusted_types())
def test_a_name_is_that_of_its_class(name):
    module, _, attribute = name.rpartition(".")
    found = getattr(importlib.import_module(module), attribute)
    assert found is TRUSTED[name]
    assert isinstance(found, type)
    assert found in CLASSES
    # Nothing but these methods runs when an object is built from its attributes.
    for method in ("__new__", "__del__", "__setattr__"):
        inherited = getattr(found, method, None) is getattr(object, method, None)
        # Frozen dataclasses refuse attributes.
        assert inherited or method == "__setattr__"


@pytest.mark.parametrize("model", FITTED, ids=repr)
def test_each_model_can_be_read(model):
    again = read_skops(skops_io.dumps(model))
    check_model(again)
    rows = TABLE if "Tabular" in type(model).__name__ else X
    np.testing.assert_array_equal(again.predict(rows), model.predict(rows))


@pytest.mark.parametrize("compression", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
def test_a_compressed_file_can_be_read(compression):
    data = skops_io.dumps(EXAMPLES["classifier"], compression=compression)
    check_model(read_skops(data))


def text(value):
    return {
        "__class__": "str",
        "__module__": "builtins",
        "__loader__": "JsonNode",
        "content": json.dumps(value),
    }


def a_list(*content):
    return {
        "__class__": "list",
        "__module__": "builtins",
        "__loader__": "ListNode",
        "content": list(content),
    }


def a_dict(content, key_types=None):
    kinds = [a_type("builtins", "str") for _ in content]
    return {
        "__class__": "dict",
        "__module__": "builtins",
        "__loader__": "DictNode",
        "key_types": a_list(*(kinds if key_types is None else key_types)),
        "content": content,
    }


def a_type(module, name, loader="TypeNode", **more):
    return {"__class__": name, "__module__": module, "__loader__": loader, **more}


def method(module, path, function):
    content = {"func": function, "obj": a_type(module, path)}
    return a_type(module, path, "MethodNode", content=content)


def an_object(module, name, **content):
    return a_type(module, name, "ObjectNode", content=a_dict(content))


CYCLE = {**a_list(), "__id__": 7, "content": [{**a_list(), "__id__": 7}]}
ATTACKS = {
    "a function": a_type("os", "system", "FunctionNode", content="system"),
    "a function of ours": a_type("skmlp._persistence", "order", "FunctionNode"),
    "a type": a_type("os", "system"),
    "a method of a module": method("skmlp.common.files", "os", "system"),
    "a method of ours": method("skmlp.estimators.classifier", "MLPClassifier", "fit"),
    "a partial": a_type("functools", "partial", "PartialNode", content={}),
    "a key type": a_dict({"id": text(1)}, [a_type("os", "system")]),
    "a key type of ours": a_dict({"id": text(1)}, [a_type("skmlp", "MLPClassifier")]),
    "a method as key type": a_dict({"id": text(1)}, [method("skmlp", "os", "system")]),
    "a constructor": a_type(
        "skmlp.core.network", "Network", "ConstructorFromReduceNode", content=a_list()
    ),
    "an operator": a_type("operator", "attrgetter", "OperatorFuncNode", attrs=a_list()),
    "a class of another package": an_object("sklearn.svm", "SVC"),
    "a class of the standard library": an_object("subprocess", "Popen"),
    "a function as a class": an_object("skmlp._persistence", "new_model"),
    "a module as a class": an_object("skmlp.common.files", "os"),
    "a class by another name": an_object("skmlp", "MLPClassifier"),
    "a class with a longer name": an_object(
        "skmlp.estimators.classifier", "MLPClassifier.__class__"
    ),
    "a protocol": an_object("skmlp.core.heads", "Head"),
    "a list of another class": {**a_list(), "__class__": "MLPClassifier"},
    "a tuple that is a class": a_type("os", "stat_result", "TupleNode", content=[]),
    "a hidden method": an_object(
        "skmlp.estimators.classifier", "MLPClassifier", predict=text("x")
    ),
    "a hidden property": an_object(
        "skmlp.tabular.encoder", "TableEncoder", layout=text("x")
    ),
    "a hidden special method": an_object(
        "skmlp.estimators.classifier", "MLPClassifier", __class__=text("x")
    ),
    "another attribute": an_object("skmlp.core.activations", "Relu", value=text("x")),
    "attributes that are no dict": a_type(
        "skmlp.core.activations", "Relu", "ObjectNode", content=a_list()
    ),
    "bytes": a_type("builtins", "bytes", "BytesNode", file="a.bin"),
    "a set": a_type("builtins", "set", "SetNode", content=[]),
    "a generator": a_type("numpy.random", "Generator", "RandomGeneratorNode"),
    "a nested value": text([[1]]),
    "a huge number": {**text(1), "content": "1" * 5000},
    "a value that is no text": {**text(1), "content": 1},
    "a loader that is no text": {**text(1), "__loader__": ["JsonNode"]},
    "a loader of ours": {**text(1), "__loader__": "array"},
    "an id that is no number": {**text(1), "__id__": "a"},
    "a cycle": CYCLE,
    "another part by an id": a_list(
        {**a_list(), "__id__": 5},
        a_dict({"a": text(1)}, [{**a_type("builtins", "str"), "__id__": 5}]),
    ),
    "a field that nobody reads": {**text(1), "more": "x" * 100},
    "an array with content": a_type(
        "numpy", "ndarray", "NdArrayNode", type="numpy", file="a.npy", content=[]
    ),
    "an array of lists": a_type(
        "numpy",
        "ndarray",
        "NdArrayNode",
        type="json",
        content=[a_list()],
        shape=a_list(),
    ),
    "many references": a_list({**a_list(), "__id__": 9}, *[{"__id__": 9}] * 600_000),
    "many keys of numbers": a_dict(
        {str(i): text(1) for i in range(10_001)}, [a_type("builtins", "int")] * 10_001
    ),
    "nothing": {},
    "no node": 3,
    "null": None,
    "too few key types": a_dict({"a": text(1)}, []),
    "too deep": None,
}
deep = text(1)
for _ in range(200):
    deep = a_list(deep)
ATTACKS["too deep"] = deep


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("inside", [False, True])
def test_attacks_are_refused(attack, inside):
    schema = copy.deepcopy(ATTACKS[attack])
    if inside:
        schema = a_dict({"model": a_list(text(1), schema)})
    elif not isinstance(schema, dict):
        schema = a_list(schema)
    with pytest.raises(
        ValueError, match=r"^it |^the |^an? |^its |^[\w.]+ has no attribute"
    ):
        read_skops(closed({**schema, "protocol": 2}, {}))


@pytest.mark.parametrize("protocol", [0, 1, 3, None, "2", True, 2.0])
def test_other_protocols_are_refused(protocol):
    with pytest.raises(ValueError, match="it has no protocol 2 of skops"):
        read_skops(closed({**a_list(), "protocol": protocol}, {}))


def npy(array, **header):
    """An array as .npy, with another header."""
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        file,
        {"descr": array.dtype.str, "fortran_order": False, "shape": array.shape}
        | header,
    )
    return file.getvalue() + array.tobytes()


A = np.arange(4.0)
ARRAYS = {
    "objects": npy(A, descr="|O"),
    "a large shape": npy(A, shape=(10**12,)),
    "a small shape": npy(A, shape=(2,)),
    "a negative shape": npy(A, shape=(-4, -1)),
    "a structure": npy(A, descr=[("a", "<f8")]),
    "dates": npy(A, descr="<M8[ns]"),
    "text of no length": npy(A[:0], descr="<U0", shape=(2**40,)),
    "an empty axis": npy(A[:0], shape=(0, 2**40)),
    "cut off": npy(A)[:-1],
    "a magic string alone": b"\x93NUMPY\x01\x00",
    "a pickle": b"\x80\x04.",
    "code as a header": npy(A, shape="__import__('os').system('id')"),
    "empty": b"",
}


@pytest.mark.parametrize("case", ARRAYS)
def test_arrays_that_do_not_fit_their_header_are_refused(case):
    node = a_type("numpy", "ndarray", "NdArrayNode", type="numpy", file="a.npy")
    with pytest.raises(ValueError, match="^it |^an array of"):
        read_skops(closed({**node, "protocol": 2}, {"a.npy": ARRAYS[case]}))
    fine = read_skops(closed({**node, "protocol": 2}, {"a.npy": npy(A)}))
    np.testing.assert_array_equal(fine, A)


@pytest.mark.parametrize("position", [-1, 625, 10**9, "a", None, 1.5])
def test_a_position_outside_of_a_generator_is_refused(position):
    model = MLPRegressor(**SMALL, warm_start=True).fit(X, Y)
    schema, members = opened(skops_io.dumps(model))
    for node in nodes(schema):
        if node["__loader__"] == "RandomStateNode":
            state = node["content"]["content"]["state"]["content"]
            state["pos"]["content"] = json.dumps(position)
    with pytest.raises(ValueError, match="RandomState|^it is damaged"):
        read_skops(closed(schema, members))


def test_a_position_that_is_an_array_is_refused():
    model = MLPRegressor(**SMALL, warm_start=True).fit(X, Y)
    schema, members = opened(skops_io.dumps(model))
    for node in nodes(schema):
        if node["__loader__"] == "RandomStateNode":
            state = node["content"]["content"]["state"]["content"]
            state["pos"] = a_type("numpy", "int64", "NdArrayNode", type="numpy")
            state["pos"] |= {"file": "pos.npy", "content": "5"}
    members["pos.npy"] = npy(np.array(2 * 10**9))
    with pytest.raises(ValueError, match="as skops writes it"):
        read_skops(closed(schema, members))


def test_an_array_is_read_once():
    node = a_type("numpy", "ndarray", "NdArrayNode", type="numpy", file="a.npy")
    schema = {**a_list(node, node), "protocol": 2}
    with pytest.raises(ValueError, match="as skops writes it"):
        read_skops(closed(schema, {"a.npy": npy(A)}))
    same = {**node, "__id__": 3}
    schema = {**a_list(same, same), "protocol": 2}
    first, second = read_skops(closed(schema, {"a.npy": npy(A)}))
    assert first is second


def test_a_number_is_not_made_of_an_array():
    node = a_type("numpy", "float64", "NdArrayNode", type="numpy", file="a.npy")
    with pytest.raises(ValueError, match="as skops writes it"):
        read_skops(closed({**node, "protocol": 2}, {"a.npy": npy(A)}))


def test_a_bomb_is_refused_before_it_is_read():
    schema = {**a_list(), "protocol": 2}
    data = closed(schema, {"a.npy": bytes(2**25)}, zipfile.ZIP_DEFLATED)
    assert len(data) < 2**17
    with pytest.raises(
        ValueError, match=r"expand to 33,\d+,\d+; 4,194,304 are allowed"
    ):
        read_skops(data)


def test_members_that_occur_twice_are_refused():
    file = io.BytesIO(closed({**a_list(), "protocol": 2}, {}))
    with zipfile.ZipFile(file, "a") as archive, pytest.warns(UserWarning, match="Dupl"):
        archive.writestr("schema.json", "{}")
    with pytest.raises(ValueError, match="occurs twice"):
        read_skops(file.getvalue())


def changed(model, **attributes):
    model = copy.deepcopy(model)
    vars(model).update(attributes)
    return model


def with_first_column(model, **attributes):
    """The model, with other attributes of the first column of its encoder."""
    first, *others = model.encoder_._columns
    columns = [changed(first, **attributes), *others]
    return changed(model, encoder_=changed(model.encoder_, _columns=columns))


def with_layers(model, layers):
    return changed(model, _network=Network(tuple(layers)))


MLP, TAB = EXAMPLES["classifier"], EXAMPLES["tabular regressor"]
LAYERS = MLP._network.layers
INCONSISTENT = {
    "theta too short": changed(MLP, _theta=MLP._theta[:-1]),
    "theta too long": changed(MLP, _theta=np.r_[MLP._theta, 0]),
    "theta of integers": changed(MLP, _theta=np.zeros(3, int)),
    "theta is a list": changed(MLP, _theta=MLP._theta.tolist()),
    "theta of two axes": changed(MLP, _theta=MLP._theta[None]),
    "no theta": changed(MLP, _theta=None),
    "no network": changed(MLP, _network=None),
    "no layers": with_layers(MLP, []),
    "layers in another order": with_layers(MLP, LAYERS[::-1]),
    "a layer that is an activation": with_layers(MLP, [ACTIVATIONS["relu"], *LAYERS]),
    "other features": changed(MLP, n_features_in_=3),
    "features of another type": changed(MLP, n_features_in_="2"),
    "other outputs": changed(MLP, n_outputs_=7),
    "no head": changed(MLP, _head=None),
    "many layers": with_layers(MLP, [Dropout(2, 0.5)] * 2000),
    "labels of two axes": changed(MLP, classes_=np.array([["a", "b"]])),
    "too many labels": changed(MLP, classes_=np.array(["a", "b", "c"])),
    "equal labels": changed(MLP, classes_=np.array(["a", "a"])),
    "a huge label": changed(MLP, classes_=np.array(["a" * 10**5, "b"])),
    "half a character": changed(MLP, classes_=np.array(["\ud800", "b"])),
    "labels that are lists": changed(
        MLP, classes_=np.array([[1], "b"], dtype=object), _labels=MLP._labels
    ),
    "other labels inside": changed(
        MLP, _labels=Labels("binary", np.array(["a", "b", "c"]))
    ),
    "names of other features": changed(MLP, feature_names_in_=np.array(["a"])),
    "names that are numbers": changed(MLP, feature_names_in_=np.array([1, 2])),
    "other members": changed(TAB, n_estimators_=5),
    "members too short": changed(TAB, _theta=TAB._theta[:-1]),
    "members of two axes": changed(TAB, _theta=TAB._theta[None]),
    "no networks": changed(TAB, _networks=()),
    "a list of networks": changed(TAB, _networks=list(TAB._networks)),
    "a network too many": changed(TAB, _networks=TAB._networks + TAB._networks[:1]),
    "a member that is no network": changed(TAB, _networks=(TAB._networks[0], None)),
    "no encoder": changed(TAB, encoder_=None),
    "an encoder with fewer columns": changed(
        TAB, encoder_=changed(TAB.encoder_, _columns=TAB.encoder_._columns[:-1])
    ),
    "an encoder with another count": changed(
        TAB, encoder_=changed(TAB.encoder_, n_numbers_=9)
    ),
    "an encoder with other labels": changed(
        TAB, encoder_=changed(TAB.encoder_, cardinalities_=[10**9])
    ),
    "an encoder with another mask": changed(
        TAB, encoder_=changed(TAB.encoder_, _mask=[True])
    ),
    "an encoder with other names": changed(
        TAB, feature_names_in_=np.array([*"abcdefgh"[: TAB.n_features_in_]])
    ),
    "a scale of another shape": changed(
        TAB, _scale=changed(TAB._scale, scale=np.ones((10**6, 1, 1)))
    ),
    "scores of rows of another shape": changed(
        TAB, _calibration=changed(TAB._calibration, scores=np.ones((2, 3)))
    ),
    "a number of rows that is text": changed(
        TAB, _calibration=changed(TAB._calibration, n_rows="9")
    ),
    "a scale of text": changed(TAB, _scale=changed(TAB._scale, low="a")),
    "a column with a matrix": with_first_column(TAB, center=np.ones((1000, 1))),
    "quantiles of two axes": with_first_column(TAB, quantiles=np.ones((2, 2))),
    "an estimator that is not fitted": MLPClassifier(),
    "an encoder alone": TAB.encoder_,
    "a number": 3,
}


@pytest.mark.parametrize("case", INCONSISTENT)
def test_models_whose_parts_do_not_fit_are_refused(case):
    model = INCONSISTENT[case]
    with pytest.raises(ValueError, match="^its |^it has no estimator"):
        check_model(model)
    check_model(MLP)
    check_model(TAB)
