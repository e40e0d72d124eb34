"""What a run leaves on disk, and how a later process finds its way back into it."""

import importlib.metadata
import json
import os
import platform
import shutil
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

import tomli_w

from rlvr.errors import InputError, RunError
from rlvr.plugins import content_hash, host
from rlvr.registry import Entry
from rlvr.runlog import read, set_aside
from rlvr.train.settings import ModelTable, TrainConfig, load

__all__ = ["RunFolder", "best", "latest", "open_folder", "trained_model"]

LIBRARIES = ("rlvr", "torch", "transformers", "trl", "accelerate", "datasets")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFolder:
    """The files of one run.

    Attributes:
        resumed_step: The step of the checkpoint that this process goes on from; 0 for a fresh start.
    """

    path: Path
    resumed_step: int = 0

    @property
    def metrics(self) -> Path:
        """One line of numbers a step."""
        return self.path / "metrics.jsonl"

    @property
    def rollouts(self) -> Path:
        """One line a completion."""
        return self.path / "rollouts.jsonl"

    @property
    def evaluations(self) -> Path:
        """One line an evaluation."""
        return self.path / "evaluations.jsonl"

    @property
    def alarms(self) -> Path:
        """One line an alarm."""
        return self.path / "alarms.jsonl"

    @property
    def checkpoints(self) -> Path:
        """The trainer's own folders `checkpoint-STEP`."""
        return self.path / "checkpoints"

    @property
    def checkpoint(self) -> Path | None:
        """The last checkpoint that was written to its end, or None."""
        return latest(self.path)

    def write_start(self, config: TrainConfig, entry: Entry) -> None:
        """Write the resolved config, and what the run stands on: plugins with hashes, versions, machine."""
        (self.path / "config.toml").write_text(tomli_w.dumps(asdict(config)), encoding="utf-8")
        surroundings = _surroundings(entry, config.run.seed)
        (self.path / "environment.json").write_text(json.dumps(surroundings, indent=2) + "\n")

    def changed_since(self, entry: Entry) -> list[str]:
        """Say what is not as it was when the run began: a resumed run may then go on differently."""
        before = json.loads((self.path / "environment.json").read_text())
        now = _surroundings(entry, before["seed"])
        pairs = [("environment", before["environment"], now["environment"])]
        pairs += [(name, was, now["versions"].get(name)) for name, was in before["versions"].items()]
        return [f"{name} was {was} and is {is_now}" for name, was, is_now in pairs if was != is_now]

    def finish_checkpoint(self, step: int, state: Mapping[str, Any]) -> None:
        """Mark a checkpoint as whole: what has no mark was torn by a crash and is not resumed from."""
        place = self.checkpoints / f"checkpoint-{step}"
        part = place / "rlvr.json.part"
        part.write_text(json.dumps({"step": step, **state}) + "\n")
        part.replace(place / "rlvr.json")


def open_folder(wanted: str, name: str, *, resume: bool) -> RunFolder:
    """Return the folder of a run, made ready: a new one, or on `resume` the last with what it has.

    Raises:
        RunError: The folder cannot be written, is taken, or there is nothing to resume.
    """
    path = Path(wanted) if wanted else _numbered(name, last=resume)
    taken = (path / "config.toml").exists()
    if resume and not taken:
        raise RunError(f"there is no run in {str(path)!r} to resume: start it without --resume.")
    if taken and not resume:
        raise RunError(
            f"{str(path)!r} holds a run already: go on with it by --resume, or give another run.folder=PATH."
        )
    try:
        path.mkdir(parents=True, exist_ok=True)
        (path / ".writable").touch()
        (path / ".writable").unlink()
    except OSError as error:
        raise RunError(
            f"the run folder {str(path)!r} cannot be written: {error.strerror}. Give another run.folder=PATH."
        ) from None
    return _rewound(path) if resume else RunFolder(path=path)


def latest(path: Path) -> Path | None:
    """Return the whole checkpoint with the highest step in a run folder, or None."""
    whole = [mark.parent for mark in (path / "checkpoints").glob("checkpoint-*/rlvr.json")]
    return max(whole, key=lambda place: int(place.name.rpartition("-")[2]), default=None)


def best(path: Path) -> Path | None:
    """Return the whole checkpoint of a run folder that did best on held-out tasks, the first of equals."""
    rows = read(path / "evaluations.jsonl") if (path / "evaluations.jsonl").exists() else iter(())
    rates = {int(row["step"]): float(row["pass"].get("1", 0.0)) for row in rows}
    whole = {step: path / "checkpoints" / f"checkpoint-{step}" for step in sorted(rates)}
    known = [step for step, place in whole.items() if (place / "rlvr.json").exists()]
    return whole[max(known, key=lambda step: rates[step])] if known else None


def trained_model(
    path: Path, *, which: Literal["last", "best"] = "last"
) -> tuple[TrainConfig, ModelTable] | None:
    """Return the config of a run folder and how to load a checkpoint of it; None if it is no run folder.

    Raises:
        InputError: The run has no such checkpoint.
    """
    if not (path / "config.toml").exists():
        return None
    place = latest(path) if which == "last" else best(path)
    if place is None:
        kind = " that was evaluated" if which == "best" else ""
        raise InputError(f"the run {str(path)!r} has no whole checkpoint{kind} yet.")
    config = load(path / "config.toml")
    return config, replace(config.model, name=str(place), vocabulary="")


def _rewound(path: Path) -> RunFolder:
    """Go back to the last whole checkpoint: later rows are set aside, torn checkpoints removed."""
    found = latest(path)
    step = int(found.name.rpartition("-")[2]) if found else 0
    folder = RunFolder(path=path, resumed_step=step)
    for log in (folder.metrics, folder.rollouts, folder.evaluations, folder.alarms):
        set_aside(log, after_step=step if step else -1)
    for place in folder.checkpoints.glob("checkpoint-*"):
        if not (place / "rlvr.json").exists():
            shutil.rmtree(place)
    return folder


def _numbered(name: str, *, last: bool) -> Path:
    places = [place for place in Path("runs").glob(f"{name}-*") if place.name[len(name) + 1 :].isdigit()]
    runs = [place for place in places if (place / "config.toml").exists()]
    highest = max((int(place.name[len(name) + 1 :]) for place in (runs if last else places)), default=0)
    if last and not runs:
        raise RunError(f"there is no run of {name!r} in runs/ to resume: start one without --resume.")
    return Path("runs") / f"{name}-{highest if last else highest + 1}"


def _surroundings(entry: Entry, seed: int) -> dict[str, Any]:
    return {
        "environment": entry.provenance,
        "plugins": {
            plugin.name: {
                "version": plugin.version,
                "hash": content_hash(plugin.module),
                "status": plugin.status,
            }
            for plugin in host().plugins.values()
        },
        "versions": {"python": platform.python_version(), **{name: _version(name) for name in LIBRARIES}},
        "machine": {"platform": platform.platform(), "cores": os.cpu_count(), "accelerator": _accelerator()},
        "seed": seed,
        "command": sys.argv,
        "started": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
    }


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "absent"


def _accelerator() -> str:
    import torch

    return torch.cuda.get_device_name() if torch.cuda.is_available() else "none"
