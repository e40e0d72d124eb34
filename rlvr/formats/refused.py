"""Files that look like logs of completions and hold none, each with the way out."""

from collections.abc import Mapping
from typing import Any

__all__ = ["refusal"]


def refusal(row: Mapping[str, Any]) -> str | None:
    """Say why there is no completion to be had from rows like this one; None if there may be.

    >>> refusal({"id": 1, "completion": "4"}) is None
    True
    """
    has = row.keys()
    if {"reward", "reason", "parts", "plugin"} <= has and "completion" not in has:
        return "holds verdicts that `rlvr score` wrote, and no completions: give the file that was scored."
    if {"task_key", "valid", "mode"} <= has:
        return (
            "holds what vf-validate found about tasks, and no completions: give a results.jsonl or "
            "traces.jsonl of vf-eval."
        )
    if "responses_create_params" in has and not {"response", "completion", "output"} & has:
        return "holds tasks of NeMo Gym without a response: give the rollouts that were collected from them."
    return None
