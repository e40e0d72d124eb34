"""Find plugins, load each on its own, say what became of it, and never die of one."""

import contextlib
import hashlib
import importlib
import importlib.metadata
import importlib.util
import os
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any, Literal

import click
import pluggy

from rlvr.boundary import Failure, attempt
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
        self._answers: dict[str, list[tuple[Plugin, Any]]] = {}

    def add(self, plugin: Plugin, module: object | None = None) -> None:
        """Load a plugin's module (or take the one given) and register its hooks."""
        self.plugins[plugin.name] = plugin
        if plugin.status == "disabled":
            return
        started = time.perf_counter()
        loaded = module or _quietly(lambda: importlib.import_module(plugin.module))
        elapsed_ms = (time.perf_counter() - started) * 1e3
        self.plugins[plugin.name] = replace(plugin, ms=round(elapsed_ms, 2))
        if isinstance(loaded, Failure):
            self._fail(plugin.name, loaded.summary)
            return
        registered = _quietly(lambda: self._manager.register(loaded, name=plugin.name))
        if isinstance(registered, Failure):
            self._drop(plugin.name, _in_words(registered.summary))
            return
        self._refuse_misspelt_hooks()
        self._refuse_wrappers(plugin.name)

    def specs(self, kind: str) -> list[tuple[Plugin, Spec]]:
        """Return what the healthy plugins offer of a kind (`environment`, `verifier`, `sandbox`)."""
        hook = KINDS[kind]
        if hook not in self._answers:
            self._answers[hook] = [
                (plugin, spec)
                for plugin, answer in self.ask(hook)
                for spec in self._valid_specs(plugin, hook, answer)
            ]
        return self._answers[hook]

    def commands(self) -> list[click.Command]:
        """Return the commands that plugins add; what is not a command fails its plugin."""
        found: list[click.Command] = []
        for plugin, answer in self.ask("rlvr_commands"):
            for command in answer if isinstance(answer, list) else [answer]:
                if isinstance(command, click.Command):
                    found.append(command)
                else:
                    self._fail(plugin.name, f"rlvr_commands returned {command!r}, expected click commands")
        return found

    def ask(self, hook: str, **arguments: Any) -> Iterator[tuple[Plugin, Any]]:
        """Yield each implementation's answer; one that raises marks its plugin failed and is left out."""
        for implementation in list(getattr(self._manager.hook, hook).get_hookimpls()):
            name = implementation.plugin_name
            values = [arguments[argument] for argument in implementation.argnames]
            started = time.perf_counter()
            answer = _quietly(partial(implementation.function, *values))
            if self._trace:
                _print_trace(name, hook, arguments, answer, time.perf_counter() - started)
            if isinstance(answer, Failure):
                self._fail(name, f"{hook}: {answer.summary}")
            elif answer is not None:
                yield self.plugins[name], answer

    def tell(self, hook: str, **arguments: Any) -> list[str]:
        """Call a hook that expects no answer; return the names of plugins that failed in it.

        A plugin that raises here is unregistered: a broken logger must not cost a line on every step.
        """
        before = {name for name, plugin in self.plugins.items() if plugin.status == "failed"}
        for _ in self.ask(hook, **arguments):
            pass
        failed = [n for n, p in self.plugins.items() if p.status == "failed" and n not in before]
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
            self._drop(name, _in_words(pending.summary))

    def _refuse_wrappers(self, name: str) -> None:
        plugin = self._manager.get_plugin(name)
        for caller in (self._manager.get_hookcallers(plugin) or []) if plugin else []:
            for implementation in caller.get_hookimpls():
                wraps = implementation.wrapper or implementation.hookwrapper
                if wraps and implementation.plugin_name == name:
                    self._drop(name, f"{caller.name} is a hook wrapper: rlvr plugins cannot wrap each other")
                    return

    def _valid_specs(self, plugin: Plugin, hook: str, answer: object) -> Iterator[Spec]:
        if not isinstance(answer, list | tuple):
            self._fail(plugin.name, f"{hook} returned {type(answer).__name__}, expected a list of Spec")
            return
        seen: set[str] = set()
        for spec in answer:
            wrong = _fault_of(spec, seen)
            if wrong:
                self._fail(plugin.name, f"{hook}: {wrong}")
                continue
            seen.add(spec.name)
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
    found = attempt(lambda: importlib.util.find_spec(module.partition(".")[0]))
    if found is None or isinstance(found, Failure):
        return "unknown"
    roots = [Path(place) for place in found.submodule_search_locations or []]
    files = [(root, path) for root in roots for path in sorted(root.rglob("*")) if _counts(path)]
    if not files and found.origin:
        files = [(Path(found.origin).parent, Path(found.origin))]
    digest = hashlib.sha256()
    for root, path in files:
        digest.update(path.relative_to(root).as_posix().encode() + b"\0")
        digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()[:8]


def _counts(path: Path) -> bool:
    return path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc"


def _installed() -> Iterator[Plugin]:
    seen: set[str] = set()
    for distribution in importlib.metadata.distributions():
        text = attempt(partial(distribution.read_text, "entry_points.txt"))
        if not isinstance(text, str) or f"[{GROUP}]" not in text:
            continue
        name = distribution.metadata["Name"] or "unnamed"
        for entry in distribution.entry_points.select(group=GROUP):
            full = f"{name}/{entry.name}"
            if full not in seen:
                seen.add(full)
                yield Plugin(
                    name=full, distribution=name, version=distribution.version or "0", module=entry.value
                )


def _quietly(call: Any) -> Any:
    # What a plugin prints must not land among the JSON lines on stdout.
    with contextlib.redirect_stdout(sys.stderr):
        return attempt(call)


def _fault_of(spec: object, seen: set[str]) -> str:
    if not isinstance(spec, Spec):
        return f"returned {spec!r}, expected a Spec"
    if (
        not isinstance(spec.name, str)
        or not spec.name
        or "/" in spec.name
        or spec.name.split() != [spec.name]
    ):
        return f"the name {spec.name!r} is not one word without '/'"
    if spec.name in seen:
        return f"the name {spec.name!r} is registered twice"
    module, _, factory = str(spec.entry_point).partition(":")
    if not module or not factory:
        return f"the entry point {spec.entry_point!r} of {spec.name!r} is not 'module:factory'"
    return ""


def _in_words(summary: str) -> str:
    # pluggy names the plugin by its repr; the table names it already.
    kind, _, text = summary.partition(": ")
    if "unknown hook" in text:
        return "unknown hook " + text.partition("unknown hook ")[2].partition(" in plugin")[0]
    return text or kind


def _print_trace(
    name: str, hook: str, arguments: Mapping[str, Any], answer: object, elapsed_s: float
) -> None:
    shown = f"raised {answer.summary}" if isinstance(answer, Failure) else f"-> {answer!r}"
    print(  # noqa: T201 - asked for by RLVR_TRACE
        f"rlvr trace: {name} {hook}({', '.join(arguments)}) {shown:.200} ({elapsed_s * 1e3:.1f} ms)",
        file=sys.stderr,
    )
