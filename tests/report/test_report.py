"""What the page embeds of a run: its groups, its figures, an even sample of what is too much."""

import json
import re
import subprocess
import sys
import zipfile

import pytest

from rlvr.errors import InputError
from rlvr.report import Budget, write
from rlvr.report.folder import groups, names_of, read_run
from rlvr.report.page import as_script_data
from rlvr.report.survey import chosen, survey, suspects
from tests.conftest import ROOT
from tests.report.conftest import HOSTILE, evaluation, metric, row, write_run


def embedded(path):
    """Return what a page holds: what it shows at once, and the rollouts."""
    found = re.findall(
        r'<script type="application/json" id="\w+">(.*?)</script>', path.read_text(encoding="ascii")
    )
    return [json.loads(text) for text in found]


def page_of(tmp_path, *folders, **options):
    write(folders, tmp_path / "page.html", **options)
    return embedded(tmp_path / "page.html")


def steps_with_tasks(steps, tasks, samples=2, **fields):
    return [
        row(step, f"t{task}", **fields)
        for step in range(1, steps + 1)
        for task in range(tasks)
        for _ in range(samples)
    ]


def test_rows_in_succession_of_one_step_and_task_are_a_group(tmp_path):
    rows = [row(1, "a"), row(1, "a"), row(1, "b"), row(2, "b"), row(2, "a"), row(2, "b")]

    run = write_run(tmp_path / "run", rows)

    assert [[(r["step"], r["id"]) for r in group] for group in groups(run / "rollouts.jsonl")] == [
        [(1, "a"), (1, "a")],
        [(1, "b")],
        [(2, "b")],
        [(2, "a")],
        [(2, "b")],
    ]


def test_a_completion_cannot_leave_the_element_that_holds_it(tmp_path):
    fields = dict.fromkeys(("completion", "answer", "reason", "error", "reference", "finish_reason"), HOSTILE)
    fields |= {"prompt": [{"role": HOSTILE, "content": HOSTILE}], "metadata": {HOSTILE: HOSTILE}}
    alarm = {"step": 1, "kind": HOSTILE, "words": HOSTILE, "examples": [HOSTILE]}
    run = write_run(tmp_path / "run", [row(1, HOSTILE, parts={HOSTILE: 1.0}, **fields)], alarms=[alarm])

    _, rollouts = page_of(tmp_path, run)

    markup = (tmp_path / "page.html").read_text(encoding="ascii")
    assert markup.count("<script") == markup.count("</script>") == 3
    assert "onerror" in markup
    assert "<img" not in markup
    assert rollouts["runs"][0]["groups"][0][2][0][0] == HOSTILE


def test_a_folder_name_is_no_markup(tmp_path):
    run = write_run(tmp_path / "<script>alert(1)<")

    page_of(tmp_path, run)

    assert "<title>&lt;script&gt;alert(1)&lt; - rlvr report</title>" in (tmp_path / "page.html").read_text()


@pytest.mark.parametrize(
    "text", ["</script>", "<!--", "&amp;", "\u2028\u2029", "\x00\x1f", "\ud800", "\u202e", "😀"]
)
def test_data_comes_back_as_it_went_in(text):
    embedded = as_script_data({"text": text})

    assert embedded.isascii()
    assert not set("<>&\x00\x1f") & set(embedded)
    assert json.loads(embedded) == {"text": text}


def test_an_unscored_completion_stays_unscored(tmp_path):
    run = write_run(tmp_path / "run", [row(1, "a", 1.0), row(1, "a", None)], metrics=[metric(1, 1.0)])

    shown, rollouts = page_of(tmp_path, run)

    assert [rollout[1] for rollout in rollouts["runs"][0]["groups"][0][2]] == [1.0, None]
    assert shown["runs"][0]["summary"]["unscored"] == 1
    assert shown["runs"][0]["maps"] == []


def test_of_too_many_rollouts_an_even_sample_of_whole_groups_is_kept(tmp_path):
    run = write_run(tmp_path / "run", steps_with_tasks(steps=10, tasks=10), metrics=[metric(10, 1.0)])

    shown, rollouts = page_of(tmp_path, run, budget=Budget(rollouts=40))

    kept = rollouts["runs"][0]["groups"]
    assert len(kept) == 20
    assert {len(rows) for _, _, rows in kept} == {2}
    assert {step for step, _, _ in kept} == set(range(1, 11))
    assert shown["runs"][0]["summary"]["completions_kept"] == 40
    assert shown["runs"][0]["summary"]["completions"] == 200


def test_the_groups_that_alarms_name_are_kept_first(tmp_path):
    alarm = {"step": 7, "kind": "reward_hacking", "words": "w", "examples": ["t3", "t9", "never"]}
    run = write_run(
        tmp_path / "run", steps_with_tasks(steps=10, tasks=10), metrics=[metric(10, 1.0)], alarms=[alarm]
    )

    shown, rollouts = page_of(tmp_path, run, budget=Budget(rollouts=4))

    tasks, kept = rollouts["runs"][0]["tasks"], rollouts["runs"][0]["groups"]
    assert [(step, tasks[task]["id"]) for step, task, _ in kept] == [(7, "t3"), (7, "t9")]
    assert [example["group"] for example in shown["runs"][0]["alarms"][0]["examples"]] == [0, 1, None]


def test_long_texts_are_cut_in_the_middle_and_counted_against_the_budget(tmp_path):
    rows = [row(step, "t", completion="a" * 50_000 + "b" * 50_000) for step in range(1, 101)]
    run = write_run(tmp_path / "run", rows)

    _, rollouts = page_of(tmp_path, run, budget=Budget(characters=160_100))

    kept = rollouts["runs"][0]["groups"]
    assert len(kept) == 9
    assert re.fullmatch(
        r"a{10667}\[\.\.\. 84,000 characters left out of this page \.\.\.\]b{5333}", kept[0][2][0][0]
    )


def test_what_is_paid_most_for_least_comes_first_and_wrong_before_right(tmp_path):
    rows = [row(1, "long", token_ids=[0] * 90, completion="a long way")]
    rows += [row(1, "low", 0.1, token_ids=[0], completion="no")]
    rows += [row(2, "short", token_ids=[0] * 2, completion="short")]
    rows += [row(3, "short", token_ids=[0] * 2, completion="short")]
    rows += [row(4, "gamed", 1.0, token_ids=[0] * 40, completion="gamed", parts={"exact": 0.0})]
    run = write_run(tmp_path / "run", rows, metrics=[metric(4, 1.0)])

    found = suspects(survey(read_run(run, "run")))

    assert found.groups == (4, 2, 0)
    assert found.seen == (1, 2, 1)
    assert found.from_reward == pytest.approx(0.91)
    assert found.median_length == 21.0


def test_where_all_is_paid_the_same_nothing_is_suspicious(tmp_path):
    run = write_run(tmp_path / "run", [row(1, "a"), row(1, "b")])

    assert suspects(survey(read_run(run, "run"))).groups == ()


def test_the_measure_is_the_part_that_the_metrics_hold_under_its_own_name(tmp_path):
    measured = write_run(tmp_path / "measured", [row(1, "a")], metrics=[metric(1, 1.0)])
    logged = {"step": 1, "reward": 1.0, "parts/exact": 1.0}
    unmeasured = write_run(tmp_path / "unmeasured", [row(1, "a")], metrics=[logged])

    assert read_run(measured, "").measure == "exact"
    assert read_run(unmeasured, "").measure is None


def test_finite_tasks_are_mapped_by_id_and_endless_ones_by_what_returns(tmp_path):
    finite = write_run(tmp_path / "finite", steps_with_tasks(steps=4, tasks=3), metrics=[metric(4, 1.0)])
    endless = [row(n, f"t{n}", float(n % 2), metadata={"level": n % 2, "seed": n}) for n in range(1, 9)]
    endless = write_run(tmp_path / "endless", endless, metrics=[metric(8, 1.0)])

    shown, _ = page_of(tmp_path, finite, endless)

    assert [map["by"] for map in shown["runs"][0]["maps"]] == ["task"]
    by_level = shown["runs"][1]["maps"][0]
    assert by_level["by"] == "level (metadata)"
    assert [(r["kind"], r["mean"], r["cells"]) for r in by_level["rows"]] == [
        ("0", 0.0, [None, 0.0] * 4),
        ("1", 1.0, [1.0, None] * 4),
    ]


def test_columns_of_the_map_cover_every_step_once(tmp_path):
    run = write_run(tmp_path / "run", steps_with_tasks(steps=100, tasks=2), metrics=[metric(100, 1.0)])

    shown, _ = page_of(tmp_path, run)

    columns = shown["runs"][0]["maps"][0]["columns"]
    assert [step for first, last in columns for step in range(first, last + 1)] == list(range(1, 101))
    cells = survey(read_run(run, "run")).difficulty
    assert all(
        first <= step <= last for step in range(1, 101) for first, last in [columns[cells._column(step)]]
    )


def test_reached_is_the_first_and_the_last_evaluation_with_intervals(tmp_path):
    metrics = [metric(step, step / 20) for step in range(1, 21)]
    held = [evaluation(0, 0.1, 0.04, 0.2), evaluation(10, 0.5, 0.4, 0.6), evaluation(20, 0.9, 0.8, 0.96)]
    run = write_run(tmp_path / "run", metrics=metrics, evaluations=held)

    (summary,) = write([run], tmp_path / "page.html")

    reached = {row["what"]: (row["before"], row["after"]) for row in summary["reached"]}
    assert reached["held-out pass@1"] == (
        {"value": 0.1, "interval": [0.04, 0.2]},
        {"value": 0.9, "interval": [0.8, 0.96]},
    )
    assert reached["training reward"][1] == {"value": pytest.approx((19 / 20 + 1) / 2), "interval": None}
    assert summary["steps_s"] == 32.0


def test_runs_are_compared_by_the_settings_that_differ(tmp_path):
    first = write_run(tmp_path / "first", rate=0.001)
    second = write_run(tmp_path / "second", rate=0.002)

    shown, _ = page_of(tmp_path, first, second)

    assert shown["differences"] == [{"key": "trainer.learning_rate", "values": ["0.001", "0.002"]}]


def test_runs_of_one_name_are_told_apart_by_their_paths(tmp_path):
    assert names_of([tmp_path / "a" / "run", tmp_path / "b" / "run", tmp_path / "other"]) == [
        str(tmp_path / "a" / "run"),
        str(tmp_path / "b" / "run"),
        "other",
    ]


def test_torn_lines_are_skipped_and_noted(tmp_path):
    run = write_run(tmp_path / "run", [row(1, "a")], metrics=[metric(1, 1.0)])
    for name in ("rollouts", "metrics"):
        with (run / f"{name}.jsonl").open("a") as file:
            file.write('{"step": 2, "rew')

    shown, _ = page_of(tmp_path, run)

    assert shown["runs"][0]["summary"]["completions"] == 1
    assert shown["runs"][0]["summary"]["notes"] == [
        "metrics.jsonl line 2 is torn and was skipped",
        "rollouts.jsonl line 2 is torn and was skipped",
    ]


@pytest.mark.parametrize(
    "line", ["3", "[]", '"x"', "null", "{}", '{"step": "1"}', '{"step": NaN}', '{"step": 1}']
)
def test_rows_of_another_shape_are_passed_over(tmp_path, line):
    run = write_run(tmp_path / "run", [row(1, "a")], metrics=[metric(1, 1.0)])
    for path in run.glob("*.jsonl"):
        with path.open("a") as file:
            file.write(line + "\n")

    shown, _ = page_of(tmp_path, run)

    assert shown["runs"][0]["summary"]["completions"] == 1


def test_numbers_that_are_none_are_embedded_as_nothing(tmp_path):
    run = write_run(tmp_path / "run")
    (run / "metrics.jsonl").write_text('{"step": 1, "reward": NaN, "loss": 1e999, "kl": 0.5, "new": 3}\n')
    (run / "rollouts.jsonl").write_text(
        json.dumps(row(1, "a", parts={"x": 1.0}, ms=None)).replace("1.0", "Infinity")
    )

    shown, rollouts = page_of(tmp_path, run)

    assert shown["runs"][0]["metrics"] == {"step": [1], "kl": [0.5], "new": [3]}
    assert rollouts["runs"][0]["groups"][0][2][0][1] is None


def test_of_a_run_that_has_only_begun_there_is_a_page(tmp_path):
    run = tmp_path / "run"
    run.mkdir()
    (run / "config.toml").write_text("[run\n")

    shown, _ = page_of(tmp_path, run)

    notes = shown["runs"][0]["summary"]["notes"]
    assert len(notes) == 2
    assert "is not TOML" in notes[0]
    assert "environment.json cannot be read" in notes[1]


def test_many_steps_are_averaged_over_stretches(tmp_path):
    run = write_run(tmp_path / "run", metrics=[metric(step, step % 2) for step in range(1, 5001)])

    shown, _ = page_of(tmp_path, run)

    assert len(shown["runs"][0]["metrics"]["step"]) == 1667
    assert shown["runs"][0]["metrics"]["reward"][0] == pytest.approx(2 / 3)
    assert shown["runs"][0]["averaged"]


def test_what_must_be_kept_is_kept_only_while_it_fits(tmp_path):
    found = survey(read_run(write_run(tmp_path / "run", steps_with_tasks(steps=3, tasks=1)), "run"))

    assert chosen(found, [2, 1, 0], Budget(rollouts=4)) == {1, 2}
    assert chosen(found, [], Budget(rollouts=6)) == {0, 1, 2}
    assert chosen(found, [0], Budget(rollouts=0)) == set()


def test_what_cannot_be_read_or_written_is_one_line(tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    run = write_run(tmp_path / "run")

    with pytest.raises(InputError, match=r"^no folder '.*missing': expected one written by `rlvr train`\.$"):
        write([tmp_path / "missing"], tmp_path / "page.html")
    with pytest.raises(
        InputError, match=r"^'.*empty' is no run: expected a folder written by `rlvr train`\.$"
    ):
        write([empty], tmp_path / "page.html")
    with pytest.raises(
        InputError, match=r"^the page cannot be written to '.*': No such file or directory\.$"
    ):
        write([run], tmp_path / "nowhere" / "page.html")
    with pytest.raises(InputError, match=r"^the page cannot be written to '.*empty': Is a directory\.$"):
        write([run], empty)
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".part")] == []


def test_the_verb_writes_into_the_run_folder_and_tells_where(tmp_path, rlvr):
    run = write_run(tmp_path / "run", [row(1, "a")], metrics=[metric(1, 1.0)])

    done = rlvr("report", "run", cwd=tmp_path)

    assert (done.returncode, done.stdout) == (0, "run/report.html\n")
    assert done.stderr == "run: 1 steps, 1 completions\n"
    assert (run / "report.html").read_text().startswith("<!DOCTYPE html>")


def test_the_verb_compares_runs_and_reports_as_json(tmp_path, rlvr):
    write_run(tmp_path / "a", metrics=[metric(1, 1.0)])
    write_run(tmp_path / "b", metrics=[metric(1, 0.5)])

    done = rlvr("report", "a", "b", "--json", cwd=tmp_path)

    reported = json.loads(done.stdout)
    assert reported["output"] == "report.html"
    assert reported["bytes"] == (tmp_path / "report.html").stat().st_size
    assert [run["run"] for run in reported["runs"]] == ["a", "b"]


def test_the_verb_refuses_a_folder_that_is_no_run(tmp_path, rlvr):
    done = rlvr("report", ".", cwd=tmp_path)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "Error: '.' is no run: expected a folder written by `rlvr train`.\n"


def test_the_scripts_of_the_page_never_parse_markup():
    assets = sorted((ROOT / "rlvr" / "report" / "assets").glob("*.js"))

    source = "".join(path.read_text(encoding="ascii") for path in assets)

    assert len(assets) == 16
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|srcdoc|DOMParser|https?:(?!//www.w3.org/2000/svg)",
        source,
    )


@pytest.mark.slow
def test_the_wheel_carries_what_the_page_is_made_of(tmp_path):
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]

    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)

    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {f"rlvr/report/assets/{name}" for name in ("page.html", "page.css", "main.js")} <= set(names)
