"""A library without optimisation, built once."""

import pytest

from skmlp.core.compiled import build


@pytest.fixture(scope="session")
def compiler():
    """The command of the C compiler; a test that needs it is skipped without one."""
    found = build.find_compiler()
    if found is None:
        pytest.skip("no C compiler was found")
    return found


@pytest.fixture(scope="session")
def built(compiler, tmp_path_factory):
    """The path of a library of the sources."""
    path = tmp_path_factory.mktemp("compiled") / build.LIBRARY
    build.build(path, compiler, flags=("-O0",))
    return path
