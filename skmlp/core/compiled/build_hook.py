"""Puts the compiled library into wheels and editable installs; hatchling runs it.

`SKMLP_BUILD` says whether: "never", "always" (no library is an error), or unset: the wheel
is pure where no compiler is found, and NumPy will train. `SKMLP_BUILD_PLATFORM` names
another platform to build for.
"""

import os
import platform
import sysconfig
from collections.abc import Callable, Collection
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

SWITCH = "SKMLP_BUILD"
PLATFORM = "SKMLP_BUILD_PLATFORM"
HERE = Path(__file__).parent


def _load(path: Path) -> ModuleType:
    """The module in that file. The package itself may not be there during a build."""
    spec = spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


build = _load(HERE / "build.py")
LIBRARY = HERE / build.LIBRARY


def get_build_hook() -> type:
    """The class that hatchling runs. Hatchling is there during a build only."""
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface

    class LibraryHook(BuildHookInterface[Any]):
        def initialize(self, version: str, build_data: dict[str, Any]) -> None:
            add_library(version, build_data, self.app.display_warning)

        def finalize(
            self, version: str, build_data: dict[str, Any], artifact: str
        ) -> None:
            if os.environ.get(PLATFORM):
                LIBRARY.unlink(missing_ok=True)

    return LibraryHook


def add_library(
    version: str, build_data: dict[str, Any], warn: Callable[[str], None]
) -> None:
    """Compile the library into the source tree and add it to a wheel.

    Parameters
    ----------
    version : str
        "standard", or "editable": the library then stays in the source tree only.
    build_data : dict
        Hatchling's description of the wheel; changed in place.
    warn : callable
        Gets the line that says why there is no library.
    """
    switch = _setting(SWITCH, ("never", "always"))
    name = _setting(PLATFORM, build.ZIG_TARGETS)
    if switch != "never":
        try:
            _compile(name)
        except build.BuildError as error:
            if name or switch == "always":
                raise
            warn(f"NumPy will train, without a compiled library: {_in_a_line(error)}")
            switch = "never"
    if switch == "never":
        LIBRARY.unlink(missing_ok=True)
    elif version == "standard":
        build_data["artifacts"].append(f"/skmlp/core/compiled/{LIBRARY.name}")
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{name or this_platform()}"


def this_platform() -> str:
    """The platform of this machine, as tags of wheels name it."""
    name = sysconfig.get_platform()
    if name.startswith("macosx"):
        # Python may be older than the system and for two processors, the library is not.
        major, minor = [*platform.mac_ver()[0].split("."), "0"][:2]
        name = f"macosx_{major}_{0 if int(major) > 10 else minor}_{platform.machine()}"
    return name.replace("-", "_").replace(".", "_")


def _setting(name: str, allowed: Collection[str]) -> str:
    """The value of an environment variable; empty if it is not set."""
    value = os.environ.get(name, "")
    if value and value not in allowed:
        names = ", ".join(allowed)
        raise ValueError(f"{name} must be unset or one of: {names}. Got {value!r}.")
    return value


def _compile(name: str) -> None:
    target = build.ZIG_TARGETS.get(name, "")
    compiler = build.find_compiler(target)
    if compiler is None:
        wanted = "the package ziglang" if name else "CC, cc, gcc, clang or ziglang"
        raise build.BuildError(f"no C compiler was found ({wanted}).")
    build.build(LIBRARY, compiler, target=target)


def _in_a_line(error: Exception) -> str:
    """The command that failed, or the first error of the compiler."""
    first, *others = str(error).splitlines()
    return next((line for line in others if "error" in line), first)
