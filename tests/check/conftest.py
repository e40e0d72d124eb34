"""The sabotaged environments, installed as a plugin for this process and its children."""

import os
import sys
from pathlib import Path

import pytest

from rlvr.plugins import host

HERE = Path(__file__).parent


@pytest.fixture
def sabotaged(tmp_path, monkeypatch):
    """Install the plugin of sabotaged environments; forget it afterwards."""
    site = tmp_path / "site"
    info = site / "rlvr_sabotaged-0.1.dist-info"
    info.mkdir(parents=True)
    (site / "rlvr_sabotaged.py").write_text((HERE / "rlvr_sabotaged.py").read_text())
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: rlvr-sabotaged\nVersion: 0.1\n")
    (info / "entry_points.txt").write_text("[rlvr]\nsabotaged = rlvr_sabotaged\n")
    known = os.environ.get("PYTHONPATH", "")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, (str(site), known))))
    monkeypatch.setenv("SABOTAGED_FILE", str(tmp_path / "shared.txt"))
    monkeypatch.syspath_prepend(site)
    monkeypatch.chdir(tmp_path)  # some write files where they stand
    host.cache_clear()
    yield site
    host.cache_clear()
    sys.modules.pop("rlvr_sabotaged", None)
