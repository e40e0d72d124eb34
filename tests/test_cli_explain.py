"""`rlvr explain`: what was read, by which rule, and what decided; nothing in it commands the terminal."""

import io
import json

import pytest
from click.testing import CliRunner

from rlvr.cli import cli
from rlvr.cli.marked import escaped, print_marked, rows_of

HOSTILE = "\x1b[2J\x1b]0;owned\x07 \x9b31m\u202e \\boxed{1/2} \x1b[0m\r\x08"


@pytest.fixture
def run():
    def go(*arguments, code=0, **options):
        done = CliRunner().invoke(cli, ["explain", *arguments], catch_exceptions=False, **options)
        assert done.exit_code == code, done.stderr
        return done.stdout

    return go


@pytest.fixture
def shown():
    def show(text, spans, *, terminal=False, width=60):
        from rich.console import Console

        file = io.StringIO()
        print_marked(Console(file=file, force_terminal=terminal, width=width), text, spans, margin="| ")
        return file.getvalue()

    return show


def test_without_colours_carets_stand_under_what_was_read(run):
    lines = run(
        "math", "--kind", "verifier", "--answer", "0.5", "--completion", r"so \boxed{1/2}!"
    ).splitlines()

    assert lines[0].endswith(": 1 (correct (box, rational))")
    assert lines[1:3] == [r"  | so \boxed{1/2}!", "             ^^^".rjust(17)]
    assert [line.split()[0] for line in lines[3:]] == ["read", "answer", "reference", "stage", "ms"]
    assert "1/2 (1 decimal)" in lines[5]


def test_json_has_the_keys_of_an_explanation(run):
    told = json.loads(run("identical", "--answer", "4", "--completion", "4", "--json"))

    assert {"read", "rule", "spans", "forms", "stage", "ms", "notes"} <= told.keys()
    assert {
        "reward",
        "answer",
        "reason",
        "parts",
        "error",
        "plugin",
        "reference",
        "completion",
    } <= told.keys()
    assert (told["reward"], told["answer"], told["read"]) == (1.0, "4", "4")


def test_hostile_text_reaches_the_terminal_only_as_escapes(run):
    out = run("math", "--kind", "verifier", "--answer", "0.5", "--completion", HOSTILE)

    assert all(character.isprintable() or character == "\n" for character in out)
    assert r"\x1b[2J\x1b]0;owned\x07" in out
    assert r"\u202e" in out


def test_a_lone_surrogate_and_a_null_byte_are_shown_as_escapes():
    assert escaped("a\x00b\ud800c\u2028d\U000e0041") == r"a\x00b\ud800c\u2028d\U000e0041"


def test_a_terminal_sees_the_span_underlined_and_no_carets(shown):
    assert shown("so it is 42", [(9, 11)], terminal=True) == "| so it is \x1b[1;4m42\x1b[0m\n"


@pytest.mark.parametrize(
    ("text", "span", "carets"),
    [
        ("\u7b54\u6848\u662f 42", (4, 6), "         ^^"),
        ("\x1b 42", (2, 4), "       ^^"),
        ("e\u0301 42", (3, 5), "    ^^"),
        ("a\nb 42", (4, 6), "    ^^"),
    ],
    ids=["wide", "escape", "combining", "second line"],
)
def test_carets_stand_under_their_characters_however_wide_these_are(shown, text, span, carets):
    assert shown(text, [span]).splitlines()[-1] == carets


def test_several_pieces_are_marked_and_a_long_line_is_broken_where_the_carets_fit(shown):
    out = shown("x" * 30 + "12" + "y" * 30, [(0, 1), (30, 32)], width=33).splitlines()

    assert out == ["| " + "x" * 30 + "1", "  ^" + " " * 29 + "^", "| 2" + "y" * 30, "  ^"]


def test_a_long_completion_is_cut_around_what_was_read(shown):
    out = shown("x" * 50_000 + "42" + "y" * 50_000, [(50_000, 50_002)])

    assert len(out) < 2_000
    assert "[... 49,760 characters ...]" in out
    assert out.count("^") == 2


def test_ten_megabytes_are_cut_at_once():
    rows = rows_of("x" * 10_000_000, [(0, 10_000_000)], width=80)

    assert sum(len(row.cells) for row in rows) < 2_000


@pytest.mark.parametrize("wanted", ["b", "2"])
def test_a_row_of_a_file_is_named_by_its_id_or_its_place(run, tmp_path, wanted):
    path = tmp_path / "rows.jsonl"
    rows = [{"id": name, "completion": name, "answer": "b"} for name in ("a", "b", "1")]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))

    told = json.loads(run("identical", str(path), "--row", wanted, "--json"))

    assert (told["completion"], told["reward"]) == ("b", 1.0)


def test_an_id_comes_before_a_place(run, tmp_path):
    path = tmp_path / "rows.jsonl"
    rows = [{"id": name, "completion": name, "answer": "b"} for name in ("a", "b", "1")]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))

    assert json.loads(run("identical", str(path), "--row", "1", "--json"))["completion"] == "1"


def test_texts_come_from_files_and_from_stdin(run, tmp_path):
    (tmp_path / "gold.txt").write_text("4")

    told = run("identical", "--answer", f"@{tmp_path}/gold.txt", "--completion", "-", "--json", input=" 4 ")

    assert json.loads(told)["reward"] == 1.0


def test_a_task_of_an_environment_brings_its_reference(run):
    told = json.loads(run("echo", "--task", "echo-0-3", "--completion", "none", "--json"))

    assert (told["reward"], told["reason"]) == (0.0, "wrong_answer")
    assert told["reference"].isdecimal()


def test_metadata_reaches_the_verifier(run):
    choices = '{"choices": ["Rome", "Paris"]}'

    told = run("choice", "--answer", "B", "--completion", "Paris", "--metadata", choices, "--json")

    assert json.loads(told)["reward"] == 1.0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["identical"], "no completion"),
        (["identical", "--completion", "4"], "expected the reference by --answer"),
        (["identical", "--answer", "-", "--completion", "-"], "stdin can be read once"),
        (["identical", "--answer", "@/nowhere", "--completion", "4"], "cannot be read"),
        (["identical", "--answer", "4", "--completion", "4", "--metadata", "[1]"], "expected a JSON object"),
        (["identcal", "--answer", "4", "--completion", "4"], "Did you mean 'identical'?"),
        (["echo", "--task", "echo-0-x", "--completion", "4"], "no task named 'echo-0-x'"),
        (["identical", "nowhere.jsonl"], "say which row"),
        (["identical", "nowhere", "--row", "1"], "no file or labelled set named 'nowhere'"),
    ],
)
def test_what_is_missing_is_said_in_one_line(rlvr, arguments, said):
    done = rlvr("explain", *arguments)

    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_row_that_is_not_there_is_bad_input(rlvr, tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text('{"completion": "4", "answer": "4"}\n')

    done = rlvr("explain", "identical", str(path), "--row", "7")

    assert (done.returncode, done.stdout) == (2, "")
    assert "has no row '7'" in done.stderr


MOODY = """
import os, signal
from rlvr.hookspecs import Spec, hookimpl
from rlvr.types import Score

@hookimpl
def rlvr_verifiers():
    return [Spec(name="moody", entry_point="rlvr_moody:make", summary="for tests")]

def make():
    def judge(task, completion):
        if completion.text == "hang":
            while True: pass
        if completion.text == "die": os.kill(os.getpid(), signal.SIGSEGV)
        raise ValueError("no \\x1b[31midea")
    return judge
"""


def test_a_hang_a_crash_and_an_exception_are_said(rlvr, write_plugin):
    write_plugin("rlvr-moody", MOODY)

    hang, crash, error = (
        rlvr("explain", "moody", "--answer", "4", "--completion", text, "--timeout", "0.5")
        for text in ("hang", "die", "raise")
    )

    assert (hang.returncode, crash.returncode, error.returncode) == (0, 1, 1)
    assert "The deadline of 0.5 s passed" in hang.stdout
    assert "process crashed" in crash.stdout
    assert r"ValueError: no \x1b[31midea" in error.stdout
    assert hang.stderr == ""
