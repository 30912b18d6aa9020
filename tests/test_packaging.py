"""What is shipped works: from the wheel, from the sdist, installed editable and from a bare checkout.

Nothing here needs a network. Each installation stands in an environment of its own, which borrows the
dependencies (and nothing else) from the one that runs the tests.
"""

from __future__ import annotations

import email
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import zipfile
from collections.abc import Callable, Iterable
from itertools import chain
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import pytest

import archcalc

# In one process, whatever the number of processes: what is built here is built once.
pytestmark = pytest.mark.xdist_group("packaging")

ROOT = Path(__file__).resolve().parents[1]
SPECS = ROOT / "specs"
BUILD = (sys.executable, "-m", "build", "--no-isolation")
PROBE = """
import json, archcalc
from archcalc.spec._specs import specs_directory
print(json.dumps([archcalc.__version__, archcalc.__file__, specs_directory()]))
"""


class Built(NamedTuple):
    """What there is to install."""

    wheel: Path
    sdist: Path
    wheel_from_sdist: Path


class Installation(NamedTuple):
    """An interpreter, and the directory that it is started in."""

    python: Path
    cwd: Path

    def run(self, *arguments: str, status: int = 0) -> str:
        """What `python *arguments` prints, standard error included."""
        return run(self.python, *arguments, cwd=self.cwd, status=status)

    def archcalc(self, *arguments: str, status: int = 0) -> str:
        """What `archcalc *arguments` prints: the installed script, or the package where nothing is installed."""
        script = self.python.with_name("archcalc")
        program = (script,) if script.exists() else (self.python, "-m", "archcalc")
        return run(*program, *arguments, cwd=self.cwd, status=status)

    def found(self) -> tuple[str, Path, Path]:
        """The version, the package's `__init__.py` and the specs that this installation finds."""
        version, package, specs = json.loads(self.run("-c", PROBE))
        return version, Path(package), Path(specs)


def run(*command: str | Path, cwd: Path, status: int = 0) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        command,
        cwd=cwd,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == status, f"{command} in {cwd} left with {done.returncode}:\n{done.stdout}"
    return done.stdout


def environment(directory: Path) -> Installation:
    """A fresh environment at `directory` that sees our dependencies, started far from the checkout.

    A `.pth` file inside a borrowed directory is not followed, so an editable archcalc there stays unseen.
    """
    run(sys.executable, "-m", "venv", "--without-pip", directory, cwd=ROOT)
    python = directory / "bin" / "python"
    borrowed = dict.fromkeys((sysconfig.get_path("purelib"), sysconfig.get_path("platlib")))
    (site_packages(directory) / "borrowed.pth").write_text("\n".join(borrowed), "utf-8")
    elsewhere = directory / "elsewhere"
    elsewhere.mkdir()
    return Installation(python, elsewhere)


def site_packages(directory: Path) -> Path:
    return next(directory.glob("lib/python*/site-packages"))


def pip_install(installation: Installation, *what: str | Path) -> None:
    offline = ("--no-index", "--no-deps", "--no-build-isolation", "--disable-pip-version-check", "--quiet")
    pip = (sys.executable, "-m", "pip", "--python", installation.python)
    run(*pip, "install", *offline, *what, cwd=installation.cwd)


def differences(specs: Path, wanted: Path = SPECS) -> list[str]:
    """The specs that one directory lacks, has too many or has in another form than the other."""
    ours, theirs = (
        {path.relative_to(top).as_posix(): path.read_bytes() for path in top.rglob("*.yaml")}
        for top in (wanted, specs)
    )
    return sorted(name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name))


def members(archive: Path) -> set[str]:
    """The files in an sdist, without the directory that holds them all."""
    with tarfile.open(archive) as tar:
        return {name.partition("/")[2] for name in tar.getnames()}


def left_out(shipped: set[str], tracked: Iterable[str]) -> list[str]:
    """The files of the project that an archive does not carry."""
    return sorted(set(tracked) - shipped)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    out = tmp_path_factory.mktemp("built")
    run(*BUILD, "--wheel", "--outdir", out / "direct", cwd=ROOT)
    # Without a word about what to build, `build` makes the sdist and then the wheel from that sdist alone.
    run(*BUILD, "--outdir", out / "via-sdist", cwd=ROOT)
    (wheel,) = (out / "direct").iterdir()
    (sdist,) = (out / "via-sdist").glob("*.tar.gz")
    (wheel_from_sdist,) = (out / "via-sdist").glob("*.whl")
    return Built(wheel, sdist, wheel_from_sdist)


@pytest.fixture(scope="session")
def install(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Installation]:
    """The installation made in a way of that name, each made once."""
    made: dict[str, Installation] = {}

    def make(way: str) -> Installation:
        installation = environment(tmp_path_factory.mktemp(way))
        match way:
            case "wheel":
                pip_install(installation, built.wheel)
            case "sdist":
                pip_install(installation, built.wheel_from_sdist)
            case "editable":
                pip_install(installation, "--editable", ROOT)
            case "checkout":
                return Installation(installation.python, ROOT)
        return installation

    def install(way: str) -> Installation:
        if way not in made:
            made[way] = make(way)
        return made[way]

    return install


# ---- the specs


@pytest.mark.parametrize("way", ["wheel", "sdist"])
def test_an_installed_package_finds_the_specs_inside_itself(
    way: str, install: Callable[[str], Installation]
) -> None:
    version, package, specs = install(way).found()
    assert version == archcalc.__version__
    assert package.is_relative_to(install(way).python.parents[1])
    assert specs == package.parent / "specs"
    assert differences(specs) == []


@pytest.mark.parametrize("way", ["editable", "checkout"])
def test_a_checkout_finds_the_specs_beside_the_package(
    way: str, install: Callable[[str], Installation]
) -> None:
    version, package, specs = install(way).found()
    assert version == archcalc.__version__
    assert package == ROOT / "archcalc" / "__init__.py"
    assert specs == SPECS


def test_there_are_specs_to_compare() -> None:
    assert (SPECS / "lenet5.yaml").is_file()
    assert len(list(SPECS.rglob("*.yaml"))) > 20


def test_a_lost_or_changed_spec_is_recognised(tmp_path: Path) -> None:
    specs = tmp_path / "specs"
    shutil.copytree(SPECS, specs)
    assert differences(specs) == []
    first, *_ = sorted(specs.rglob("*.yaml"))
    name = first.relative_to(specs).as_posix()
    first.write_bytes(first.read_bytes() + b"\n")
    assert differences(specs) == [name]
    first.unlink()
    assert differences(specs) == [name]
    (specs / "stranger.yaml").touch()
    assert differences(specs) == sorted([name, "stranger.yaml"])


def test_a_wheel_without_specs_is_recognised(built: Built, tmp_path: Path) -> None:
    installation = environment(tmp_path / "environment")
    there = site_packages(tmp_path / "environment")
    with zipfile.ZipFile(built.wheel) as wheel:
        kept = [name for name in wheel.namelist() if not name.startswith("archcalc/specs/")]
        assert kept != wheel.namelist()
        for name in kept:
            wheel.extract(name, there)
    # Somebody else's package called "specs" must not pass for the catalogue.
    shutil.copytree(SPECS, there / "specs")
    assert f"there is no {there}/archcalc/specs" in installation.run("-c", PROBE, status=1)


# ---- the program


@pytest.mark.parametrize("way", ["wheel", "sdist", "editable", "checkout"])
def test_the_program_runs_from_wherever_it_is(way: str, install: Callable[[str], Installation]) -> None:
    installation = install(way)
    assert installation.archcalc("--version").split()[-1] == archcalc.__version__
    listed = installation.archcalc("list").split()
    assert {"alexnet", "googlenet", "lenet5", "resnet152", "vgg16"} <= set(listed)
    # resnet50 imports its blocks from another file of the catalogue. LeNet-5's parameters by hand:
    # 156 + 2,416 + 48,120 + 10,164 + 850 = 61,706; ResNet-50's are those of the paper's Table 1 in torchvision.
    for network, params in (("lenet5", 61_706), ("resnet50", 25_557_032)):
        summary = json.loads(installation.archcalc("summary", network, "--format", "json"))
        assert summary["version"] == archcalc.__version__
        assert summary["totals"]["params"] == params
    # The catalogue of translations is a file beside the modules.
    assert "61.706" in installation.archcalc("explain", "lenet5", "total.params", "--lang", "pt-BR")
    # The sheets of the lectures are in the package too, and import from the catalogue.
    assert "right is 271,351,808" in installation.archcalc("grade", "lectures", "3")


def test_a_program_without_its_specs_says_so(install: Callable[[str], Installation], tmp_path: Path) -> None:
    package = install("wheel").found()[1].parent
    lost = environment(tmp_path / "environment")
    there = site_packages(tmp_path / "environment") / "archcalc"
    shutil.copytree(package, there, ignore=shutil.ignore_patterns("specs"))
    said = lost.archcalc("summary", "lenet5", status=2)
    assert f"the specs of the catalogue are missing: there is no {there}/specs" in said
    assert "Traceback" not in said


# ---- what else is shipped


def test_the_sdist_carries_every_tracked_file(built: Built) -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("only git knows what belongs to the project, and this is no git checkout")
    tracked = run("git", "ls-files", cwd=ROOT).splitlines()
    present = [name for name in tracked if (ROOT / name).exists()]
    assert "archcalc/spec/_specs.py" in present
    assert left_out(members(built.sdist), present) == []


def test_a_file_that_the_sdist_lacks_is_recognised(built: Built) -> None:
    shipped = members(built.sdist)
    assert left_out(shipped - {"LICENSE"}, ["LICENSE", "README.md"]) == ["LICENSE"]


def test_both_wheels_are_the_same(built: Built) -> None:
    with zipfile.ZipFile(built.wheel) as one, zipfile.ZipFile(built.wheel_from_sdist) as other:
        assert {name: one.read(name) for name in one.namelist()} == {
            name: other.read(name) for name in other.namelist()
        }


def test_the_wheel_brings_the_numbers_of_its_own_specs(built: Built, tmp_path: Path) -> None:
    """What is stored in it is under the key of what is in it, and a changed spec has another."""
    shutil.unpack_archive(built.wheel, tmp_path, "zip")
    key = (tmp_path / "archcalc" / "stored" / "catalogue.json").read_text(encoding="utf-8").split()[0]
    probe = "from archcalc.results.stored import key_of_now; print(key_of_now())"
    assert run(sys.executable, "-c", probe, cwd=tmp_path).strip() == key
    with (tmp_path / "archcalc" / "specs" / "lenet5.yaml").open("a", encoding="utf-8") as spec:
        spec.write("#")
    assert run(sys.executable, "-c", probe, cwd=tmp_path).strip() != key


def test_the_wheel_says_what_it_is(built: Built) -> None:
    with zipfile.ZipFile(built.wheel) as wheel:
        (metadata,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
        said = email.message_from_bytes(wheel.read(metadata))
        names = wheel.namelist()
    assert said["Name"] == "archcalc"
    assert said["Version"] == archcalc.__version__
    assert said["Requires-Python"] == ">=3.11"
    assert said["License-Expression"] == "MIT"
    assert said.get_all("Requires-Dist") == [
        "click>=8.1.7",
        "markdown-it-py>=3.0",
        "msgspec>=0.19",
        "pyyaml>=6.0.1",
        "rich>=13.7",
        "matplotlib>=3.8; extra == 'plot'",
        "torch>=2.6; extra == 'torch'",
    ]
    assert "archcalc/py.typed" in names
    assert {name.partition("/")[0] for name in names} == {"archcalc", metadata.partition("/")[0]}


def test_the_changelog_begins_with_this_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert re.findall(r"^## \[(.+?)\]", changelog, re.MULTILINE)[0] == archcalc.__version__


# ---- the environment


def unpinned(pyproject: str, constraints: str) -> set[str]:
    """The packages that pyproject.toml asks for and that constraints.txt leaves open."""
    project = tomllib.loads(pyproject)
    extras = project["project"]["optional-dependencies"].values()
    asked = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"], *chain(*extras)]
    pinned = {name.lower() for name in re.findall(r"^([\w.-]+)==", constraints, re.MULTILINE)}
    return {re.split(r"[^\w.-]", requirement)[0].lower() for requirement in asked} - pinned


def test_every_package_that_is_asked_for_is_pinned() -> None:
    pyproject, constraints = (
        (ROOT / name).read_text("utf-8") for name in ("pyproject.toml", "constraints.txt")
    )
    assert unpinned(pyproject, constraints) == set()
    assert unpinned(pyproject, constraints.replace("babel==", "# babel==")) == {"babel"}


def oldest() -> ModuleType:
    spec = importlib.util.spec_from_file_location("oldest", ROOT / ".ci" / "oldest.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_oldest_environment_has_every_lower_bound() -> None:
    pyproject = (ROOT / "pyproject.toml").read_text("utf-8")
    lowest = {"click": "8.1.7", "markdown-it-py": "3.0", "msgspec": "0.19", "pyyaml": "6.0.1", "rich": "13.7"}
    assert oldest().lowest(pyproject) == {**lowest, "matplotlib": "3.8", "numpy": "1.26"}
    made = oldest().oldest(pyproject, "Click==8.5.1\nruff==0.17.6\nPyYAML==6.0.4\n").splitlines()
    assert {"click==8.1.7", "pyyaml==6.0.1", "ruff==0.17.6"} <= {*made}
    with pytest.raises(ValueError, match="click does not begin with a lower bound"):
        oldest().lowest(pyproject.replace("click>=8.1.7", "click"))


# ---- the Makefile


def make(*arguments: str, status: int = 0) -> str:
    return run("make", *arguments, cwd=ROOT, status=status)


def test_make_help_names_every_target() -> None:
    (phony,) = re.findall(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    listed = re.findall(r"^  ([a-z-]+) +\S", make("help"), re.MULTILINE)
    assert listed == phony.split()


@pytest.mark.parametrize(
    ("lie", "message"),
    [
        ("sys.version_info = (3, 10, 4)", "archcalc needs Python 3.11 or later, and {python} is 3.10"),
        ("sys.modules['ensurepip'] = None", "{python} has no venv module"),
    ],
)
def test_make_says_plainly_what_python_lacks(lie: str, message: str, tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text(
        f'#!/bin/sh\nexec {sys.executable} -c "import sys; {lie}; exec(sys.argv[2])" "$@"\n', "utf-8"
    )
    python.chmod(0o755)
    said = make("demo", f"PYTHON={python}", f"VENV={tmp_path / 'venv'}", status=2)
    assert message.format(python=python) in said
    assert "Traceback" not in said
    assert not (tmp_path / "venv").exists()


def test_make_says_plainly_that_python_is_missing(tmp_path: Path) -> None:
    said = make("demo", "PYTHON=python-that-is-not", f"VENV={tmp_path / 'venv'}", status=2)
    assert "python-that-is-not is not installed; archcalc needs Python 3.11 or later" in said


@pytest.mark.parametrize("target", ["demo", "test"])
def test_make_installs_once(target: str, tmp_path: Path) -> None:
    assert "pip" in make("--dry-run", target, f"VENV={tmp_path}")
    for stamp in re.findall(r"\$\(VENV\)/(\.\S+)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE):
        (tmp_path / stamp).touch()
    assert "pip" not in make("--dry-run", target, f"VENV={tmp_path}")
