"""The contract between rlvr and its plugins: seven hooks, and the `Spec` that four of them return.

A plugin is a distribution with an entry point in the group `rlvr`:

    [project.entry-points.rlvr]
    words = "rlvr_words"

whose module implements any of these hooks with `@hookimpl`. Hooks that ask return Specs, so that
listing imports nothing heavy; hooks that tell return nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import click
import pluggy

from rlvr.types import Rollout

__all__ = ["GROUP", "KINDS", "Hooks", "Spec", "hookimpl", "hookspec"]

GROUP = "rlvr"
hookspec = pluggy.HookspecMarker(GROUP)
hookimpl = pluggy.HookimplMarker(GROUP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """A name, and where to find the factory that makes what it names.

    Attributes:
        name: Short name in kebab-case or snake_case; the full name is `distribution/name`.
        entry_point: `"module:factory"`, imported only when the thing is made. A factory takes keyword
            options with plain annotations (`int`, `float`, `str`, `bool`) and defaults.
        summary: One line for `rlvr list`.
        facts: What a listing shows beside it without making the thing, texts and whole numbers: of a labelled
            set `rows`, `version` and `verifier`.
        extra: The extra of its distribution that it needs. Where one is named, it is made in worker processes
            only, in an environment of its own into which that extra is installed at first use: what it pins
            meets the pins of nothing else.
        alone: Requirements that are installed there too, without what they depend on: for a distribution of
            which a module is used, and not the framework that it belongs to. Needs an `extra`.
    """

    name: str
    entry_point: str
    summary: str
    facts: Mapping[str, str | int] = field(default_factory=dict)
    extra: str = ""
    alone: tuple[str, ...] = ()


KINDS: Mapping[str, str] = {
    "environment": "rlvr_environments",
    "verifier": "rlvr_verifiers",
    "sandbox": "rlvr_sandboxes",
    "bench": "rlvr_benches",
}
"""What can be listed and made, and the hook that names it."""


class Hooks:
    """Every hook a plugin can implement."""

    @hookspec
    def rlvr_environments(self) -> list[Spec]:
        """Return the environments on offer; a factory returns an `Environment`."""
        raise NotImplementedError

    @hookspec
    def rlvr_verifiers(self) -> list[Spec]:
        """Return the verifiers on offer; a factory returns a `Verifier`."""
        raise NotImplementedError

    @hookspec
    def rlvr_sandboxes(self) -> list[Spec]:
        """Return the sandboxes on offer; a factory returns a `Sandbox`."""
        raise NotImplementedError

    @hookspec
    def rlvr_benches(self) -> list[Spec]:
        """Return the labelled sets on offer; a factory returns a `LabelledSet`."""
        raise NotImplementedError

    @hookspec
    def rlvr_commands(self) -> list[click.Command]:
        """Return commands to add to `rlvr`; a name that exists already is refused."""
        raise NotImplementedError

    @hookspec
    def rlvr_rollout_scored(self, rollout: Rollout) -> None:
        """Learn of each rollout of a training run, in order, in the trainer's process."""

    @hookspec
    def rlvr_step_finished(self, step: int, metrics: Mapping[str, float]) -> None:
        """Learn of the numbers of each finished training step (the first is 1)."""
