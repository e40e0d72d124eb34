"""`rlvr score`: any file of completions in, one line of verdict a row out, in order, as it comes."""

import contextlib
import gzip
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rlvr.runlog import RunLog, row_of
from rlvr.types import Completion, Message, Rollout, Score, Task

SUMMARY = ["n", "mean", "unscored", "errors", "wall_s", "rate_per_s", "p50_ms", "p99_ms", "reasons"]


@pytest.fixture
def write_rows(tmp_path):
    def write(*rows, name="rows.jsonl"):
        path = tmp_path / name
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return str(path)

    return write


@pytest.fixture
def start():
    """Start the command line with pipes to it; whatever is left of it is killed afterwards."""
    running = []

    def go(*arguments, **options):
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        running.append(subprocess.Popen([sys.executable, "-m", "rlvr", *arguments], text=True, **pipes))
        return running[-1]

    yield go
    for process in running:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                with contextlib.suppress(OSError):  # what it never read
                    pipe.close()


def lines(done):
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_row_of_verdict_has_these_keys_in_this_order(rlvr, write_rows):
    done = rlvr("score", "identical", write_rows({"completion": " 4 ", "answer": "4"}))

    (row,) = lines(done)
    assert list(row) == ["id", "reward", "answer", "reason", "parts", "error", "ms", "plugin"]
    assert {name: row[name] for name in ("id", "reward", "answer", "reason", "parts", "error")} == {
        "id": 1,
        "reward": 1.0,
        "answer": "4",
        "reason": "correct",
        "parts": {},
        "error": None,
    }
    assert row["ms"] >= 0
    assert row["plugin"].startswith("rlvr/identical@")


def test_foreign_fields_are_named_by_options_and_ids_keep_their_type_and_order(rlvr, write_rows):
    ids = [3, "b", None, 1.5, ["x", 1], {"k": "v"}, 3]
    path = write_rows(*({"uid": i, "out": "4", "gold answer": "4", "answer": "5"} for i in ids))
    fields = ["--completion-field", "out", "--answer-field", "gold answer", "--id-field", "uid"]

    rows = lines(rlvr("score", "identical", path, *fields, "--workers", "2"))

    assert [row["id"] for row in rows] == ids
    assert [row["reward"] for row in rows] == [1.0] * len(ids)


@pytest.mark.parametrize(
    "row",
    [
        {"response": "4", "ground_truth": "4"},
        {"output": "4", "target": ["5", "4"]},
        {"generation": "4", "expected_answer": 4},
        {"completion": [{"role": "assistant", "content": "4"}], "reference": "4"},
        {
            "completion": [{"role": "user", "content": "?"}, {"role": "assistant", "content": "4"}],
            "answer": "4",
        },
        {"prompt": [{"role": "user", "content": "?"}], "completion": "4", "solution": "4"},
        {"prompt": "?", "completion": "4", "solution": "4", "metadata": {"a": 1}},
    ],
    ids=lambda row: " ".join(row),
)
def test_the_usual_fields_are_found_by_themselves(in_process, write_rows, row):
    (scored,) = in_process("score", "identical", write_rows(row))

    assert scored["reward"] == 1.0


@pytest.fixture
def in_process():
    """Run a verb in this process and return its lines: where the process is not the point."""
    from click.testing import CliRunner

    from rlvr.cli import cli

    def run(*arguments, **options):
        done = CliRunner().invoke(cli, [*arguments, "--workers", "1"], catch_exceptions=False, **options)
        assert done.exit_code == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    return run


def test_rows_without_ids_are_numbered_by_their_line(in_process, tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text('{"completion": "4", "answer": "4"}\n\n{"completion": "5", "answer": "4"}\n')

    rows = in_process("score", "identical", str(path))

    assert [(row["id"], row["reward"]) for row in rows] == [(1, 1.0), (3, 0.0)]


def test_order_is_kept_by_many_workers(rlvr, write_rows):
    path = write_rows(*({"id": i, "completion": str(i), "answer": str(i - i % 2)} for i in range(3000)))

    rows = lines(rlvr("score", "identical", path, "--workers", "3"))

    assert [row["id"] for row in rows] == list(range(3000))
    assert [row["reward"] for row in rows] == [1.0, 0.0] * 1500


def test_stdin_packed_files_and_texts_of_any_kind(in_process, tmp_path):
    texts = ["", "\x00", "\ud800", "a\nb", "\u2028", "\U0001f600"]
    content = "".join(json.dumps({"completion": text, "answer": text.strip()}) + "\n" for text in texts)
    path = tmp_path / "rows.jsonl.gz"
    path.write_bytes(gzip.compress(content.encode()))

    packed = in_process("score", "identical", str(path))
    piped = in_process("score", "identical", "-", input=content)

    assert [row["reward"] for row in packed] == [row["reward"] for row in piped] == [1.0] * 6
    assert [row["answer"] for row in packed] == [text.strip() for text in texts]


def test_the_summary_goes_to_stderr_in_words_and_to_a_file_as_json(rlvr, write_rows, tmp_path):
    path = write_rows(
        {"completion": "4", "answer": "4"},
        {"completion": "5", "answer": "4"},
        {"completion": "4", "answer": None},
    )

    done = rlvr("score", "identical", path, "--summary", str(tmp_path / "s.json"))

    summary = json.loads((tmp_path / "s.json").read_text())
    assert list(summary) == SUMMARY
    assert {name: summary[name] for name in ("n", "mean", "unscored", "errors", "reasons")} == {
        "n": 3,
        "mean": 0.5,
        "unscored": 1,
        "errors": 0,
        "reasons": {"correct": 1, "wrong_answer": 1, "unreadable_reference": 1},
    }
    assert summary["rate_per_s"] == pytest.approx(3 / summary["wall_s"], rel=0.02)
    assert 0 < summary["p50_ms"] <= summary["p99_ms"]
    assert done.stderr.startswith("3 rows, mean 0.5000, 1 unscored, 0 errors; ")
    assert len(done.stderr.splitlines()) == 1


def test_the_summary_can_be_json_on_stderr(rlvr, write_rows):
    done = rlvr("score", "identical", write_rows({"completion": "4", "answer": None}), "--json")

    summary = json.loads(done.stderr)
    assert list(summary) == SUMMARY
    assert (summary["n"], summary["mean"], summary["unscored"]) == (1, None, 1)


RAISING = """
from rlvr.hookspecs import Spec, hookimpl
from rlvr.types import *

@hookimpl
def rlvr_verifiers():
    return [Spec(name="picky", entry_point="rlvr_picky:make", summary="Raises on 'bad', hangs on 'slow'.")]

def make():
    def verify(task, completion):
        if completion.text == "bad": raise ValueError("no idea")
        while completion.text == "slow": pass
        return Score(reward=1.0, reason="correct")
    return verify

@hookimpl
def rlvr_environments():
    return [Spec(name="finite", entry_point="rlvr_picky:load", summary="Three tasks.")]

def load(n: int = 3):
    tasks = [Task(id=f"t{i}", prompt=(), answer=str(i)) for i in range(n)]
    return Environment(name="finite", tasks=tasks, verifier=lambda t, c: Score(reward=float(c.text == t.answer)))
"""


@pytest.mark.parametrize(("share", "code"), [("0.5", 0), ("0.1", 1)])
def test_more_errors_than_allowed_exit_1_after_every_line(write_plugin, rlvr, write_rows, share, code):
    write_plugin("rlvr-picky", RAISING)
    path = write_rows({"completion": "bad", "answer": ""}, {"completion": "good", "answer": ""})

    done = rlvr("score", "picky", path, "--max-errors", share)

    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == code
    assert [(row["reward"], row["error"]) for row in rows] == [(None, "ValueError: no idea"), (1.0, None)]
    if code:
        assert done.stderr.splitlines()[-1] == "Error: the verifier failed on 1 of 2 rows: see their `error`."


def test_a_verifier_that_hangs_costs_its_row_the_deadline(write_plugin, rlvr, write_rows):
    write_plugin("rlvr-picky", RAISING)
    path = write_rows(*({"completion": text, "answer": ""} for text in ("good", "slow", "good")))

    rows = lines(rlvr("score", "picky", path, "--timeout", "0.3"))

    assert [(row["reward"], row["reason"]) for row in rows] == [
        (1.0, "correct"),
        (0.0, "timeout"),
        (1.0, "correct"),
    ]


def test_rows_of_a_finite_environment_name_its_tasks(write_plugin, rlvr, write_rows):
    write_plugin("rlvr-picky", RAISING)
    path = write_rows({"id": "t2", "completion": "2"}, {"id": "t0", "completion": "2"})

    rows = lines(rlvr("score", "finite", path))

    assert [(row["id"], row["reward"]) for row in rows] == [("t2", 1.0), ("t0", 0.0)]


def test_options_reach_the_environment_in_both_processes(write_plugin, rlvr, write_rows):
    write_plugin("rlvr-picky", RAISING)

    rows = lines(rlvr("score", "finite", write_rows({"id": "t9", "completion": "9"}), "-o", "n=10"))

    assert rows[0]["reward"] == 1.0


def test_our_own_rollouts_are_scored_again(in_process, tmp_path):
    path = tmp_path / "rollouts.jsonl"
    turn = Message(role="user", content="Say 4.")
    with RunLog(path) as log:
        for text, reward in (("4", 1.0), ("5", 0.0), ("\ud800", 0.0)):
            task = Task(id=f"echo-0-{text}", prompt=(turn,), answer="4", metadata={"a": 1})
            log.write(
                row_of(Rollout(task=task, completion=Completion(text=text), score=Score(reward=reward)))
            )

    rows = in_process("score", "echo", str(path))

    assert [(row["id"], row["reward"]) for row in rows] == [
        ("echo-0-4", 1.0),
        ("echo-0-5", 0.0),
        ("echo-0-\ud800", 0.0),
    ]


def test_a_row_is_answered_while_stdin_stays_open(start, monkeypatch):
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)  # it would flush what we forget to
    process = start("score", "identical", "-", "--workers", "1")

    answers = []
    for text in ("4", "5"):
        process.stdin.write(json.dumps({"id": text, "completion": text, "answer": "4"}) + "\n")
        process.stdin.flush()
        answers.append(json.loads(process.stdout.readline()))
    process.stdin.close()

    assert [(row["id"], row["reward"]) for row in answers] == [("4", 1.0), ("5", 0.0)]
    assert process.wait(10) == 0


def test_rows_before_a_bad_one_are_written(rlvr, tmp_path):
    path = tmp_path / "rows.jsonl"
    good = '{"completion": "4", "answer": "4"}\n'
    path.write_text(good * 500 + "bad\n" + good * 500)

    done = rlvr("score", "identical", str(path))

    assert done.returncode == 2
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == list(range(1, 501))
    assert done.stderr.startswith(f"Error: {str(path)!r} line 501 is not JSON: ")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("n", [1, 20_000])
def test_a_reader_that_leaves_is_no_error(start, write_rows, n):
    path = write_rows(*({"completion": "4", "answer": "4"} for _ in range(n)))
    process = start("score", "identical", path, "--workers", "1", stdin=subprocess.DEVNULL)

    process.stdout.readline()
    process.stdout.close()

    assert process.wait(30) == 0
    assert "Traceback" not in (words := process.stderr.read())
    assert "BrokenPipe" not in words


def test_ctrl_c_exits_130_and_leaves_no_process(write_plugin, start):
    write_plugin("rlvr-picky", RAISING)
    process = start("score", "picky", "-", "--workers", "2", "--timeout", "60")
    process.stdin.write(
        '{"completion": "good", "answer": ""}\n' + '{"completion": "slow", "answer": ""}\n' * 8
    )
    process.stdin.flush()
    first = process.stdout.readline()
    family = descendants(process.pid)

    process.send_signal(signal.SIGINT)
    code = process.wait(20)

    assert json.loads(first)["reward"] == 1.0
    assert len(family) == 3  # the zygote and two workers
    assert code == 130
    assert gone_within(family, seconds=5)
    assert "Traceback" not in process.stderr.read()


def test_memory_does_not_grow_with_the_file(tmp_path):
    line = '{{"id": {}, "completion": "the answer is {}", "answer": "4"}}\n'
    for n in (1_000, 100_000):
        (tmp_path / f"{n}.jsonl").write_text("".join(line.format(i, i % 9) for i in range(n)))

    small_mb, large_mb = (peak_mb(tmp_path / f"{n}.jsonl") for n in (1_000, 100_000))

    assert large_mb - small_mb < 20


MEASURED = """
import resource, sys
from rlvr.cli import cli
cli.main(sys.argv[1:], standalone_mode=False)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, file=sys.stderr)
"""


def peak_mb(path):
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, "score", "identical", str(path), "--workers", "1"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=True,
    )
    return float(done.stderr.splitlines()[-1])


def descendants(pid):
    children = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return [*children, *(one for child in children for one in descendants(child))]


def gone_within(pids, *, seconds):
    end = time.monotonic() + seconds
    while any(Path(f"/proc/{pid}").exists() for pid in pids) and time.monotonic() < end:
        os.sched_yield()
    return not any(Path(f"/proc/{pid}").exists() for pid in pids)


def test_where_a_name_is_both_the_kind_can_be_told(rlvr, write_plugin, tmp_path):
    code = """
from rlvr import Environment, Score, Spec, hookimpl
@hookimpl
def rlvr_verifiers():
    return [Spec(name="both", entry_point="rlvr_both:verifier", summary="")]
@hookimpl
def rlvr_environments():
    return [Spec(name="both", entry_point="rlvr_both:environment", summary="")]
def verifier():
    return lambda task, completion: Score(reward=0.25)
def environment():
    return Environment(name="both", tasks=(), verifier=lambda task, completion: Score(reward=0.75))
"""
    write_plugin("rlvr-both", code)
    file = tmp_path / "rows.jsonl"
    file.write_text('{"completion": "x", "answer": "y"}\n')

    paid = {
        kind: json.loads(rlvr("score", "both", str(file), *option).stdout)["reward"] for kind, option in KINDS
    }

    assert paid == {"none": 0.25, "verifier": 0.25, "environment": 0.75}


KINDS = (("none", ()), ("verifier", ("--kind", "verifier")), ("environment", ("--kind", "environment")))


def test_the_log_of_a_trainer_is_seen_for_what_it_is_and_said_in_one_line(rlvr, write_rows):
    row = {"input": "2+2?", "output": "4", "gts": "4", "score": 0.0, "step": 1}

    done = rlvr("score", "identical", write_rows(row))

    assert [line["reward"] for line in lines(done)] == [1.0]
    said, summary = done.stderr.splitlines()
    assert "is read as verl: completion in 'output', reference in 'gts'; --format NAME and " in said
    assert summary.startswith("1 rows, mean 1.0000")


def test_what_a_log_is_can_be_told(in_process, write_rows):
    row = {"input": "2+2?", "output": "4", "gts": "5", "score": 0.0, "target": "4"}

    (scored,) = in_process("score", "identical", write_rows(row), "--format", "plain")

    assert scored["reward"] == 1.0


def test_several_completions_of_a_row_are_a_line_each(in_process, write_rows):
    rows = in_process("score", "identical", write_rows({"id": 7, "completions": ["4", "5"], "answer": "4"}))

    assert [(row["id"], row["reward"]) for row in rows] == [("7#1", 1.0), ("7#2", 0.0)]


def test_parquet_is_scored_as_lines_are(in_process, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    table = pytest.importorskip("pyarrow").table(
        {"completion": ["4", "5"], "answer": ["4", "4"], "id": [8, 9]}
    )
    parquet.write_table(table, tmp_path / "rows.parquet")

    rows = in_process("score", "identical", str(tmp_path / "rows.parquet"))

    assert [(row["id"], row["reward"]) for row in rows] == [(8, 1.0), (9, 0.0)]
