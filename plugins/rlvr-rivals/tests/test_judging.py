"""From a check to a verdict, and from one module of a framework to a check."""

import subprocess
import sys

import pytest
from rlvr_rivals.answers import delimited
from rlvr_rivals.judging import verifier

from rlvr.scoring import score
from rlvr.types import Completion, Task


def check(reference, completion):
    if completion == "raise":
        raise ValueError("cannot read it")
    return None if "?" in (reference, completion) else reference == completion


def verdict(answer, text):
    found = score(verifier(check), Task(id="t", prompt=(), answer=answer), Completion(text=text))
    return found.reward, found.reason


@pytest.mark.parametrize(
    ("answer", "text", "said"),
    [
        ("4", "4", (1.0, "correct")),
        ("4", "5", (0.0, "wrong_answer")),
        (4, "4", (1.0, "correct")),
        (["four", "4"], "4", (1.0, "correct")),
        (["four", "4"], "IV", (0.0, "wrong_answer")),
        (["?", "4"], "5", (0.0, "wrong_answer")),
        (["4", "?"], "5", (0.0, "wrong_answer")),
        ("4", "?", (None, "declined")),
        (None, "4", (None, "unreadable_reference")),
        ([], "4", (None, "unreadable_reference")),
        ({"a": 1}, "4", (None, "unreadable_reference")),
        ("4", "raise", (None, "verifier_error")),
    ],
)
def test_the_best_verdict_over_the_references_counts_and_none_is_no_verdict(answer, text, said):
    assert verdict(answer, text) == said


def test_what_a_rival_raises_is_told():
    found = score(verifier(check), Task(id="t", prompt=(), answer="4"), Completion(text="raise"))

    assert found.error == "ValueError: cannot read it"


@pytest.mark.parametrize(
    ("reference", "given"),
    [
        (r"\frac12", r"$\frac12$"),
        ("4", "$4$"),
        (r"\boxed{2}", r"\boxed{2}"),
        (r"\(2\)", r"\(2\)"),
        ("$x$", "$x$"),
    ],
)
def test_a_bare_reference_gets_delimiters(reference, given):
    assert delimited(reference) == given


INSIDE = """
from rlvr_rivals.doors import limit_memory, open_packages, put_stubs
put_stubs(["framework"])
open_packages(["heavy", "heavy.deep"])
limit_memory(4096)
from heavy.deep import part
import resource
print(part.equal(4, 4), part.TENSOR.__name__, resource.getrlimit(resource.RLIMIT_AS)[0] // 2**20)
open_packages(["nowhere"])
"""


def test_a_module_is_imported_without_its_package_and_the_framework_it_does_not_use(tmp_path):
    package = tmp_path / "heavy" / "deep"
    package.mkdir(parents=True)
    for folder in (package, package.parent):
        (folder / "__init__.py").write_text("raise ImportError('the framework is missing')")
    (package / "part.py").write_text(
        "from framework.parts import Tensor as TENSOR\nimport framework\ndef equal(a, b): return a == b\n"
    )

    code = f"import sys; sys.path.append({str(tmp_path)!r})\n{INSIDE}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.stdout.split() == ["True", "Tensor", "4096"]
    assert "ModuleNotFoundError: no package named 'nowhere'" in done.stderr
