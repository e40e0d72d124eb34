"""Fixtures of the core's tests: distributions that need no pip, and the command line as a user runs it."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on the import path of this process's children, for distributions made by `write_plugin`."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.setenv("PYTHONPATH", str(folder))
    return folder


@pytest.fixture
def write_plugin(site: Path) -> Callable[..., None]:
    """Write an installed distribution: a module, and the metadata that pip would leave."""

    def write(name: str, code: str, *, version: str = "0.1", entry: str = "") -> None:
        module = name.replace("-", "_")
        (site / f"{module}.py").write_text(code)
        info = site / f"{module}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        (info / "entry_points.txt").write_text(
            f"[rlvr]\n{entry or module.removeprefix('rlvr_')} = {module}\n"
        )

    return write


@pytest.fixture
def rlvr() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the command line in a process of its own, as a user would."""

    def run(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
        settings = {"capture_output": True, "text": True, "timeout": 240, "cwd": ROOT, **options}
        env = {**os.environ, "COLUMNS": "120", "NO_COLOR": "1", **settings.pop("env", {})}
        return subprocess.run([sys.executable, "-m", "rlvr", *arguments], env=env, check=False, **settings)

    return run
