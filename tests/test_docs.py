"""The words about the project are true of the project."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from rlvr.cli import VERBS
from rlvr.hookspecs import Hooks
from rlvr.train.settings import load

ROOT = Path(__file__).parents[1]


def test_the_guide_lists_every_hook():
    guide = (ROOT / "docs" / "writing-a-plugin.md").read_text()

    hooks = [name for name in vars(Hooks) if name.startswith("rlvr_")]

    assert hooks == re.findall(r"^\| `(rlvr_\w+)` \|", guide, flags=re.MULTILINE)


def test_the_readme_names_every_verb():
    readme = (ROOT / "README.md").read_text()

    assert [verb for verb in VERBS if f"`rlvr {verb}" not in readme] == []


def test_the_readmes_python_runs():
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), flags=re.DOTALL)

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert [line.split()[-2:][0] for line in done.stdout.splitlines()] == [
        "0.0",
        "wrong_numbers",
        "no_answer",
    ]


def test_the_readmes_config_is_read_as_it_stands(tmp_path):
    (table,) = re.findall(r"```toml\n(.*?)```", (ROOT / "README.md").read_text(), flags=re.DOTALL)
    path = tmp_path / "shown.toml"
    path.write_text(table)

    assert load(path).environment.options["template"] == "{question} >"


def test_links_between_documents_lead_somewhere():
    for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("plugins/*/*.md")):
        for target in re.findall(r"\]\(([^)#:]+)\)", path.read_text()):
            assert (path.parent / target).exists(), f"{path.name}: {target}"


def test_there_is_nothing_at_the_top_that_was_not_agreed():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("this is no git checkout: what belongs to the project cannot be told from what was made")
    wanted = {
        "pyproject.toml", "README.md", "rlvr", "plugins", "sandboxes", "tests", "benchmarks", "configs",
        "Makefile", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "docs", ".ci", ".gitignore",
    }  # fmt: skip

    assert {path.partition("/")[0] for path in listed.stdout.splitlines()} == wanted
