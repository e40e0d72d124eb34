"""The loader: each plugin on its own, what fails is named, what is healthy works."""

import sys
from pathlib import Path

import pytest

from rlvr.hookspecs import Spec, hookimpl
from rlvr.plugins import Plugin, PluginHost, content_hash, load
from rlvr.registry import entries, find


@pytest.fixture
def load_here(site, monkeypatch):
    """Load the installed plugins, and those of `site`, into this process; forget them afterwards."""
    monkeypatch.syspath_prepend(site)

    def start(**environ):
        plugins = load(environ)
        for hook in ("environment", "verifier", "sandbox"):
            plugins.specs(hook)
        plugins.commands({"list", "score"})
        return plugins

    yield start
    for name in {path.stem for path in site.glob("*.py")} & set(sys.modules):
        del sys.modules[name]


def spec(name, **fields):
    return Spec(**{"name": name, "entry_point": "a:b", "summary": "", **fields})


class Telling:
    """A plugin made in place: hooks that raise at every call."""

    def __init__(self):
        self.heard = 0

    @hookimpl
    def rlvr_environments(self):
        raise ValueError("asked")

    @hookimpl
    def rlvr_step_finished(self, step):
        self.heard += 1
        raise ValueError("told")


def plugin(name="d/p", **fields):
    return Plugin(
        **{"name": name, "distribution": name.partition("/")[0], "version": "1", "module": "m", **fields}
    )


def test_each_hostile_plugin_is_named_with_what_it_did(hostile, load_here):
    found = load_here().plugins

    errors = {name: (found[name].status, found[name].error) for name in hostile}
    for name, expected in hostile.items():
        status, error = errors[name]
        assert status == ("ok" if expected is None else "failed"), name
        assert (expected or "") in error, name
        assert len(error.splitlines()) <= 1, name


def test_a_healthy_plugin_loads_among_hostile_ones(hostile, load_here):
    plugins = load_here()

    assert plugins.plugins["rlvr-healthy/healthy"].status == "ok"
    assert plugins.plugins["rlvr/builtin"].status == "ok"
    assert find("verifier", "healthy", plugins=plugins).full_name == "rlvr-healthy/healthy"


def test_what_a_failed_plugin_offers_elsewhere_still_counts(hostile, load_here):
    plugins = load_here()

    assert list(plugins.commands({"list", "score"})) == ["greet"]
    assert find("verifier", "twin", plugins=plugins).full_name == "rlvr-twice/twin"


def test_a_name_that_two_distributions_offer_needs_its_full_form(hostile, load_here):
    plugins = load_here()

    names = [entry.name for entry in entries("verifier", plugins=plugins) if entry.spec.name == "shared"]

    assert names == ["rlvr-first/shared", "rlvr-healthy/shared"]
    assert find("verifier", "rlvr-first/shared", plugins=plugins).plugin.name == "rlvr-first/first"
    with pytest.raises(Exception, match="by rlvr-first/shared and rlvr-healthy/shared: use the full name"):
        find("verifier", "shared", plugins=plugins)


def test_two_entry_points_of_a_distribution_cannot_offer_the_same_name():
    class One:
        @hookimpl
        def rlvr_verifiers(self):
            return [spec("same")]

    class Two(One):
        @hookimpl
        def rlvr_verifiers(self):
            return [spec("same")]

    host = PluginHost()
    host.add(plugin("d/one"), One())
    host.add(plugin("d/two"), Two())

    offered = host.specs("verifier")

    failed = [name for name, found in host.plugins.items() if found.status == "failed"]
    assert len(offered) == len(failed) == 1
    assert "'d/same' is registered twice" in host.plugins[failed[0]].error


def test_a_command_of_two_plugins_is_the_first_ones_and_the_second_is_told():
    import click

    def offering():
        class Commands:
            @hookimpl
            def rlvr_commands(self):
                return click.Command("greet")

        return Commands()

    host = PluginHost()
    host.add(plugin("d/one"), offering())
    host.add(plugin("e/one"), offering())

    assert list(host.commands(())) == ["greet"]
    assert sorted(found.error for found in host.plugins.values()) == [
        "",
        "rlvr_commands: the command 'greet' exists already",
    ]


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        (spec(""), "the name '' is not one word without '/'"),
        (spec("a/b"), "the name 'a/b' is not one word without '/'"),
        (spec(" a"), "the name ' a' is not one word without '/'"),
        (spec(5), "the name of 5 is int, expected text"),
        (spec("a", entry_point="m:"), "the entry point 'm:' of 'a' is not 'module:factory'"),
        (spec("a", entry_point=None), "the entry_point of 'a' is NoneType, expected text"),
        (spec("a", summary=None), "the summary of 'a' is NoneType, expected text"),
        (spec("a", extra=None), "the extra of 'a' is NoneType, expected text"),
        (
            spec("a", extra="x", alone="trl"),
            "alone = 'trl' of 'a': expected a tuple of requirements, beside an extra",
        ),
        (
            spec("a", alone=("trl",)),
            "alone = ('trl',) of 'a': expected a tuple of requirements, beside an extra",
        ),
    ],
)
def test_a_spec_that_is_wrong_is_left_out_and_its_siblings_stay(wrong, error):
    class Offering:
        @hookimpl
        def rlvr_verifiers(self):
            return [spec("before"), wrong, spec("after")]

    host = PluginHost()
    host.add(plugin(), Offering())

    assert [found.name for _, found in host.specs("verifier")] == ["before", "after"]
    assert host.plugins["d/p"].error == f"rlvr_verifiers: {error}"


def test_a_hook_that_returns_nothing_offers_nothing():
    class Silent:
        @hookimpl
        def rlvr_verifiers(self):
            return None

    host = PluginHost()
    host.add(plugin(), Silent())

    assert host.specs("verifier") == []
    assert host.plugins["d/p"].status == "ok"


def test_a_plugin_that_raises_when_told_is_told_no_more():
    telling, host = Telling(), PluginHost()
    host.add(plugin(), telling)

    first = host.tell("rlvr_step_finished", step=1, metrics={})
    second = host.tell("rlvr_step_finished", step=2, metrics={})

    assert (first, second, telling.heard) == (["d/p"], [], 1)


def test_a_plugin_that_failed_before_is_told_no_more_either():
    telling, host = Telling(), PluginHost()
    host.add(plugin(), telling)
    host.specs("environment")

    for step in range(3):
        host.tell("rlvr_step_finished", step=step, metrics={})

    assert telling.heard == 1
    assert (
        host.plugins["d/p"].error
        == "rlvr_environments: ValueError: asked; rlvr_step_finished: ValueError: told"
    )


def test_ctrl_c_in_a_plugin_is_ctrl_c():
    class Slow:
        @hookimpl
        def rlvr_verifiers(self):
            raise KeyboardInterrupt

    host = PluginHost()
    host.add(plugin(), Slow())

    with pytest.raises(KeyboardInterrupt):
        host.specs("verifier")


@pytest.mark.parametrize("wanted", ["healthy", "rlvr-healthy", "rlvr-healthy/healthy", " healthy , nothing "])
def test_rlvr_plugins_limits_by_any_of_a_plugins_names(hostile, load_here, wanted):
    found = load_here(RLVR_PLUGINS=wanted).plugins

    loaded = {name for name, plugin in found.items() if plugin.status != "disabled"}
    # What cannot be read has no name to choose it by: it is always told of.
    assert loaded == {"rlvr/builtin", "rlvr-healthy/healthy"}


def test_rlvr_plugins_set_and_empty_disables_all_but_the_builtin(hostile, load_here):
    found = load_here(RLVR_PLUGINS="").plugins

    assert {name for name, plugin in found.items() if plugin.status == "ok"} == {"rlvr/builtin"}
    assert {plugin.status for plugin in found.values()} == {"ok", "disabled"}


def test_a_disabled_plugin_is_not_imported(hostile, load_here):
    load_here(RLVR_PLUGINS="")

    assert "rlvr_healthy" not in sys.modules


def test_a_distribution_found_twice_is_loaded_once(site, healthy, load_here, tmp_path, monkeypatch):
    other = tmp_path / "other"
    other.mkdir()
    for path in site.glob("rlvr_healthy*"):
        (other / path.name).symlink_to(path)
    monkeypatch.syspath_prepend(other)

    plugins = load_here()

    assert plugins.plugins["rlvr-healthy/healthy"].status == "ok"
    assert [entry.name for entry in entries("environment", plugins=plugins)].count("healthy") == 1


def test_the_content_hash_changes_with_any_file_of_the_package(site, monkeypatch):
    package = site / "rlvr_hashed"
    (package / "data").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "data" / "table.csv").write_text("1")
    monkeypatch.syspath_prepend(site)

    def now():
        content_hash.cache_clear()
        return content_hash("rlvr_hashed.deep.down")

    first, again = now(), now()
    (package / "data" / "table.csv").write_text("2")
    changed = now()
    (package / "data" / "table.csv").rename(package / "data" / "renamed.csv")
    renamed = now()
    (package / "__pycache__").mkdir()
    (package / "__pycache__" / "x.pyc").write_text("")
    compiled = now()

    assert first == again
    assert len({first, changed, renamed}) == 3
    assert compiled == renamed
    assert len(first) == 8
    assert int(first, 16) >= 0


def test_a_single_module_is_hashed_alone(site, write_plugin, monkeypatch):
    write_plugin("rlvr-alone", "A = 1")
    monkeypatch.syspath_prepend(site)
    content_hash.cache_clear()
    first = content_hash("rlvr_alone")
    Path(site / "rlvr_neighbour.py").write_text("")
    content_hash.cache_clear()
    beside = content_hash("rlvr_alone")
    Path(site / "rlvr_alone.py").write_text("A = 2")
    content_hash.cache_clear()

    assert first == beside != content_hash("rlvr_alone")


@pytest.mark.parametrize("module", ["no_such_module_anywhere", "", "sys"])
def test_what_has_no_files_has_an_unknown_hash(module):
    content_hash.cache_clear()

    assert content_hash(module) == "unknown"
