"""Builds the library from the C sources. It imports nothing but the standard library.

The build hook, the script that builds the wheels and the tests call `build`; the loader
needs `LIBRARY` and `sources_hash`.
"""

import hashlib
import importlib.util
import os
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

SOURCES = Path(__file__).parent / "src"
LIBRARY = "_library.bin"
"""The file name of the library: the same on all platforms, and on no search path."""

FLAGS = (
    "-std=c11",
    "-O3",
    "-fPIC",
    "-fvisibility=hidden",
    # Without these two, sqrt and comparisons do not vectorise. NaN and infinity keep
    # their meaning.
    "-fno-math-errno",
    "-fno-trapping-math",
    "-ffp-contract=fast",
    "-fopenmp-simd",
    # One function with all loops in it takes gcc twice the time, and is no faster.
    "-fno-inline-functions-called-once",
)
SANITIZED = ("-g", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
LEVELS_X86 = {
    "base": (),
    "avx2": ("-mavx2", "-mfma"),
    "avx512": (
        "-mavx2",
        "-mfma",
        "-mavx512f",
        "-mavx512vl",
        "-mavx512bw",
        "-mavx512dq",
    ),
}
"""The instructions that the kernels are built for; the library picks one at run time."""

ZIG_TARGETS = {
    "manylinux2014_x86_64": "x86_64-linux-gnu.2.17",
    "manylinux2014_aarch64": "aarch64-linux-gnu.2.17",
    "musllinux_1_2_x86_64": "x86_64-linux-musl",
    "macosx_10_13_x86_64": "x86_64-macos.10.13",
    "macosx_11_0_arm64": "aarch64-macos.11.0",
    "win_amd64": "x86_64-windows-gnu",
}
"""The platforms of wheels, and the target that makes zig compile for each."""


class BuildError(RuntimeError):
    """There is no compiler, or it failed."""


def sources_hash() -> str:
    """A hash of the C sources."""
    digest = hashlib.sha256()
    for path in sorted(SOURCES.glob("*.[ch]")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def find_compiler(target: str = "") -> list[str] | None:
    """The command of a C compiler: CC, cc, gcc, clang, or zig of the package ziglang.

    Only zig compiles for a `target`, one of `ZIG_TARGETS`.
    """
    if not target:
        if named := shlex.split(os.environ.get("CC", "")):
            return named
        for name in ("cc", "gcc", "clang"):
            if found := shutil.which(name):
                return [found]
    if importlib.util.find_spec("ziglang"):
        return [sys.executable, "-m", "ziglang", "cc"]
    return None


def build(
    library: Path,
    compiler: Sequence[str],
    *,
    target: str = "",
    flags: Sequence[str] = (),
    levels: Sequence[str] = tuple(LEVELS_X86),
) -> None:
    """Compile the sources and link them as `library`.

    Parameters
    ----------
    library : Path
        The file to write; replaced as a whole.
    compiler : sequence of str
        The command of the compiler.
    target : str
        What zig compiles for; by default this machine.
    flags : sequence of str
        More flags for the compiler and the linker.
    levels : sequence of str
        The levels of instructions to build for, on x86_64.

    Raises
    ------
    BuildError
        If the compiler cannot run or fails.
    """
    machine = target.partition("-")[0] or platform.machine().lower()
    options: dict[str, tuple[str, ...]] = {"base": ()}
    if machine in {"x86_64", "amd64"}:
        options = {level: LEVELS_X86[level] for level in levels}
    compiler = [*compiler, *_zig_flags(compiler, target)]
    with tempfile.TemporaryDirectory() as folder:
        objects = [Path(folder, f"{name}.o") for name in ("library", *options)]
        about = [f'-DSOURCES="{sources_hash()}"']
        about += [f"-DLEVEL_{level.upper()}" for level in options]
        commands = [[*about, "-c", str(SOURCES / "library.c"), "-o", str(objects[0])]]
        for (level, more), made in zip(options.items(), objects[1:], strict=True):
            source = [f"-DLEVEL={level}", "-c", str(SOURCES / "kernels.c")]
            commands.append([*more, *source, "-o", str(made)])
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            base = [*compiler, *FLAGS, *flags]
            for _ in pool.map(lambda command: _run([*base, *command]), commands):
                pass
        linked = Path(folder, LIBRARY)
        strip = () if "-g" in flags else ("-s",)
        parts = ["-shared", *strip, "-o", str(linked), *map(str, objects)]
        _run([*compiler, *flags, *parts, "-lm"])
        # A process may have the old file loaded: replace it, do not write into it.
        beside = library.with_suffix(".new")
        shutil.copyfile(linked, beside)
        os.replace(beside, library)


def _zig_flags(compiler: Sequence[str], target: str) -> list[str]:
    """The processor and the target for zig, which by default uses all that is here."""
    if not {"zig", "ziglang"} & {Path(part).stem for part in compiler}:
        return []
    return ["-mcpu=baseline", *(["-target", target] if target else [])]


def _run(command: list[str]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace")
    except OSError as error:
        raise BuildError(f"{command[0]} cannot run: {error}") from error
    if done.returncode:
        raise BuildError(f"{shlex.join(command)}\n{done.stderr}")
