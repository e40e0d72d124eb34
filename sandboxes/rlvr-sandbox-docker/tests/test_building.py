"""Images: their names, tags and recipes; ways to build; and, where an engine runs, the containers themselves."""

import os
import shutil
import tarfile

import pytest
from docker.errors import APIError, BuildError, DockerException, ImageNotFound
from rlvr_sandbox_docker import building
from rlvr_sandbox_docker.building import FOLDER, IMAGES, build, present, tag
from rlvr_sandbox_docker.containers import connect

from rlvr.errors import InputError, SandboxUnavailable


class FakeEngine:
    """Keeps what it is given; `errors` maps a method's name to what it raises."""

    def __init__(self, *held, **errors):
        self.images = self.api = self
        self.held = set(held)
        self.errors = errors
        self.imported = []

    def _do(self, method):
        if method in self.errors:
            raise self.errors[method]

    def get(self, reference):
        self._do("get")
        if reference not in self.held:
            raise ImageNotFound(reference)

    def pull(self, reference):
        self._do("pull")
        self.held.add(reference)

    def build(self, *, tag, path, dockerfile, **options):
        self._do("build")
        self.held.add(tag)

    def import_image_from_file(self, file, *, repository, tag, changes):
        self._do("import")
        self.held.add(f"{repository}:{tag}")
        with tarfile.open(file) as archive:
            self.imported.append((archive.getmembers(), changes))
        return '{"status":"sha256:0"}'


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache/rlvr/images"


@pytest.fixture
def debootstrap(tmp_path, monkeypatch):
    """A debootstrap without a mirror: writes down how it was called, and makes a root with a bit of all."""
    programs = tmp_path / "bin"
    programs.mkdir()
    calls = tmp_path / "calls"
    for name, script in {
        "unshare": 'while [ "$1" != debootstrap ]; do shift; done; exec "$@"',
        "debootstrap": f"""
            echo "$@" >> {calls}
            shift 4; mkdir -p "$1"; cd "$1"
            mkdir -p usr/bin usr/share/doc/python3 usr/share/man/man1 var/tmp tmp dev etc
            echo > usr/bin/su; chmod 4755 usr/bin/su; chmod 1777 tmp var/tmp
            for paper in doc/python3/copyright doc/python3/NEWS man/man1/su.1; do echo > usr/share/$paper; done
            echo > dev/null; echo > etc/resolv.conf; echo > etc/passwd""",
    }.items():
        (programs / name).write_text(f"#!/bin/sh\n{script}\n")
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(programs), prepend=os.pathsep)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    return calls


UNREACHED = {"pull": APIError("500", explanation="no such host")}


def test_each_image_has_a_recipe_and_the_packages_are_written_once():
    assert IMAGES == ("numpy", "python")
    for name in IMAGES:
        lines = (FOLDER / name / "Dockerfile").read_text().splitlines()
        assert f"COPY {name}/packages.txt strip.sh /tmp/" in lines
        assert f"LABEL rlvr.sandbox.image={name}" in lines
        assert {"libseccomp2", "python3"} <= set((FOLDER / name / "packages.txt").read_text().split())


@pytest.mark.parametrize("name", ["pyton", "", ".", "..", "../images/python"])
def test_an_unknown_image_is_told_with_those_there_are(name):
    with pytest.raises(InputError) as told:
        build(FakeEngine(), name, tell=print)

    assert str(told.value) == f"no image named {name!r}: there are numpy, python."


@pytest.mark.parametrize("changed", ["python/packages.txt", "python/Dockerfile", "strip.sh"])
def test_a_changed_recipe_is_another_tag(tmp_path, changed):
    folder = tmp_path / "images"
    shutil.copytree(FOLDER, folder)
    before = {name: tag(name, folder=folder) for name in IMAGES}

    (folder / changed).write_text((folder / changed).read_text() + "\n")

    assert before == {name: tag(name) for name in IMAGES}
    assert tag("python", folder=folder) != before["python"]
    assert (tag("numpy", folder=folder) == before["numpy"]) == changed.startswith("python")


def test_an_image_is_present_under_its_present_tag_alone():
    assert present(FakeEngine(tag("python")), "python")
    assert not present(FakeEngine("rlvr-sandbox/python:0123456789ab"), "python")


def test_an_image_that_is_there_is_not_built_again():
    said = []

    made = build(FakeEngine(tag("python"), **UNREACHED), "python", tell=said.append)

    assert made == tag("python")
    assert said == [f"{made} is there already (docker rmi it to build it anew)"]


@pytest.mark.parametrize("error", [DockerException("nobody there"), ConnectionRefusedError("nobody there")])
def test_an_engine_that_does_not_answer_is_one_line_with_the_way_out(error):
    with pytest.raises(SandboxUnavailable) as told:
        build(FakeEngine(get=error), "python", tell=print)

    assert str(told.value) == (
        "image 'python' could not be looked up: nobody there: see that `docker info` works here."
    )


def test_a_registry_that_is_reached_means_the_dockerfile(cache):
    engine = FakeEngine()

    made = build(engine, "numpy", tell=print)

    assert engine.held == {"debian:bookworm-slim", made}
    assert not cache.exists()


def test_a_dockerfile_that_fails_tells_what_apt_said(cache):
    log = [
        {"stream": "Step 3/6"},
        {"stream": "\x1b[91mE: Unable to locate package python3\n\x1b[0m"},
        {"aux": "x"},
    ]
    engine = FakeEngine(build=BuildError("returned a non-zero code: 123", log))

    with pytest.raises(SandboxUnavailable) as told:
        build(engine, "python", how="dockerfile", tell=print)

    assert str(told.value) == (
        "image 'python' could not be built: E: Unable to locate package python3: "
        "where no registry or mirror is reached, build it by debootstrap."
    )


def test_without_a_registry_debootstrap_makes_a_stripped_image_with_the_dockerfile_s_settings(
    cache, debootstrap
):
    engine = FakeEngine(**UNREACHED)
    said = []

    made = build(engine, "numpy", tell=said.append)

    [(members, changes)] = engine.imported
    modes = {member.name: member.mode for member in members}
    call = debootstrap.read_text().split()
    assert said[1] == "debian:bookworm-slim cannot be pulled, so debootstrap has to do: no such host"
    assert call[:4] == [
        *(
            "--variant=minbase",
            "--force-check-gpg",
            "--include=libseccomp2,python3,python3-numpy,python3-pytest",
            "bookworm",
        )
    ]
    assert (modes["./usr/bin/su"], modes["./tmp"], modes["./var/tmp"]) == (0o755, 0o1777, 0o1775)
    assert "./usr/share/doc/python3/copyright" in modes
    assert modes.keys().isdisjoint(
        {"./usr/share/doc/python3/NEWS", "./usr/share/man/man1", "./dev/null", "./etc/resolv.conf"}
    )
    assert changes == ["LABEL rlvr.sandbox.image=numpy", "USER 65534:65534", 'CMD ["python3", "-I", "-S"]']
    stem = made.removeprefix("rlvr-sandbox/").replace(":", "-")
    assert sorted(path.name.replace(os.uname().machine, "M") for path in cache.iterdir()) == [
        f"{stem}-M.tar",
        f"{stem}-M.tar.sha256",
    ]


def test_the_second_build_is_from_the_cache_until_that_is_damaged(cache, debootstrap):
    calls = []
    for damage in (None, None, b"damage"):
        for archive in cache.glob("*.tar") if damage else ():
            archive.write_bytes(damage)
        said = []
        build(FakeEngine(**UNREACHED), "python", tell=said.append)
        calls.append(len(debootstrap.read_text().splitlines()))

    assert calls == [1, 1, 2]
    assert said[0].endswith(".tar is damaged: it is made anew")


def test_a_failing_debootstrap_tells_its_error_and_leaves_nothing(cache, debootstrap):
    script = debootstrap.parent / "bin/debootstrap"
    script.write_text(
        "#!/bin/sh\necho I: Retrieving\necho E: Failed getting release file >&2\necho bye\nexit 1\n"
    )

    with pytest.raises(SandboxUnavailable) as told:
        build(FakeEngine(), "python", how="debootstrap", tell=print)

    assert str(told.value) == (
        "image 'python' could not be built: E: Failed getting release file: "
        "see that the mirror answers, debian-archive-keyring is installed and the disk has room."
    )
    assert list(cache.iterdir()) == []


@pytest.mark.parametrize(
    ("user", "way_out"),
    [
        (1000, "which needs root: run this once as root."),
        (0, "which is not on PATH: apt install debootstrap."),
    ],
)
def test_where_debootstrap_cannot_run_the_way_out_is_told(cache, monkeypatch, tmp_path, user, way_out):
    monkeypatch.setattr(os, "geteuid", lambda: user)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(SandboxUnavailable) as told:
        build(FakeEngine(**UNREACHED), "python", tell=print)

    assert str(told.value) == f"image 'python': without a registry it is made by debootstrap, {way_out}"


@pytest.mark.parametrize(
    ("file", "text", "mirror"),
    [
        ("sources.list", "# deb http://no/debian bookworm main\n", "http://deb.debian.org/debian"),
        ("sources.list", "deb http://a/ubuntu jammy main\n", "http://deb.debian.org/debian"),
        ("sources.list", "deb http://a/security bookworm-security main\n", "http://deb.debian.org/debian"),
        ("sources.list", "deb [arch=amd64] https://a/debian bookworm main contrib\n", "https://a/debian"),
        ("sources.list.d/x.list", "deb http://a/debian bookworm contrib main\n", "http://a/debian"),
        (
            "sources.list.d/x.sources",
            "Types: deb\nURIs: http://s/\nSuites: bookworm-security\n\n"
            "Types: deb\nURIs: http://a/debian\nSuites: bookworm bookworm-updates\n",
            "http://a/debian",
        ),
    ],
)
def test_the_mirror_is_the_machine_s_own_in_both_of_apt_s_formats(tmp_path, file, text, mirror):
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / file).write_text(text)

    assert building._mirror("bookworm", tmp_path) == mirror


@pytest.fixture(scope="module")
def engine():
    try:
        client = connect()
    except SandboxUnavailable as error:
        pytest.skip(str(error))
    yield client
    client.close()


@pytest.mark.slow
@pytest.mark.parametrize("name", IMAGES)
def test_a_container_of_the_image_has_python_and_libseccomp_and_nothing_to_climb(engine, name):
    if not present(engine, name):
        try:
            build(engine, name, tell=print)
        except SandboxUnavailable as error:
            pytest.skip(str(error))
    look = f"""
        import ctypes, os, shutil, sys
        assert sys.version_info >= (3, 11) and os.getuid() == 65534
        ctypes.CDLL("libseccomp.so.2")
        sys.path.append("/usr/lib/python3/dist-packages")
        if {name == "numpy"}:
            import numpy
            print(numpy.arange(3).sum())
        print([p for p in ("pip", "pip3", "gcc", "cc", "ld", "make") if shutil.which(p)])
        for root, folders, files in os.walk("/"):
            folders[:] = [f for f in folders if os.path.join(root, f) not in ("/proc", "/sys", "/dev")]
            for path in (os.path.join(root, f) for f in files):
                if os.lstat(path).st_mode & 0o6000: print("set-uid:", path)
            if os.access(root, os.W_OK): print("writable:", root)
    """
    source = "\n".join(line[8:] for line in look.splitlines())

    said = engine.containers.run(
        tag(name), ["python3", "-I", "-S", "-c", source], network_mode="none", remove=True
    )

    assert said.decode().split("\n") == [*(["3"] if name == "numpy" else []), "[]", "writable: /tmp", ""]
    assert engine.images.get(tag(name)).labels == {"rlvr.sandbox.image": name}
