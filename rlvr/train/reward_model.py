"""A reward model: what a `reward_model` stage leaves, and the verifier that reads it."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import nn

from rlvr.errors import InputError
from rlvr.stats import wilson
from rlvr.train.forward import Example, read, read_to_its_end
from rlvr.train.learner import Learner
from rlvr.train.models import LoadedModel, load_model
from rlvr.train.settings import ModelTable
from rlvr.types import RIGHT, Completion, Rollout, Score, Task

__all__ = ["Judgements", "RewardModel", "export", "load", "measured", "rate"]

_ABOUT, _HEAD = "reward_model.json", "head.safetensors"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgements:
    """What a reward model said of completions that a verifier had judged, task by task.

    Attributes:
        groups: (score, right) of each scored completion of each task.
    """

    groups: Sequence[Sequence[tuple[float, bool]]]


@torch.no_grad()
def rate(
    model: Any, head: nn.Module, loaded: LoadedModel, pairs: Sequence[tuple[Task, Completion]], *, rows: int
) -> list[float]:
    """Return the model's score of each completion: its head after the last token."""
    examples = []
    for task, completion in pairs:
        ids = completion.token_ids or loaded.encode_completion(completion.text)
        example = Example(prompt_ids=loaded.encode(task.prompt), completion_ids=ids)
        examples.append(read_to_its_end(example, loaded.end_id))
    model.eval()
    found: list[float] = []
    for start in range(0, len(examples), rows):
        seen = read(model, examples[start : start + rows], head=head)
        last_B = seen.mask_BT.sum(-1).long() - 1
        values_BT = seen.mask_BT if seen.value_BT is None else seen.value_BT
        found += values_BT.gather(1, last_B[:, None])[:, 0].tolist()
    return found


def measured(judgements: Judgements) -> dict[str, Any]:
    """Say how often a reward model is wrong: a threshold from every other task, errors on the rest.

    Returns the threshold that errs least on the tasks at even places, and of those at odd places: the share
    of pairs (one right, one wrong completion of a task) that it orders rightly, and the rates of false
    positives and false negatives with their Wilson 95% intervals. A rate of nothing is None.
    """
    known = [pair for group in judgements.groups[::2] for pair in group]
    fresh = [pair for group in judgements.groups[1::2] for pair in group]
    threshold = _threshold(known)
    pairs = [
        (right, wrong)
        for group in judgements.groups[1::2]
        for right, good in group
        for wrong, other in group
        if good and not other
    ]
    ordered = sum(right > wrong for right, wrong in pairs) + sum(r == w for r, w in pairs) / 2
    wrong = [score >= threshold for score, right in fresh if not right]
    good = [score < threshold for score, right in fresh if right]
    return {
        "threshold": threshold,
        "pairs": len(pairs),
        "pair_accuracy": ordered / len(pairs) if pairs else None,
        "false_positive_rate": _rate(wrong),
        "false_negative_rate": _rate(good),
    }


def _threshold(known: Sequence[tuple[float, bool]]) -> float:
    """Return the score that separates right from wrong with the fewest errors; 0.0 where there is nothing.

    >>> _threshold([(0.1, False), (0.4, True), (0.3, False)])
    0.35
    """
    scores = sorted({score for score, _ in known})
    if not scores:
        return 0.0
    between = [(low + high) / 2 for low, high in pairwise(scores)]
    between = [scores[0] - 1.0, *between, scores[-1] + 1.0]
    errors = [sum((score >= cut) != right for score, right in known) for cut in between]
    return between[errors.index(min(errors))]


def _rate(wrong: Sequence[bool]) -> dict[str, Any]:
    share = sum(wrong) / len(wrong) if wrong else None
    return {"n": len(wrong), "rate": share, "interval95": list(wilson(sum(wrong), len(wrong)))}


def export(
    learner: Learner, loaded: LoadedModel, target: Path, held_out: Sequence[Sequence[Rollout]]
) -> None:
    """Write what `load` reads: the model, its head, and how often it is wrong on held-out groups."""
    if learner.head is None:
        raise InputError("there is no reward model to write: the stage before trained none.")
    groups = []
    for group in held_out:
        scored = [rollout for rollout in group if rollout.score.reward is not None]
        scores = rate(learner.model, learner.head, loaded, [(r.task, r.completion) for r in scored], rows=64)
        groups.append([(s, (r.score.reward or 0.0) >= RIGHT) for s, r in zip(scores, scored, strict=True)])
    about = {"chat": loaded.chat, "end_id": loaded.end_id, **measured(Judgements(groups=groups))}
    target.mkdir(parents=True, exist_ok=True)
    learner.model.save_pretrained(target)
    loaded.tokenizer.save_pretrained(target)
    save_file({name: t.contiguous() for name, t in learner.head.state_dict().items()}, target / _HEAD)
    (target / _ABOUT).write_text(json.dumps(about, indent=2) + "\n")


@dataclass(slots=True)
class RewardModel:
    """A verifier that asks a reward model; the model is loaded at the first completion.

    Reward is 1.0 at or above the threshold that `reward_model.json` names, else 0.0; `graded` pays
    sigmoid(score - threshold) instead. How often it is wrong stands in that file.
    """

    path: Path
    graded: bool
    about: dict[str, Any]
    _model: tuple[LoadedModel, nn.Linear] | None = field(default=None)

    def __call__(self, task: Task, completion: Completion) -> Score:
        """Judge one completion."""
        if self._model is None:
            self._model = self._loaded()
        loaded, head = self._model
        plain = Completion(text=completion.text)  # the ids may be another tokenizer's
        (score,) = rate(loaded.model, head, loaded, [(task, plain)], rows=1)
        margin = score - self.about["threshold"]
        probability = 1 / (1 + math.exp(-max(-60.0, min(60.0, margin))))
        return Score(
            reward=probability if self.graded else float(margin >= 0),
            reason="above_threshold" if margin >= 0 else "below_threshold",
            parts={"score": score, "probability": probability},
        )

    def _loaded(self) -> tuple[LoadedModel, nn.Linear]:
        torch.set_num_threads(1)
        table = ModelTable(name=str(self.path), prompt="chat" if self.about["chat"] else "text")
        loaded = load_model(table, seed=0, place=False)
        weights = load_file(self.path / _HEAD)
        head = nn.Linear(weights["weight"].shape[1], 1)
        head.load_state_dict(weights)
        return loaded, head


def load(path: str, graded: bool = False) -> RewardModel:
    """Return the verifier that a `reward_model` stage left in RUN/reward_model.

    Raises:
        InputError: There is none at `path`.
    """
    place = Path(path)
    try:
        about = json.loads((place / _ABOUT).read_text())
    except (OSError, ValueError) as error:
        raise InputError(
            f"there is no reward model in {path!r} ({type(error).__name__}): expected the folder "
            "reward_model/ of a run with a stage algorithm = 'reward_model'."
        ) from None
    return RewardModel(path=place, graded=graded, about=about)
