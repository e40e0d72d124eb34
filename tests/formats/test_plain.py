"""Rows of anyone's: what is found by its name, what is told, what is said where it is not there."""

import pytest

from rlvr.errors import InputError, UnknownName
from rlvr.formats import FORMATS, Fields, open_rows
from rlvr.types import Message, Task


def test_each_usual_field_is_found_and_said(write):
    path = write(
        {
            "id": "a",
            "response": "4",
            "gold": "4",
            "is_correct": True,
            "family": "sum",
            "group_id": 7,
            "why": "it is",
        }
    )

    found = open_rows(path, fields=Fields())
    (row,) = found.rows

    assert found.fields == Fields(
        completion="response",
        answer="gold",
        id="id",
        label="is_correct",
        kind="family",
        group="group_id",
        prompt="",
    )
    assert (row.id, row.completion.text, row.task.answer) == ("a", "4", "4")
    assert (row.label, row.kind, row.group, row.why) == (True, "sum", "7", "it is")
    assert found.said == (
        f"{str(path)!r} is read as plain: completion in 'response', reference in 'gold', label in 'is_correct', "
        "kind in 'family', group in 'group_id', id in 'id'; --format NAME and --completion-field F "
        "(--answer-field, ...) say otherwise."
    )


def test_fields_that_are_told_come_before_those_that_are_found(write, read):
    row = {
        "completion": "a",
        "answer": "b",
        "label": True,
        "out": "c",
        "deep": {"gold": ["d"]},
        "verdict": "wrong",
    }

    _, (told,) = read(
        write(row), completion="out", answer="deep.gold.0", label="verdict", kind="out", group="out"
    )

    assert (told.completion.text, told.task.answer, told.label) == ("c", "d", False)
    assert (told.kind, told.group) == ("c", "c")


def test_an_empty_name_is_no_field(write, read):
    row = {"id": "a", "completion": "4", "answer": "4", "label": True, "kind": "sum", "task_id": "t"}

    _, (read_row,) = read(write(row), answer="", id="", label="", kind="", group="")

    assert (read_row.id, read_row.task.answer, read_row.label) == ("1", None, None)
    assert (read_row.kind, read_row.group) == ("", "")


@pytest.mark.parametrize(
    ("name", "value", "label"),
    [
        ("label", True, True),
        ("label", 0, False),
        ("correct", "correct", True),
        ("correct", "I", False),
        ("expected", False, False),
        ("expected", None, None),
        ("passed", 1.0, True),
        ("expected", 1, None),  # may be the answer
        ("expected", "yes", None),
        ("label", "72", None),
        ("label", 7, None),
        ("reward", 1.0, None),  # what another verifier paid is no truth
        ("score", 1.0, None),
    ],
)
def test_a_label_is_found_only_where_it_can_be_nothing_else(write, read, name, value, label):
    _, (row,) = read(write({"completion": "4", "answer": "4", name: value}))

    assert row.label is label


@pytest.mark.parametrize(
    ("value", "label"),
    [(1.0, True), (0.999, False), (-1, False), (1.5, True), (float("nan"), None), ("", None), ("1", True)],
)
def test_a_reward_that_is_named_as_label_is_right_from_1_on(write, read, value, label):
    _, (row,) = read(write({"completion": "4", "answer": "4", "reward": value}), label="reward")

    assert row.label is label


def test_a_label_that_says_nothing_names_its_line_and_the_way_out(write):
    path = write(
        {"completion": "4", "answer": "4", "label": True},
        {"completion": "4", "answer": "4", "label": "maybe"},
    )
    rows = open_rows(path, fields=Fields()).rows

    assert next(rows).label is True
    with pytest.raises(InputError) as caught:
        next(rows)

    assert str(caught.value) == (
        f"{str(path)!r} line 2: the label 'label' is 'maybe', expected true, false, null, a number or a word such "
        "as correct. Name the right field with --label-field; an empty name is none."
    )


def test_a_label_that_is_left_out_is_not_known_and_a_reference_must_be_there(write):
    path = write(
        {"completion": "4", "answer": "4", "label": True},
        {"completion": "4", "answer": "4"},
        {"completion": "4"},
    )
    rows = open_rows(path, fields=Fields()).rows

    assert [next(rows).label, next(rows).label] == [True, None]
    with pytest.raises(
        InputError, match=r"line 3: no field named 'answer'\. Known: completion\. Name the right one"
    ):
        next(rows)


def test_a_verifier_is_not_told_the_label(write, read):
    _, (row,) = read(
        write({"completion": "4", "answer": "4", "label": True, "kind": "sum", "choices": ["4"]})
    )

    assert row.task.metadata == {"kind": "sum", "choices": ["4"]}


def test_chats_are_prompts_and_the_last_assistant_message_is_the_completion(write, read):
    prompt = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "2+2?"}]},
    ]
    said = [
        {"role": "assistant", "content": "Let me see."},
        {"role": "assistant", "content": "4"},
        {"role": "user", "content": "Thanks"},
    ]

    _, (row,) = read(write({"prompt": prompt, "completion": said, "answer": "4"}))

    assert row.completion.text == "4"
    assert row.task.prompt == (
        Message(role="system", content="Be brief."),
        Message(role="user", content="2+2?"),
    )


def test_several_completions_of_a_row_are_a_group(write, read):
    path = write(
        {"id": "a", "completions": ["4", "5"], "answer": "4"},
        {"completions": ["6"], "answer": "4", "id": "b"},
    )

    _, rows = read(path)

    assert [(row.id, row.group, row.task.id, row.completion.text) for row in rows] == [
        ("a#1", "a", "a", "4"),
        ("a#2", "a", "a", "5"),
        ("b", "", "b", "6"),
    ]


def test_rows_that_are_called_by_their_task_are_told_apart_by_their_line(write, read):
    path = write(*({"task_id": "t", "completion": text, "answer": "4"} for text in "45"))

    _, rows = read(path)

    assert [(row.id, row.group, row.task.id) for row in rows] == [("t#1", "t", "t"), ("t#2", "t", "t")]


def test_rows_without_a_reference_name_a_task(write):
    known = {"t1": Task(id="t1", prompt=(), answer="one")}
    path = write({"id": "t1", "completion": "1"}, {"id": "t2", "completion": "2"})

    found = open_rows(path, fields=Fields(), tasks=lambda: known)
    row = next(found.rows)

    assert row.task is known["t1"]
    assert "the reference is the task's that the id names" in found.said
    with pytest.raises(UnknownName, match=r"no task \(.* line 2\) named 't2'\. Known: t1\."):
        next(found.rows)


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ({"answer": "4"}, "line 1: none of the fields completion, response, "),
        ({"completion": "4"}, "line 1: none of the fields reference, answer, "),
        (
            {"completion": None, "answer": "4"},
            "line 1: the field 'completion' is null, expected text or chat messages.",
        ),
        (
            {"completion": 4, "answer": "4"},
            "line 1: the field 'completion' is int, expected text or chat messages.",
        ),
        (
            {"completion": [], "answer": "4"},
            "line 1: the field 'completion' is list, expected text or chat messages.",
        ),
        (
            {"completion": ["4", 5], "answer": "4"},
            "line 1: the field 'completion' is list, expected text or chat",
        ),
        (
            {"completion": [{"role": "assistant"}], "answer": "4"},
            "line 1: the field 'completion' is list, expected",
        ),
        ({"\n\ud800": 1}, r"It has '\n\ud800': name"),
    ],
)
def test_a_row_that_cannot_be_read_is_one_line(write, row, fault):
    with pytest.raises(InputError) as caught:
        list(open_rows(write(row), fields=Fields()).rows)

    assert fault in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("part", ["completion", "answer", "id", "label", "kind", "group", "prompt"])
def test_a_field_that_is_mistyped_is_told_with_its_option(write, part):
    row = {"completion": "4", "answer": "4", "id": 1, "label": True, "kind": "k", "group": "g", "prompt": "p"}

    with pytest.raises(
        InputError, match=f"line 1: no field named '{part}x'. Did you mean '{part}'.*--{part}-field"
    ):
        list(open_rows(write(row), fields=Fields(**{part: f"{part}x"})).rows)


def test_a_path_that_breaks_off_says_where(write):
    path = write({"completion": "4", "doc": {"answer": "4"}})

    with pytest.raises(InputError, match=r"line 1, 'doc\.gold': no field named 'gold'\. Known: answer\."):
        list(open_rows(path, fields=Fields(answer="doc.gold")).rows)


def test_what_is_nested_out_of_all_measure_is_one_line(write):
    deep = json_nested(500)

    with pytest.raises(InputError, match="the id 'id' is nested over 100 deep"):
        list(open_rows(write({"id": deep, "completion": "4", "answer": "4"}), fields=Fields()).rows)
    with pytest.raises(InputError, match="the field 'kind' is list, expected a word or a number"):
        list(
            open_rows(
                write({"kind": deep, "completion": "4", "answer": "4"}), fields=Fields(kind="kind")
            ).rows
        )


def json_nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


def test_a_format_that_there_is_not_is_told_with_the_nearest(write):
    with pytest.raises(UnknownName, match=r"no format named 'inspct'\. Did you mean 'inspect'\?"):
        open_rows(write({"completion": "4", "answer": "4"}), fields=Fields(), format="inspct")


def test_the_table_is_by_name_and_says_where_meanings_come_from():
    assert [each.name for each in FORMATS.values()] == list(FORMATS)
    assert all(each.summary.endswith(".") and each.origin for each in FORMATS.values())
