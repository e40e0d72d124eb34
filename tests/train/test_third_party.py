"""A stranger's plugin, as docs/writing-a-plugin.md has it: installed with pip, listed, scored, trained, removed."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import ROOT, TINY, steps_of

pytestmark = pytest.mark.train

GUIDE = (ROOT / "docs" / "writing-a-plugin.md").read_text()


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Install the guide's plugin into a folder that only this module's processes see."""
    folder, site = tmp_path_factory.mktemp("rlvr-parity"), tmp_path_factory.mktemp("site")
    for name, code in re.findall(r"\*\*`([\w.]+)`\*\*\n\n```\w+\n(.*?)```", GUIDE, flags=re.DOTALL):
        (folder / name).write_text(code)
    pip = ["--target", site, "--no-deps", "--no-build-isolation", "--quiet", "--disable-pip-version-check"]
    done = rlvr("install", folder, *pip, "--json", site=site)
    assert done.returncode == 0, done.stderr
    return site, json.loads(done.stdout)


def rlvr(*arguments, site: Path, **options):
    import os

    env = {**os.environ, "PYTHONPATH": str(site)}
    command = [sys.executable, "-m", "rlvr", *map(str, arguments)]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False, **options)


def test_the_guides_plugin_is_short():
    code = re.search(r"\*\*`rlvr_parity.py`\*\*\n\n```python\n(.*?)```", GUIDE, flags=re.DOTALL).group(1)

    assert len([line for line in code.splitlines() if line.strip()]) <= 15


def test_installing_says_what_is_registered(installed):
    _, told = installed

    (plugin,) = told["plugins"]
    assert plugin["plugin"] == "rlvr-parity/parity"
    assert plugin["status"] == "ok"
    assert plugin["registers"] == ["environment parity"]
    assert len(plugin["hash"]) == 8


def test_it_is_listed_and_scores(installed, tmp_path):
    site, _ = installed
    file = tmp_path / "said.jsonl"
    file.write_text('{"completion": "1", "answer": "1"}\n{"completion": "one", "answer": "1"}\n')

    listed = json.loads(rlvr("list", "environments", "--json", site=site).stdout)
    scored = rlvr("score", "parity", file, site=site)

    assert "parity" in {row["name"] for row in listed}
    rows = [json.loads(line) for line in scored.stdout.splitlines()]
    assert [row["reward"] for row in rows] == [1.0, 0.0]
    assert re.fullmatch(r"rlvr-parity/parity@0\.1\.0#[0-9a-f]{8}", rows[0]["plugin"])


def test_it_passes_the_conformance_check_of_the_guide(installed):
    site, _ = installed
    (code,) = re.findall(r"```python\n(from rlvr import make\n.*?)```", GUIDE, flags=re.DOTALL)

    done = subprocess.run(
        [sys.executable, "-c", code + "\ntest_the_environment_keeps_to_the_contract()"],
        env={"PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr


def test_it_trains(installed, tmp_path):
    site, _ = installed
    config = tmp_path / "parity.toml"
    vocabulary = " ".join(map(str, range(10)))
    config.write_text(
        re.sub(r"\[environment\.options\].*?\[model\]", "[model]", TINY, flags=re.DOTALL)
        .replace('name = "sort"', 'name = "parity"')
        .replace('vocabulary = "0 1 2 >"', f'vocabulary = "{vocabulary} >"')
        .replace('options = { split = "test" }', "options = { seed = 500 }")
    )

    done = rlvr("train", config, "trainer.max_steps=3", "run.folder=run", site=site, cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert [row["step"] for row in steps_of(tmp_path / "run")] == [1, 2, 3]
