r"""Our verifier `math` and the checkers on PyPI, on the same rows: `python benchmarks/math_checkers.py`.

Each checker is installed at its pinned release into a virtual environment of its own, under a cache folder,
and runs in a process of its own, from its released code. A row goes to one checker after the other, in random
order, all of them on one core; only the one that is asked runs. A row that takes longer than its deadline is
a hang: the process is killed and started again, and that time is the checker's. The first 20 rows are not
timed.

Accuracy counts every labelled row: one on which a checker gives no verdict (it declines, raises, hangs or
dies) is unscored, and not right. Rows without a label, and those whose kind starts with `policy:`, join only
the times and the hangs. `boxed %` is the accuracy on the completions that hold a box, on which some checkers
insist. Times are taken inside the process, from a parsed request to the verdict; `import s` is from the start
of the interpreter to its first verdict; `MB` is the peak resident memory, with the processes that it keeps.

The default rows come from our own generator and are labelled by our own policy (docs/math-policy.md), which
ours is made to follow and the others are not: read them as that. A few hangs or slow rows outweigh all others
in `per s`; `p50 ms` and `model text per s` are closer to what a training run sees.

Not compared: of rllm (DeepScaleR), NeMo-Skills, open-instruct and the graders of PRM800K and Hendrycks MATH
pip finds no release (mathruler and verl-prime descend from PRM800K's, verl-math from Hendrycks'), nor of
Qwen2.5-Math, but evalscope 1.0.0 ships its grader, which runs here. slime and nemo-rl are names at 0.0.0,
and oat-llm 0.0.1 (withdrawn, for older Pythons) holds no grader of mathematics. OpenCompass's evaluator wraps
Math-Verify, as five of those here do.
"""

import argparse
import json
import platform
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from random import Random

from rivals.cases import Case, Fields, read_cases, sample
from rivals.catalogue import OURS, RIVALS, Rival
from rivals.install import CACHE, NotInstalled, interpreter
from rivals.process import CheckerProcess, Limits, NotStarted, last_core
from rivals.tables import MAIN_COLUMNS, Result, family_rows, main_rows, show

DATA = Path(__file__).parents[1] / "plugins/rlvr-math/rlvr_math/pairs/math_pairs.jsonl"
WARM_UP = 20
MODEL_SOURCES = frozenset({"qwen-math-cot-100"})

Runs = list[tuple[CheckerProcess, list[Result]]]


def main() -> None:
    """Print the tables; words about the run go to standard error."""
    options = arguments()
    cases = chosen_cases(options)
    limits = Limits(row_s=options.deadline, memory_mb=options.memory, core=options.core)
    runs: Runs = []
    with ExitStack() as stack:
        for process in started(chosen_rivals(options.rivals), options.cache, limits):
            runs.append((stack.enter_context(closing(process)), []))
        judge_all(cases, runs, options.seed)
    if options.out:
        write(options.out, runs)
    report(cases, runs, markdown=options.markdown)


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Our verifier and its rivals on the same labelled rows.")
    parser.add_argument("--data", type=Path, default=DATA, help="labelled rows, JSONL (default: %(default)s)")
    for name in ("reference", "completion", "equal", "family"):
        parser.add_argument(f"--{name}", default="", help="the field's name (default: found out)")
    parser.add_argument("--rivals", help="names, with commas between them; '' for ours alone (default: all)")
    parser.add_argument("--limit", type=int, help="how many rows, drawn with --seed (default: all)")
    parser.add_argument("--seed", type=int, default=0, help="draws the rows and their order (default: 0)")
    parser.add_argument(
        "--text", choices=("all", "model"), default="all", help="model: model-written rows only"
    )
    parser.add_argument("--deadline", type=float, default=8.0, help="seconds a row (default: 8)")
    parser.add_argument("--memory", type=int, default=6144, help="megabytes of address space (default: 6144)")
    parser.add_argument("--core", type=int, default=last_core(), help="the core of every checker")
    parser.add_argument("--cache", type=Path, default=CACHE, help="environments (default: %(default)s)")
    parser.add_argument("--out", type=Path, help="write every verdict to this JSONL file")
    parser.add_argument("--markdown", action="store_true", help="print Markdown tables")
    return parser.parse_args()


def chosen_cases(options: argparse.Namespace) -> list[Case]:
    """Read, filter and draw the rows."""
    fields = Fields(
        reference=options.reference,
        completion=options.completion,
        equal=options.equal,
        family=options.family,
    )
    if not options.data.is_file():
        sys.exit(f"no file {str(options.data)!r}: name a JSONL file of labelled rows with --data")
    cases = read_cases(options.data, fields, MODEL_SOURCES)
    kept = [case for case in cases if case.model_text or options.text == "all"]
    return sample(kept, options.limit, options.seed)


def chosen_rivals(names: str | None) -> list[Rival]:
    """Return ours and the rivals of these names."""
    if names is None:
        return [OURS, *RIVALS]
    known = {rival.name: rival for rival in RIVALS}
    wanted = [name for name in names.split(",") if name]
    unknown = sorted(set(wanted) - set(known))
    if unknown:
        sys.exit(f"no rival named {unknown[0]!r}; there are {', '.join(known)}")
    return [OURS, *(known[name] for name in wanted)]


def started(rivals: Sequence[Rival], cache: Path, limits: Limits) -> Iterator[CheckerProcess]:
    """Yield a process for each rival that can be installed and imported; ours must be."""
    for rival in rivals:
        try:
            yield CheckerProcess(rival, interpreter(rival, cache), limits)
        except (NotInstalled, NotStarted) as problem:
            if rival is OURS:
                sys.exit(str(problem))
            print(f"left out: {problem}", file=sys.stderr)


def judge_all(cases: Sequence[Case], runs: Runs, seed: int) -> None:
    """Give each row to each checker, in an order drawn for the row."""
    for index, case in enumerate(cases):
        for process, results in Random(seed + index).sample(runs, len(runs)):
            verdict = process.ask(case.references, case.completion)
            results.append(Result(case=case, verdict=verdict, timed=index >= WARM_UP))
        if (index + 1) % 100 == 0:
            print(f"{index + 1} of {len(cases)} rows", file=sys.stderr, flush=True)


def write(path: Path, runs: Runs) -> None:
    """Write a line for each row and checker."""
    with path.open("w", encoding="utf-8") as file:
        for process, results in runs:
            for one in results:
                line = {
                    "id": one.case.id,
                    "family": one.case.family,
                    "equal": one.case.equal,
                    "checker": process.rival.name,
                    "verdict": one.verdict.equal,
                    "outcome": one.verdict.outcome,
                    "error": one.verdict.error,
                    "ms": round(one.verdict.ms, 4),
                }
                file.write(json.dumps(line) + "\n")


def report(cases: Sequence[Case], runs: Runs, *, markdown: bool) -> None:
    """Print the tables and the notes."""
    labelled = sum(case.equal is not None for case in cases)
    print(
        f"{len(cases)} rows, {labelled} labelled; {platform.machine()}, one core, "
        f"Python {platform.python_version()}\n"
    )
    show(MAIN_COLUMNS, main_rows(runs), markdown=markdown)
    names = [process.rival.name for process, _ in runs]
    print("\nAccuracy %, false positives/false negatives:\n")
    show(["family", "rows", *names], family_rows(runs), markdown=markdown)
    print()
    for process, results in runs:
        print(f"- {process.rival.name}: {process.rival.note}{raised(results)}")


def raised(results: Sequence[Result]) -> str:
    """Say how often exceptions reached the caller, and which one was the commonest."""
    errors = Counter(one.verdict.error for one in results if one.verdict.error)
    if not errors:
        return ""
    return f"; raised on {errors.total()} rows, most often {errors.most_common(1)[0][0]!r}"


if __name__ == "__main__":
    main()
