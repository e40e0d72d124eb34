"""The run log: what is written stays, a crash costs one line at most."""

import json
import signal
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlvr.errors import InputError
from rlvr.runlog import RunLog, read, rollout_of, row_of, set_aside
from rlvr.types import Completion, Message, Rollout, Score, Task


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run" / "metrics.jsonl"


def test_rows_come_back_in_order(path):
    with RunLog(path) as log:
        log.write({"step": 1}, {"step": 2})
        log.write({"step": 3, "text": "a\nb\u2028c"})

    assert list(read(path)) == [{"step": 1}, {"step": 2}, {"step": 3, "text": "a\nb\u2028c"}]
    assert path.read_bytes().count(b"\n") == 3


def test_opening_again_appends(path):
    for step in (1, 2):
        with RunLog(path) as log:
            log.write({"step": step})

    assert list(read(path)) == [{"step": 1}, {"step": 2}]


def test_what_is_written_is_there_before_the_log_is_closed(path):
    log = RunLog(path)
    log.write({"step": 1})

    found = list(read(path))
    log.close()

    assert found == [{"step": 1}]


def test_two_writers_do_not_tear_each_others_lines(path):
    with RunLog(path) as one, RunLog(path) as other:
        for step in range(100):
            one.write({"who": "one", "step": step})
            other.write({"who": "other", "step": step})

    assert len(list(read(path))) == 200


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {1, 2}])
def test_what_is_not_json_is_refused_and_nothing_of_it_is_written(path, value):
    with RunLog(path) as log:
        log.write({"step": 1})
        with pytest.raises((ValueError, TypeError)):
            log.write({"step": 2}, {"step": value})

    assert list(read(path)) == [{"step": 1}]


def test_a_torn_last_line_is_skipped_with_a_warning_and_nothing_else_is_lost(path):
    with RunLog(path) as log:
        log.write({"step": 1}, {"step": 2})
    whole = path.read_bytes()
    path.write_bytes(whole[:-4])

    with pytest.warns(UserWarning, match=r"^metrics.jsonl line 2 is torn and was skipped$"):
        rows = list(read(path))

    assert rows == [{"step": 1}]


def test_a_line_that_lost_its_newline_only_is_whole(path):
    path.parent.mkdir()
    path.write_bytes(b'{"step": 1}')

    assert list(read(path)) == [{"step": 1}]


def test_opening_again_after_a_torn_line_starts_a_new_line(path):
    path.parent.mkdir()
    path.write_bytes(b'{"step": 1}\n{"ste')

    with RunLog(path) as log:
        log.write({"step": 2})

    with pytest.warns(UserWarning, match="line 2 is torn"):
        assert list(read(path)) == [{"step": 1}, {"step": 2}]


def test_a_torn_line_of_half_a_character_is_skipped_too(path):
    path.parent.mkdir()
    path.write_bytes('{"step": 1}\n{"text": "\u00e9'.encode()[:-1])

    with pytest.warns(UserWarning, match="line 2 is torn"):
        assert list(read(path)) == [{"step": 1}]


def test_an_empty_log_has_no_rows(path):
    RunLog(path).close()

    assert list(read(path)) == []


def test_a_log_that_is_not_there_is_one_clear_line(path):
    with pytest.raises(InputError, match=r"^no run log '.*metrics.jsonl': expected a folder written by"):
        list(read(path))


WRITER = """
import sys
from itertools import count
from pathlib import Path
from rlvr.runlog import RunLog
log = RunLog(Path(sys.argv[1]))
for step in count():
    log.write({"step": step, "text": "x" * (step % 5000)})
    if step == 500:
        print("going", flush=True)
"""


def test_kill_9_of_a_writer_loses_at_most_the_line_it_was_in(path):
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE)
    assert writer.stdout.readline() == b"going\n"
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    writer.stdout.close()

    *lines, last = path.read_bytes().split(b"\n")
    steps = [json.loads(line)["step"] for line in lines]
    with RunLog(path) as log:
        log.write({"step": -1})

    assert steps == list(range(len(steps)))
    assert len(steps) > 500
    assert len(path.read_bytes().split(b"\n")) == len(lines) + 2 + bool(last)


def test_later_steps_are_set_aside_and_kept(path):
    with RunLog(path) as log:
        log.write(*({"step": step} for step in (1, 2, 3, 4)))

    moved = set_aside(path, after_step=2)
    again = set_aside(path, after_step=1)

    assert (moved, again) == (2, 1)
    assert list(read(path)) == [{"step": 1}]
    assert list(read(path.with_name("superseded-metrics.jsonl"))) == [{"step": 3}, {"step": 4}, {"step": 2}]
    assert sorted(file.name for file in path.parent.iterdir()) == [
        "metrics.jsonl",
        "superseded-metrics.jsonl",
    ]


def test_setting_aside_drops_a_torn_line_and_what_a_crash_left(path):
    path.parent.mkdir()
    path.write_bytes(b'{"step": 1}\n{"name": "no step"}\n{"step": 2}\n{"st')
    path.with_name("metrics.jsonl.new").write_bytes(b"left by a crash")

    assert set_aside(path, after_step=1) == 1
    assert list(read(path)) == [{"step": 1}, {"name": "no step"}]


def test_setting_aside_of_no_log_is_nothing(path):
    assert set_aside(path, after_step=0) == 0
    assert not path.parent.exists()


texts = st.text(
    alphabet=st.characters() | st.sampled_from("\ud800\udfff\x00\u2028")
)  # unpaired surrogates too
plain = st.recursive(st.none() | st.booleans() | st.integers() | texts, st.lists, max_leaves=5)


@given(
    text=texts,
    answer=plain,
    metadata=st.dictionaries(texts, plain, max_size=3),
    reward=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    read_out=st.none() | texts,
    ids=st.lists(st.integers(0, 1 << 20), max_size=4),
)
def test_any_rollout_comes_back_from_its_row(tmp_path_factory, text, answer, metadata, reward, read_out, ids):
    rollout = Rollout(
        task=Task(id=text, prompt=(Message(role="user", content=text),), answer=answer, metadata=metadata),
        completion=Completion(
            text=text, token_ids=tuple(ids), logprobs=tuple(-0.25 for _ in ids), finish_reason="length"
        ),
        score=Score(reward=reward, answer=read_out, reason="r", parts={"p": 0.5}, error=None),
        ms=1.5,
    )
    path = tmp_path_factory.mktemp("log") / "rollouts.jsonl"

    with RunLog(path) as log:
        log.write(row_of(rollout))

    assert [rollout_of(row) for row in read(path)] == [rollout]


def test_a_row_rounds_what_nobody_reads_to_the_last_digit():
    completion = Completion(text="", token_ids=(1,), logprobs=(-0.123456789,))
    rollout = Rollout(
        task=Task(id="t", prompt=()), completion=completion, score=Score(reward=0.0), ms=0.12345
    )

    row = row_of(rollout)

    assert (row["logprobs"], row["ms"]) == ([-0.123457], 0.123)
