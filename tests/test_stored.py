"""Stored results: whatever is edited is seen at once, and a file that is not as it should be does no harm."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from archcalc import api
from archcalc.render.documents import kept as documents
from archcalc.render.documents import of_summary
from archcalc.results import listing, stored

ROOT = Path(__file__).parents[1]

SPEC = "name: {title}\ninput: [3, 8, 8]\nlayers: [{{conv: {filters}, kernel: 3}}]\n"


@pytest.fixture
def install(tmp_path: Path) -> Path:
    """A checkout with two small networks, and a cache of its own."""
    shutil.copytree(ROOT / "archcalc", tmp_path / "archcalc", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs" / "one.yaml").write_text(SPEC.format(title="One", filters=4))
    (tmp_path / "specs" / "two.yaml").write_text(SPEC.format(title="Two", filters=5))
    return tmp_path


def run(install: Path, *arguments: str) -> str:
    """What a new process prints, without a word of complaint."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(install / "cache"), "PYTHONPATH": ""}
    command = [sys.executable, "-m", "archcalc", *arguments]
    done = subprocess.run(command, cwd=install, env=environment, capture_output=True, text=True, check=True)
    assert not done.stderr
    return done.stdout


def listed(install: Path) -> dict[str, tuple[str, int, int]]:
    """Title, parameters and FLOPs of every network that a new process lists."""
    return {
        each["name"]: (each["title"], each["params"], each["flops"])
        for each in json.loads(run(install, "list", "--format", "json"))["networks"]
    }


def kept(install: Path) -> Path:
    (found,) = (install / "cache" / "archcalc").glob("catalogue-*.json")
    return found


# 3·3·3·4 + 4 and 3·3·3·5 + 5 parameters; 2 · 27 · 4 · 36 and 2 · 27 · 5 · 36 FLOPs.
ONE, TWO = ("One", 112, 7776), ("Two", 140, 9720)


def test_whatever_is_edited_is_seen_at_once(install: Path) -> None:
    assert listed(install) == listed(install) == {"one": ONE, "two": TWO}
    spec = install / "specs" / "two.yaml"
    times = spec.stat().st_atime_ns, spec.stat().st_mtime_ns
    # As long as before, and as old as before.
    spec.write_text(SPEC.format(title="Due", filters=5))
    os.utime(spec, ns=times)
    assert listed(install)["two"] == ("Due", 140, 9720)
    (install / "specs" / "three.yaml").write_text(SPEC.format(title="Three", filters=6))
    assert listed(install)["three"] == ("Three", 168, 11664)
    (install / "specs" / "one.yaml").unlink()
    assert sorted(listed(install)) == ["three", "two"]
    units = install / "archcalc" / "algebra" / "units.py"
    source = units.read_text()
    assert "FLOPS_PER_MAC = 2" in source
    units.write_text(source.replace("FLOPS_PER_MAC = 2", "FLOPS_PER_MAC = 3"))
    assert listed(install)["two"] == ("Due", 140, 3 * 27 * 5 * 36)


def test_what_is_kept_is_what_is_read(install: Path) -> None:
    """Must fail if nothing is ever read: a title that stands in no spec is printed from the file."""
    listed(install)
    key = kept(install).read_bytes().split()[0].decode()
    value = json.loads(kept(install).read_bytes().partition(b"\n")[2])
    value[0]["title"] = "Uno"
    kept(install).write_bytes(stored.written(key, value))
    assert listed(install)["one"][0] == "Uno"
    built_in = install / "archcalc" / "stored"
    built_in.mkdir()
    value[0]["title"] = "Eins"
    (built_in / "catalogue.json").write_bytes(stored.written(key, value))
    assert listed(install)["one"][0] == "Eins"


def broken(value: object) -> Callable[[bytes], bytes]:
    return lambda content: stored.written(content.split()[0].decode(), value)


EMPTY = {
    "name": "one",
    "title": "One",
    "file": "",
    "texts": {},
    "input": [],
    "totals": [0] * 10,
    "depth": 1,
    "top5": [],
}

SPOILT: tuple[Callable[[bytes], bytes], ...] = (
    lambda _content: b"",
    lambda content: content[:-1],
    lambda content: content.replace(b"108", b"109"),
    lambda content: content[::-1],
    broken([]),
    broken(None),
    broken([{"name": "one"}]),
    broken([[[]]]),
    broken([{**EMPTY, "title": 1}]),
    lambda content: broken([])(content).replace(b"[]", b"[" * 100_000),
)


STALE = """
import archcalc
archcalc.kinds()
path = "archcalc/layers/linear.py"
text = open(path, encoding="utf-8").read()
open(path, "w", encoding="utf-8").write(text + "# edited while this process runs\\n")
print(len(archcalc.networks("one")))
"""


def test_old_code_in_memory_writes_nothing_under_the_key_of_new_files(install: Path) -> None:
    """The kinds are in memory, then a file of theirs is edited: what this process works out is not for later ones."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(install / "cache"), "PYTHONPATH": str(install)}
    done = subprocess.run(
        [sys.executable, "-c", STALE],
        cwd=install,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "1\n"
    assert list((install / "cache").rglob("*.json")) == []
    # A process that has read nothing before does write.
    assert listed(install)["one"] == ONE
    assert kept(install).exists()


def test_a_spoilt_file_is_worked_out_again(install: Path) -> None:
    """Cut, changed, or whole and of something else: the numbers are right, and no word is said."""
    listed(install)
    for number, spoil in enumerate(SPOILT):
        content = kept(install).read_bytes()
        spoilt = spoil(content)
        assert spoilt != content
        kept(install).write_bytes(spoilt)
        assert listed(install) == {"one": ONE, "two": TWO}, number
        assert kept(install).read_bytes() == content


@pytest.mark.skipif(os.name != "posix", reason="files have no modes there")
def test_a_file_that_others_may_write_is_not_read(install: Path) -> None:
    listed(install)
    key = kept(install).read_bytes().split()[0].decode()
    value = json.loads(kept(install).read_bytes().partition(b"\n")[2])
    value[0]["title"] = "Uno"
    kept(install).write_bytes(stored.written(key, value))
    kept(install).chmod(0o666)
    assert listed(install)["one"] == ONE
    kept(install).unlink()
    os.mkfifo(install / "cache" / "archcalc" / "waits")
    (install / "cache" / "archcalc" / "waits").rename(
        install / "cache" / "archcalc" / f"catalogue-{key[0]}.json"
    )
    assert listed(install)["one"] == ONE


def test_without_a_place_to_keep_anything_it_is_worked_out(install: Path) -> None:
    (install / "cache").touch()
    assert listed(install) == {"one": ONE, "two": TWO}


def test_every_entry_is_what_the_spec_gives(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    as_kept = json.loads(json.dumps(listing.computed()))
    assert [entry._asdict() for entry in listing.all_entries()] == [
        listing._read(each)._asdict() for each in as_kept
    ]


def test_the_key_is_of_all_rooms_that_numbers_come_from() -> None:
    """The table of rooms in docs/design.md says what `results` may import: the key has those, and `results`."""
    row = next(
        line
        for line in (ROOT / "docs" / "design.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("| `results/`")
    )
    rooms = re.findall(r"\w+", row.split("|")[3])
    assert sorted([*rooms, "results"]) == sorted(stored.ROOMS)


def test_a_stored_summary_is_the_summary_and_an_edit_is_seen(install: Path) -> None:
    first = run(install, "summary", "one")
    # With a depth that folds nothing it is worked out.
    assert run(install, "summary", "one") == first == run(install, "summary", "one", "--depth", "9")
    (page,) = (install / "cache" / "archcalc").glob("summary-one-*.json")
    key = page.read_bytes().split()[0].decode()
    value = json.loads(page.read_bytes().partition(b"\n")[2])
    page.write_bytes(stored.written(key, {**value, "title": "Uno \x1b[31m"}))
    # Must fail if nothing is ever read; and a terminal acts on nothing that stands there.
    assert run(install, "summary", "one").startswith("Uno \\x1b[31m ")
    assert run(install, "summary", "one", "--depth", "9") == first
    spoilt: tuple[object, ...] = (
        {},
        [],
        {**value, "sheets": [{}]},
        {**value, "notes": [[1, 2]]},
        {**value, "title": 1},
    )
    for other in spoilt:
        page.write_bytes(stored.written(key, other))
        assert run(install, "summary", "one") == first
    laid_out = install / "archcalc" / "render" / "documents" / "of_summary.py"
    laid_out.write_text(laid_out.read_text(encoding="utf-8").replace('_("kind")', '"sort"'), encoding="utf-8")
    assert "sort" in run(install, "summary", "one")
    (install / "specs" / "one.yaml").write_text(SPEC.format(title="One", filters=7))
    # 3·3·3·7 + 7
    assert "196" in run(install, "summary", "one")
    assert "kind" not in run(install, "summary", "one")


@pytest.mark.parametrize("name", ["lenet5", "googlenet", "unet", "msdnet"])
def test_a_document_comes_back_as_it_was(name: str) -> None:
    document = of_summary.document(api.analyse(name), None)
    assert documents.understood(json.loads(json.dumps(documents.kept(document)))) == document
