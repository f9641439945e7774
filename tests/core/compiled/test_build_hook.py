"""What the build hook does to a wheel, with a stand-in for hatchling's class.

Hatchling is there during a build only.
"""

import platform
import subprocess
import sys
import sysconfig
from types import ModuleType, SimpleNamespace

import pytest

from skmlp.core.compiled import build_hook
from skmlp.core.compiled.build import LIBRARY, ZIG_TARGETS

PURE = {"artifacts": [], "pure_python": True}
BuildError = build_hook.build.BuildError


class Interface:
    """The part of hatchling's BuildHookInterface that the hook uses."""

    def __class_getitem__(cls, config):
        return cls

    def __init__(self, warnings):
        self.app = SimpleNamespace(display_warning=warnings.append)


@pytest.fixture
def source(monkeypatch, tmp_path):
    """The library in the source tree: a file of an earlier build."""
    path = tmp_path / LIBRARY
    path.write_text("stale")
    monkeypatch.setattr(build_hook, "LIBRARY", path)
    monkeypatch.delenv(build_hook.SWITCH, raising=False)
    monkeypatch.delenv(build_hook.PLATFORM, raising=False)
    return path


@pytest.fixture
def compiles(source, monkeypatch):
    """A compiler that works; the targets that it was asked for."""
    targets = []

    def build(library, compiler, *, target):
        targets.append(target)
        library.write_text("new")

    monkeypatch.setattr(build_hook.build, "build", build)
    monkeypatch.setattr(build_hook.build, "find_compiler", lambda target: ["cc"])
    return targets


@pytest.fixture
def hook(monkeypatch):
    """The hook, and the warnings that it shows."""
    folder = "hatchling.builders.hooks.plugin"
    for i in range(4):
        name = ".".join(folder.split(".")[: i + 1])
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    module = ModuleType("interface")
    module.BuildHookInterface = Interface
    monkeypatch.setitem(sys.modules, f"{folder}.interface", module)
    warnings = []
    return build_hook.get_build_hook()(warnings), warnings


def wheel(hook, version="standard"):
    """What the hook tells hatchling about the wheel, and its warnings."""
    made, warnings = hook
    data = {"artifacts": [], "pure_python": True}
    made.initialize(version, data)
    made.finalize(version, data, "the wheel")
    return data, warnings


def test_a_wheel_with_the_library(hook, compiles, source):
    data, warnings = wheel(hook)
    assert data == {
        "artifacts": ["/skmlp/core/compiled/_library.bin"],
        "pure_python": False,
        "tag": f"py3-none-{build_hook.this_platform()}",
    }
    assert (compiles, warnings, source.read_text()) == ([""], [], "new")


def test_an_editable_install_has_the_library_in_the_source_tree_only(
    hook, compiles, source
):
    assert wheel(hook, "editable") == (PURE, [])
    assert source.read_text() == "new"


@pytest.mark.parametrize("version", ["standard", "editable"])
def test_never(hook, compiles, source, monkeypatch, version):
    monkeypatch.setenv("SKMLP_BUILD", "never")
    assert wheel(hook, version) == (PURE, [])
    assert compiles == []
    assert not source.exists()


def test_without_a_compiler_the_wheel_is_pure(hook, compiles, source, monkeypatch):
    monkeypatch.setattr(build_hook.build, "find_compiler", lambda target: None)
    data, (warning,) = wheel(hook)
    assert data == PURE
    assert warning == (
        "NumPy will train, without a compiled library: "
        "no C compiler was found (CC, cc, gcc, clang or ziglang)."
    )
    assert not source.exists()


@pytest.mark.parametrize(
    ("message", "line"),
    [
        ("cc cannot run: no such file", "cc cannot run: no such file"),
        ("cc -c kernels.c\nIn file a.h:\na.h:3: error: b\nnote", "a.h:3: error: b"),
        ("cc -c kernels.c\nkilled", "cc -c kernels.c"),
    ],
)
def test_a_compiler_that_fails(hook, compiles, source, monkeypatch, message, line):
    def fail(*arguments, **more):
        raise BuildError(message)

    monkeypatch.setattr(build_hook.build, "build", fail)
    data, (warning,) = wheel(hook)
    assert data == PURE
    assert warning == f"NumPy will train, without a compiled library: {line}"
    assert not source.exists()
    monkeypatch.setenv("SKMLP_BUILD", "always")
    with pytest.raises(BuildError, match=f"^{message}$"):
        wheel(hook)


def test_always_needs_a_compiler(hook, compiles, monkeypatch):
    monkeypatch.setenv("SKMLP_BUILD", "always")
    assert wheel(hook)[0]["pure_python"] is False
    monkeypatch.setattr(build_hook.build, "find_compiler", lambda target: None)
    with pytest.raises(BuildError, match="no C compiler was found"):
        wheel(hook)


@pytest.mark.parametrize("name", ZIG_TARGETS)
def test_another_platform(hook, compiles, source, monkeypatch, name):
    monkeypatch.setenv("SKMLP_BUILD_PLATFORM", name)
    assert wheel(hook)[0]["tag"] == f"py3-none-{name}"
    assert compiles == [ZIG_TARGETS[name]]
    # A library that cannot be used here does not stay.
    assert not source.exists()


def test_another_platform_needs_ziglang(hook, compiles, monkeypatch):
    monkeypatch.setenv("SKMLP_BUILD_PLATFORM", "win_amd64")
    monkeypatch.setattr(build_hook.build, "find_compiler", lambda target: None)
    with pytest.raises(BuildError, match="the package ziglang"):
        wheel(hook)


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("SKMLP_BUILD", "never, always"),
        ("SKMLP_BUILD_PLATFORM", ", ".join(ZIG_TARGETS)),
    ],
)
def test_other_values_are_errors(hook, compiles, source, monkeypatch, name, allowed):
    monkeypatch.setenv(name, "yes")
    message = f"^{name} must be unset or one of: {allowed}. Got 'yes'.$"
    with pytest.raises(ValueError, match=message):
        wheel(hook)
    assert source.read_text() == "stale"


@pytest.mark.parametrize(
    ("name", "system", "machine", "tag"),
    [
        ("linux-x86_64", "", "x86_64", "linux_x86_64"),
        ("win-amd64", "", "AMD64", "win_amd64"),
        ("macosx-10.9-universal2", "14.2.1", "arm64", "macosx_14_0_arm64"),
        ("macosx-11.0-arm64", "26", "arm64", "macosx_26_0_arm64"),
        ("macosx-10.9-x86_64", "10.15.7", "x86_64", "macosx_10_15_x86_64"),
    ],
)
def test_the_name_of_a_platform(monkeypatch, name, system, machine, tag):
    monkeypatch.setattr(sysconfig, "get_platform", lambda: name)
    monkeypatch.setattr(platform, "mac_ver", lambda: (system, (), machine))
    monkeypatch.setattr(platform, "machine", lambda: machine)
    assert build_hook.this_platform() == tag


def test_the_hook_needs_the_standard_library_alone():
    code = (
        "import sys, runpy; runpy.run_path(sys.argv[1])\n"
        "assert not {'numpy', 'scipy', 'skmlp'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code, build_hook.__file__], check=True)
