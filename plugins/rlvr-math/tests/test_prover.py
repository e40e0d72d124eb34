"""sympy in a process of its own: asked rarely, killed in time, and nobody else waits."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rlvr_math.prover import Prover
from rlvr_math.values.equality import Equality
from rlvr_math.values.parse import parse
from rlvr_math.values.points import Points
from rlvr_math.verify import math

from rlvr.types import Completion, Task

CANCELS = parse(r"\sqrt{3+2\sqrt{2}}-\sqrt{2}-1")
ZERO = parse("0")
HARD = parse("+".join(f"\\sqrt{{\\sin({n}x)+{n}}}" for n in range(2, 14)))


def test_what_cancels_is_proved_and_what_does_not_is_not():
    prover = Prover(seconds=20)

    assert prover(CANCELS, ZERO) is True
    assert prover(parse(r"\sqrt{2}+\sqrt{3}"), parse(r"\sqrt{5+2\sqrt{6}}")) is True
    assert prover(parse(r"\sqrt[3]{2+\sqrt5}+\sqrt[3]{2-\sqrt5}-1"), ZERO) is True
    assert prover(parse(r"\sqrt{2}"), parse("1")) is False


def test_a_question_past_its_time_is_left_open_and_the_next_is_answered():
    prover = Prover(seconds=20)
    prover(ZERO, ZERO)
    prover._seconds = 0.05  # the process is warm; now it gets too little time

    started = time.monotonic()
    found = prover(HARD, parse("x"))
    took = time.monotonic() - started
    prover._seconds = 20

    assert found is None
    assert took < 0.3
    assert prover(CANCELS, ZERO) is True


def test_the_start_of_the_process_takes_none_of_a_questions_time(tmp_path, monkeypatch):
    # Each interpreter that starts here takes two seconds longer than the question is given.
    (tmp_path / "sitecustomize.py").write_text("import time; time.sleep(5)", encoding="ascii")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    prover = Prover(seconds=3, start_seconds=60)

    assert prover(parse(r"\sqrt{2}"), parse("1")) is False


def test_a_process_that_does_not_start_in_time_leaves_the_question_open():
    prover = Prover(seconds=20, start_seconds=0.001)

    assert prover(CANCELS, ZERO) is None
    assert prover._process is None


def test_a_killed_process_costs_its_question_only():
    prover = Prover(seconds=20)
    prover(ZERO, ZERO)
    assert prover._process is not None
    os.kill(prover._process.pid, signal.SIGKILL)
    prover._process.wait()

    assert prover(CANCELS, ZERO) is True


def test_threads_take_turns():
    prover = Prover(seconds=20)
    prover(ZERO, ZERO)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda _: prover(CANCELS, ZERO), range(16))) == [True] * 16


def test_a_forked_process_starts_its_own():
    prover = Prover(seconds=20)
    prover(ZERO, ZERO)
    assert prover._process is not None
    mine = prover._process.pid

    pid = os.fork()
    if pid == 0:
        answered = prover(CANCELS, ZERO) is True and prover._process.pid != mine
        prover.close()
        os._exit(0 if answered else 1)
    _, status = os.waitpid(pid, 0)

    assert status == 0
    assert prover(CANCELS, ZERO) is True
    assert prover._process.pid == mine


def test_what_nobody_can_prove_is_unscored():
    undecided = Equality(Points(), lambda one, other: None)

    assert undecided.verdict(CANCELS, ZERO).equal is None


def test_most_answers_never_start_it():
    before = set(_children())
    verifier = math()
    rows = [
        ("1/2", "0.5"),
        ("x^2-1", "(x-1)(x+1)"),
        (r"\sin 1", r"\cos 1"),
        ("1,2", "2,1"),
        (r"\sqrt8", r"2\sqrt2"),
    ]

    for answer, given in rows:
        verifier(Task(id="t", prompt=(), answer=answer), Completion(text=f"\\boxed{{{given}}}"))

    assert not [pid for pid in set(_children()) - before if "rlvr_math.prover" in _command(pid)]


def _children():
    listed = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children")
    return listed.read_text(encoding="ascii").split() if listed.exists() else []


def _command(pid):
    return Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8")
