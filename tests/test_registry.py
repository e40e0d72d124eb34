"""From a name to the thing: short and full names, options, and who is to blame when it cannot be made."""

import pytest

import rlvr
from rlvr.errors import AmbiguousName, InputError, PluginError, UnknownName
from rlvr.hookspecs import Spec, hookimpl
from rlvr.plugins import Plugin, PluginHost
from rlvr.registry import Entry, entries, find, judge, make, make_verifier


def host(**offers):
    """A host with a plugin for each distribution; `offers` are the names of its verifiers."""
    plugins = PluginHost()
    for distribution, names in offers.items():
        plugins.add(
            Plugin(name=f"{distribution}/p", distribution=distribution, version="1.2", module=distribution),
            offering(names),
        )
    return plugins


def offering(names):
    class Offering:
        @hookimpl
        def rlvr_verifiers(self):
            return [Spec(name=name, entry_point="json:loads", summary="") for name in names]

    return Offering()


def test_what_is_on_offer_comes_sorted_with_its_shortest_unique_name():
    found = entries("verifier", plugins=host(b=["x", "a"], a=["x"]))

    assert [entry.name for entry in found] == ["a", "a/x", "b/x"]
    assert [entry.full_name for entry in found] == ["b/a", "a/x", "b/x"]


@pytest.mark.parametrize("name", ["a", "b/a"])
def test_a_unique_name_is_found_short_or_full(name):
    assert find("verifier", name, plugins=host(b=["x", "a"], a=["x"])).full_name == "b/a"


def test_an_ambiguous_name_says_the_full_names():
    with pytest.raises(AmbiguousName) as caught:
        find("verifier", "x", plugins=host(b=["x"], a=["x"]))

    assert str(caught.value) == "verifier 'x' is registered by a/x and b/x: use the full name."


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("exat", "no verifier named 'exat'. Did you mean 'exact'?"),
        ("zebra", "no verifier named 'zebra'. Known: exact, math."),
        ("c/exact", "no verifier named 'c/exact'. Did you mean 'exact'?"),
        ("", "no verifier named ''. Known: exact, math."),
    ],
)
def test_an_unknown_name_says_which_was_probably_meant(name, line):
    with pytest.raises(UnknownName) as caught:
        find("verifier", name, plugins=host(a=["exact"], b=["math"]))

    assert str(caught.value) == line


def test_of_nothing_nothing_is_known():
    with pytest.raises(UnknownName, match=r"^no sandbox named 'docker'\. There are none\.$"):
        find("sandbox", "docker", plugins=host())


def test_provenance_names_the_distribution_the_version_and_the_code():
    name, _, code = find("verifier", "x", plugins=host(a=["x"])).provenance.partition("#")

    assert name == "a/x@1.2"
    assert len(code) == 8


def test_the_builtin_environment_is_made_with_its_options():
    environment = rlvr.make("echo", digits=5, seed=1)

    assert (environment.name, environment.size) == ("echo", None)
    assert len(environment.tasks[0].answer) == 5
    assert environment.tasks[0] != rlvr.make("rlvr/echo", digits=5, seed=2).tasks[0]


@pytest.mark.parametrize(
    ("options", "error", "line"),
    [
        ({"digit": 5}, UnknownName, "no option of environment 'echo' named 'digit'. Did you mean 'digits'?"),
        (
            {"digits": "many"},
            InputError,
            "environment 'echo': digits = 'many' is of the wrong type: expected a whole number.",
        ),
    ],
)
def test_an_option_that_does_not_fit_is_refused(options, error, line):
    with pytest.raises(error) as caught:
        make("echo", **options)

    assert str(caught.value) == line


def test_a_verifier_is_made_by_name():
    assert make_verifier("identical").__name__ == "identical"


def test_judging_takes_the_verifier_before_the_environment():
    assert judge("identical").kind == "verifier"
    assert judge("echo").kind == "environment"
    with pytest.raises(
        UnknownName, match=r"^no verifier or environment named 'ehco'\. Did you mean 'echo'\?$"
    ):
        judge("ehco")


FACTORIES = """
import functools
from rlvr.errors import InputError

def raises(): raise KeyError("x")
def refuses(): raise InputError("no file 'x': give -o file=NAME.")
def leaves(): raise SystemExit(3)
def prints(): print("noise"); return lambda task, completion: None
made_of_parts = functools.partial(lambda size: (lambda task, completion: size), 3)
number = 3
"""


@pytest.fixture
def made(site, monkeypatch):
    """Make a verifier by a factory of FACTORIES."""
    (site / "rlvr_factories.py").write_text(FACTORIES)
    monkeypatch.syspath_prepend(site)

    def make_by(factory):
        spec = Spec(name="x", entry_point=f"rlvr_factories:{factory}", summary="")
        plugin = Plugin(name="a/p", distribution="a", version="1", module="rlvr_factories")
        entry = Entry(kind="verifier", spec=spec, plugin=plugin, unique=True)
        return rlvr.registry._make(entry, {})

    return make_by


@pytest.mark.parametrize(
    ("factory", "error", "line"),
    [
        ("raises", PluginError, "verifier 'a/x' could not be made: KeyError: 'x'."),
        ("leaves", PluginError, "verifier 'a/x' could not be made: SystemExit: 3."),
        ("refuses", InputError, "no file 'x': give -o file=NAME."),
        (
            "number",
            PluginError,
            "verifier 'a/x' could not be loaded from 'rlvr_factories:number': it is no function.",
        ),
        (
            "nowhere",
            PluginError,
            "verifier 'a/x' could not be loaded from 'rlvr_factories:nowhere': "
            "AttributeError: module 'rlvr_factories' has no attribute 'nowhere'.",
        ),
    ],
)
def test_a_factory_that_fails_is_named_in_one_line(made, factory, error, line):
    with pytest.raises(error) as caught:
        made(factory)

    assert str(caught.value) == line


def test_what_a_factory_prints_is_on_stderr(made, capsys):
    made("prints")

    assert capsys.readouterr() == ("", "noise\n")


def test_a_factory_may_be_a_partial(made):
    assert made("made_of_parts")(None, None) == 3
