"""How many trivial scores a second the WorkerPool gives: `python benchmarks/workers.py`."""

import platform
import statistics
import time
from collections.abc import Iterator

from rlvr import Completion, Message, Task, WorkerPool
from rlvr.workers import usable_cores

N = 100_000
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


if __name__ == "__main__":
    main()
