"""Environments of their own: made once, whoever asks and whatever interrupts, and workers that run there."""

import importlib.metadata
import importlib.util
import json
import os
import select
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from rlvr.errors import InputError
from rlvr.hookspecs import Spec
from rlvr.isolated import environments_folder, interpreter_for, interpreter_of
from rlvr.plugins import Plugin
from rlvr.registry import Entry
from rlvr.types import Completion, Task
from rlvr.workers import WorkerPool

NEEDED = ("pluggy", "click", "rich", "markdown-it-py", "mdurl", "pygments")
TASK = Task(id="t", prompt=(), answer="4")
pytestmark = pytest.mark.skipif(not importlib.util.find_spec("pip"), reason="there is no pip here")


def wheel(folder, name, files, *, version="1.0", requires=(), metadata=""):
    """Write a wheel without building it: files by their path in site-packages."""
    module = name.replace("-", "_")
    info = f"{module}-{version}.dist-info"
    head = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{metadata}"
    path = folder / f"{module}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for place, text in files.items():
            archive.writestr(place, text)
        archive.writestr(f"{info}/METADATA", head + "".join(f"Requires-Dist: {one}\n" for one in requires))
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return path


def packed(folder, name):
    """Write a wheel of a pure distribution that is installed here."""
    found = importlib.metadata.distribution(name)
    kept = [path for path in found.files or () if path.suffix != ".pyc" and path.parts[0] != ".."]
    files = {str(path): path.locate().read_bytes() for path in kept if ".dist-info" not in str(path)}
    wheel(folder, found.metadata["Name"], files, version=found.version, requires=found.requires or ())


@pytest.fixture(scope="session")
def wheels(tmp_path_factory):
    """A folder with a wheel of all that rlvr needs, so that no index is asked."""
    folder = tmp_path_factory.mktemp("wheels")
    for name in NEEDED:
        packed(folder, name)
    return folder


@pytest.fixture
def index(wheels, tmp_path, monkeypatch):
    """A folder of wheels that pip takes for its index, and an empty cache."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", f"{wheels} {folder}")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return folder


@pytest.fixture
def said():
    return []


def without_pip(monkeypatch, folder):
    """Let every call of pip, and of uv, end in an error."""
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder / "nothing"))
    monkeypatch.setenv("PIP_REQUIRE_VIRTUALENV", "no such value")


def run(python, code):
    return subprocess.run([python, "-P", "-c", code], capture_output=True, text=True, check=True).stdout


def test_an_environment_is_made_once_told_of_once_and_has_what_was_asked_for(index, said, monkeypatch):
    wheel(index, "tiny", {"tiny.py": "A = 41"}, requires=["other"])
    wheel(index, "other", {"other.py": "B = 1"})
    monkeypatch.setenv("PYTHONPATH", str(index))

    python = interpreter_for(["tiny==1.0"], say=said.append)
    monkeypatch.delenv("PYTHONPATH")

    assert run(python, "import tiny, other, rlvr.workers.zygote; print(tiny.A + other.B)") == "42\n"
    assert said == [f"Installing tiny==1.0 into {python.parents[1]} (once)."]
    assert python.parents[2] == environments_folder()


def test_a_ready_one_is_returned_without_pip(index, said, monkeypatch):
    wheel(index, "tiny", {"tiny.py": ""})
    first = interpreter_for(["tiny"], say=said.append)
    without_pip(monkeypatch, index)

    again = interpreter_for(["tiny"], say=said.append)

    assert again == first
    assert len(said) == 1


def test_what_is_alone_comes_without_what_it_depends_on(index, said):
    wheel(index, "heavy", {"heavy/__init__.py": "import torch", "heavy/light.py": ""}, requires=["torch"])

    python = interpreter_for([], alone=["heavy==1.0"], say=said.append)

    assert list(python.parents[1].glob("lib/*/site-packages/heavy/light.py"))


def test_another_requirement_is_another_environment(index, said):
    for version in ("1.0", "2.0"):
        wheel(index, "tiny", {"tiny.py": f"print({version})"}, version=version)

    pythons = [interpreter_for([f"tiny=={version}"], say=said.append) for version in ("1.0", "2.0")]

    assert [run(python, "import tiny") for python in pythons] == ["1.0\n", "2.0\n"]


def test_a_failure_of_pip_is_one_line_and_leaves_nothing(index, said):
    wheel(index, "tiny", {"tiny.py": ""}, requires=["no-such-thing"])

    with pytest.raises(InputError) as caught:
        interpreter_for(["tiny"], say=said.append)

    said_by_pip = "ERROR: No matching distribution found for no-such-thing"  # and in some releases, of whom
    assert str(caught.value).removesuffix(" (from tiny)") == f"tiny could not be installed: {said_by_pip}"
    assert [path.suffix for path in environments_folder().iterdir()] == [".lock"]


def test_a_conflict_with_this_rlvr_is_told_in_one_line(index, said):
    wheel(index, "rlvr-old", {"rlvr_old.py": ""}, requires=["rlvr<0.0.1"])

    with pytest.raises(InputError, match=r"ERROR: Cannot install .*rlvr.* have conflicting dependencies"):
        interpreter_for(["rlvr-old"], say=said.append)


def test_a_cache_that_cannot_be_written_is_one_line(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))

    with pytest.raises(
        InputError, match=r"^no environment can be kept in .*: Not a directory\. Set XDG_CACHE_HOME"
    ):
        interpreter_for(["tiny"])


ASK = "from rlvr.isolated import interpreter_for; print(interpreter_for(['{requirement}']), flush=True)"
# A source distribution whose build says that it has begun, and then waits until it may go on.
BUILD = """
import os, zipfile
def build_wheel(folder, *_):
    with open({begun!r}, "w") as file: file.write(str(os.getpid()))
    open({go!r}).read()
    info = "slow-1.0.dist-info"
    with zipfile.ZipFile(os.path.join(folder, "slow-1.0-py3-none-any.whl"), "w") as archive:
        archive.writestr("slow.py", "A = 1")
        archive.writestr(info + "/METADATA", "Metadata-Version: 2.1\\nName: slow\\nVersion: 1.0\\n")
        archive.writestr(info + "/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        archive.writestr(info + "/RECORD", "")
    return "slow-1.0-py3-none-any.whl"
"""
PYPROJECT = '[build-system]\nrequires = []\nbuild-backend = "build"\nbackend-path = ["."]\n'


@pytest.fixture
def slow(index, tmp_path):
    """The requirement of a distribution that is slow to build, and the pipes it tells and waits on."""
    folder, begun, go = tmp_path / "slow", tmp_path / "begun", tmp_path / "go"
    folder.mkdir()
    os.mkfifo(begun)
    os.mkfifo(go)
    (folder / "pyproject.toml").write_text(PYPROJECT + '[project]\nname = "slow"\nversion = "1.0"\n')
    (folder / "build.py").write_text(BUILD.format(begun=str(begun), go=str(go)))
    return f"slow @ {folder.as_uri()}", begun, go


@pytest.fixture
def ask():
    """Start a process that asks for an environment; it leads a group of its own."""
    started = []

    def start(requirement):
        code = ASK.format(requirement=requirement)
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        started.append(
            subprocess.Popen([sys.executable, "-c", code], text=True, start_new_session=True, **pipes)
        )
        return started[-1]

    yield start
    for process in started:
        with process:
            process.kill()


def test_two_that_ask_at_once_make_one(slow, ask):
    requirement, begun, go = slow
    first = ask(requirement)
    begun.read_text()
    second = ask(requirement)

    assert not select.select([second.stdout, second.stderr], [], [], 1.0)[0]  # it waits, and says nothing
    go.write_text("")
    outcomes = [process.communicate(timeout=60) for process in (first, second)]

    assert outcomes[0][0] == outcomes[1][0] != ""
    assert [err.count("Installing") for _, err in outcomes] == [1, 0]


def test_what_was_killed_in_the_middle_is_made_anew_at_the_next_call(slow, ask):
    requirement, begun, go = slow
    first = ask(requirement)
    begun.read_text()
    os.killpg(first.pid, signal.SIGKILL)

    second = ask(requirement)
    begun.read_text()
    go.write_text("")
    out, _ = second.communicate(timeout=60)

    assert run(out.strip(), "import slow; print(slow.A)") == "1\n"


def test_a_pip_that_outlives_its_caller_keeps_others_out(slow, ask):
    requirement, begun, go = slow
    first = ask(requirement)
    begun.read_text()
    first.kill()

    second = ask(requirement)
    assert not select.select([second.stdout, second.stderr], [], [], 1.0)[0]
    go.write_text("")  # the orphan ends, and only now does the other begin
    begun.read_text()
    go.write_text("")
    out, _ = second.communicate(timeout=60)

    assert run(out.strip(), "import slow; print(slow.A)") == "1\n"


# A plugin whose verifier needs a release that is not here, and tells where it runs.
PLUGIN = """
from rlvr.hookspecs import Spec, hookimpl

@hookimpl
def rlvr_verifiers():
    return [Spec(name="far", entry_point="rlvr_far_checks:far", summary="s", extra="tiny", alone=("heavy",))]
"""
CHECKS = """
import sys, tiny, heavy.light
from rlvr.types import Score

def far(*, plus: int = 0):
    return lambda task, completion: Score(reward=float(tiny.A + plus), answer=sys.prefix)
"""


@pytest.fixture
def far(index, write_plugin, site):
    """A distribution with a verifier for an environment of its own; it lies in two modules."""
    wheel(index, "tiny", {"tiny.py": "A = 1"})
    wheel(index, "heavy", {"heavy/light.py": ""}, requires=["torch"])
    write_plugin("rlvr-far", PLUGIN)
    (site / "rlvr_far_checks.py").write_text(CHECKS)
    with (site / "rlvr_far-0.1.dist-info" / "METADATA").open("a") as file:
        file.write("Provides-Extra: tiny\nRequires-Dist: rlvr\nRequires-Dist: tiny; extra == 'tiny'\n")


def test_score_judges_in_the_environment_that_a_spec_asks_for(far, rlvr, tmp_path):
    rows = tmp_path / "rows.jsonl"
    rows.write_text('{"completion": "4", "answer": "4"}\n')

    first = rlvr("score", "far", str(rows), "-o", "plus=1")
    again = rlvr("score", "far", str(rows))

    lines = [json.loads(done.stdout) for done in (first, again)]
    assert [line["reward"] for line in lines] == [2.0, 1.0]
    assert Path(lines[0]["answer"]).parent == environments_folder()
    assert lines[0]["plugin"].startswith("rlvr-far/far@0.1#")
    assert "unknown" not in lines[0]["plugin"]
    assert first.stderr.startswith("Installing rlvr-far[tiny]==0.1 heavy into ")
    assert "Installing" not in again.stderr


def test_listing_imports_nothing_of_such_an_entry_and_installs_nothing(far, rlvr):
    listed, told = rlvr("list", "verifiers", "--json"), rlvr("plugins", "--json")

    assert ("far", "ok") in [(row["name"], row["status"]) for row in json.loads(listed.stdout)]
    assert ("rlvr-far/far", "ok") in [(row["name"], row["status"]) for row in json.loads(told.stdout)]
    assert not environments_folder().exists()


def test_a_worker_and_its_owner_name_the_same_code(far, rlvr):
    code = (
        "from rlvr.workers import WorkerPool; from rlvr.registry import find\n"
        "with WorkerPool('far', workers=1) as pool: print(pool.plugin == find('verifier', 'far').provenance)\n"
    )

    assert run(sys.executable, code) == "True\n"


def test_in_this_process_such_an_entry_is_refused_with_the_way_out(far):
    code = (
        "from rlvr import make_verifier; from rlvr.errors import PluginError\n"
        "try: make_verifier('far')\n"
        "except PluginError as error: print(error)\n"
    )

    assert run(sys.executable, code) == (
        "verifier 'rlvr-far/far' runs only in workers, in an environment of its own: use WorkerPool, "
        "`rlvr score` or `rlvr bench`.\n"
    )


def test_an_extra_that_the_distribution_has_not_is_named():
    plugin = Plugin(name="click/p", distribution="click", version="8", module="click")
    spec = Spec(name="x", entry_point="click:echo", summary="", extra="tiny")
    entry = Entry(kind="verifier", spec=spec, plugin=plugin, unique=True)

    with pytest.raises(
        InputError, match="'click/x' asks for the extra 'tiny' of click 8, which has none of that"
    ):
        interpreter_of(entry)


def test_a_pool_runs_under_the_interpreter_that_it_is_given(index, said):
    code = (
        "from rlvr.hookspecs import Spec, hookimpl\nimport sys\nfrom rlvr.types import Score\n"
        "def there(): return lambda task, completion: Score(reward=1.0, answer=sys.prefix)\n"
        "@hookimpl\n"
        "def rlvr_verifiers(): return [Spec(name='there', entry_point='rlvr_there:there', summary='')]\n"
    )
    module = {"rlvr_there.py": code, "rlvr_there-2.0.dist-info/entry_points.txt": "[rlvr]\nx = rlvr_there\n"}
    wheel(index, "rlvr-there", module, version="2.0", requires=["rlvr"])
    python = interpreter_for(["rlvr-there==2.0"], say=said.append)

    with WorkerPool("there", interpreter=python, workers=1) as pool:
        (rollout,) = pool(TASK, [Completion(text="4")])

    assert rollout.score.answer == str(python.parents[1])
    assert pool.plugin.startswith("rlvr-there/there@2.0#")
