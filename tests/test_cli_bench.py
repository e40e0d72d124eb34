"""`rlvr bench`: the command line around the engine, as people and programs use it."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from click.testing import CliRunner

from rlvr.cli import cli
from rlvr.errors import RLVRError

ROWS = [
    {"id": "a", "completion": "4", "answer": "4", "label": True, "kind": "plain"},
    {"id": "b", "completion": "4.0", "answer": "4", "label": True, "kind": "decimal"},
    {"id": "c", "completion": "5", "answer": "4", "label": False, "kind": "plain"},
    {"id": "d", "completion": "four", "answer": "four", "label": False, "kind": "words"},
    {"id": "e", "completion": "?", "answer": "4", "label": None, "kind": "plain"},
]

PLUGIN = """
import time
from rlvr.hookspecs import Spec, hookimpl
from rlvr.types import Completion, Explanation, Labelled, LabelledSet, Score, Task

@hookimpl
def rlvr_verifiers():
    names = ["shouts", "tells", "broken"]
    return [Spec(name=n, entry_point=f"rlvr_shouting:{n}", summary="for tests") for n in names]

@hookimpl
def rlvr_benches():
    return [Spec(name="shouted", entry_point="rlvr_shouting:shouted", summary="for tests")]

def shouts(loud: bool = False):
    def verify(task, completion):
        wanted = task.answer.upper() if loud else task.answer
        return Score(reward=float(completion.text == wanted), reason="compared", parts={"unsafe": 1.0})
    return verify

class Tells:
    def __call__(self, task, completion): return Score(reward=1.0, answer=completion.text, reason="always")
    def explain(self, task, completion):
        return Explanation(score=self(task, completion), read=completion.text, rule="all of it", spans=((0, 1),))

def tells(): return Tells()
def broken(): import no_such_module

def shouted():
    def rows():
        for n, (text, label) in enumerate([("A", True), ("a", False), ("B", False)]):
            task = Task(id=str(n), prompt=(), answer="a")
            yield Labelled(id=str(n), task=task, completion=Completion(text=text), label=label, kind="case")
    return LabelledSet(name="shouted", version="7", verifier="shouts", rows=rows, options={"loud": True})
"""


@pytest.fixture
def shouting(write_plugin):
    write_plugin("rlvr-shouting", PLUGIN)


@pytest.fixture
def write_rows(tmp_path):
    def write(*rows, name="rows.jsonl"):
        path = tmp_path / name
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return str(path)

    return write


@pytest.fixture
def bench():
    """Run the verb in this process."""

    def run(*words, code=0):
        done = CliRunner(env={"COLUMNS": "150"}).invoke(cli, ["bench", *words, "--workers", "1"])
        refused = f"Error: {done.exception}" if isinstance(done.exception, RLVRError) else ""
        assert done.exit_code == code or (code == 2 and refused), done.output
        return done.stdout, done.stderr + refused

    return run


def test_the_result_has_the_keys_that_programs_read(bench, write_rows):
    out, _ = bench("identical", "exact", "--data", write_rows(*ROWS), "--json")

    found = json.loads(out)
    figures = found["verifiers"]["identical"]
    assert (found["data"]["rows"], found["data"]["labelled"], found["data"]["kinds"]) == (5, 4, 3)
    assert found["data"]["fields"]["label"] == "label"
    assert {name: figures[name] for name in ("n", "tp", "fp", "fn", "tn", "unscored", "unlabelled")} == {
        "n": 5,
        "tp": 1,
        "fp": 1,
        "fn": 1,
        "tn": 1,
        "unscored": 0,
        "unlabelled": 1,
    }
    assert (figures["accuracy"], figures["precision"], figures["recall"], figures["f1"]) == (0.5,) * 4
    assert [round(bound, 4) for bound in figures["accuracy_ci95"]] == [0.15, 0.85]
    assert figures["by_kind"]["decimal"]["fn"] == 1
    assert figures["plugin"].startswith("rlvr/identical@")
    assert figures["noise"]["false_positive_rate"] == 0.5
    assert found["agreement"]["names"] == ["identical", "exact"]
    needed = {
        "accuracy_ci95", "precision_ci95", "recall_ci95", "rate_per_s", "rate_all_per_s", "p50_ms", "p95_ms",
        "p99_ms", "max_ms", "hangs", "crashes", "errors", "memory_mb", "reasons", "unscored_reasons", "latency",
        "ratio", "findings", "gallery",
    }  # fmt: skip
    assert needed <= figures.keys()
    assert set(found["settings"]) == {
        "workers", "timeout_s", "seed", "warm_up_rows", "block_rows", "right_from",
    }  # fmt: skip


def test_people_get_a_table_with_the_figures_and_where_they_come_from(rlvr, write_rows):
    done = rlvr(
        "bench", "identical", "exact", "--data", write_rows(*ROWS), "--workers", "1", env={"COLUMNS": "150"}
    )

    assert done.returncode == 0, done.stderr
    assert "5 rows, 4 labelled. 1 workers, 10 s a row" in done.stdout
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("identical  50.00%")]
    assert line.split()[:9] == [
        "identical",
        "50.00%",
        "15.0-85.0",
        "1",
        "1",
        "0",
        "50.00%",
        "50.00%",
        "50.00%",
    ]
    assert "Reward noise" in done.stdout
    assert "Judged as labelled, by kind" in done.stdout
    assert "Same verdict (Cohen's kappa)" in done.stdout
    assert "Traceback" not in done.stderr


def test_a_narrow_terminal_gets_two_tables_and_no_broken_word(rlvr, write_rows):
    done = rlvr("bench", "identical", "--data", write_rows(*ROWS), "--workers", "1", env={"COLUMNS": "80"})

    heads = [line.split()[0] for line in done.stdout.splitlines() if line.startswith("verifier")]
    assert heads == ["verifier"] * 3
    assert max(map(len, done.stdout.splitlines()[2:])) <= 80


def test_files_get_the_result_and_every_verdict(bench, write_rows, tmp_path):
    summary, verdicts, page = (tmp_path / name for name in ("s.json", "v.jsonl", "p.html"))
    files = ["--summary", str(summary), "--verdicts", str(verdicts), "--html", str(page)]

    bench("identical", "exact", "--data", write_rows(*ROWS), *files)

    lines = [json.loads(line) for line in verdicts.read_text().splitlines()]
    assert [(line["id"], line["verifier"]) for line in lines] == [
        (row["id"], name) for name in ("identical", "exact") for row in ROWS
    ]
    assert list(lines[0]) == [
        "id", "verifier", "kind", "label", "reward", "answer", "reason", "error", "ms",
    ]  # fmt: skip
    assert set(json.loads(summary.read_text())["verifiers"]) == {"identical", "exact"}
    assert page.stat().st_size > 1000


def test_a_labelled_set_knows_its_verifier_and_its_options(shouting, rlvr):
    done = rlvr("bench", "--data", "shouted", "--json", "--workers", "1")

    found = json.loads(done.stdout)
    assert (found["data"]["source"], found["data"]["format"], found["data"]["version"]) == (
        "shouted",
        "set",
        "7",
    )
    assert found["verifiers"]["shouts"]["accuracy"] == 1.0
    assert "UNSAFE: 3 programs ran here without isolation." in done.stderr


def test_an_option_of_one_verifier_and_one_for_all(shouting, rlvr):
    both = ["shouts:loud=false", "shouts"]

    done = rlvr("bench", *both, "-o", "loud=true", "--data", "shouted", "--json", "--workers", "1")

    verifiers = json.loads(done.stdout)["verifiers"]
    assert {label: figures["tp"] for label, figures in verifiers.items()} == {both[0]: 0, both[1]: 1}


def test_galleries_carry_explanations_where_a_verifier_has_any(shouting, rlvr):
    done = rlvr("bench", "tells", "shouts", "--data", "shouted", "--json", "--workers", "1")

    verifiers = json.loads(done.stdout)["verifiers"]
    told = [seen["explanation"] for seen in verifiers["tells"]["gallery"]["false_positives"]]
    assert [(one["read"], one["rule"], one["spans"]) for one in told] == [
        ("a", "all of it", [[0, 1]]),
        ("B", "all of it", [[0, 1]]),
    ]
    assert list(told[0]) == ["read", "rule", "spans", "forms", "stage", "ms", "notes"]


def test_a_bar_that_is_not_reached_is_a_failed_check(bench, write_rows):
    path = write_rows(*ROWS)

    _, err = bench("identical", "--data", path, "--fail-under", "0.9", code=1)
    bench("identical", "--data", path, "--fail-under", "0.5")

    assert err.splitlines()[-1] == "Error: less accurate than 0.9: identical 0.5000."


def test_a_sample_is_drawn_from_all_rows_and_the_same_for_one_seed(bench, write_rows, tmp_path):
    rows = [{"id": str(n), "completion": "4", "answer": "4", "label": True} for n in range(300)]
    data, drawn = write_rows(*rows), []
    for seed in ("0", "0", "1"):
        path = tmp_path / "verdicts.jsonl"
        bench(
            "identical", "--data", data, "--sample", "30", "--seed", seed, "--verdicts", str(path), "--json"
        )
        drawn.append([int(json.loads(line)["id"]) for line in path.read_text().splitlines()])

    assert drawn[0] == drawn[1] != drawn[2]
    assert drawn[0] == sorted(set(drawn[0]))
    assert len(drawn[0]) == 30
    # Thirty of the first 150 have a chance of one in a thousand million.
    assert min(drawn[0]) < 150 <= max(drawn[0])


def test_limit_and_right_from(bench, write_rows):
    out, _ = bench("identical", "--data", write_rows(*ROWS), "--limit", "3", "--right-from", "0", "--json")

    figures = json.loads(out)["verifiers"]["identical"]
    assert (figures["n"], figures["tp"], figures["fp"]) == (3, 2, 1)


@pytest.mark.parametrize(
    ("rows", "words", "line"),
    [
        ([], ["identical"], "holds no row"),
        (ROWS, ["identicla"], "no verifier or environment named 'identicla'. Did you mean 'identical'?"),
        (ROWS, [], "is made for no verifier: name at least one VERIFIER."),
        (
            ROWS,
            ["identical:"],
            "'identical:' names no verifier: expected NAME, NAME:KEY=VALUE or DIST==VERSION",
        ),
        (
            ROWS,
            ["identical:strict=1"],
            "identical:strict=1: no option of verifier 'identical' named 'strict'.",
        ),
        (
            ROWS,
            ["identical", "--format", "zebra"],
            "Invalid value for '--format': 'zebra' is not one of 'plain', ",
        ),
        (ROWS, ["identical", "--label-field", "verdict"], "no field named 'verdict'"),
        (ROWS, ["identical", "--summary", "/no/such/folder/s.json"], "expected a folder '/no/such/folder'."),
        (
            [{**ROWS[0], "label": "maybe"}],
            ["identical", "--label-field", "label"],
            "'maybe', expected true, false",
        ),
        (
            [{"completion": "4", "answer": "4"}],
            ["identical", "--fail-under", "0.5"],
            "no row is labelled: there is only speed and agreement. Name the right field with --label-field.",
        ),
    ],
)
def test_bad_input_is_one_clear_line(bench, write_rows, rows, words, line):
    _, err = bench(*words, "--data", write_rows(*rows), code=2)

    assert line in err
    assert "Traceback" not in err


def test_a_name_that_is_no_file_and_no_set_is_met_with_the_nearest(shouting, rlvr):
    done = rlvr("bench", "identical", "--data", "shoutd")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "Error: no file or labelled set named 'shoutd'. Did you mean 'shouted'?\n"


def test_a_verifier_that_cannot_be_made_is_one_line_that_names_it(shouting, rlvr):
    done = rlvr("bench", "shouts", "broken", "--data", "shouted")

    assert done.returncode == 2
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("Error")]
    assert line.startswith("Error: broken: verifier 'rlvr-shouting/broken' could not be made: ")
    assert "Traceback" not in done.stderr


def test_rows_with_mixed_labels_leave_the_figures_of_the_rows_before(rlvr, write_rows):
    done = rlvr("bench", "identical", "--data", write_rows(*ROWS, {**ROWS[0], "label": "maybe"}), "--json")

    assert done.returncode == 2
    assert json.loads(done.stdout)["verifiers"]["identical"]["n"] == 5
    assert "'maybe'" in done.stderr
    assert done.stderr.rstrip().endswith("The figures are those of the 5 rows before.")


def test_a_nan_in_the_data_makes_no_json_that_others_cannot_read(bench, tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text('{"completion": "4", "answer": NaN, "label": true}\n')

    out, _ = bench("identical", "--data", str(path), "--json")

    def refuse(constant):
        raise AssertionError(constant)

    found = json.loads(out, parse_constant=refuse)
    assert found["verifiers"]["identical"]["gallery"]["false_negatives"][0]["reference"] == "NaN"


def test_an_interrupt_reports_what_was_measured_so_far(tmp_path):
    verdicts = tmp_path / "v.jsonl"
    words = ["bench", "identical", "--data", "-", "--workers", "1", "--verdicts", str(verdicts), "--json"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-m", "rlvr", *words], **pipes) as process:
        for number in range(300):  # the warm-up and a block, and some of the next
            process.stdin.write(json.dumps({**ROWS[0], "id": str(number)}) + "\n")
        process.stdin.flush()
        until = time.monotonic() + 60
        while lines_in(verdicts) < 288 and time.monotonic() < until and process.poll() is None:
            os.sched_yield()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)

    assert process.returncode == 130, err
    found = json.loads(out)
    assert (found["interrupted"], found["verifiers"]["identical"]["n"]) == (True, 288)
    assert "Interrupted after 288 rows: these are the figures so far." in err


def lines_in(path):
    return path.read_text().count("\n") if path.exists() else 0
