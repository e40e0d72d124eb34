"""What ships inside, registered through the same door as everyone's plugins."""

from rlvr.hookspecs import Spec, hookimpl

__all__ = ["rlvr_environments", "rlvr_verifiers"]


@hookimpl
def rlvr_environments() -> list[Spec]:
    """Offer the environment that needs no plugin and no data."""
    return [
        Spec(
            name="echo",
            entry_point="rlvr.builtin.echo:load",
            summary="Say a number back: a smoke test that needs no plugin.",
        )
    ]


@hookimpl
def rlvr_verifiers() -> list[Spec]:
    """Offer the simplest verifier, and what a run can train into one."""
    return [
        Spec(
            name="identical",
            entry_point="rlvr.builtin.echo:identical_verifier",
            summary="The whole completion, surrounding space aside, is an accepted reference.",
        ),
        Spec(
            name="reward-model",
            entry_point="rlvr.train.reward_model:load",
            summary="A reward model that a run trained: -o path=RUN/reward_model, with its measured error.",
        ),
    ]
