"""The checks that need no process of their own, on an environment that somebody holds in their hands."""

from collections.abc import Iterable, Iterator

from rlvr.check.catalogue import CHECKS, Finding
from rlvr.check.probes import canaries
from rlvr.check.questions import questions
from rlvr.check.tasks import draw
from rlvr.check.verdicts import conclusions, difference, judge_all
from rlvr.scoring import judged, score
from rlvr.types import Completion, Environment, Rollout, Task

__all__ = ["check_environment"]

_ERRORS = {check.name for check in CHECKS if check.severity == "error"}


def check_environment(environment: Environment, *, tasks: int = 20) -> list[Finding]:
    """Return what is wrong with an environment, judged on its first tasks; empty if nothing is.

    These are the checks of `rlvr check` that can be made in this process and are no mere warnings: on tasks
    and references, on what hostile texts are paid, on verdicts that repeat. There is no deadline here, and a
    verifier that exits takes this process along.
    """

    def in_turn(pairs: Iterable[tuple[Task, Completion]]) -> Iterator[Rollout]:
        return (judged(environment.verifier, task, completion) for task, completion in pairs)

    drawn = draw(environment, tasks)
    asked = questions(drawn.tasks, drawn.references)
    probes = [
        (question, probe) for place, question in enumerate(asked) for probe in canaries(question, place)
    ]
    tried = judge_all(probes, in_turn, timeout_s=None).judged
    findings = [*drawn.findings, *conclusions(tried, timeout_s=None)]
    for one in tried:
        if one.probe.role == "reference" and one.score.error is None:
            again = score(environment.verifier, one.question.task, Completion(text=one.probe.text))
            detail = difference(one.score, again)
            if detail:
                findings.append(
                    Finding(
                        check="semantic.verifier_determinism",
                        task=one.question.task.id,
                        detail=detail,
                        text=one.probe.text,
                    )
                )
    return [finding for finding in findings if finding.check in _ERRORS]
