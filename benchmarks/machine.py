"""The machine and the versions that were measured."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from threadpoolctl import threadpool_info

import skmlp
from benchmarks import FIXED_KERNEL, THREADS
from skmlp.core.compiled.library import blas_kernel, status

PACKAGES = ("skmlp", "scikit-learn", "numpy", "scipy", "torch", "skorch")


def describe(packages=PACKAGES) -> dict[str, str]:
    """Processor, cores, versions, BLAS and the path of training, as text."""
    facts = {
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "threads": THREADS,
        "system": f"{platform.system()} {platform.machine()}",
        "BLAS": _blas(),
        "kernel": blas_kernel() or "unknown",
        "unset for this": " ".join(f"{k}={v}" for k, v in FIXED_KERNEL.items()) or "-",
        "training steps": status(),
        "Python": platform.python_version(),
    }
    return facts | {package: _version(package) for package in packages}


def _processor() -> str:
    """The model name, with family, model number and cache, as names can be generic."""
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return platform.processor() or "unknown"
    facts = dict(
        map(str.strip, line.split(":", 1)) for line in text.splitlines() if ":" in line
    )
    name = facts.get("model name", platform.processor() or "unknown")
    if "cpu family" in facts:
        name += f", family {facts['cpu family']}, model {facts.get('model')}"
    if "cache size" in facts:
        name += f", cache {facts['cache size']}"
    return name


def _blas() -> str:
    """The BLAS libraries of NumPy and SciPy; each wheel has its own."""
    found = {
        f"{pool['internal_api']} {pool['version']} ({pool.get('architecture', '?')})"
        for pool in threadpool_info()
        if pool["user_api"] == "blas"
    }
    return ", ".join(sorted(found)) or "unknown"


def _version(package: str) -> str:
    if package == "skmlp":
        # It can be imported without being installed.
        return skmlp.__version__
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
