import json
import subprocess
import sys
from pathlib import Path

import pytest

from rlvr.errors import InputError, RLVRError
from rlvr.registry import make, make_verifier
from rlvr.scoring import score
from rlvr.testing import check_environment
from rlvr.types import Completion, first_tasks


def written(folder: Path, *rows: dict) -> str:
    path = folder / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def test_rows_become_tasks_in_order(tmp_path):
    source = written(
        tmp_path, {"question": "2+2?", "answer": "4"}, {"question": "Red?", "answer": ["no", "No."]}
    )
    environment = make("qa", source=source, template="Q: {question}", system="Be brief.")
    tasks = first_tasks(environment, None)
    assert [task.id for task in tasks] == ["qa-0", "qa-1"]
    assert [turn.content for turn in tasks[0].prompt] == ["Be brief.", "Q: 2+2?"]
    assert [environment.reference(task) for task in tasks] == ["4", "no"]
    assert check_environment(environment) == []


def test_fields_and_limit_choose_what_is_read(tmp_path):
    source = written(tmp_path, {"q": "a", "gold": 1, "key": "x"}, {"q": "b", "gold": 2, "key": "y"})
    options = {
        "question_field": "q",
        "answer_field": "gold",
        "id_field": "key",
        "limit": 1,
        "verifier": "number",
    }
    (task,) = first_tasks(make("qa", source=source, **options), None)
    assert (task.id, task.answer) == ("x", 1)


def test_a_row_without_a_readable_reference_is_kept_and_unscored(tmp_path):
    environment = make("qa", source=written(tmp_path, {"question": "a", "answer": None}))
    (task,) = first_tasks(environment, None)
    verdict = score(environment.verifier, task, Completion(text="x"))
    assert (verdict.reward, verdict.reason) == (None, "unreadable_reference")


def test_a_parquet_file_is_read_too(tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    arrow = pytest.importorskip("pyarrow")
    path = tmp_path / "rows.parquet"
    parquet.write_table(arrow.table({"question": ["2+2?"], "answer": ["4"]}), path)
    (task,) = first_tasks(make("qa", source=str(path)), None)
    assert task.answer == "4"


@pytest.mark.parametrize(
    ("rows", "options", "told"),
    [
        ([{"questoin": "a", "answer": "b"}], {}, "no field named 'question'. Did you mean 'questoin'?"),
        ([{"question": "a"}], {}, "Name it with answer_field."),
        ([{"question": ["a"], "answer": "b"}], {}, "is not text"),
        ([{"question": "a", "answer": "b", "id": 1}] * 2, {"id_field": "id"}, "the id '1' is taken"),
        ([{"question": "a", "answer": "b"}], {"id_field": "id"}, "Name it with id_field."),
    ],
)
def test_a_bad_row_is_named(tmp_path, rows, options, told):
    environment = make("qa", source=written(tmp_path, *rows), **options)
    with pytest.raises(InputError) as caught:
        first_tasks(environment, None)
    assert told in str(caught.value)
    assert "rows.jsonl' row " in str(caught.value)


@pytest.mark.parametrize(
    ("name", "options", "told"),
    [
        ("qa", {}, "source"),
        ("qa", {"source": "x.jsonl", "limit": -1}, "qa: limit = -1"),
        ("qa", {"source": "x.jsonl", "template": "go"}, "{question}"),
        ("qa", {"source": "x.jsonl", "verifier": "judge"}, "verifier"),
        ("choice-qa", {"source": "x.jsonl", "template": "{question}"}, "{choices}"),
        ("choice-qa", {"source": "x.jsonl", "limit": -1}, "choice-qa: limit = -1"),
    ],
)
def test_a_bad_option_is_refused(name, options, told):
    with pytest.raises(RLVRError) as caught:
        make(name, **options)
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("choices", "answer", "letter"),
    [
        (["London", "Paris"], "B", "B"),
        (["London", "Paris"], 1, "B"),
        (["London", "Paris"], "(B)", "B"),
        ({"A": "London", "B": "Paris"}, "B", "B"),
        ({"text": ["London", "Paris"], "label": ["1", "2"]}, "2", "B"),
        (["London", "Paris"], "Paris", "B"),
    ],
)
def test_choices_and_answers_of_every_form_are_read(tmp_path, choices, answer, letter):
    source = written(tmp_path, {"question": "Capital?", "choices": choices, "answer": answer})
    environment = make("choice-qa", source=source)
    (task,) = first_tasks(environment, None)
    assert "Capital?\n\nA. London\nB. Paris\n\n" in task.prompt[0].content
    assert score(environment.verifier, task, Completion(text=letter)).reward == 1.0
    assert score(environment.verifier, task, Completion(text="A")).reward == 0.0
    assert check_environment(environment) == []


@pytest.mark.parametrize("answer", [None, 2, -1, "C", "Madrid", True, 0.5])
def test_an_answer_that_is_no_choice_leaves_its_row_unscored(tmp_path, answer):
    source = written(tmp_path, {"question": "q", "choices": ["a1", "b1"], "answer": answer})
    environment = make("choice-qa", source=source)
    (task,) = first_tasks(environment, None)
    assert score(environment.verifier, task, Completion(text="A")).reward is None


@pytest.mark.parametrize("choices", [["one"], "ab", {"text": ["a", "b"], "label": ["1"]}, ["x"] * 27, None])
def test_choices_that_cannot_be_listed_are_named(tmp_path, choices):
    source = written(tmp_path, {"question": "q", "choices": choices, "answer": "A"})
    with pytest.raises(InputError, match="expected 2 to 26 texts"):
        first_tasks(make("choice-qa", source=source), None)


@pytest.mark.parametrize(
    ("name", "options", "told"),
    [
        ("choice", {"letters": "A"}, "letters = 'A'"),
        ("choice", {"letters": "AAB"}, "letters = 'AAB'"),
        ("choice", {"letters": "abc"}, "expected different capitals"),
        ("number", {"abs_tol": -0.1}, "abs_tol = -0.1"),
        ("number", {"rel_tol": float("nan")}, "rel_tol = nan"),
        ("exact", {"read": "all"}, "read"),
        ("exact", {"case": True}, "case_sensitive"),
    ],
)
def test_a_bad_option_of_a_verifier_is_refused(name, options, told):
    with pytest.raises(RLVRError) as caught:
        make_verifier(name, **options)
    assert told in str(caught.value)


def test_listing_the_plugin_imports_none_of_its_rooms():
    code = (
        "import sys, rlvr_exact\n"
        "rlvr_exact.rlvr_environments(); rlvr_exact.rlvr_verifiers()\n"
        "print([name for name in sys.modules if name.startswith('rlvr_exact.')])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def test_every_name_on_offer_has_a_factory():
    import importlib

    import rlvr_exact

    for spec in (*rlvr_exact.rlvr_environments(), *rlvr_exact.rlvr_verifiers()):
        module, _, factory = spec.entry_point.partition(":")
        assert factory in importlib.import_module(module).__all__
