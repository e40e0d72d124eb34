"""The pool: order, deadlines from outside, blame, back-pressure, no orphans."""

import os
import resource
import signal
import subprocess
import sys
import threading
import time
from itertools import count
from pathlib import Path

import pytest

from rlvr.errors import InputError, PoolError
from rlvr.types import Completion, Message, Task
from rlvr.workers import WorkerPool
from rlvr.workers.wire import Progress

TASK = Task(id="t", prompt=(Message(role="user", content="2+2?"),), answer="4")

# A verifier that does to its process what the completion says.
MOODY = """
import os, signal, sys, time
from rlvr.hookspecs import Spec, hookimpl
from rlvr.types import Score

@hookimpl
def rlvr_verifiers():
    names = ["moody", "stillborn", "leaving"]
    return [Spec(name=n, entry_point=f"rlvr_moody:{n}", summary="for tests") for n in names]

def moody():
    def verify(task, completion):
        text = completion.text
        if text == "hang":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            while True: pass
        if text == "hang in C": "a" * 40 == __import__("re").match("(a+)+$", "a" * 40 + "b")
        if text == "die": os.kill(os.getpid(), signal.SIGSEGV)
        if text == "exit": os._exit(3)
        if text == "sys.exit": sys.exit(3)
        if text == "raise": raise ValueError("no idea")
        if text == "nan": return Score(reward=float("nan"))
        if text == "string": return "1.0"
        if text == "print": print("noise")
        if text == "babble":
            for fd in range(3, 64):
                try: os.write(fd, b"babble\\n")
                except OSError: pass
        if text == "child":
            if os.fork() == 0: time.sleep(600)
            while True: pass
        if text.startswith("sleep"): time.sleep(float(text.split()[1]))
        return Score(reward=1.0, answer=text[:10], reason="correct", parts={"pid": float(os.getpid())})
    return verify

def stillborn():
    raise OSError("disk on fire")

def leaving():
    os._exit(7)
"""


@pytest.fixture
def moody(write_plugin):
    write_plugin("rlvr-moody", MOODY)
    pools = []

    def start(**options):
        pools.append(WorkerPool("moody", kind="verifier", **{"workers": 2, "timeout_s": 0.5, **options}))
        return pools[-1]

    yield start
    for pool in pools:
        pool.close()


def rewards(pool, *texts):
    return [rollout.score.reward for rollout in pool(TASK, [Completion(text=text) for text in texts])]


def test_verdicts_come_in_the_order_of_the_completions(moody):
    texts = ["sleep 0.2", "a", "b", "sleep 0.1", "c"]

    rollouts = moody()(TASK, [Completion(text=text) for text in texts])

    assert [rollout.completion.text for rollout in rollouts] == texts
    assert [rollout.score.answer for rollout in rollouts] == texts


@pytest.mark.parametrize("way", ["hang", "hang in C", "child"])
def test_a_verifier_that_hangs_costs_its_completion_one_deadline_and_its_siblings_nothing(moody, way):
    pool, took_s = moody(workers=1), []

    for _ in range(3):  # the best of three: a machine that stalls for a moment is not the pool's fault
        started = time.monotonic()
        scores = [r.score for r in pool(TASK, [Completion(text=t) for t in ["a", way, "b"]])]
        took_s.append(time.monotonic() - started)

        assert [(score.reward, score.reason) for score in scores] == [
            (1.0, "correct"),
            (0.0, "timeout"),
            (1.0, "correct"),
        ]
    assert 0.5 <= min(took_s) < 0.75
    assert pool.timeouts == 3


def test_a_right_answer_after_many_hangs_still_scores(moody):
    assert rewards(moody(timeout_s=0.05), *["hang"] * 16, "right") == [0.0] * 16 + [1.0]


@pytest.mark.parametrize(("way", "paid"), [("hang", 0.0), ("die", None)])
def test_many_at_fault_in_one_batch_take_no_sibling_with_them(moody, way, paid):
    pool = moody(workers=1, timeout_s=0.05)
    rewards(pool, *["a"] * 2000)  # fast enough that all of what follows is handed out at once

    assert rewards(pool, *["b", way] * 12) == [1.0, paid] * 12


@pytest.mark.parametrize("way", ["die", "exit"])
def test_a_worker_that_dies_leaves_only_its_completion_unscored(moody, way):
    pool = moody()

    scores = [r.score for r in pool(TASK, [Completion(text=t) for t in ["a", way, "b"]])]

    assert [score.reward for score in scores] == [1.0, None, 1.0]
    assert scores[1].reason == "worker_died"
    assert "ended" in scores[1].error
    assert pool.deaths == 1


@pytest.mark.parametrize(
    ("way", "error"),
    [
        ("raise", "ValueError: no idea"),
        ("sys.exit", "SystemExit: 3"),
        ("nan", "the verifier returned reward = nan, expected a finite number"),
        ("string", "the verifier returned str, expected a Score"),
    ],
)
def test_a_verifier_at_fault_is_unscored_and_named(moody, way, error):
    (rollout,) = moody()(TASK, [Completion(text=way)])

    assert (rollout.score.reward, rollout.score.error) == (None, error)


def test_results_stream_before_the_input_ends(moody):
    seen = []

    def pairs():
        for number in count():
            seen.append(number)
            yield TASK, Completion(text=str(number))

    stream = moody(max_pending=64).stream(pairs())
    first = [next(stream).score.answer for _ in range(200)]

    assert first == [str(number) for number in range(200)]
    assert len(seen) < 200 + 64


def test_submit_waits_while_too_much_is_pending(moody):
    pool = moody(workers=1, max_pending=2, timeout_s=5.0)
    started = time.monotonic()

    tickets = [pool.submit(TASK, Completion(text="sleep 0.1")) for _ in range(4)]
    waited_s = time.monotonic() - started

    assert waited_s >= 0.18
    assert [ticket.result().score.reward for ticket in tickets] == [1.0] * 4


def test_many_threads_may_share_a_pool(moody):
    pool = moody()
    found = {}

    def work(name):
        texts = [f"{name}-{i}" for i in range(200)]
        found[name] = [r.score.answer for r in pool(TASK, [Completion(text=t) for t in texts])] == [
            text[:10] for text in texts
        ]

    threads = [threading.Thread(target=work, args=(f"t{i}",)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == {f"t{i}": True for i in range(8)}


def test_any_text_crosses_unchanged(moody):
    texts = ["", "\x00", "\ud800", "a\nb", "\u2028", "x" * 3_000_000]

    rollouts = moody(timeout_s=5.0)(TASK, [Completion(text=text) for text in texts])

    assert [rollout.score.answer for rollout in rollouts] == [text[:10] for text in texts]


def test_a_task_that_is_not_plain_data_is_refused_by_name(moody):
    task = Task(id="odd-1", prompt=(), metadata={"when": {1, 2}})

    with pytest.raises(InputError, match="task 'odd-1' cannot cross to a worker"):
        moody().submit(task, Completion(text="a"))


def test_a_verifier_that_cannot_be_made_is_one_clear_line(write_plugin):
    write_plugin("rlvr-moody", MOODY)

    with pytest.raises(PoolError, match="'rlvr-moody/stillborn' could not be made: OSError: disk on fire"):
        WorkerPool("stillborn", kind="verifier")
    with pytest.raises(PoolError, match="'leaving' ended with exit code 7"):
        WorkerPool("leaving", kind="verifier")


def test_a_pool_that_breaks_down_says_so_to_whoever_waits(moody):
    pool = moody(workers=1)

    with pytest.raises(PoolError, match="the pool broke down: JSONDecodeError"):
        pool(TASK, [Completion(text="babble")])
    with pytest.raises(PoolError, match="the pool broke down"):
        pool.submit(TASK, Completion(text="a"))


def test_a_pool_that_was_closed_holds_no_descriptor(moody):
    before = len(list(Path("/proc/self/fd").iterdir()))

    for _ in range(3):
        pool = moody(workers=2)
        rewards(pool, "a")
        pool.close()

    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_closing_leaves_no_process(moody):
    pool = moody()
    rollouts = pool(TASK, [Completion(text=f"{i}") for i in range(50)])
    pids = {int(rollout.score.parts["pid"]) for rollout in rollouts}
    pool.submit(TASK, Completion(text="hang"))

    pool.close()

    assert not any(alive(pid) for pid in pids)
    with pytest.raises(PoolError, match="the pool is closed"):
        pool.submit(TASK, Completion(text="a"))


def test_a_killed_zygote_is_replaced_and_nobody_is_blamed(moody):
    pool = moody(timeout_s=5.0)
    tickets = [pool.submit(TASK, Completion(text="sleep 0.3")) for _ in range(4)]

    os.kill(pool._zygote._process.pid, signal.SIGKILL)

    assert [ticket.result().score.reward for ticket in tickets] == [1.0] * 4


def test_a_trivial_score_costs_less_than_100_microseconds_of_processor_time():
    """Two busy cores then give more than 20,000 a second; time on the wall would measure the neighbours."""
    n = 40_000
    started = spent_s()

    with WorkerPool("identical", kind="verifier", workers=2) as pool:
        paid = sum(r.score.reward for r in pool.stream((TASK, Completion(text="4")) for _ in range(n)))

    assert paid == n
    assert (spent_s() - started) / n < 100e-6


def spent_s():
    mine, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return mine.ru_utime + mine.ru_stime + children.ru_utime + children.ru_stime


OWNER = """
import sys, time
from rlvr.types import Completion, Task
from rlvr.workers import WorkerPool
from rlvr.workers.wire import Progress
if __name__ == "__main__":
    pool = WorkerPool("moody", kind="verifier", workers=2, timeout_s=60)
    task = Task(id="t", prompt=(), answer="4")
    print(int(pool(task, [Completion(text="a")])[0].score.parts["pid"]), flush=True)
    pids = [pool.submit(task, Completion(text="hang")) for _ in range(2)]
    {end}
"""


@pytest.mark.parametrize("signal_number", [signal.SIGKILL, signal.SIGINT])
def test_no_worker_outlives_its_owner(write_plugin, signal_number):
    write_plugin("rlvr-moody", MOODY)
    code = OWNER.format(end="pids[0].result()")
    owner = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    worker = int(owner.stdout.readline())

    owner.send_signal(signal_number)
    owner.wait(timeout=10)
    owner.stdout.close()

    assert gone_within(worker, seconds=5)


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def gone_within(pid, *, seconds):
    end = time.monotonic() + seconds
    while alive(pid) and time.monotonic() < end:
        os.sched_yield()
    return not alive(pid)


@pytest.mark.parametrize("timeout_s", [0, -1, float("nan"), float("inf"), 1e300])
def test_a_deadline_is_a_finite_time(timeout_s):
    with pytest.raises(PoolError, match=r"^timeout_s = .*: expected seconds, above 0 and at most 1000000\.$"):
        WorkerPool("identical", kind="verifier", timeout_s=timeout_s)


def test_a_progress_mark_is_never_seen_half_written(tmp_path):
    """Packed byte by byte, one mark in some hundred thousand was: a verifier that was quick got a timeout."""
    with (tmp_path / "mark").open("w+b") as shared:
        shared.truncate(Progress.SIZE)
        writer, reader = Progress(shared.fileno()), Progress(shared.fileno())
    writer.mark(1)
    pid = os.fork()
    if pid == 0:
        sequence, until = 1, time.monotonic() + 1.5
        while time.monotonic() < until:
            writer.mark(sequence := sequence + 7)
        os._exit(0)

    last, oldest, until = 0, 0.0, time.monotonic() + 1.2
    backwards = 0
    while time.monotonic() < until:
        sequence, started = reader.read()
        oldest = max(oldest, time.monotonic() - started)
        backwards += sequence < last or (sequence - 1) % 7 != 0
        last = sequence
    os.waitpid(pid, 0)

    assert last > 1_000
    assert backwards == 0
    assert oldest < 1.0
