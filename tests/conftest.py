"""Fixtures of the core's tests: distributions that need no pip, and the command line as a user runs it."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session", autouse=True)
def _interrupts() -> None:
    """Let what tests start be interrupted, also where we were started in the background, which ignores it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on the import path of this process's children, for distributions made by `write_plugin`."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.setenv("PYTHONPATH", str(folder), prepend=os.pathsep)
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


_HEAD = "import click\nfrom rlvr.hookspecs import Spec, hookimpl\nfrom rlvr.types import *\n"
_OFFER = (
    _HEAD
    + "@hookimpl\ndef rlvr_verifiers(): return [Spec(name={name!r}, entry_point={entry!r}, summary='s')]\n"
)

# A distribution's name, its code, and what `rlvr plugins` must say of it; None where nothing has failed yet.
HOSTILE: dict[str, tuple[str, str | None]] = {
    "rlvr-exits": ("raise SystemExit('no licence')", "SystemExit: no licence"),
    "rlvr-quits": ("class Stop(BaseException): pass\nraise Stop('now')", "Stop: now"),
    "rlvr-syntax": ("def f(:", "SyntaxError: invalid syntax (rlvr_syntax.py, line 1)"),
    "rlvr-misspelt": (
        _HEAD + "@hookimpl\ndef rlvr_enviroments(): return []",
        "unknown hook 'rlvr_enviroments'",
    ),
    "rlvr-argument": (_HEAD + "@hookimpl\ndef rlvr_verifiers(registry): return []", "{'registry'}"),
    "rlvr-raises": (
        _HEAD + "@hookimpl\ndef rlvr_environments(): raise OSError('disk on fire')",
        "rlvr_environments: OSError: disk on fire",
    ),
    "rlvr-hook-exits": (_HEAD + "@hookimpl\ndef rlvr_sandboxes(): exit(3)", "rlvr_sandboxes: SystemExit: 3"),
    "rlvr-wrapper": (
        _HEAD + "@hookimpl(wrapper=True)\ndef rlvr_verifiers(): return (yield)[:0]",
        "rlvr_verifiers is a hook wrapper: rlvr plugins cannot wrap each other",
    ),
    "rlvr-number": (
        _HEAD + "@hookimpl\ndef rlvr_verifiers(): return 5",
        "rlvr_verifiers returned int, expected a list of Spec",
    ),
    "rlvr-texts": (
        _HEAD + "@hookimpl\ndef rlvr_verifiers(): return ['math']",
        "rlvr_verifiers: returned str, expected a Spec",
    ),
    "rlvr-no-colon": (
        _OFFER.format(name="nowhere", entry="nowhere"),
        "the entry point 'nowhere' of 'nowhere' is not 'module:factory'",
    ),
    "rlvr-two-words": (_OFFER.format(name="two words", entry="a:b"), "the name 'two words' is not one word"),
    "rlvr-twice": (
        _HEAD
        + "@hookimpl\ndef rlvr_verifiers(): return 2 * [Spec(name='twin', entry_point='a:b', summary='')]",
        "rlvr_verifiers: the name 'rlvr-twice/twin' is registered twice",
    ),
    "rlvr-shadow": (
        _HEAD
        + "@hookimpl\ndef rlvr_commands(): return [click.Command('score'), click.Command('greet', help='Hello.')]",
        "rlvr_commands: the command 'score' exists already",
    ),
    "rlvr-no-command": (
        _HEAD + "@hookimpl\ndef rlvr_commands(): return [print]",
        "rlvr_commands: returned builtin_function_or_method, expected click commands",
    ),
    "rlvr-absent": ("", "ModuleNotFoundError: No module named 'rlvr_absent'"),
    "rlvr-garbled": ("", "its metadata cannot be read"),
    # These load; what is wrong with them comes later, or is not wrong at all.
    "rlvr-loud": ("print('hello')\n" + _OFFER.format(name="loud", entry="rlvr_loud:make"), None),
    "rlvr-no-factory": (_OFFER.format(name="no-factory", entry="rlvr_no_factory:make"), None),
    "rlvr-no-function": (_OFFER.format(name="no-function", entry="rlvr_no_function:__name__"), None),
    "rlvr-bad-factory": (
        _OFFER.format(name="bad-factory", entry="rlvr_bad_factory:make") + "def make(): raise KeyError('x')",
        None,
    ),
    "rlvr-exit-factory": (
        _OFFER.format(name="exit-factory", entry="rlvr_exit_factory:make") + "def make(): exit('no token')",
        None,
    ),
    "rlvr-odd-factory": (
        _OFFER.format(name="odd-factory", entry="rlvr_odd_factory:make") + "def make(): return 3",
        None,
    ),
    "rlvr-first": (_OFFER.format(name="shared", entry="rlvr_first:make") + "def make(): return None", None),
}

HEALTHY = """
from rlvr.hookspecs import Spec, hookimpl
from rlvr.types import Environment, Message, Score, Task

@hookimpl
def rlvr_verifiers():
    return [Spec(name=n, entry_point="rlvr_healthy:verifier", summary="Always 1.") for n in ("healthy", "shared")]

@hookimpl
def rlvr_environments():
    names = ("healthy", "healthy-tasks")
    return [Spec(name=n, entry_point="rlvr_healthy:load", summary="One task.") for n in names]

def verifier():
    print("making a verifier")
    return lambda task, completion: Score(reward=1.0, reason="correct")

def load(size: int = 1):
    print("loading tasks")
    tasks = [Task(id=f"t{i}", prompt=(Message(role="user", content="?"),), answer="!") for i in range(size)]
    return Environment(name="healthy", tasks=tasks, verifier=verifier())
"""


@pytest.fixture
def healthy(write_plugin: Callable[..., None]) -> None:
    """Install a plugin that does nothing wrong, but for printing."""
    write_plugin("rlvr-healthy", HEALTHY)


@pytest.fixture
def hostile(site: Path, write_plugin: Callable[..., None], healthy: None) -> dict[str, str | None]:
    """Install every hostile plugin at once, beside a healthy one; return what each must be blamed for."""
    for name, (code, _) in HOSTILE.items():
        write_plugin(name, code)
    (site / "rlvr_absent.py").unlink()
    (site / "rlvr_garbled-0.1.dist-info" / "entry_points.txt").write_text("[rlvr]\ngarbage\n")
    return {
        f"{name}/{'?' if name == 'rlvr-garbled' else name.removeprefix('rlvr-').replace('-', '_')}": error
        for name, (_, error) in HOSTILE.items()
    }
