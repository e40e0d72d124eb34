"""Our verifier `math` on the cases of Math-Verify's own tests: `python benchmarks/math_verify_tests.py`.

Downloads the source distribution of Math-Verify 0.9.0 into the cache folder and takes from its tests, which
are read and never run, the parametrized rows of a gold answer, a prediction and whether they match. A row
that depends on an option of the comparison, or is computed when the test runs, is left out and counted.
Prints every disagreement with both verdicts. Their labels are kept as they are, also where they are wrong.
"""

import argparse
import ast
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rlvr.isolated import environments_folder
from rlvr.types import RIGHT, Completion, Rollout, Task
from rlvr.workers import WorkerPool

CACHE = environments_folder().parent / "sdists"
RELEASE = "math-verify==0.9.0"
OPTIONS: dict[str, Any] = {"precision": 6, "strict": True, "allow_set_relation_comp": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of a parametrized test; `special` if it depends on an option or is computed."""

    place: str
    gold: str
    response: str
    expected: bool
    special: bool


def main() -> None:
    """Print the disagreements, then one line that counts them."""
    parser = argparse.ArgumentParser(description="Our verifier on the cases of Math-Verify's tests.")
    parser.add_argument("--cache", type=Path, default=CACHE, help="download folder (default: %(default)s)")
    parser.add_argument("--deadline", type=float, default=8.0, help="seconds a row (default: 8)")
    options = parser.parse_args()
    rows = list(read_tests(sources(options.cache.expanduser())))
    kept = [row for row in rows if not row.special]
    pairs = [(Task(id=row.place, prompt=(), answer=row.gold), Completion(text=row.response)) for row in kept]
    with WorkerPool("math", timeout_s=options.deadline) as pool:
        judged = zip(kept, pool.stream(pairs), strict=True)
        wrong = [row for row, rollout in judged if disagrees(row, rollout)]
    print(
        f"{len(kept)} rows of {RELEASE}, {len(rows) - len(kept)} left out (options, computed): "
        f"{len(kept) - len(wrong)} agree, {len(wrong)} do not"
    )


def sources(folder: Path) -> dict[str, str]:
    """Return the text of each test module; the source distribution is downloaded once."""
    name = f"{RELEASE.replace('-', '_').replace('==', '-')}.tar.gz"
    if not (folder / name).is_file():
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:"]
        subprocess.run([*command, "--dest", str(folder), RELEASE], check=True)
    texts = {}
    with tarfile.open(folder / name) as archive:
        for member in archive.getmembers():
            path = Path(member.name)
            file = archive.extractfile(member) if path.match("tests/test_*.py") else None
            if file is not None:
                texts[path.name] = file.read().decode()
    return texts


def read_tests(modules: dict[str, str]) -> Iterator[Row]:
    """Yield the rows of every test that compares a gold answer with a prediction."""
    for name, text in sorted(modules.items()):
        for test in ast.walk(ast.parse(text)):
            if isinstance(test, ast.FunctionDef):
                for decorator in test.decorator_list:
                    yield from parametrized(decorator, test, name)


def parametrized(decorator: ast.expr, test: ast.FunctionDef, module: str) -> Iterator[Row]:
    """Yield the rows of a `parametrize` decorator."""
    if not isinstance(decorator, ast.Call) or ast.unparse(decorator.func) != "pytest.mark.parametrize":
        return
    names = [name.strip() for name in ast.literal_eval(decorator.args[0]).split(",")]
    verdict = next((name for name in ("expected", "result") if name in names), None)
    rows = decorator.args[1]
    if not {"gold", "pred"} <= set(names) or verdict is None or not isinstance(rows, ast.List):
        return
    special_test = depends(keywords(test))
    for element in rows.elts:
        try:
            row = dict(zip(names, ast.literal_eval(element), strict=True))
        except ValueError:  # an f-string, say
            yield Row(place="", gold="", response="", expected=False, special=True)
            continue
        yield Row(
            place=f"{module}:{element.lineno}",
            gold=row["gold"],
            response=row["pred"],
            expected=bool(row[verdict]),
            special=special_test or depends(row),
        )


def keywords(test: ast.FunctionDef) -> dict[str, Any]:
    """Return the keyword arguments of the calls in a test that are constants."""
    calls = (node for node in ast.walk(test) if isinstance(node, ast.Call))
    given = (keyword for call in calls for keyword in call.keywords)
    return {one.arg: one.value.value for one in given if one.arg and isinstance(one.value, ast.Constant)}


def depends(values: dict[str, Any]) -> bool:
    """Whether an option of the comparison is set to something other than its default."""
    return any(values.get(name, default) != default for name, default in OPTIONS.items())


def disagrees(row: Row, rollout: Rollout) -> bool:
    """Compare a verdict with the expected one; print the row if they differ."""
    score = rollout.score
    ours = None if score.reward is None else score.reward >= RIGHT
    if ours == row.expected:
        return False
    print(f"{row.place}: theirs {row.expected}, ours {score.reason if ours is None else ours}")
    print(
        f"  gold     {row.gold!r}\n  response {row.response!r}"
        + (f"\n  {score.error}" if score.error else "")
    )
    return True


if __name__ == "__main__":
    main()
