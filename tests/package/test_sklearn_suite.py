"""scikit-learn's own tests of its MLP, with the import swapped for ours.

They come with scikit-learn. Left out are those that read private attributes of its
class, and are named here; everything else has to pass.
"""

import sys
from pathlib import Path
from types import ModuleType

import pytest
import sklearn.neural_network

pytestmark = pytest.mark.filterwarnings("ignore")

READ_PRIVATE_ATTRIBUTES = {
    "test_gradient": "_loss_grad_lbfgs",
    "test_learning_rate_warmstart": "_optimizer",
    "test_adaptive_learning_rate": "_optimizer",
    "test_n_iter_no_change": "_no_improvement_count",
    "test_n_iter_no_change_inf": "_no_improvement_count",
}
IMPORT = "from sklearn.neural_network import MLPClassifier, MLPRegressor"
PATH = Path(sklearn.neural_network.__file__).parent / "tests" / "test_mlp.py"


def swapped_module():
    source = PATH.read_text(encoding="utf-8")
    assert IMPORT in source
    module = ModuleType("swapped_test_mlp")
    sys.modules[module.__name__] = module
    swapped = source.replace(IMPORT, "from skmlp import MLPClassifier, MLPRegressor")
    exec(compile(swapped, str(PATH), "exec"), vars(module))
    return module


MODULE = swapped_module()
globals().update(
    {
        name: test
        for name, test in vars(MODULE).items()
        if name.startswith("test_") and name not in READ_PRIVATE_ATTRIBUTES
    }
)


@pytest.fixture
def global_random_seed():
    return 42


def test_the_import_is_swapped():
    assert MODULE.MLPClassifier.__module__.startswith("skmlp")


@pytest.mark.parametrize("name", READ_PRIVATE_ATTRIBUTES)
def test_only_tests_of_private_attributes_are_left_out(name):
    assert READ_PRIVATE_ATTRIBUTES[name] in vars(MODULE)[
        name
    ].__code__.co_names + tuple(
        attribute
        for constant in vars(MODULE)[name].__code__.co_consts
        if hasattr(constant, "co_names")
        for attribute in constant.co_names
    )
