"""Find plugins, load each on its own, say what became of it, and never die of one."""

import hashlib
import importlib
import importlib.metadata
import importlib.util
import os
import sys
import time
import traceback
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any, Literal

import click
import pluggy

from rlvr.boundary import Failure, attempt, quietly
from rlvr.hookspecs import GROUP, KINDS, Hooks, Spec

__all__ = ["Plugin", "PluginHost", "content_hash", "host", "load"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugin:
    """One entry point of the group `rlvr` and what became of it.

    Attributes:
        name: `distribution/entry point`: two distributions cannot collide.
        status: `ok`; `disabled` by RLVR_PLUGINS; `failed` if it could not be loaded or a hook of it raised.
        error: What failed, in one line; empty for the others.
        ms: How long its import took, in milliseconds.
    """

    name: str
    distribution: str
    version: str
    module: str
    status: Literal["ok", "disabled", "failed"] = "ok"
    error: str = ""
    ms: float = 0.0


class PluginHost:
    """The loaded plugins, and the only way to call their hooks: one implementation at a time."""

    def __init__(self, *, trace: bool = False) -> None:
        self.plugins: dict[str, Plugin] = {}
        self._manager = pluggy.PluginManager(GROUP)
        self._manager.add_hookspecs(Hooks)
        self._trace = trace
        self._specs: dict[str, list[tuple[Plugin, Any]]] = {}
        self._commands: dict[str, click.Command] | None = None

    def add(self, plugin: Plugin, module: object | None = None) -> None:
        """Load a plugin's module (or take the one given) and register its hooks."""
        self.plugins[plugin.name] = plugin
        if plugin.status != "ok":
            return
        started = time.perf_counter()
        loaded = module or quietly(lambda: importlib.import_module(plugin.module))
        elapsed_ms = (time.perf_counter() - started) * 1e3
        self.plugins[plugin.name] = replace(plugin, ms=round(elapsed_ms, 2))
        if isinstance(loaded, Failure):
            self._fail(plugin.name, loaded.summary)
            return
        registered = quietly(lambda: self._manager.register(loaded, name=plugin.name))
        if isinstance(registered, Failure):
            self._drop(plugin.name, _in_words(registered))
            return
        self._refuse_misspelt_hooks()
        self._refuse_wrappers(plugin.name)

    def specs(self, kind: str) -> list[tuple[Plugin, Spec]]:
        """Return what the healthy plugins offer of a kind (`environment`, `verifier`, `sandbox`)."""
        hook = KINDS[kind]
        if hook not in self._specs:
            seen: set[str] = set()
            self._specs[hook] = [
                (plugin, spec)
                for plugin, answer in self.ask(hook)
                for spec in self._valid_specs(plugin, hook, answer, seen)
            ]
        return self._specs[hook]

    def commands(self, taken: Collection[str]) -> Mapping[str, click.Command]:
        """Return the commands that plugins add, by name.

        What is no command fails its plugin, and so does a name that is `taken` or another plugin's.
        """
        if self._commands is None:
            self._commands = {}
            for plugin, answer in self.ask("rlvr_commands"):
                for command in answer if isinstance(answer, list | tuple) else [answer]:
                    if not isinstance(command, click.Command) or not command.name:
                        fault = f"returned {type(command).__name__}, expected click commands"
                    elif command.name in taken or command.name in self._commands:
                        fault = f"the command {command.name!r} exists already"
                    else:
                        self._commands[command.name] = command
                        continue
                    self._fail(plugin.name, f"rlvr_commands: {fault}")
        return self._commands

    def culprit(self, error: BaseException) -> Plugin | None:
        """Return the plugin whose code raised an error, or None if ours did: whichever was called last."""
        owners = {plugin.module.partition(".")[0]: plugin for plugin in self.plugins.values()}
        frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
        packages = (str(frame.f_globals.get("__name__", "")).partition(".")[0] for frame in reversed(frames))
        last = next((name for name in packages if name == "rlvr" or name in owners), "rlvr")
        return None if last == "rlvr" else owners[last]

    def ask(self, hook: str, **arguments: Any) -> Iterator[tuple[Plugin, Any]]:
        """Yield each implementation's answer; one that raises marks its plugin failed and is left out."""
        for plugin, answer in self._call(hook, arguments):
            if answer is not None and not isinstance(answer, Failure):
                yield plugin, answer

    def _call(self, hook: str, arguments: Mapping[str, Any]) -> Iterator[tuple[Plugin, Any]]:
        for implementation in list(getattr(self._manager.hook, hook).get_hookimpls()):
            name = implementation.plugin_name
            values = [arguments[argument] for argument in implementation.argnames]
            started = time.perf_counter()
            answer = quietly(partial(implementation.function, *values))
            if self._trace:
                _print_trace(name, hook, arguments, answer, time.perf_counter() - started)
            if isinstance(answer, Failure):
                self._fail(name, f"{hook}: {answer.summary}")
            yield self.plugins[name], answer

    def tell(self, hook: str, **arguments: Any) -> list[str]:
        """Call a hook that expects no answer; return the names of plugins that failed in it.

        A plugin that raises here is unregistered: a broken logger must not cost a line on every step.
        """
        failed = [
            plugin.name for plugin, answer in self._call(hook, arguments) if isinstance(answer, Failure)
        ]
        for name in failed:
            self._manager.unregister(name=name)
        return failed

    def _refuse_misspelt_hooks(self) -> None:
        while True:
            pending = attempt(self._manager.check_pending)
            if not isinstance(pending, Failure):
                return
            if not isinstance(pending.exception, pluggy.PluginValidationError):
                raise pending.exception
            name = self._manager.get_name(pending.exception.plugin)
            if name is None:
                raise pending.exception
            self._drop(name, _in_words(pending))

    def _refuse_wrappers(self, name: str) -> None:
        plugin = self._manager.get_plugin(name)
        for caller in (self._manager.get_hookcallers(plugin) or []) if plugin else []:
            for implementation in caller.get_hookimpls():
                wraps = implementation.wrapper or implementation.hookwrapper
                if wraps and implementation.plugin_name == name:
                    self._drop(name, f"{caller.name} is a hook wrapper: rlvr plugins cannot wrap each other")
                    return

    def _valid_specs(self, plugin: Plugin, hook: str, answer: object, seen: set[str]) -> Iterator[Spec]:
        if not isinstance(answer, list | tuple):
            self._fail(plugin.name, f"{hook} returned {type(answer).__name__}, expected a list of Spec")
            return
        for spec in answer:
            wrong = _fault_of(spec)
            full_name = "" if wrong else f"{plugin.distribution}/{spec.name}"
            if full_name in seen:
                wrong = f"the name {full_name!r} is registered twice"
            if wrong:
                self._fail(plugin.name, f"{hook}: {wrong}")
                continue
            seen.add(full_name)
            yield spec

    def _fail(self, name: str, error: str) -> None:
        known = self.plugins[name]
        both = f"{known.error}; {error}" if known.error and error not in known.error else error
        self.plugins[name] = replace(known, status="failed", error=both)

    def _drop(self, name: str, error: str) -> None:
        if self._manager.has_plugin(name):
            self._manager.unregister(name=name)
        self._fail(name, error)


@cache
def host() -> PluginHost:
    """Return this process's plugins, loaded once: installed ones, limited by RLVR_PLUGINS."""
    return load(os.environ)


def load(environ: Mapping[str, str]) -> PluginHost:
    """Load every installed plugin, each on its own.

    `RLVR_PLUGINS` limits them to a comma-separated list of names (full, distribution or entry point);
    set and empty, it disables all but the built-in one. `RLVR_TRACE=1` prints each hook call to stderr.
    """
    wanted = environ.get("RLVR_PLUGINS")
    chosen = None if wanted is None else {name.strip() for name in wanted.split(",") if name.strip()}
    plugins = PluginHost(trace=environ.get("RLVR_TRACE", "") not in ("", "0"))
    for plugin in _installed():
        names = {plugin.name, plugin.distribution, plugin.name.partition("/")[2]}
        off = chosen is not None and plugin.distribution != "rlvr" and not names & chosen
        plugins.add(replace(plugin, status="disabled") if off else plugin)
    return plugins


@cache
def content_hash(module: str) -> str:
    """Return the first 8 hex digits of the SHA-256 over the files of the package that holds `module`.

    It changes with any file of the plugin, editable installs included, and says that two runs were
    scored by the same code. A package that cannot be found hashes to `unknown`.
    """
    files = attempt(lambda: list(_files(module.partition(".")[0])))
    if not files or isinstance(files, Failure):
        return "unknown"
    digest = hashlib.sha256()
    for name, content in files:
        digest.update(name.encode() + b"\0" + content + b"\0")
    return digest.hexdigest()[:8]


def _files(package: str) -> Iterator[tuple[str, bytes]]:
    found = importlib.util.find_spec(package)
    roots = [Path(place) for place in (found and found.submodule_search_locations) or []]
    for root in roots:
        for path in sorted(root.rglob("*")):
            if _counts(path):
                yield path.relative_to(root).as_posix(), path.read_bytes()
    if not roots and found and found.origin:
        yield Path(found.origin).name, Path(found.origin).read_bytes()


def _counts(path: Path) -> bool:
    return path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc"


def _installed() -> Iterator[Plugin]:
    seen: set[str] = set()
    for distribution in importlib.metadata.distributions():
        text = attempt(partial(distribution.read_text, "entry_points.txt"))
        if not isinstance(text, str) or f"[{GROUP}]" not in text:
            continue
        found = attempt(partial(_described, distribution))
        for plugin in [_unreadable(distribution, found)] if isinstance(found, Failure) else found:
            if plugin.name not in seen:
                seen.add(plugin.name)
                yield plugin


def _described(distribution: importlib.metadata.Distribution) -> list[Plugin]:
    name, version = distribution.metadata["Name"] or "unnamed", distribution.version or "0"
    return [
        Plugin(name=f"{name}/{entry.name}", distribution=name, version=version, module=entry.value)
        for entry in distribution.entry_points.select(group=GROUP)
    ]


def _unreadable(distribution: importlib.metadata.Distribution, failure: Failure) -> Plugin:
    found = attempt(lambda: distribution.metadata["Name"])
    name = found if isinstance(found, str) else "unnamed"
    error = f"its metadata cannot be read: {failure.summary}"
    return Plugin(name=f"{name}/?", distribution=name, version="0", module="", status="failed", error=error)


def _fault_of(returned: object) -> str:
    if not isinstance(returned, Spec):
        return f"returned {type(returned).__name__}, expected a Spec"
    spec: Any = returned  # its fields hold whatever a stranger's code put there
    for field in ("name", "entry_point", "summary", "extra"):
        if not isinstance(getattr(spec, field), str):
            return f"the {field} of {spec.name!r} is {type(getattr(spec, field)).__name__}, expected text"
    if not isinstance(spec.facts, Mapping) or not all(
        isinstance(key, str) and isinstance(value, str | int) for key, value in spec.facts.items()
    ):
        return f"the facts of {spec.name!r} are {spec.facts!r:.60}, expected texts and whole numbers by name"
    if not isinstance(spec.alone, tuple) or (spec.alone and not spec.extra):
        return (
            f"alone = {spec.alone!r:.60} of {spec.name!r}: expected a tuple of requirements, beside an extra"
        )
    if not spec.name or "/" in spec.name or spec.name.split() != [spec.name]:
        return f"the name {spec.name!r} is not one word without '/'"
    module, _, factory = spec.entry_point.partition(":")
    if not module or not factory:
        return f"the entry point {spec.entry_point!r} of {spec.name!r} is not 'module:factory'"
    return ""


def _in_words(failure: Failure) -> str:
    # pluggy names the plugin, which the table does already, and tells the fault in its last line.
    text = str(failure.exception)
    if "unknown hook" in text:
        return "unknown hook " + text.partition("unknown hook ")[2].partition(" in plugin")[0]
    if "for hook " in text:
        hook = text.partition("for hook ")[2].partition("\n")[0].strip("'")
        return f"{hook}: {text.strip().splitlines()[-1]}"
    return failure.summary


def _print_trace(
    name: str, hook: str, arguments: Mapping[str, Any], answer: object, elapsed_s: float
) -> None:
    shown = f"raised {answer.summary}" if isinstance(answer, Failure) else f"-> {answer!r}"
    print(  # noqa: T201 - asked for by RLVR_TRACE
        f"rlvr trace: {name} {hook}({', '.join(arguments)}) {shown:.200} ({elapsed_s * 1e3:.1f} ms)",
        file=sys.stderr,
    )
