"""Metrics to TensorBoard, W&B, trackio and whatever accelerate knows: handed through, never in the way."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from rlvr.boundary import Failure, attempt
from rlvr.errors import InputError, UnknownName

__all__ = ["Trackers", "check_trackers", "open_trackers"]


def check_trackers(names: Sequence[str]) -> None:
    """Refuse a tracker that accelerate does not know or that is not installed.

    Raises:
        UnknownName, InputError: As said.
    """
    if not names:
        return
    from accelerate import tracking

    known = [str(name) for name in tracking.LOGGER_TYPE_TO_CLASS]
    ready = [str(getattr(one, "value", one)) for one in tracking.get_available_trackers()]
    for name in names:
        if name not in known:
            raise UnknownName("tracker", name, known)
        if name not in ready:
            raise InputError(f"run.report_to: {name!r} is not installed: pip install {name}.")


@dataclass(slots=True, kw_only=True)
class Trackers:
    """The trackers of a run; one that fails is told no more, and the run goes on."""

    say: Callable[[str], None]
    open: dict[str, Any] = field(default_factory=dict)

    def log(self, step: int, numbers: Mapping[str, float | None]) -> None:
        """Hand on a step's numbers; those that are None are left out."""
        values = {name: value for name, value in numbers.items() if value is not None}
        self._each(lambda tracker: tracker.log(values, step=step))

    def finish(self) -> None:
        """Close them."""
        self._each(lambda tracker: tracker.finish())

    def _each(self, do: Callable[[Any], object]) -> None:
        for name, tracker in list(self.open.items()):
            done = attempt(partial(do, tracker))
            if isinstance(done, Failure):
                del self.open[name]
                self.say(f"Warning: the tracker {name} failed and is told no more: {done.summary}.")


def open_trackers(
    names: Sequence[str], folder: Path, config: Mapping[str, Any], *, say: Callable[[str], None]
) -> Trackers:
    """Open trackers for a run, named after its folder, and give them its config."""
    trackers = Trackers(say=say)
    if not names:
        return trackers
    import torch
    from accelerate import PartialState, tracking

    PartialState(cpu=not torch.cuda.is_available())  # its loggers ask for it

    def start(name: str) -> Any:
        kind = tracking.LOGGER_TYPE_TO_CLASS[name]
        place = [str(folder)] if kind.requires_logging_directory else []
        tracker = kind(folder.name, *place)
        tracker.main_process_only = False  # only the first process opens any
        tracker.start()
        tracker.store_init_configuration(_flat(config))
        return tracker

    for name in names:
        made = attempt(partial(start, name))
        if isinstance(made, Failure):
            say(f"Warning: the tracker {name} cannot be opened: {made.summary}.")
        else:
            trackers.open[name] = made
    return trackers


def _flat(table: Mapping[str, Any], stem: str = "") -> dict[str, Any]:
    """Return a nested table under dotted names, as the trackers take it.

    >>> _flat({"run": {"seed": 3, "report_to": ("wandb",)}})
    {'run.seed': 3, 'run.report_to': "('wandb',)"}
    """
    found: dict[str, Any] = {}
    for name, value in table.items():
        if isinstance(value, Mapping):
            found |= _flat(value, f"{stem}{name}.")
        else:
            found[f"{stem}{name}"] = value if isinstance(value, int | float | str | bool) else str(value)
    return found
