"""Labelled sets: the loader of files, what the check finds, and a stranger's set through the same door."""

import json
import re
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest

from rlvr.errors import InputError
from rlvr.testing import check_labelled, digest_labelled, load_labelled
from rlvr.types import Completion, Labelled, LabelledSet, Message, Task

ROOT = Path(__file__).parents[1]
ROW = {"id": "a", "reference": "4", "completion": "4", "label": True, "kind": "plain", "why": "the number"}


@pytest.fixture
def write(tmp_path):
    def write(*rows, name="set.jsonl"):
        path = tmp_path / name
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return path

    return write


def row(number=1, **fields):
    task = Task(
        id=f"r{number}", prompt=(), answer=fields.pop("answer", "4"), metadata=fields.pop("metadata", {})
    )
    text = fields.pop("text", f"said {number}")
    given = {"id": task.id, "label": bool(number % 2), "kind": "plain", "why": "by rule", **fields}
    return Labelled(task=task, completion=Completion(text=text), **given)


def made(*rows, **fields):
    given = {"name": "s", "version": "1", "verifier": "identical", "rows": lambda: iter(rows), **fields}
    return LabelledSet(**given)


def checks(labelled):
    return [(finding.check, finding.task) for finding in check_labelled(labelled)]


def test_a_line_becomes_a_row_with_its_task(write):
    path = write({**ROW, "metadata": {"choices": ["4", "5"]}, "prompt": "2 + 2?", "group": "g"})

    (found,) = load_labelled(path)

    assert found.task == Task(
        id="a", prompt=(Message(role="user", content="2 + 2?"),), answer="4", metadata={"choices": ["4", "5"]}
    )
    assert (found.completion.text, found.label, found.kind, found.group) == ("4", True, "plain", "g")


def test_without_prompt_metadata_and_group_a_row_has_none(write):
    (found,) = load_labelled(write({**ROW, "label": None, "reference": {"inputs": [1]}}))

    assert (found.task.prompt, found.task.metadata, found.group, found.label) == ((), {}, "", None)
    assert found.task.answer == {"inputs": [1]}


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({"label": 1}, "set.jsonl line 1: label is 1, expected true, false or null."),
        ({"label": "yes"}, "set.jsonl line 1: label is 'yes', expected true, false or null."),
        ({"completion": None}, "set.jsonl line 1: completion is NoneType, expected text."),
        ({"metadata": [1]}, "set.jsonl line 1: metadata is list, expected an object."),
        (
            {"lable": True},
            "set.jsonl line 1: no field of a labelled row is named 'lable'. Did you mean 'label'?",
        ),
    ],
)
def test_a_line_of_another_shape_is_refused_in_one_line(write, changed, line):
    with pytest.raises(InputError) as caught:
        list(load_labelled(write({**ROW, **changed})))

    assert str(caught.value) == line


@pytest.mark.parametrize("name", ROW)
def test_a_field_that_is_missing_is_named(write, name):
    path = write({key: value for key, value in ROW.items() if key != name})

    with pytest.raises(
        InputError, match=rf"set\.jsonl line 1: no field named '{name}'.*docs/labelled-sets\.md"
    ):
        list(load_labelled(path))


def test_rows_come_one_by_one(tmp_path):
    path = tmp_path / "long.jsonl"
    text = "x" * 10_000
    path.write_text(
        "".join(json.dumps({**ROW, "id": str(i), "completion": text}) + "\n" for i in range(3_000))
    )
    tracemalloc.start()

    count = sum(1 for _ in load_labelled(path))

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 3_000
    assert peak < 3_000_000  # the file has thirty


def test_a_sound_set_has_no_findings():
    assert check_labelled(made(row(1), row(2))) == []


@pytest.mark.parametrize(
    ("labelled", "found"),
    [
        (made(row(1), row(2), row(3, id="r1")), ("rows.unique_ids", "r1")),
        (made(), ("rows.some", "")),
        (made(row(1), row(3)), ("rows.both_labels", "")),
        (made(row(2), row(4)), ("rows.both_labels", "")),
        (made(row(1), row(2, text=b"4")), ("rows.text", "r2")),
        (made(row(1), row(2), row(3, label=1)), ("rows.label", "r3")),
        (made(row(1), row(2), row(3, label="yes")), ("rows.label", "r3")),
        (made(row(1), row(2, kind=" ")), ("rows.kind", "r2")),
        (made(row(1), row(2, why="")), ("rows.why", "r2")),
        (made(row(1), row(2, answer=None)), ("rows.answer", "r2")),
        (made(row(1), row(2, answer={1, 2})), ("rows.plain_data", "r2")),
        (made(row(1), row(2, answer=float("nan"))), ("rows.plain_data", "r2")),
        (made(row(1), row(2, metadata={"of": object()})), ("rows.plain_data", "r2")),
        (made(row(1, text="4"), row(2), row(3, text="4")), ("rows.duplicate", "r3")),
        (made(row(1, text="4"), row(2, text="4")), ("rows.contradiction", "r2")),
        (made(row(1), row(2), version=""), ("set.version", "")),
        (made(row(1), row(2), verifier="identicla"), ("set.verifier", "")),
    ],
)
def test_each_fault_is_found_and_nothing_else(labelled, found):
    assert checks(labelled) == [found]


def test_the_same_words_with_other_metadata_are_another_row():
    assert check_labelled(made(row(1, text="B"), row(2, text="B", metadata={"choices": ["x", "B"]}))) == []


def test_rows_that_cannot_be_read_are_a_finding(write):
    path = write(ROW, {**ROW, "label": 3})

    (finding,) = check_labelled(made(rows=lambda: load_labelled(path)))

    assert finding.check == "rows.read"
    assert "line 2: label is 3" in finding.detail


def test_rows_that_differ_from_call_to_call_are_a_finding():
    calls = []

    def rows():
        calls.append(None)
        return iter([row(1), row(2, text=f"call {len(calls)}")])

    assert checks(made(rows=rows)) == [("rows.repeatable", "")]


def test_rows_that_can_be_asked_for_only_once_are_a_finding():
    once = iter([row(1), row(2)])

    assert checks(made(rows=lambda: once)) == [("rows.repeatable", "")]


@pytest.mark.parametrize("field", ["id", "label", "kind", "why", "group", "text", "answer", "metadata"])
def test_the_digest_changes_with_every_field_of_a_row(field):
    other = {"label": None, "metadata": {"a": 1}}.get(field, "other")

    assert digest_labelled(made(row(1))) == digest_labelled(made(row(1)))
    assert digest_labelled(made(row(1))) != digest_labelled(made(row(1, **{field: other})))


def test_a_strangers_set_is_listed_and_made_as_the_guide_says(site, write_plugin, write, rlvr):
    guide = (ROOT / "docs" / "labelled-sets.md").read_text()
    (code,) = re.findall(r"```python\n(from pathlib.*?)```", guide, flags=re.DOTALL)
    (lines,) = re.findall(r"```json\n(.*?)```", guide, flags=re.DOTALL)
    write_plugin("rlvr-oddness", code)
    (site / "oddness.jsonl").write_text(lines)
    find = "from rlvr.registry import make_bench; from rlvr.testing import check_labelled; s = make_bench('oddness'); "

    listed = rlvr("list", "benches", "--json")
    table = rlvr("list", "benches")
    found = rlvr_python(find + "print(check_labelled(s), [row.id for row in s.rows()])")

    (entry,) = [one for one in json.loads(listed.stdout) if one["name"] == "oddness"]
    assert (entry["kind"], entry["plugin"]) == ("bench", "rlvr-oddness/oddness")
    assert entry["facts"] == {"rows": 2, "version": "1", "verifier": "exact"}
    assert re.search(r"^oddness +2 +1 +exact +rlvr-oddness", table.stdout, flags=re.MULTILINE)
    assert found == "[] ['seven', 'hedge']\n"


def test_a_broken_set_breaks_no_listing(write_plugin, rlvr):
    write_plugin(
        "rlvr-odd-facts",
        "from rlvr.hookspecs import Spec, hookimpl\n"
        "@hookimpl\n"
        "def rlvr_benches(): return [Spec(name='odd', entry_point='a:b', summary='', facts=['rows'])]\n",
    )

    done = rlvr("list", "benches", "--json")

    assert done.returncode == 0
    assert "odd" not in [one["name"] for one in json.loads(done.stdout)]
    assert "rlvr-odd-facts" in done.stderr


@pytest.mark.parametrize("plugin", ["rlvr-code", "rlvr-exact", "rlvr-math"])
def test_the_files_of_a_plugins_sets_are_in_its_wheel(plugin):
    wheel = pytest.importorskip("hatchling.builders.wheel")
    root = ROOT / "plugins" / plugin
    package = plugin.replace("-", "_")

    packed = {file.distribution_path for file in wheel.WheelBuilder(str(root)).recurse_included_files()}

    data = {path for ending in ("jsonl", "txt") for path in (root / package).rglob(f"*.{ending}")}
    assert data
    assert {path.relative_to(root).as_posix() for path in data} <= packed


def rlvr_python(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
