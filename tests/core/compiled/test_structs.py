"""The structs of Python are those of program.h."""

import ctypes as c
import re

import pytest

from skmlp.core.compiled import structs
from skmlp.core.compiled.build import SOURCES
from skmlp.core.compiled.structs import STRUCTS

HEADER = re.sub(r"/\*.*?\*/", "", (SOURCES / "program.h").read_text(), flags=re.S)
KINDS = {"int64_t": c.c_int64, "uint64_t": c.c_uint64, "double": c.c_double}


def fields(name):
    """Name and type of each field of a struct of the header; None for an address."""
    (body,) = re.findall(r"typedef struct \{([^}]*)\} " + name + ";", HEADER)
    for declaration in body.split(";")[:-1]:
        kind, names = declaration.replace("const ", "").strip().split(maxsplit=1)
        for one in names.split(","):
            star, field, length = re.fullmatch(
                r"\s*(\*?)(\w+)(?:\[(\d+)\])?", one
            ).groups()
            scalar = None if star else KINDS.get(kind)
            yield field, scalar * int(length) if length else scalar


@pytest.mark.parametrize("struct", STRUCTS, ids=lambda struct: struct.__name__)
def test_fields(struct):
    expected, ours = [*fields(struct.__name__)], [*struct._fields_]
    assert [name for name, _ in ours] == [name for name, _ in expected]
    for (name, kind), (_, there) in zip(ours, expected, strict=True):
        if there is None:
            assert c.sizeof(kind) == c.sizeof(c.c_void_p), name
            assert not issubclass(kind, tuple(KINDS.values())), name
        else:
            assert kind is there, name


def test_kinds():
    [names] = re.findall(r"enum kind \{\s*(.*?),\s*N_KINDS\s*\}", HEADER, re.DOTALL)
    kinds = [getattr(structs, name) for name in re.split(r",\s*", names)]
    assert kinds == [*range(structs.N_KINDS)]
    last = [structs.PERIODIC, structs.PIECEWISE, structs.CATEGORIES, structs.UNCHANGED]
    assert [*structs.PARTS] == last
