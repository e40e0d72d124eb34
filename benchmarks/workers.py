"""Scores a second of the WorkerPool, trivial ones and those of `math`: `python benchmarks/workers.py`."""

import json
import platform
import statistics
import time
from collections.abc import Iterator
from importlib.resources import files

from rlvr import Completion, Message, Task, WorkerPool
from rlvr.workers import usable_cores

N = 100_000
ROUNDS = 5
PAIRS = files("rlvr_math.pairs") / "math_pairs.jsonl"
TASK = Task(id="t", prompt=(Message(role="user", content="2+2?"),), answer="4")


def pairs(n: int) -> Iterator[tuple[Task, Completion]]:
    """Yield the same trivial task with a right completion, n times."""
    return ((TASK, Completion(text="4")) for _ in range(n))


def main() -> None:
    """Print start-up time and throughput, the median of five runs."""
    cores = usable_cores()
    print(f"{platform.machine()}, {cores} cores, Python {platform.python_version()}")
    started = time.perf_counter()
    with WorkerPool("identical", kind="verifier", workers=cores) as pool:
        print(f"start to first worker ready: {time.perf_counter() - started:.3f} s")
        list(pool.stream(pairs(1000)))
        rates = []
        for _ in range(5):
            started = time.perf_counter()
            paid = sum(rollout.score.reward or 0.0 for rollout in pool.stream(pairs(N)))
            rates.append(N / (time.perf_counter() - started))
            assert paid == N
    print(
        f"{N} trivial scores, {cores} workers: median {statistics.median(rates):,.0f}/s "
        f"(min {min(rates):,.0f}, max {max(rates):,.0f})"
    )
    math(cores)


def math(cores: int) -> None:
    """Print the throughput of `math` on its own labelled pairs, with one worker and with all, in turn."""
    rows = [json.loads(line) for line in PAIRS.read_text(encoding="utf-8").splitlines()] * 4
    work = [
        (Task(id=row["id"], prompt=(), answer=row["reference"]), Completion(text=row["completion"]))
        for row in rows
    ]
    rates: dict[int, list[float]] = {1: [], cores: []}
    for _ in range(ROUNDS):
        for workers in rates:
            with WorkerPool("math", kind="verifier", workers=workers) as pool:
                list(pool.stream(iter(work[:1000])))
                started = time.perf_counter()
                list(pool.stream(iter(work)))
                rates[workers].append(len(work) / (time.perf_counter() - started))
    one, all_of_them = (statistics.median(found) for found in rates.values())
    ratios = [more / less for less, more in zip(rates[1], rates[cores], strict=True)]
    print(
        f"{len(work)} scores of math: {one:,.0f}/s with 1 worker, {all_of_them:,.0f}/s with {cores}, "
        f"{statistics.median(ratios):.2f}x ({min(ratios):.2f} to {max(ratios):.2f})"
    )


if __name__ == "__main__":
    main()
