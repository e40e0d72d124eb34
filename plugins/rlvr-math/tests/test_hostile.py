"""Texts made to hang, crash, mislead or run code: each is answered in a second of CPU, and none is paid."""

import ast
import importlib
import pkgutil
import re
import runpy
import time
from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import rlvr_math
from rlvr_math.verify import math

from rlvr.types import Completion, Task
from rlvr.workers import WorkerPool

PACKAGE = Path(rlvr_math.__file__).parent
HOSTILE = runpy.run_path(str(Path(__file__).with_name("hostile.py")))["HOSTILE"]
GROUPS = {"powers": 39, "blow-ups": 30, "sizes": 50, "unicode": 33, "injections": 84}
CASES = [
    pytest.param(text, id=f"{group}: {name}") for group in HOSTILE for name, text in HOSTILE[group].items()
]
INJECTIONS = [pytest.param(text, id=name) for name, text in HOSTILE["injections"].items()]

FORMS = ("{}", "\\boxed{{{}}}", "Let me think. The answer is {}.")
PLAIN = "987654321"
REFERENCES = (PLAIN, r"\frac{\sqrt{2}}{3}x", r"\sqrt{2}, \sqrt{3}", "x > 3", "x^2+x!", "yes")
DEADLINE_S = 1.0
POOL_DEADLINE_S = 1.25
PATTERN_S = 0.25


def _modules():
    for found in pkgutil.walk_packages([str(PACKAGE)], "rlvr_math."):
        yield importlib.import_module(found.name)


@pytest.fixture(scope="module")
def verifier():
    verify = math()
    # What is imported at first use is not counted against the first text.
    verify(_task(r"\sin^2 x+\cos^2 x"), Completion(text=r"\boxed{1}"))
    return verify


@pytest.fixture
def fresh():
    """Forget what was understood before, so that each text is paid for."""
    for module in _modules():
        for value in vars(module).values():
            forget = getattr(value, "cache_clear", None)
            if callable(forget):
                forget()


def _task(answer):
    return Task(id="t", prompt=(), answer=answer)


def _judge(verifier, answer, text):
    """Judge one text, within the deadline of this thread, and for nothing."""
    started = time.thread_time()
    score = verifier(_task(answer), Completion(text=text))
    spent_s = time.thread_time() - started

    shown = f"{text[:60]!r} against {answer[:60]!r}: {score}"[:300]
    assert not score.reward, shown
    assert score.reward == 0.0 or score.reason.split()[0] in ("undecided", "unreadable_reference"), shown
    assert score.error is None, shown
    assert spent_s < DEADLINE_S, f"{spent_s:.2f} s: {shown}"


def _judge_as_reference(verifier, text):
    _judge(verifier, text, r"\boxed{31}")
    if "box" not in text and "<answer>" not in text:  # else it may hold the answer that is read
        _judge(verifier, text, f"\\boxed{{1+{text}}}")


@pytest.mark.parametrize("group", GROUPS)
def test_there_are_many_of_each_kind(group):
    assert len(set(HOSTILE[group].values())) == len(HOSTILE[group]) >= GROUPS[group]


@pytest.mark.parametrize("text", CASES)
def test_a_hostile_text_is_answered_soon_and_not_paid(verifier, fresh, text, tmp_path):
    canary = tmp_path / "canary"
    aimed = text.replace("CANARY", str(canary))

    for form in FORMS:
        _judge(verifier, PLAIN, form.format(aimed))
    if len(text) < 10_000:
        for answer in REFERENCES[1:]:
            _judge(verifier, answer, f"\\boxed{{{aimed}}}")
    assert not canary.exists()


@pytest.mark.parametrize("text", CASES)
def test_a_hostile_reference_is_answered_soon_and_pays_nothing(verifier, fresh, text, tmp_path):
    canary = tmp_path / "canary"

    _judge_as_reference(verifier, text.replace("CANARY", str(canary)))

    assert not canary.exists()


@pytest.mark.parametrize("text", CASES)
def test_a_thread_that_is_not_the_first_fares_no_worse(verifier, fresh, text, tmp_path):
    canary = tmp_path / "canary"
    aimed = text.replace("CANARY", str(canary))

    with ThreadPoolExecutor(1) as thread:
        thread.submit(_judge, verifier, PLAIN, f"\\boxed{{{aimed}}}").result()
        thread.submit(_judge, verifier, aimed, r"\boxed{31}").result()

    assert not canary.exists()


@pytest.mark.parametrize("text", INJECTIONS)
def test_an_injection_around_the_right_answer_is_not_that_answer(verifier, text, tmp_path):
    canary = tmp_path / "canary"

    _judge(verifier, "5", f"\\boxed{{{text.replace('CANARY', str(canary))}}}")

    assert not canary.exists()


# In processes that are killed


@pytest.fixture(scope="module")
def pool():
    with WorkerPool("math", kind="verifier", workers=1, timeout_s=DEADLINE_S) as pool:
        yield pool


@pytest.mark.parametrize("group", GROUPS)
def test_no_hostile_text_holds_a_pool_longer_than_its_deadline(pool, group, tmp_path):
    canary, held_s, paid = tmp_path / "canary", {}, []

    for name, text in HOSTILE[group].items():
        completion = Completion(text=f"\\boxed{{{text.replace('CANARY', str(canary))}}}")
        started = time.monotonic()
        (rollout,) = pool(_task(PLAIN), [completion])
        held_s[name] = time.monotonic() - started
        if rollout.score.reward or rollout.score.error:
            paid.append((name, rollout.score))

    assert {name: spent_s for name, spent_s in held_s.items() if spent_s > POOL_DEADLINE_S} == {}
    assert paid == []
    assert not canary.exists()


def test_a_right_answer_after_64_hostile_ones_is_paid(pool):
    texts = [text for group in HOSTILE.values() for text in group.values()][::7][:64]

    rollouts = pool(_task(r"\frac{1}{2}"), [Completion(text=text) for text in [*texts, r"\boxed{0.5}"]])

    assert len(texts) == 64
    assert [rollout.score.reward for rollout in rollouts][-1] == 1.0
    assert not any(rollout.score.reward for rollout in rollouts[:-1])


# No interpreter

BANNED = {
    *("eval", "exec", "compile", "sympify", "parse_expr", "parse_latex", "lambdify", "__import__"),
    *("pickle", "marshal", "signal", "latex2sympy", "literal_eval", "nsimplify", "ctypes"),
}
CALLS = re.compile(r"\b(?:eval|exec|compile|sympify|parse_expr|parse_latex|lambdify|__import__|S|N)\s{0,9}\(")


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_no_text_reaches_an_interpreter(path):
    source = path.read_text(encoding="utf-8")

    assert {name for name in _names(ast.parse(source)) if name in BANNED} == set()
    assert CALLS.findall(source.replace("re.compile(", "")) == []


def _names(tree):
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id="re"), attr="compile"):
                pass
            case ast.Name(id=name) | ast.Attribute(attr=name):
                yield name
            case ast.Import(names=aliases):
                yield from (part for alias in aliases for part in alias.name.split("."))
            case ast.ImportFrom(module=module, names=aliases):
                yield from (module or "").split(".")
                yield from (alias.name for alias in aliases)


def test_the_ban_finds_what_it_bans():
    source = "import re, pickle\nfrom os import signal\nre.compile('x')\nbuiltins.eval('1')\nx.compile('1')"

    assert {name for name in _names(ast.parse(source)) if name in BANNED} == {
        "pickle",
        "signal",
        "eval",
        "compile",
    }


# Patterns

PIECES = (
    *"{}()[]|$\\^_&%#,.;:!?+-*/=<>'\"`~@ \n\t19ax0e\u2212\u200b\u0665",
    *("()", "{}", "$ ", "$1", "1,", "1 ", "1.", "1/", "a ", "a,", "a1", "a-", "-+", "\n ", " \n", "\t ", ". ", "**"),
    *("1,111", "\\a", "\\ ", "\\(", "\\frac", "\\text{", "\\text{a}", "\\boxed{", "\\left(", "\\begin{", "#### ", "A:\n"),
    *("answer is ", "<think>", "</think>", "<answer>", "and ", "million ", "x=1,", "x_1", "5 cm ", "^\\circ", "{1}", "1e5"),
)  # fmt: skip
LENGTHS = (1_000, 5_000, 25_000, 100_000)
SCANNING = {"finditer", "findall", "search", "sub", "subn", "split"}
ALL_USES = ("finditer", "match", "fullmatch")


def _patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    seen = set()
    for module in _modules():
        for name, value in vars(module).items():
            for pattern in _patterns_in(value):
                if pattern.pattern not in seen:
                    seen.add(pattern.pattern)
                    yield f"{module.__name__}.{name}", pattern


def _uses(name):
    """Return the methods by which a pattern of this name is used anywhere in the package; all if by none."""
    sources = (path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    found = {use for source in sources for use in re.findall(rf"\b{name}\.([a-z]+)\b", source)}
    return (found & {"match", "fullmatch", "search"}) | (found & SCANNING and {"finditer"}) or set(ALL_USES)


def _patterns_in(value):
    if isinstance(value, re.Pattern):
        return [value]
    inner = value.values() if isinstance(value, Mapping) else value
    if isinstance(inner, tuple | list | set | frozenset) or isinstance(value, Mapping):
        return [pattern for one in inner for pattern in _patterns_in(one)]
    return []


def _matching_s(pattern, uses, text):
    started = time.thread_time()
    for use in uses:
        found = getattr(pattern, use)(text)
        if use == "finditer":
            deque(found, maxlen=0)
    return time.thread_time() - started


def _times_s(pattern, uses, piece):
    """Return the time for each length, up to the first that is too slow; what ends the text fits nowhere."""
    spent_s = []
    for length in LENGTHS:
        text = (piece * length)[:length] + "\x00"
        spent_s.append(_matching_s(pattern, uses, text))
        for _ in range(3):  # the best of four: other programs may have slowed the first
            if spent_s[-1] > PATTERN_S / 5:
                spent_s[-1] = min(spent_s[-1], _matching_s(pattern, uses, text))
        if spent_s[-1] > PATTERN_S:
            break
    return spent_s


@pytest.mark.parametrize(
    ("name", "pattern"), [pytest.param(name, pattern, id=name) for name, pattern in _patterns()]
)
def test_the_time_of_a_pattern_grows_no_faster_than_the_text(name, pattern):
    uses, slow = _uses(name.rpartition(".")[2]), {}

    for piece in PIECES:
        spent_s = _times_s(pattern, uses, piece)
        steep = spent_s[-1] > PATTERN_S / 5 and spent_s[-1] > 8 * spent_s[-2]
        if spent_s[-1] > PATTERN_S or steep:
            slow[piece] = [round(one, 3) for one in spent_s]
        if len(slow) > 2:
            break

    assert slow == {}


def test_patterns_are_tried_on_many_shapes():
    assert len(set(PIECES)) >= 40
