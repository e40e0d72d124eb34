"""One table of algorithms: each is a row of settings over the same step; a config can override every one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from rlvr.errors import UnknownName

__all__ = ["ALGORITHMS", "Aggregation", "Algorithm", "Estimator", "Kind", "Level", "Surrogate", "algorithm"]

Kind = Literal["policy", "demonstrations", "pairs", "reward_pairs"]
Level = Literal["token", "sequence", "product"]
Surrogate = Literal["likelihood", "ratio", "clip", "cispo", "sapo"]
Aggregation = Literal["token-mean", "seq-mean-token-mean", "seq-mean-token-sum", "seq-mean-token-sum-norm"]
Estimator = Literal["k1", "k2", "k3"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Algorithm:
    """A row of the table.

    Attributes:
        kind: What a step learns from: sampled completions weighted by advantages (`policy`), references
            (`demonstrations`), the best and the worst completion of a group (`pairs`; `reward_pairs` trains a
            reward model instead of the policy).
        settings: What it changes of the defaults of `[trainer]`.
        source: Where its formula is from.
    """

    name: str
    summary: str
    source: str
    kind: Kind = "policy"
    settings: Mapping[str, Any] = field(default_factory=dict)


def algorithm(name: str) -> Algorithm:
    """Return an algorithm by name.

    Raises:
        UnknownName: There is none of that name.
    """
    if name not in ALGORITHMS:
        raise UnknownName("algorithm", name, ALGORITHMS)
    return ALGORITHMS[name]


_ROWS = (
    Algorithm(
        name="sft",
        kind="demonstrations",
        summary="Supervised: the references of tasks, loss on completion tokens only.",
        source="maximum likelihood",
        settings={"surrogate": "likelihood", "loss_agg_mode": "token-mean", "num_generations": 1},
    ),
    Algorithm(
        name="rft",
        summary="Rejection sampling: sample a group, learn from what was verified, again and again.",
        source="RAFT, arXiv 2304.06767",
        settings={"advantage": "verified", "surrogate": "likelihood", "loss_agg_mode": "token-mean"},
    ),
    Algorithm(
        name="reinforce",
        summary="The plain policy gradient: reward times log-probability, no baseline.",
        source="Williams 1992",
        settings={"advantage": "none", "surrogate": "likelihood", "loss_agg_mode": "token-mean"},
    ),
    Algorithm(
        name="reinforce_baseline",
        summary="REINFORCE with the group's mean as baseline, whitened over the batch.",
        source="REINFORCE++-baseline, arXiv 2501.03262",
        settings={"advantage": "whitened", "surrogate": "likelihood", "loss_agg_mode": "token-mean"},
    ),
    Algorithm(
        name="rloo",
        summary="REINFORCE with the mean of the other completions as baseline, whole completions as actions.",
        source="arXiv 2402.14740",
        settings={"advantage": "rloo", "importance_sampling_level": "product"},
    ),
    Algorithm(
        name="grpo",
        summary="Rewards normalised within the group, clipped token ratios, mean of each completion.",
        source="DeepSeekMath, arXiv 2402.03300",
    ),
    Algorithm(
        name="dr_grpo",
        summary="GRPO without its biases: centred rewards, sum over a constant length.",
        source="arXiv 2503.20783",
        settings={"advantage": "centred", "loss_agg_mode": "seq-mean-token-sum-norm"},
    ),
    Algorithm(
        name="dapo",
        summary="GRPO with a higher upper clip, token mean, dynamic sampling, overlong completions masked.",
        source="arXiv 2503.14476",
        settings={
            "epsilon_high": 0.28,
            "loss_agg_mode": "token-mean",
            "dynamic_sampling": True,
            "mask_truncated_completions": True,
        },
    ),
    Algorithm(
        name="gspo",
        summary="GRPO with the ratio of whole completions, length-normalised.",
        source="arXiv 2507.18071",
        settings={"importance_sampling_level": "sequence", "epsilon": 3e-4, "epsilon_high": 4e-4},
    ),
    Algorithm(
        name="cispo",
        summary="Importance weights are clipped, gradients never: every token keeps teaching.",
        source="MiniMax-M1, arXiv 2506.13585",
        settings={"surrogate": "cispo", "epsilon_high": 0.28, "loss_agg_mode": "token-mean"},
    ),
    Algorithm(
        name="sapo",
        summary="A smooth gate in place of the clip.",
        source="arXiv 2511.20347",
        settings={"surrogate": "sapo"},
    ),
    Algorithm(
        name="maxrl",
        summary="Rewards over the group's mean: towards maximum likelihood of success.",
        source="arXiv 2602.02710",
        settings={"advantage": "mean_normalised", "surrogate": "likelihood", "loss_agg_mode": "token-mean"},
    ),
    Algorithm(
        name="ppo",
        summary="Clipped token ratios with a learned value head and generalised advantage estimation.",
        source="arXiv 1707.06347",
        settings={"advantage": "gae", "loss_agg_mode": "token-mean", "num_iterations": 2},
    ),
    Algorithm(
        name="dpo",
        kind="pairs",
        summary="Best against worst of each group, verified, by preference optimisation.",
        source="arXiv 2305.18290",
        settings={"beta": 0.1},
    ),
    Algorithm(
        name="reward_model",
        kind="reward_pairs",
        summary="A reward model from verified pairs, to be used as a verifier afterwards.",
        source="Bradley and Terry 1952; arXiv 2203.02155",
    ),
)
ALGORITHMS: Mapping[str, Algorithm] = {row.name: row for row in _ROWS}
