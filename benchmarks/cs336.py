"""The toy of Stanford CS336's lecture 17 on our rewards, advantages and losses: `python benchmarks/cs336.py`.

Three prompts of three numbers are to be sorted by a model of 650 parameters that writes its three numbers
independently of each other. What is measured stands beside what the lecture gives: in the logs that it
publishes, in its code as it runs, and in its code with the ratio put right (docs/lessons/ratio.md), by
github.com/stanford-cs336/spring2025-lectures at 6b862af. The exit code is 1 if one differs by more than
0.0005. The draws and their order are the lecture's, so that a seed gives the same responses.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor

from rlvr.advantage import Convention, group_advantages
from rlvr.registry import make
from rlvr.scoring import score
from rlvr.train.algorithms import Surrogate
from rlvr.train.losses import Clip, Totals, aggregate, ratio, surrogate_loss
from rlvr.types import Completion, Environment, Task

Loss = Literal["naive", "divided", "divided, clipped", "ratio", "ratio, clipped"]
Reward = Literal["sort_inclusion_ordering", "sort_distance"]
Row = dict[str, Any]
Source = Literal["its log", "its code, run", "its code, put right"]

PROMPTS = ((1, 0, 2), (3, 2, 4), (1, 2, 3))
EPOCHS, STEPS, RESPONSES = 100, 10, 10
WIDTH = 10
CLIP = Clip(low=0.01, high=0.01)
EPS = 1e-5
SEED = 5
TOLERANCE = 0.0005
LAST_TEN = -1
NAMES: dict[Convention, str] = {"none": "raw", "centred": "centred", "unbiased_std": "normalised"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One run: how rewards become advantages, and which loss learns from them."""

    advantage: Convention
    loss: Loss = "naive"
    reward: Reward = "sort_inclusion_ordering"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the lecture gives for a setting: epoch -> mean reward, or `LAST_TEN` -> that of ten epochs."""

    setting: Setting
    source: Source
    at: dict[int, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorter:
    """The model: an embedding shared by both ends, and a matrix for each place of prompt and response."""

    embed_VD: Tensor
    read_PDD: Tensor
    write_PDD: Tensor

    @property
    def weights(self) -> list[Tensor]:
        """All that is trained."""
        return [self.embed_VD, self.read_PDD, self.write_PDD]

    def logp(self, prompt_BP: Tensor) -> Tensor:
        """Return the log-probability of each number at each place of the response, [B, P, V]."""
        thought_BD = torch.einsum("bpd,pde->be", self.embed_VD[prompt_BP], self.read_PDD)
        said_BPD = torch.einsum("bd,pde->bpe", thought_BD, self.write_PDD)
        return torch.einsum("bpd,vd->bpv", said_BPD, self.embed_VD).log_softmax(-1)


def main() -> None:
    """Print the table; exit with 1 if a figure is not the lecture's."""
    parser = argparse.ArgumentParser(description="The toy of CS336, lecture 17, on our parts.")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    as_json = parser.parse_args().json
    torch.set_num_threads(1)
    rows = [row for known in KNOWN for row in compare(known)]
    print(json.dumps(rows, indent=2) if as_json else drawn(rows))
    sys.exit(any(row["differs"] for row in rows))


def compare(known: Known) -> list[Row]:
    """Run a setting; return a row for each figure that is known of it."""
    setting, rewards = known.setting, train(known.setting)
    return [
        {
            "reward": setting.reward,
            "loss": setting.loss,
            "advantage": NAMES[setting.advantage],
            "epoch": "last ten" if epoch == LAST_TEN else epoch,
            "measured": round(measured(rewards, epoch), 6),
            "expected": expected,
            "source": known.source,
            "differs": abs(measured(rewards, epoch) - expected) > TOLERANCE,
        }
        for epoch, expected in known.at.items()
    ]


def measured(rewards: Sequence[float], epoch: int) -> float:
    """Return the mean reward of an epoch, or of the last ten together."""
    return sum(rewards[-10:]) / 10 if epoch == LAST_TEN else rewards[epoch]


def train(setting: Setting) -> list[float]:
    """Train the toy; return the mean reward of each epoch, taken before its updates."""
    random = torch.Generator().manual_seed(SEED)
    prompt_BP = torch.tensor(PROMPTS)
    model = sorter(int(prompt_BP.max()) + 1, prompt_BP.shape[1], random)
    optimizer = torch.optim.Adam(model.weights, lr=1e-3)
    environment = make("sort", length=prompt_BP.shape[1], reward=setting.reward)
    means = []
    for _ in range(EPOCHS):
        response_BNP = sample(model, prompt_BP, random)
        rewards = [judge(environment, *pair) for pair in zip(PROMPTS, response_BNP.tolist(), strict=True)]
        means.append(sum(map(sum, rewards)) / response_BNP[..., 0].numel())
        advantages = [group_advantages(group, convention=setting.advantage, eps=EPS) for group in rewards]
        advantage_R1 = torch.tensor(advantages).reshape(-1, 1)
        old_RP = chosen(model, prompt_BP, response_BNP).detach()
        for _ in range(STEPS):
            loss = loss_of(chosen(model, prompt_BP, response_BNP), old_RP, advantage_R1, setting.loss)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return means


def sorter(vocabulary: int, places: int, random: torch.Generator) -> Sorter:
    """Return a fresh model: standard normal, the matrices over the root of their width."""
    embed_VD = torch.empty(vocabulary, WIDTH).normal_(generator=random)
    read_PDD, write_PDD = (
        torch.randn(places, WIDTH, WIDTH, generator=random) / WIDTH**0.5 for _ in ("read", "write")
    )
    model = Sorter(embed_VD=embed_VD, read_PDD=read_PDD, write_PDD=write_PDD)
    for weight in model.weights:
        weight.requires_grad_()
    return model


def sample(model: Sorter, prompt_BP: Tensor, random: torch.Generator) -> Tensor:
    """Draw the responses of each prompt, [B, N, P]: place by place, N draws at each."""
    p_BPV = model.logp(prompt_BP).detach().exp()
    drawn_QN = torch.multinomial(p_BPV.flatten(0, 1), RESPONSES, replacement=True, generator=random)
    return drawn_QN.unflatten(0, prompt_BP.shape).transpose(1, 2)


def chosen(model: Sorter, prompt_BP: Tensor, response_BNP: Tensor) -> Tensor:
    """Return the log-probability of each number of each response, [B * N, P]."""
    logp_BPN = model.logp(prompt_BP).gather(-1, response_BNP.transpose(1, 2))
    return logp_BPN.transpose(1, 2).flatten(0, 1)


def judge(environment: Environment, numbers: Sequence[int], responses: list[list[int]]) -> list[float]:
    """Return the lecture's reward of each response: what the verifier counted, before it is made 0 to 1."""
    task = Task(id="toy", prompt=(), answer=" ".join(map(str, sorted(numbers))))
    texts = [" ".join(map(str, response)) for response in responses]
    return [score(environment.verifier, task, Completion(text=text)).parts["raw"] for text in texts]


def loss_of(logp_RP: Tensor, old_RP: Tensor, advantage_R1: Tensor, loss: Loss) -> Tensor:
    """Return the mean loss over all responses and places."""
    mask_RP = torch.ones_like(logp_RP)
    divided = loss.startswith("divided")
    ratio_RP = logp_RP / old_RP if divided else ratio(logp_RP, old_RP, mask_RP, level="token")
    surrogate: Surrogate = (
        "likelihood" if loss == "naive" else "clip" if loss.endswith("clipped") else "ratio"
    )
    loss_RP = surrogate_loss(logp_RP, ratio_RP, advantage_R1, surrogate=surrogate, clip=CLIP)
    rows, places = logp_RP.shape
    totals = Totals(rows=rows, tokens=rows * places, length=places)
    return aggregate(loss_RP, mask_RP, mode="token-mean", totals=totals)


def drawn(rows: Sequence[Row]) -> str:
    """Return the rows as a Markdown table."""
    lines = ["| reward | loss | advantage | epoch | measured | expected | source |", "|" + "---|" * 7]
    for row in rows:
        cells = [row["reward"], row["loss"], row["advantage"], row["epoch"]]
        figures = f"{row['measured']:.3f}{' DIFFERS' if row['differs'] else ''} | {row['expected']:.3f}"
        lines.append(f"| {' | '.join(map(str, cells))} | {figures} | {row['source']} |")
    return "\n".join(lines)


def _naive(advantage: Convention, early: float, later: float, last: float) -> Known:
    at = {0: 2.333, 10: early, 20: later, 99: last}
    return Known(setting=Setting(advantage=advantage), source="its log", at=at)


def _kept(advantage: Convention, loss: Loss, last_ten: float) -> Known:
    source: Source = "its code, run" if loss.startswith("divided") else "its code, put right"
    return Known(
        setting=Setting(advantage=advantage, loss=loss), source=source, at={0: 2.333, LAST_TEN: last_ten}
    )


def _distance(advantage: Convention, last_ten: float) -> Known:
    setting = Setting(advantage=advantage, reward="sort_distance")
    return Known(setting=setting, source="its code, run", at={0: 0.0, LAST_TEN: last_ten})


KNOWN = (
    _naive("none", 2.667, 2.667, 2.667),
    _naive("centred", 3.0, 3.333, 3.333),
    _naive("unbiased_std", 3.033, 3.333, 3.333),
    _kept("centred", "divided", 1.333),
    _kept("unbiased_std", "divided", 1.333),
    _kept("centred", "divided, clipped", 1.333),
    _kept("unbiased_std", "divided, clipped", 1.667),
    _kept("centred", "ratio", 3.660),
    _kept("unbiased_std", "ratio", 3.667),
    _kept("centred", "ratio, clipped", 3.647),
    _kept("unbiased_std", "ratio, clipped", 3.660),
    _distance("none", 0.667),
    _distance("centred", 1.0),
    _distance("unbiased_std", 1.0),
)

if __name__ == "__main__":
    main()
