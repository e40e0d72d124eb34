"""A run's state on disk and back: weights, optimiser, where in the tasks it was, what it remembers."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from rlvr.boundary import Failure, attempt
from rlvr.errors import RunError
from rlvr.train.collect import Collector
from rlvr.train.folder import RunFolder
from rlvr.train.learner import Learner
from rlvr.train.models import LoadedModel, adapted

__all__ = ["Saver", "load_weights", "restore", "state_of"]

_STATE, _OPTIMIZER, _REWARD_MODEL = "state.json", "optimizer.pt", "reward_model"
_ADAPTER = "trained.safetensors"


@dataclass(slots=True, kw_only=True)
class Saver:
    """Writes checkpoints and removes those that are no longer needed.

    Attributes:
        ends: Steps that end a stage, whose checkpoints stay.
        best: The step whose checkpoint stays because it evaluated best, if any.
        limit: How many others stay, the newest.
    """

    folder: RunFolder
    loaded: LoadedModel
    provenance: str
    limit: int
    ends: frozenset[int]
    best: int | None = None

    def save(self, learner: Learner, state: dict[str, Any], step: int) -> None:
        """Write a checkpoint with the collector's state; it counts once its mark is written, at the end."""
        place = self.folder.checkpoints / f"checkpoint-{step}"
        if (place / "rlvr.json").exists():
            return
        done = attempt(lambda: self._write(place, learner, state))
        if isinstance(done, Failure):
            shutil.rmtree(place, ignore_errors=True)
            raise RunError(
                f"the checkpoint {str(place)!r} cannot be written: {done.summary.rstrip('.')}. Free some "
                "space; the last whole checkpoint is kept for --resume."
            )
        self.folder.finish_checkpoint(step, {"environment": self.provenance, "stage": learner.stage.index})
        self._tidy()

    def _write(self, place: Path, learner: Learner, state: dict[str, Any]) -> None:
        place.mkdir(parents=True, exist_ok=True)
        self.loaded.model.save_pretrained(place)
        if adapted(self.loaded.model):  # PEFT's own file has other names for them
            trained = {n: p.detach() for n, p in self.loaded.model.named_parameters() if p.requires_grad}
            save_file(trained, place / _ADAPTER)
        if learner.model is not self.loaded.model:
            learner.model.save_pretrained(place / _REWARD_MODEL)
        self.loaded.tokenizer.save_pretrained(place)
        head = None if learner.head is None else learner.head.state_dict()
        torch.save({"optimizer": learner.optimizer.state_dict(), "head": head}, place / _OPTIMIZER)
        (place / _STATE).write_text(json.dumps(state) + "\n")

    def _tidy(self) -> None:
        whole = [mark.parent for mark in self.folder.checkpoints.glob("checkpoint-*/rlvr.json")]
        steps = sorted((int(place.name.rpartition("-")[2]), place) for place in whole)
        passing = [(step, place) for step, place in steps if step not in self.ends | {self.best}]
        for _, place in passing[: -self.limit]:
            (place / "rlvr.json").unlink()  # the mark first: what is half removed is torn
            shutil.rmtree(place)


def load_weights(place: Path, model: Any) -> None:
    """Give a model the weights of a checkpoint, to the bit."""
    if adapted(model):
        own = load_file(place / _ADAPTER, device=str(model.device))
        trained = {name for name, parameter in model.named_parameters() if parameter.requires_grad}
        if own.keys() != trained:
            raise RunError("the adapter has other weights than [peft] asks for")
        model.load_state_dict(own, strict=False)
        return
    weights: dict[str, Any] = {}
    for file in sorted(place.glob("*.safetensors")):
        weights.update(load_file(file, device=str(model.device)))
    missing = set(model.load_state_dict(weights, strict=False).missing_keys) - {*model.all_tied_weights_keys}
    if missing:
        raise RunError(f"{len(missing)} weights are missing, {min(missing)!r} among them")


def restore(place: Path, learner: Learner, collector: Collector) -> None:
    """Bring a learner and a collector to where a checkpoint was.

    Raises:
        RunError: The checkpoint cannot be read.
    """
    done = attempt(lambda: _read(place, learner, collector))
    if isinstance(done, Failure):
        raise RunError(
            f"the checkpoint {str(place)!r} cannot be read: {done.summary.rstrip('.')}. Remove it to go on "
            "from the one before."
        )


def _read(place: Path, learner: Learner, collector: Collector) -> None:
    other = place / _REWARD_MODEL
    load_weights(other if other.exists() else place, learner.model)
    found = torch.load(place / _OPTIMIZER, map_location=learner.model.device, weights_only=True)
    learner.optimizer.load_state_dict(found["optimizer"])
    if learner.head is not None:
        learner.head.load_state_dict(found["head"])
    collector.restore(state_of(place))


def state_of(place: Path) -> dict[str, Any]:
    """Return where in the tasks a checkpoint was, and what it remembered."""
    return dict(json.loads((place / _STATE).read_text()))
