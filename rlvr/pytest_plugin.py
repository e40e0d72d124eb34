"""For pytest: `pytest --rlvr NAME` makes every check of `rlvr check NAME` a test of that name.

This module is imported in every run of pytest where rlvr is installed: it imports nothing until asked.
"""

import warnings
from collections.abc import Generator, Iterator
from typing import Any

import pytest

__all__ = [
    "CheckItem",
    "CheckWarning",
    "Checks",
    "pytest_addoption",
    "pytest_configure",
    "pytest_make_collect_report",
]


class CheckWarning(UserWarning):
    """A check that is a mere warning fails."""


class CheckFailed(Exception):
    """A check fails; what is told is the report's, not a traceback."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("rlvr", "environments with verifiable rewards")
    group.addoption(
        "--rlvr",
        action="append",
        default=[],
        metavar="NAME",
        help="check this environment or verifier; may be repeated",
    )
    group.addoption(
        "--rlvr-option",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="an option for those that --rlvr names; may be repeated",
    )
    group.addoption("--rlvr-tasks", type=int, default=20, metavar="N", help="how many tasks to look at [20]")


def pytest_configure(config: pytest.Config) -> None:
    """Refuse names and options that cannot be, before anything is collected.

    Raises:
        pytest.UsageError: Nothing has such a name, or an option is none.
    """
    names = config.getoption("--rlvr")
    if not names:
        return
    from rlvr.config import parse_words
    from rlvr.errors import RLVRError
    from rlvr.registry import judge

    try:
        parse_words(config.getoption("--rlvr-option"))
        for name in names:
            judge(name)
    except RLVRError as error:
        raise pytest.UsageError(f"--rlvr: {error}") from None


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Add the checks of each name to what a session collects."""
    report = yield
    if isinstance(collector, pytest.Session) and report.result is not None:
        for name in dict.fromkeys(collector.config.getoption("--rlvr")):
            report.result.append(Checks.from_parent(collector, name=name, nodeid=f"rlvr::{name}"))
    return report


class Checks(pytest.Collector):
    """The checks of one environment or verifier; they are made when the first of them is run."""

    _result: dict[str, Any] | None = None

    def collect(self) -> Iterator["CheckItem"]:
        """Yield one item for each check."""
        from rlvr.check import CHECKS

        for check in CHECKS:
            item: CheckItem = CheckItem.from_parent(self, name=check.name)
            if self.config.pluginmanager.hasplugin("xdist"):
                # The checks of one name share their processes: one worker makes them all (--dist loadgroup).
                item.add_marker(pytest.mark.xdist_group(f"rlvr-{self.name}"))
            yield item

    def row(self, check: str) -> dict[str, Any]:
        """Return what came of a check."""
        if self._result is None:
            from rlvr.check import Settings
            from rlvr.check import check as made_sure
            from rlvr.config import parse_words

            options = parse_words(self.config.getoption("--rlvr-option"))
            tasks = self.config.getoption("--rlvr-tasks")
            self._result = made_sure(self.name, Settings(options=options, tasks=tasks))
        found: dict[str, Any] = next(row for row in self._result["checks"] if row["name"] == check)
        return found


class CheckItem(pytest.Item):
    """One check as a test."""

    def runtest(self) -> None:
        """Fail, warn or skip as the report says."""
        if not isinstance(self.parent, Checks):
            raise TypeError(f"{self.name} stands outside of its environment")
        row = self.parent.row(self.name)
        if row["status"] == "skip":
            pytest.skip(row["detail"])
        if row["status"] == "fail" and row["severity"] == "warning":
            warnings.warn(CheckWarning(_told(row)), stacklevel=1)
        elif row["status"] == "fail":
            raise CheckFailed(_told(row))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return the words of the report; an error with a message for the user is one line as well."""
        from rlvr.errors import RLVRError

        if isinstance(excinfo.value, CheckFailed | RLVRError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Any, int | None, str]:
        """Return how the report names it."""
        return self.path, None, f"{self.parent.name if self.parent else ''}: {self.name}"


def _told(row: dict[str, Any]) -> str:
    lines = [f"{row['name']}: {row['title']}", f"  {row['detail']}"]
    for example in row["examples"]:
        text = f" on {example['text']!r:.200}" if example["text"] else ""
        lines.append(f"  {example['task'] or '-'}: {example['detail']}{text}")
    return "\n".join([*lines, f"  What to do: {row['way_out']}"])
