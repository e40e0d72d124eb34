"""From a name to the thing it names: what is on offer, and how to make it."""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from rlvr.boundary import Failure, quietly
from rlvr.config import check_options
from rlvr.errors import AmbiguousName, PluginError, RLVRError, UnknownName
from rlvr.hookspecs import Spec
from rlvr.plugins import Plugin, PluginHost, content_hash, host
from rlvr.protocols import Sandbox
from rlvr.types import Environment, LabelledSet, Verifier

__all__ = [
    "Entry",
    "entries",
    "find",
    "judge",
    "make",
    "make_bench",
    "make_in_its_own",
    "make_judge",
    "make_sandbox",
    "make_verifier",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One name on offer, and the plugin that offers it."""

    kind: str
    spec: Spec
    plugin: Plugin
    unique: bool

    @property
    def full_name(self) -> str:
        """`distribution/name`, which no other distribution can take."""
        return f"{self.plugin.distribution}/{self.spec.name}"

    @property
    def name(self) -> str:
        """The short name while it is unique, else the full one."""
        return self.spec.name if self.unique else self.full_name

    @property
    def provenance(self) -> str:
        """`distribution/name@version#hash8`, as stamped on every score and run."""
        code = content_hash(self.spec.entry_point.partition(":")[0])
        return f"{self.full_name}@{self.plugin.version}#{code}"


def entries(kind: str, *, plugins: PluginHost | None = None) -> list[Entry]:
    """Return what is on offer of a kind, sorted by name."""
    offered = (plugins or host()).specs(kind)
    short = [spec.name for _, spec in offered]
    found = [
        Entry(kind=kind, spec=spec, plugin=plugin, unique=short.count(spec.name) == 1)
        for plugin, spec in offered
    ]
    return sorted(found, key=lambda entry: (entry.spec.name, entry.full_name))


def find(kind: str, name: str, *, plugins: PluginHost | None = None) -> Entry:
    """Return the entry of a kind with this short or full name.

    Raises:
        UnknownName: Nothing has this name.
        AmbiguousName: Several plugins registered this short name.
    """
    offered = entries(kind, plugins=plugins)
    matches = [entry for entry in offered if name in (entry.full_name, entry.spec.name)]
    exact = [entry for entry in matches if entry.full_name == name]
    if exact or len(matches) == 1:
        return (exact or matches)[0]
    if matches:
        raise AmbiguousName(kind, name, [entry.full_name for entry in matches])
    raise UnknownName(kind, name, [entry.name for entry in offered], hint=_broken(plugins or host()))


def make(name: str, /, **options: Any) -> Environment:
    """Make the environment of this name with its options.

    Raises:
        UnknownName: No such environment, or no such option (also AmbiguousName, InputError).
        PluginError: Its factory raised.
    """
    return _environment(find("environment", name), options)


def make_verifier(name: str, /, **options: Any) -> Verifier:
    """Make the verifier of this name with its options; raises as `make` does."""
    return _verifier(find("verifier", name), options)


def make_sandbox(name: str, /, **options: Any) -> Sandbox:
    """Make the sandbox of this name with its options; raises as `make` does."""
    made: Sandbox = _make(find("sandbox", name), options)
    if not callable(getattr(made, "run", None)):
        raise PluginError(f"sandbox {name!r} was made as {type(made).__name__}, expected a Sandbox.")
    return made


def make_bench(name: str, /, **options: Any) -> LabelledSet:
    """Make the labelled set of this name with its options; raises as `make` does."""
    made = _make(find("bench", name), options)
    if not isinstance(made, LabelledSet):
        raise PluginError(f"bench {name!r} was made as {type(made).__name__}, expected a LabelledSet.")
    return made


def judge(name: str) -> Entry:
    """Return the verifier of this name, or else the environment (whose verifier will judge)."""
    verifiers, environments = entries("verifier"), entries("environment")
    known = [entry for entry in (*verifiers, *environments) if name in (entry.full_name, entry.spec.name)]
    if not known:
        names = [entry.name for entry in (*verifiers, *environments)]
        raise UnknownName("verifier or environment", name, names, hint=_broken(host()))
    return find(known[0].kind, name)


def make_in_its_own(
    name: str, kind: Literal["environment", "verifier"], options: Mapping[str, Any]
) -> Environment | Verifier:
    """Make an environment or a verifier, in a process that is meant for it; else as `make`."""
    entry = find(kind, name)
    if kind == "environment":
        return _environment(entry, options, in_its_own=True)
    return _verifier(entry, options, in_its_own=True)


def make_judge(name: str, kind: str | None, options: Mapping[str, Any]) -> tuple[Entry, Verifier]:
    """Make what judges, in a process that is meant for it: there an entry that names an extra is made too.

    Raises as `make` does.
    """
    entry = find(kind, name) if kind else judge(name)
    return entry, _verifier(entry, options, in_its_own=True)


def _verifier(entry: Entry, options: Mapping[str, Any], *, in_its_own: bool = False) -> Verifier:
    if entry.kind == "environment":
        return _environment(entry, options, in_its_own=in_its_own).verifier
    made: Verifier = _make(entry, options, in_its_own=in_its_own)
    if not callable(made):
        raise PluginError(f"verifier {entry.name!r} was made as {type(made).__name__}, expected a function.")
    return made


def _environment(entry: Entry, options: Mapping[str, Any], *, in_its_own: bool = False) -> Environment:
    made = _make(entry, options, in_its_own=in_its_own)
    if not isinstance(made, Environment):
        raise PluginError(
            f"environment {entry.name!r} was made as {type(made).__name__}, expected an Environment."
        )
    return made


def _make(entry: Entry, options: Mapping[str, Any], *, in_its_own: bool = False) -> Any:
    if entry.spec.extra and not in_its_own:
        raise PluginError(
            f"{entry.kind} {entry.full_name!r} runs only in workers, in an environment of its own: "
            "use WorkerPool, `rlvr score` or `rlvr bench`."
        )
    factory = _factory(entry)
    checked = check_options(factory, options, owner=f"{entry.kind} {entry.name!r}")
    made = quietly(lambda: factory(**checked))
    if isinstance(made, Failure):
        if isinstance(made.exception, RLVRError):
            raise made.exception
        raise PluginError(f"{entry.kind} {entry.full_name!r} could not be made: {made.summary}.")
    return made


def _factory(entry: Entry) -> Any:
    module, _, attribute = entry.spec.entry_point.partition(":")
    loaded = quietly(lambda: getattr(importlib.import_module(module), attribute))
    if isinstance(loaded, Failure) or not callable(loaded):
        fault = loaded.summary if isinstance(loaded, Failure) else "it is no function"
        raise PluginError(
            f"{entry.kind} {entry.full_name!r} could not be loaded from {entry.spec.entry_point!r}: {fault}."
        )
    return loaded


def _broken(plugins: PluginHost) -> str:
    failed = [plugin.name for plugin in plugins.plugins.values() if plugin.status == "failed"]
    return f"({', '.join(failed)} failed to load: see `rlvr plugins`.)" if failed else ""
