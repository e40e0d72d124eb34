"""The alarms of a run folder: written as they ring, and by a resumed run as if it had never stopped."""

import io
import json
import random

import pytest

pytest.importorskip("trl", reason="needs the extra `train`")

from rlvr import Completion, Message, Rollout, Score, Task, make
from rlvr.alarms import AlarmsTable
from rlvr.errors import InputError, UnknownName
from rlvr.evaluate import report_of
from rlvr.runlog import RunLog, row_of
from rlvr.train.folder import RunFolder
from rlvr.train.rollout import Batch
from rlvr.train.settings import load
from rlvr.train.signal import Group
from rlvr.train.tell import Tell
from rlvr.train.track import Trackers
from rlvr.train.watch import Logs, Watch

pytestmark = pytest.mark.train

CONFIG = """
[environment]
name = "sort"
[model]
name = "smollm2"
[trainer]
max_steps = 60
[alarms]
window = 4
"""
STEPS = 60
SILENT = io.StringIO()


def batches(seed):
    """A run in which troubles come and go, with texts that fill blocks of the log."""
    rng, trouble = random.Random(seed), set()
    for step in range(1, STEPS + 1):
        trouble ^= {kind for kind in ("unscored", "mismatch") if rng.random() < 0.2}
        groups = []
        for name in ("a", "b"):
            task = Task(id=f"{name}{step}", prompt=(Message(role="user", content=name),), answer=name)
            scores = [
                Score(reward=None if "unscored" in trouble else 0.25, reason="unreadable_reference"),
                Score(reward=0.5, parts={"exact": 0.0}),
            ]
            completion = Completion(text=f"{step} " * 3000, token_ids=(1, 2), finish_reason="stop")
            made = [Rollout(task=task, completion=completion, score=score, ms=0.12345) for score in scores]
            groups.append(Group(rollouts=tuple(made), prompt_ids=(1,)))
        yield Batch(step=step, groups=groups), {"mismatch_kl": 0.2 * ("mismatch" in trouble), "entropy": 2.0}


def watched(path, seed, *, after=0, evaluate=None, steps=STEPS, data=SILENT, numbers=None):
    """Go through a run's steps after one of them; what an earlier process has left lies in the folder."""
    folder = RunFolder(path=path)
    with (
        RunLog(folder.metrics) as metrics,
        RunLog(folder.evaluations) as evaluations,
        RunLog(folder.alarms) as alarms,
        RunLog(folder.rollouts) as rollouts,
    ):
        watch = Watch(
            folder=folder,
            logs=Logs(metrics=metrics, evaluations=evaluations, alarms=alarms),
            steps=steps,
            evaluate=evaluate,
            every=0,
            config=load(path / "config.toml"),
            measure="exact",
            tell=Tell(data=data),
            trackers=Trackers(say=print),
        )
        watch.replay()
        for batch, learned in batches(seed):
            if after < batch.step <= steps:
                rollouts.write(*({"step": batch.step, **row_of(r)} for r in batch.rollouts))
                watch.finished(batch, wall_s=1.0, learned=numbers or learned)
    return watch


def fresh(path):
    path.mkdir()
    (path / "config.toml").write_text(CONFIG)
    return path


def logged(path, name="alarms"):
    return [json.loads(line) for line in (path / f"{name}.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("seed", range(3))
def test_a_resumed_run_rings_what_the_whole_run_rings(tmp_path, seed):
    whole = fresh(tmp_path / "whole")
    rung = watched(whole, seed).rung
    assert {row["kind"] for row in logged(whole)} >= {"unscored", "mismatch"}
    assert len(logged(whole)) > 2  # some rang again

    for cut in (1, 4, 7, 15, 30, 59):
        part = fresh(tmp_path / f"part-{cut}")
        for name in ("metrics", "rollouts", "evaluations", "alarms"):
            rows = [row for row in logged(whole, name) if row["step"] <= cut]
            (part / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))

        resumed = watched(part, seed, after=cut)

        assert logged(part) == logged(whole)
        assert resumed.rung == rung


def test_the_log_of_a_long_run_is_read_at_both_ends_only(tmp_path):
    watched(fresh(tmp_path / "run"), 0, steps=40)
    log = tmp_path / "run" / "rollouts.jsonl"
    rows = logged(tmp_path / "run", "rollouts")
    # The first window ends with step 4, the last three begin with step 29.
    cut_down = [{"step": row["step"]} if 5 < row["step"] < 28 else row for row in rows]
    log.write_text("".join(json.dumps(row) + "\n" for row in cut_down))

    watched(tmp_path / "run", 0, after=40)

    assert logged(tmp_path / "run") == logged_by_whole(tmp_path)


def logged_by_whole(tmp_path):
    watched(fresh(tmp_path / "whole"), 0)
    return logged(tmp_path / "whole")


def test_an_alarm_is_written_with_the_rows_to_look_at(tmp_path):
    watched(fresh(tmp_path / "run"), 0)

    row = next(row for row in logged(tmp_path / "run") if row["kind"] == "unscored")

    assert row.keys() == {"step", "kind", "words", "examples", "steps"}
    assert row["examples"][:2] == [f"a{row['step']}", f"b{row['step']}"]
    assert row["steps"][:2] == [row["step"]] * 2


def test_a_log_of_alarms_without_steps_can_be_gone_on_with(tmp_path):
    path = fresh(tmp_path / "run")
    old = {"step": 3, "kind": "reward_hacking", "words": "w", "examples": ["a"]}
    (path / "alarms.jsonl").write_text(json.dumps(old) + "\n")
    (path / "metrics.jsonl").touch()

    (alarm,) = watched(path, 0, steps=0).rung

    assert (alarm.kind, alarm.step, alarm.words) == ("reward_hacking", 3, "w")


def test_an_evaluation_lists_what_is_paid_in_full_for_least_and_the_run_ends_on_it(tmp_path, capsys):
    def paid(name, tokens):
        task = Task(id=name, prompt=(Message(role="user", content=name),))
        return Rollout(
            task=task, completion=Completion(text=name, token_ids=(1,) * tokens), score=Score(reward=1.0)
        )

    def evaluate():
        groups = [[paid("usual", 20)], [paid("long", 24)], [paid("also", 16)], [paid("short", 3)]]
        return report_of(make("sort"), groups, samples=1), groups

    watch = watched(fresh(tmp_path / "run"), 0, evaluate=evaluate, steps=2, data=None)

    listed = {"id": "short", "completion": "short", "reward": 1.0, "tokens": 3, "usual": 18.0}
    assert watch.last is not None
    assert [row["suspicious"] for row in logged(tmp_path / "run", "evaluations")] == [[listed]]
    assert (
        "paid in full for the least: 'short' (short, 3 tokens where 18 are usual)" in capsys.readouterr().err
    )


@pytest.mark.parametrize(("change", "rings"), [("", ["mismatch"]), ("num_mini_batches = 2", [])])
def test_what_several_updates_of_a_step_move_is_no_mismatch_at_the_start(tmp_path, change, rings):
    path = fresh(tmp_path / "run")
    (path / "config.toml").write_text(CONFIG.replace("max_steps = 60", f"max_steps = 60\n{change}"))

    watched(path, 0, steps=1, numbers={"mismatch_kl": 0.03})

    assert [row["kind"] for row in logged(path)] == rings


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ('alarms.off=["entropie"]', UnknownName, "no alarm named 'entropie'. Did you mean 'entropy'?"),
        ("alarms.window=0", InputError, "alarms.window = 0 is out of range: expected 1 to 100000."),
        ("alarms.follow=1.5", InputError, "alarms.follow = 1.5 is out of range: expected 0 to 1."),
        ("alarms.entropy=1", UnknownName, "no key named 'alarms.entropy'."),
    ],
)
def test_a_limit_that_cannot_be_is_refused(tmp_path, change, error, words):
    fresh(tmp_path / "run")

    with pytest.raises(error) as caught:
        load(tmp_path / "run" / "config.toml", [change])

    assert str(caught.value).startswith(words)


def test_a_config_that_says_nothing_of_alarms_has_the_defaults(tmp_path):
    fresh(tmp_path / "run")
    (tmp_path / "plain.toml").write_text(CONFIG.partition("[alarms]")[0])

    assert load(tmp_path / "plain.toml").alarms == AlarmsTable()
    assert load(tmp_path / "run" / "config.toml", ["alarms.off=['entropy']"]).alarms.off == ("entropy",)
