import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from skmlp import MLPRegressor
from skmlp.common import threads
from skmlp.common.threads import PRODUCTS_PER_THREAD, at_most, threads_for
from skmlp.core.activations import ACTIVATIONS
from skmlp.core.architectures import multilayer_perceptron
from tests.helpers import before_each_step

SETTINGS = {"hidden_layer_sizes": (10,), "max_iter": 2, "tol": 0, "random_state": 0}


def numbers_of_threads():
    return {
        info["num_threads"] for info in threadpool_info() if info["user_api"] == "blas"
    }


@pytest.fixture
def data():
    rng = np.random.RandomState(0)
    return rng.randn(40, 5), rng.randn(40)


@pytest.fixture
def seen(monkeypatch):
    """The numbers of threads in force at each evaluation of the objective."""
    numbers = []
    before_each_step(lambda: numbers.append(numbers_of_threads()), monkeypatch)
    return numbers


def test_threads_are_a_function_of_the_largest_product():
    network = multilayer_perceptron(1000, (1000, 10), 1, ACTIVATIONS["relu"])
    for wanted in (1, 2, 5):
        n_rows = wanted * PRODUCTS_PER_THREAD // 10**6 + 1
        assert threads_for(network, n_rows) == wanted
        assert threads_for(network, n_rows, sparse=True) == 1
    assert threads_for(network, 1) == 1
    linear = multilayer_perceptron(10, (), 1, ACTIVATIONS["relu"])
    assert threads_for(linear, 10**9, sparse=True) == 1


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
@pytest.mark.parametrize("limit", [1, 3])
def test_small_steps_use_one_thread_and_the_limit_comes_back(data, seen, solver, limit):
    with threadpool_limits(limit, "blas"):
        MLPRegressor(solver=solver, **SETTINGS).fit(*data)
        assert numbers_of_threads() == {limit}
    assert seen
    assert all(numbers == {1} for numbers in seen)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("limit", [1, 2, 4])
def test_large_steps_keep_to_the_limit_that_is_there(data, seen, monkeypatch, limit):
    monkeypatch.setattr(threads, "PRODUCTS_PER_THREAD", 40 * 5 * 10 // 3)
    with threadpool_limits(limit, "blas"):
        MLPRegressor(**SETTINGS).fit(*data)
        assert numbers_of_threads() == {limit}
    assert all(numbers == {min(limit, 3)} for numbers in seen)


def test_the_limit_comes_back_after_an_error(data):
    with threadpool_limits(3, "blas"):
        with pytest.raises(ValueError, match="non-finite"):
            MLPRegressor(learning_rate_init=1e300, solver="sgd").fit(*data)
        assert numbers_of_threads() == {3}


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_predict_leaves_threads_alone(data, monkeypatch):
    model = MLPRegressor(**SETTINGS).fit(*data)

    def change(self, limit):
        raise AssertionError("predict changed the number of threads")

    monkeypatch.setattr(threads._Limits, "add", change)
    model.predict(data[0])
    model.score(*data)


class Library:
    """A BLAS library that knows its number of threads."""

    def __init__(self, n_threads):
        self.n_threads = n_threads

    def get_num_threads(self):
        return self.n_threads

    def set_num_threads(self, n_threads):
        self.n_threads = n_threads


def test_the_lowest_of_several_limits_holds_until_it_is_gone(monkeypatch):
    libraries = Library(4), Library(3)
    monkeypatch.setattr(threads, "_libraries", lambda: libraries)
    limits = threads._Limits()
    two, one, nine = (threads._Limit(n) for n in (2, 1, 9))
    for change, limit, expected in [
        (limits.add, two, [2, 2]),
        (limits.add, one, [1, 1]),
        (limits.add, nine, [1, 1]),
        (limits.remove, two, [1, 1]),
        (limits.remove, one, [4, 3]),
        (limits.remove, nine, [4, 3]),
    ]:
        change(limit)
        assert [library.n_threads for library in libraries] == expected


def test_many_fits_at_a_time_leave_the_limit_as_it_was(monkeypatch):
    libraries = (Library(4),)
    monkeypatch.setattr(threads, "_libraries", lambda: libraries)

    def work(n_threads):
        for _ in range(50):
            with at_most(n_threads):
                assert libraries[0].n_threads <= n_threads

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, [1, 2, 3, 4] * 4))
    assert libraries[0].n_threads == 4


def test_limits_nest():
    with threadpool_limits(4, "blas"):
        with at_most(2):
            with at_most(3):
                assert numbers_of_threads() == {2}
            with at_most(1):
                assert numbers_of_threads() == {1}
            assert numbers_of_threads() == {2}
        assert numbers_of_threads() == {4}


def test_a_number_that_somebody_else_set_stays(monkeypatch):
    library = Library(4)
    monkeypatch.setattr(threads, "_libraries", lambda: (library,))
    with at_most(1):
        library.n_threads = 3
        with at_most(2):
            assert library.n_threads == 1
        library.n_threads = 3
    assert library.n_threads == 3


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("controlled", [False, True])
def test_the_limit_holds_in_every_thread(data, seen, controlled):
    with threadpool_limits(3, "blas") if controlled else nullcontext():
        before = numbers_of_threads()
        with ThreadPoolExecutor(1) as pool:
            pool.submit(MLPRegressor(**SETTINGS).fit, *data).result()
        assert numbers_of_threads() == before
    assert seen
    assert all(numbers == {1} for numbers in seen)


FORK = """
import os, sys, threading
import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits
from skmlp import MLPRegressor

def numbers():
    return {one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"}

def fit(learning_rate):
    rng = np.random.RandomState(0)
    MLPRegressor(
        hidden_layer_sizes=(4,), max_iter=3, random_state=0, learning_rate=learning_rate
    ).fit(rng.randn(40, 2), rng.randn(40))

def check():
    seen = set()
    fit(lambda t: seen.update(numbers()) or 1.0)
    assert 1 in seen, seen
    assert numbers() == {3}, numbers()

def check_limited():
    assert numbers() == {1}, numbers()

def in_child(work):
    pid = os.fork()
    if pid == 0:
        try:
            work()
        except BaseException as error:
            print(repr(error), flush=True)
            os._exit(1)
        os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0

threadpool_limits(3, "blas")
started, done = threading.Event(), threading.Event()

def wait(t):
    started.set()
    done.wait(60)
    return 1.0

def fork(t):
    # The second of three epochs has ended.
    if 0.6 < t < 0.7 and not done.is_set():
        done.set()
        in_child(check_limited)
    return 1.0

if sys.argv[1] == "the same thread":
    fit(fork)
    assert done.is_set()
else:
    thread = threading.Thread(target=fit, args=(wait,))
    thread.start()
    started.wait(60)
    in_child(check)
    done.set()
    thread.join()
check()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="fork is of POSIX")
@pytest.mark.parametrize("forked_by", ["the same thread", "another thread"])
def test_limits_after_a_fork_during_a_fit(forked_by):
    command = [sys.executable, "-W", "ignore", "-c", FORK, forked_by]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
