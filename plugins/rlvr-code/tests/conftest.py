import importlib.util
from pathlib import Path

import pytest

from rlvr.errors import SandboxUnavailable
from rlvr.untrusted import Limits

DATA = Path(__file__).parents[3].parent / "shared" / "data"
WITHOUT_ISOLATION = "fake"


def _load_fake():
    spec = importlib.util.spec_from_file_location("rlvr_code_fake", Path(__file__).with_name("fake.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.FakeSandbox


FakeSandbox = _load_fake()


@pytest.fixture
def fake():
    return FakeSandbox()


@pytest.fixture(scope="session")
def isolated():
    """The sandbox `local`, where it is installed and works here."""
    module = pytest.importorskip("rlvr_sandbox_local.sandbox", reason="rlvr-sandbox-local is not installed")
    box = module.local()
    try:
        with box.open("def f(x):\n    return x\n", Limits()) as session:
            assert session.call("f", 1).value == 1
    except SandboxUnavailable as error:
        pytest.skip(f"no isolation here: {error}")
    yield box
    box.close()


@pytest.fixture(params=[WITHOUT_ISOLATION, "local"])
def sandbox(request):
    return FakeSandbox() if request.param == WITHOUT_ISOLATION else request.getfixturevalue("isolated")


@pytest.fixture
def data():
    def find(name):
        path = DATA / name
        if not path.exists():
            pytest.skip(f"the real data set {name} is not beside the checkout (shared/data)")
        return path

    return find
