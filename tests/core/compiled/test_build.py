"""The compiler, the hash of the sources, and libraries that must not be loaded."""

import os
import platform
import shutil
import sys

import pytest

from skmlp.core.compiled import build, library

ON_X86 = platform.machine().lower() in {"x86_64", "amd64"}


@pytest.fixture(autouse=True)
def not_switched_off(monkeypatch):
    """Libraries are loaded in a run without the library too."""
    monkeypatch.delenv(library.SWITCH, raising=False)


@pytest.fixture
def no_compiler(monkeypatch):
    """No compiler on the path, and no package with one."""
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(build.importlib.util, "find_spec", lambda name: None)


@pytest.fixture
def commands(monkeypatch, tmp_path):
    """The commands of builds, none of which runs; each makes the file that it names."""
    ran = []

    def run(command):
        ran.append(command)
        open(command[command.index("-o") + 1], "w").close()

    monkeypatch.setattr(build, "_run", run)
    return ran


def test_cc_is_the_compiler(monkeypatch):
    monkeypatch.setenv("CC", "'a compiler' -m64")
    assert build.find_compiler() == ["a compiler", "-m64"]


@pytest.mark.parametrize("cc", [None, "", " "])
def test_else_one_on_the_path(no_compiler, monkeypatch, cc):
    if cc is not None:
        monkeypatch.setenv("CC", cc)
    assert build.find_compiler() is None
    places = {"gcc": "/bin/gcc", "clang": "/bin/clang"}
    monkeypatch.setattr(shutil, "which", places.get)
    assert build.find_compiler() == ["/bin/gcc"]


def test_else_the_package_ziglang_and_only_it_for_another_platform(
    no_compiler, monkeypatch
):
    zig = [sys.executable, "-m", "ziglang", "cc"]
    monkeypatch.setattr(build.importlib.util, "find_spec", {"ziglang": 1}.get)
    assert build.find_compiler() == zig
    monkeypatch.setenv("CC", "gcc")
    assert build.find_compiler("aarch64-linux-gnu.2.17") == zig


def test_the_hash_is_of_the_sources_alone(monkeypatch, tmp_path):
    folder = tmp_path / "src"
    shutil.copytree(build.SOURCES, folder)
    before = build.sources_hash()
    monkeypatch.setattr(build, "SOURCES", folder)
    (folder / "notes.txt").touch()
    assert build.sources_hash() == before
    with (folder / "random.h").open("a") as file:
        file.write("\n")
    assert build.sources_hash() != before


@pytest.mark.parametrize("name", build.ZIG_TARGETS)
def test_zig_compiles_each_level_for_a_platform(name, commands, tmp_path):
    target = build.ZIG_TARGETS[name]
    build.build(tmp_path / "made", ["python", "-m", "ziglang", "cc"], target=target)
    levels = build.LEVELS_X86 if "x86_64" in target else ["base"]
    assert len(commands) == 1 + len(levels) + 1  # library.c, and linking
    for command in commands:
        assert command[command.index("-target") + 1] == target
        assert "-mcpu=baseline" in command
    kernels = " ".join(" ".join(command) for command in commands[1:-1])
    assert ("-mavx512f" in kernels) == ("x86_64" in target)
    assert (tmp_path / "made").exists()


def test_other_compilers_get_no_flags_of_zig(commands, tmp_path):
    build.build(tmp_path / "made", ["/zig/gcc"], flags=("-g",), levels=("base",))
    words = {word for command in commands for word in command}
    assert not words & {"-target", "-mcpu=baseline", "-s", "-mavx2"}
    assert "-g" in words


def test_an_error_of_the_compiler_has_its_output(compiler, tmp_path):
    flags = ("-include", "no-such-file.h")
    with pytest.raises(build.BuildError, match=r"(?s)-std=c11.*no-such-file\.h"):
        build.build(tmp_path / "made", compiler, flags=flags)
    assert list(tmp_path.iterdir()) == []


def test_a_compiler_that_is_not_there(tmp_path):
    with pytest.raises(build.BuildError, match="^no-such-compiler cannot run: "):
        build.build(tmp_path / "made", ["no-such-compiler"], levels=("base",))


def test_what_is_built_can_be_loaded(built):
    loaded = library.load(built)
    assert "relu" in loaded.codes["activations"]
    assert {dtype.str[1:] for dtype in loaded.train} == {"f4", "f8"}


@pytest.mark.skipif(sys.platform != "linux" or not ON_X86, reason="reads /proc")
def test_it_picks_the_best_instructions_that_the_processor_has(built):
    with open("/proc/cpuinfo") as file:
        has = set(next(line for line in file if line.startswith("flags")).split())
    levels = {"avx512": {"avx512f", "avx512vl", "avx512bw", "avx512dq"}, "avx2": set()}
    expected = [name for name, more in levels.items() if has >= {"avx2", "fma", *more}]
    assert library.load(built).level == [*expected, "base"][0]


def test_it_needs_nothing_but_libc_and_libm(built):
    shared = built.read_bytes()
    assert b"libpython" not in shared
    assert b"Py_" not in shared
    assert b"openblas" not in shared


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda data: b"", "cannot be loaded"),
        (lambda data: data[:50], "cannot be loaded"),
        (lambda data: b"a text" * 100, "cannot be loaded"),
        (lambda data: data[:18] + b"\x00\x00" + data[20:], "another platform"),
    ],
    ids=["empty", "cut to a part of its header", "a text", "of another processor"],
)
def test_what_is_no_library_of_this_platform_is_refused(
    built, tmp_path, change, reason
):
    path = tmp_path / "library"
    path.write_bytes(change(built.read_bytes()))
    with pytest.raises(library.Unusable, match=reason):
        library.load(path)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems check the length")
@pytest.mark.parametrize("part", [0.01, 0.5, 0.999])
def test_a_cut_library_is_refused_before_it_is_loaded(built, tmp_path, part):
    data = built.read_bytes()
    path = tmp_path / "library"
    path.write_bytes(data[: int(len(data) * part)])
    with pytest.raises(library.Unusable, match="the end of the library is missing"):
        library.load(path)


def test_a_library_of_other_sources_is_refused_with_the_command(built, monkeypatch):
    monkeypatch.setattr(library, "sources_hash", lambda: "another")
    with pytest.raises(library.Unusable, match="other sources.*pip install -e"):
        library.load(built)


def test_without_a_library(tmp_path):
    with pytest.raises(library.Unusable, match="no C compiler.*SKMLP_BUILD=never"):
        library.load(tmp_path / "none")


def test_a_library_in_use_is_replaced(commands, tmp_path):
    path = tmp_path / build.LIBRARY
    path.write_text("old")
    with path.open() as used:
        build.build(path, ["cc"], levels=("base",))
        assert used.read() == "old"
    assert path.read_text() == ""
    assert os.listdir(tmp_path) == [build.LIBRARY]
