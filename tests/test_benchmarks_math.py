"""The benchmark of math checkers: what it does to a checker that misbehaves, and what it counts."""

import importlib
import json
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1] / "benchmarks"))
benchmark = importlib.import_module("math_checkers")
cases = importlib.import_module("rivals.cases")
catalogue = importlib.import_module("rivals.catalogue")
process = importlib.import_module("rivals.process")
tables = importlib.import_module("rivals.tables")
their_tests = importlib.import_module("math_verify_tests")

FAKE = r"""
import os

def fake():
    def check(reference, completion):
        if completion == "hang":
            while True:
                pass
        if completion == "hang in a child":
            if os.fork() == 0:
                while True:
                    pass
            os.wait()
        if completion == "die":
            os._exit(3)
        if completion == "exit":
            raise SystemExit
        if completion == "raise":
            raise ValueError("cannot read it")
        if completion == "decline":
            return None
        if completion == "print":
            print('{"id": 1, "rss_mb": 1, "verdict": false, "ms": 1, "error": null}', flush=True)
            os.write(1, b"\x00garbage\n" * 10_000)
            os.read(0, 10)
        return completion == reference or completion == "print"
    return check

def no_checker():
    print("about to fail")
    raise ImportError("no module named anything")

def framework():
    from heavy import part
    return lambda reference, completion: part.TENSOR is not None and part.equal(reference, completion)
"""


@pytest.fixture
def fake(tmp_path):
    """Start a fake checker whose rows may take 0.4 s; it is closed after the test."""
    (tmp_path / "fake.py").write_text(FAKE)
    started = []

    def start(adapter="fake", **settings):
        rival = catalogue.Rival(name="fake", adapter=adapter, adapters=tmp_path / "fake.py", **settings)
        started.append(process.CheckerProcess(rival, Path(sys.executable), process.Limits(row_s=0.4)))
        return started[-1]

    yield start
    for one in started:
        one.close()


@pytest.mark.parametrize("how", ["hang", "hang in a child"])
def test_a_checker_that_hangs_is_killed_and_the_next_row_gets_a_new_one(fake, how):
    checker = fake()
    hang = checker.ask(("4",), how)
    assert (hang.equal, hang.outcome) == (None, "hang")
    assert hang.ms >= 400
    assert checker.ask(("4",), "4").equal is True


def test_a_checker_that_dies_is_no_hang_and_the_next_row_gets_a_new_one(fake):
    checker = fake()
    assert checker.ask(("4",), "die").outcome == "died"
    assert checker.ask(("4",), "5").equal is False


def test_what_a_checker_prints_does_no_harm(fake):
    checker = fake()
    assert [checker.ask(("4",), text).equal for text in ("print", "4", "print", "5")] == [
        True,
        True,
        True,
        False,
    ]


def test_an_exception_is_no_verdict_and_says_what_it_was(fake):
    verdict = fake().ask(("4",), "raise")
    assert (verdict.equal, verdict.outcome, verdict.error) == (None, "raised", "ValueError: cannot read it")


def test_an_exit_is_no_verdict_either(fake):
    assert fake().ask(("4",), "exit").outcome == "raised"


def test_one_of_several_references_is_enough(fake):
    checker = fake()
    assert checker.ask(("four", "4"), "4").equal is True
    assert checker.ask(("four", "IV"), "4").equal is False
    assert checker.ask(("four", "4"), "decline").equal is None


def test_a_checker_that_cannot_be_imported_says_why(fake):
    with pytest.raises(process.NotStarted, match="fake did not start: ImportError: no module named anything"):
        fake("no_checker")


def test_a_module_is_imported_without_its_package_and_the_framework_it_does_not_use(
    fake, tmp_path, monkeypatch
):
    package = tmp_path / "path" / "heavy"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise ImportError('the framework is missing')")
    (package / "part.py").write_text(
        "from framework.parts import Tensor as TENSOR\nimport framework\ndef equal(a, b): return a == b\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "path"))
    checker = fake("framework", opened=("heavy",), stubs=("framework",))
    assert checker.ask(("4",), "4").equal is True


def write_rows(path, rows):
    path.write_text("\n".join(json.dumps(row) for row in rows) + "\n\n")
    return path


def read(path, **names):
    return cases.read_cases(path, cases.Fields(**names), frozenset({"a-model"}))


def test_both_forms_of_labelled_rows_are_read(tmp_path):
    first = {"reference": ["4", "four"], "completion": r"\boxed{4}", "equal": True, "rule": "number-decimal"}
    second = {
        "gold": "4",
        "response": "5",
        "expected": False,
        "kind": "int",
        "source": "a-model",
        "id": "x-1",
    }
    [one] = read(write_rows(tmp_path / "one.jsonl", [first]))
    assert (one.references, one.equal, one.family, one.id) == (("4", "four"), True, "number", "0")
    assert (one.boxed, one.model_text) == (True, False)
    [two] = read(write_rows(tmp_path / "two.jsonl", [second]))
    assert (two.references, two.completion, two.equal, two.family, two.id) == (
        ("4",),
        "5",
        False,
        "a-model",
        "x-1",
    )
    assert (two.boxed, two.model_text) == (False, True)
    [three] = read(tmp_path / "two.jsonl", family="kind", equal="id")
    assert (three.family, three.equal) == ("int", "x-1")


def test_a_row_without_a_label_or_about_policy_joins_no_accuracy(tmp_path):
    row = {"gold": "4", "response": "4", "source": "own"}
    rows = [{**row, "expected": None, "kind": "int"}, {**row, "expected": True, "kind": "policy:percent"}]
    assert [case.equal for case in read(write_rows(tmp_path / "rows.jsonl", rows))] == [None, None]


def result(label, said, outcome="answered", *, ms=10.0, timed=True, family="number", completion="4"):
    case = cases.Case(id="0", references=("4",), completion=completion, equal=label, family=family)
    verdict = process.Verdict(equal=said, outcome=outcome, ms=ms)
    return tables.Result(case=case, verdict=verdict, timed=timed)


def test_what_verdicts_add_up_to():
    seen = tables.tally(
        [
            *[result(True, True)] * 6,
            *[result(True, False)] * 2,
            result(True, None),
            result(True, None, "hang", ms=790.0),
            *[result(False, False)] * 7,
            *[result(False, True)] * 2,
            result(False, None, "raised"),
            result(None, True),
            result(None, None, "died", ms=500.0, timed=False),
        ]
    )
    assert (seen.true_positives, seen.false_negatives, seen.positives) == (6, 2, 10)
    assert (seen.true_negatives, seen.false_positives, seen.unscored) == (7, 2, 3)
    assert (seen.labelled, seen.right, seen.hangs, seen.died) == (20, 13, 1, 1)
    assert (seen.precision, seen.recall) == (6 / 8, 6 / 10)
    assert seen.per_s == pytest.approx(21 / 0.99)  # 20 rows of 10 ms and one of 790


def test_nothing_adds_up_to_nothing():
    seen = tables.tally([])
    assert (seen.labelled, seen.precision, seen.recall, seen.per_s) == (0, None, None, None)


def test_the_tables_of_a_tiny_run(fake, tmp_path, capsys):
    row = {"reference": "4", "rule": "number", "equal": True}
    rows = [
        {**row, "completion": "4"},
        {**row, "completion": "5", "equal": False},
        {**row, "completion": "hang"},
        {**row, "completion": "print", "equal": False, "rule": "words"},
    ]
    read_rows = read(write_rows(tmp_path / "rows.jsonl", rows))
    runs = [(fake(), []), (fake(), [])]
    benchmark.judge_all(read_rows, runs, seed=0)
    benchmark.write(tmp_path / "out.jsonl", runs)
    benchmark.report(read_rows, runs, markdown=True)
    lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in capsys.readouterr().out.split("\n")]
    [header, _, first, second] = [line for line in lines if len(line) == len(tables.MAIN_COLUMNS)]
    assert header == list(tables.MAIN_COLUMNS)
    cells = dict(zip(header, first, strict=True))
    assert cells["accuracy % (95%)"] == "50.0 (15.0-85.0)"
    assert [cells[name] for name in ("FP", "FN", "unscored", "hangs", "died")] == ["1", "0", "1", "1", "0"]
    assert (cells["precision"], cells["recall"]) == ("0.500", "0.500")
    assert (cells["per s"], cells["boxed %"]) == ("-", "-")  # all in the warm-up, none with a box
    assert first[:9] == second[:9]
    assert ["number", "3", "66.7 0/0", "66.7 0/0"] in lines
    assert ["words", "1", "0.0 1/0", "0.0 1/0"] in lines
    written = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert len(written) == 8
    assert [line["outcome"] for line in written[:4]] == ["answered", "answered", "hang", "answered"]


def test_a_rival_that_is_not_known_is_named(capsys):
    with pytest.raises(SystemExit, match="no rival named 'math-verfy'; there are math-verify, "):
        benchmark.chosen_rivals("math-verfy")
    assert [rival.name for rival in benchmark.chosen_rivals("")] == ["rlvr math"]


def test_every_rival_is_pinned_and_has_its_adapter():
    adapters = importlib.import_module("rivals.adapters")
    names = [rival.name for rival in catalogue.RIVALS]
    assert len(set(names)) == len(names)
    for rival in catalogue.RIVALS:
        assert callable(vars(adapters)[rival.adapter])
        assert rival.version


def test_cases_are_taken_from_their_tests_without_running_them():
    text = """
import pytest
raise SystemExit

@pytest.mark.parametrize("gold, pred, expected", [("$1$", "$2$", 0), (f"{1}", "1", 1)])
def test_plain(gold, pred, expected):
    assert compare(gold, pred, precision=6) == expected

@pytest.mark.parametrize("gold,pred,strict,result", [("a", "b", False, 1), ("a", "a", True, 1)])
def test_options(gold, pred, strict, result):
    assert compare(gold, pred, strict=strict) == result

@pytest.mark.parametrize("gold,pred,expected", [("1.1", "1", 1)])
def test_coarse(gold, pred, expected):
    assert compare(gold, pred, precision=1) == expected

@pytest.mark.parametrize("text,expected", [("1", 1)])
def test_parsing(text, expected):
    assert parse(text) == expected
"""
    rows = list(their_tests.read_tests({"test_x.py": text}))
    kept = [(row.place, row.gold, row.response, row.expected) for row in rows if not row.special]
    assert kept == [("test_x.py:5", "$1$", "$2$", False), ("test_x.py:9", "a", "a", True)]
    assert len(rows) == 5
