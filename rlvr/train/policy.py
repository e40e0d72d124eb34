"""A transformers model as a policy: tasks in, completions out, each handed on the moment it ends."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import torch

from rlvr.train.decode import Finished, Sampling, decode
from rlvr.train.models import LoadedModel
from rlvr.train.slots import SlotDecoder
from rlvr.train.stages import TrainerTable
from rlvr.types import Completion, Task

__all__ = ["TransformersPolicy", "sampling_of"]

OnCompletion = Callable[[int, Completion], None]


@dataclass(slots=True, kw_only=True)
class TransformersPolicy:
    """Samples from a model in this process.

    Attributes:
        loaded: The model and how to speak to it.
        sampling: How tokens are drawn.
        seed: The draws of `generate` are a function of it.
        rows: At most so many completions are decoded at once; 0 is all.
        slots: Decodes in their place, if given, in as many slots as it has.
        bf16: Compute in bfloat16, as the trainer does.
    """

    loaded: LoadedModel
    sampling: Sampling
    seed: int = 0
    rows: int = 0
    slots: SlotDecoder | None = None
    bf16: bool = False

    def generate(self, tasks: Sequence[Task], *, samples: int) -> list[list[Completion]]:
        """Return `samples` completions of each task."""
        found: dict[int, Completion] = {}
        self.sample(tasks, samples=samples, seed=self.seed, done=found.__setitem__)
        return [[found[t * samples + s] for s in range(samples)] for t in range(len(tasks))]

    def sample(
        self, tasks: Sequence[Task], *, samples: int, seed: int, done: OnCompletion
    ) -> list[list[int]]:
        """Call `done(task * samples + sample, completion)` as each ends; return the prompts' token ids."""
        model = self.loaded.model
        prompts = [self.loaded.encode(task.prompt) for task in tasks]
        generator = torch.Generator(device=model.device).manual_seed(seed)
        chunk = max(1, self.rows // samples) if self.rows and self.slots is None else len(tasks)
        write = partial(decode, model) if self.slots is None else self.slots.decode
        training = model.training
        model.eval()
        with torch.autocast(model.device.type, torch.bfloat16, enabled=self.bf16):
            for first in range(0, len(tasks), max(chunk, 1)):
                write(
                    prompts[first : first + chunk],
                    samples=samples,
                    sampling=self.sampling,
                    stop_ids=self.loaded.stop_ids,
                    generator=generator,
                    finished=lambda rows, first=first: self._hand_on(rows, first * samples, done),
                )
        model.train(training)
        return prompts

    def _hand_on(self, rows: list[Finished], offset: int, done: OnCompletion) -> None:
        texts = self.loaded.decode([row.token_ids for row in rows])
        for row, text in zip(rows, texts, strict=True):
            completion = Completion(
                text=text,
                token_ids=tuple(row.token_ids),
                logprobs=tuple(row.logprobs),
                finish_reason="stop" if row.stopped else "length",
            )
            done(offset + row.row, completion)


def sampling_of(table: TrainerTable) -> Sampling:
    """Return how a stage draws tokens."""
    return Sampling(
        max_new_tokens=table.max_completion_length,
        temperature=table.temperature,
        top_p=table.top_p,
        top_k=table.top_k,
        min_p=table.min_p,
    )
