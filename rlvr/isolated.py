"""Environments of their own: an interpreter with what one plugin needs, made once and kept in a cache.

A verifier may need releases that cannot live beside those of another. Its `Spec` then names an `extra`: that
extra of its distribution is installed into a virtual environment, and workers run there. Environments lie in
`$XDG_CACHE_HOME/rlvr/environments` (else `~/.cache/...`), one for each set of requirements and each Python;
what is not used any more can be deleted. rlvr itself, and the plugin, are linked into it from where this
process has them, so that both sides run the same code; all else comes by pip (or uv), as it is configured.
"""

import contextlib
import fcntl
import hashlib
import importlib.metadata
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from rlvr.errors import InputError
from rlvr.registry import Entry

__all__ = ["environ_for", "environments_folder", "interpreter_for", "interpreter_of", "tell"]

_READY = "rlvr-ready.json"
_IN_SITE = f"lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Linked:
    """A distribution of this interpreter that the other one uses from where it lies.

    Attributes:
        places: From a path within site-packages to the package, or the module, that is linked there.
    """

    name: str
    version: str
    metadata: str
    entry_points: str
    places: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order:
    """All that an environment depends on: two of the same are one environment."""

    requirements: tuple[str, ...]
    alone: tuple[str, ...]
    linked: tuple[_Linked, ...]
    python: tuple[str, ...]

    @property
    def title(self) -> str:
        """What it is for, in pip's words."""
        return " ".join((*self.requirements, *self.alone))

    @property
    def text(self) -> str:
        """The order as text, the same for the same order."""
        return json.dumps(asdict(self), sort_keys=True)

    @property
    def folder(self) -> str:
        """The name of its folder: readable, and of this order only."""
        words = re.sub(r"[^A-Za-z0-9.]+", "-", self.title).strip("-.")[:60]
        return f"{words}-{hashlib.sha256(self.text.encode()).hexdigest()[:12]}"


def tell(sentence: str) -> None:
    """Say something on stderr: an installation takes a while, and whoever waits wants to know of it."""
    print(sentence, file=sys.stderr, flush=True)  # noqa: T201 - words, where a command line may not be


def interpreter_of(entry: Entry, *, say: Callable[[str], None] = tell) -> Path:
    """Return the interpreter for an entry whose spec names an extra; installed at the first call.

    Raises:
        InputError: Its distribution has no such extra, or see `interpreter_for`.
    """
    spec, name = entry.spec, entry.plugin.distribution
    extras = importlib.metadata.metadata(name).get_all("Provides-Extra") or []
    if _normal(spec.extra) not in map(_normal, extras):
        raise InputError(
            f"{entry.kind} {entry.full_name!r} asks for the extra {spec.extra!r} of {name} "
            f"{entry.plugin.version}, which has none of that name: install {name} again, or tell its authors."
        )
    modules = (entry.plugin.module, spec.entry_point.partition(":")[0])
    wanted = f"{name}[{spec.extra}]=={entry.plugin.version}"
    return interpreter_for([wanted], alone=spec.alone, linked={name: modules}, say=say)


def interpreter_for(
    requirements: Sequence[str],
    *,
    alone: Sequence[str] = (),
    linked: Mapping[str, Sequence[str]] | None = None,
    say: Callable[[str], None] = tell,
) -> Path:
    """Return an interpreter that has the requirements, and this rlvr; installed at the first call.

    Any number of processes may ask at once: one installs, the others wait. What was interrupted, however
    hard, is made anew; one that is ready costs no call of pip and no network.

    Args:
        requirements: In pip's words, as `rlvr-math==0.1`.
        alone: Requirements that are installed without what they depend on.
        linked: Distributions of this interpreter to link instead of installing, with modules of each.
        say: Takes a sentence when something is installed.

    Raises:
        InputError: There is no pip, or it fails; the message has its last word on it.
    """
    order = _order(requirements, alone, {"rlvr": ("rlvr",), **(linked or {})})
    place = environments_folder() / order.folder
    python = place / "bin" / "python"
    if _is_ready(place, order):
        return python
    with _locked(place) as lock:
        if not _is_ready(place, order):
            say(f"Installing {order.title} into {place} (once).")
            _make(place, order, lock)
    return python


def environments_folder() -> Path:
    """Return where environments are kept; it need not exist."""
    cache = os.environ.get("XDG_CACHE_HOME", "")
    root = Path(cache) if Path(cache).is_absolute() else Path("~/.cache").expanduser()
    return root / "rlvr" / "environments"


def environ_for(python: Path | None) -> dict[str, str]:
    """Return the environment variables for an interpreter: another one inherits none of our import path."""
    ours = {"PYTHONPATH", "PYTHONHOME", "PYTHONUSERBASE"} if python is not None else set()
    return {name: value for name, value in os.environ.items() if name not in ours}


def _order(requirements: Sequence[str], alone: Sequence[str], linked: Mapping[str, Sequence[str]]) -> _Order:
    version = f"{sys.implementation.cache_tag} {sys.platform}"
    return _Order(
        requirements=tuple(sorted(requirements)),
        alone=tuple(sorted(alone)),
        linked=tuple(_linked(name, modules) for name, modules in sorted(linked.items())),
        python=(version, sys.base_exec_prefix),
    )


def _linked(name: str, modules: Sequence[str]) -> _Linked:
    try:
        found = importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        raise InputError(
            f"{name} is on the path but not installed, so no other environment can have it: pip install it."
        ) from None
    return _Linked(
        name=name,
        version=found.version,
        metadata=found.read_text("METADATA") or found.read_text("PKG-INFO") or "",
        entry_points=found.read_text("entry_points.txt") or "",
        places=dict(_place(module) for module in sorted(set(modules))),
    )


def _place(module: str) -> tuple[str, str]:
    """Return where a module's outermost package belongs in site-packages, and where it is."""
    parts = module.split(".")
    for end in range(1, len(parts) + 1):
        spec = importlib.util.find_spec(".".join(parts[:end]))
        if spec is not None and spec.origin and spec.has_location:  # a namespace has none: its parts do
            origin = Path(spec.origin)
            path = origin.parent if spec.submodule_search_locations else origin
            return "/".join((*parts[: end - 1], path.name)), str(path)
    raise InputError(f"the module {module!r} has no file here, so no other environment can have it.")


def _is_ready(place: Path, order: _Order) -> bool:
    try:
        return (place / _READY).read_text() == order.text and (place / "bin" / "python").exists()
    except OSError:
        return False


@contextlib.contextmanager
def _locked(place: Path) -> Iterator[IO[str]]:
    """Hold the lock of a place; whoever dies lets go of it."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        file = Path(f"{place}.lock").open("w")  # noqa: SIM115 - closed below
    except OSError as error:
        raise InputError(
            f"no environment can be kept in {str(place.parent)!r}: {error.strerror}. Set XDG_CACHE_HOME."
        ) from None
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def _make(place: Path, order: _Order, lock: IO[str]) -> None:
    import venv

    shutil.rmtree(place, ignore_errors=True)  # what an interrupted call left
    python = place / "bin" / "python"
    with contextlib.ExitStack() as undo:
        undo.callback(shutil.rmtree, place, ignore_errors=True)
        venv.EnvBuilder(symlinks=True).create(place)
        for linked in order.linked:
            _link(linked, place / _IN_SITE)
        # Those without their needs first: where one is also needed by another, pip then finds it there.
        if order.alone:
            _pip(python, ("--no-deps", *order.alone), order.title, lock)
        exact = (f"{linked.name}=={linked.version}" for linked in order.linked)
        _pip(python, (*exact, *order.requirements), order.title, lock)
        (place / _READY).write_text(order.text)
        undo.pop_all()


def _link(linked: _Linked, site: Path) -> None:
    for name, source in linked.places.items():
        target = site / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(source)
    info = site / f"{re.sub(r'[-_.]+', '_', linked.name)}-{linked.version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(linked.metadata)
    (info / "entry_points.txt").write_text(linked.entry_points)
    (info / "INSTALLER").write_text("rlvr\n")


def _pip(python: Path, words: Sequence[str], title: str, lock: IO[str]) -> None:
    # It inherits the lock: should we be killed, nobody touches the place while it still writes there.
    done = subprocess.run(
        [*_installer(python), *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        pass_fds=[lock.fileno()],
        env=environ_for(python),
        check=False,
    )
    if done.returncode:
        raise InputError(f"{title} could not be installed: {_last_error(done.stderr)}")


def _installer(python: Path) -> list[str]:
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-compile"]
    if uv := shutil.which("uv"):
        return [uv, "pip", "install", "--quiet", "--python", str(python)]
    raise InputError(f"neither pip nor uv serves {sys.executable}: install one, as in `python -m ensurepip`.")


def _last_error(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [
        line for line in lines if line.lower().startswith("error") and "ResolutionImpossible" not in line
    ]
    return (errors or lines or ["it said nothing"])[-1]


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
