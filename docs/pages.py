"""Pages with examples that run: fenced blocks are found, commands run, and what they print put in place.

    ```yaml             a spec, or a list of items; `# name.yaml` in its first line saves it as that file
    ```yaml assignment  an assignment; `# → ` behind a question is its answer
    ```yaml sheet       answers to questions 1a, 1b, 1c as a student hands them in
    ```yaml error       a spec that is wrong; the ```text block behind it has the message
    ```console          `$ archcalc …` lines, each with what it prints
    ```console error    the same for a command that fails
    ```pycon, ```python Python, one session a page
    ```sh               commands that are shown and not run

Everything on a page runs in one empty folder, from top to bottom.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

WIDTH = 96

_FENCE = re.compile(
    r"^```(?P<language>\w*)[ ]?(?P<info>[^\n`]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
_FILE = re.compile(r"# ([\w./-]+\.ya?ml)\n")
_PART = re.compile(r"(<!-- begin (?P<name>[\w-]+) -->\n).*?(<!-- end (?P=name) -->)", re.DOTALL)

ITEMS_INPUT = (3, 224, 224)
"""What reaches the first item of a list of items, unless the block says otherwise: ```yaml 64x56x56."""


class Block(NamedTuple):
    """One fenced block."""

    language: str
    info: str
    text: str
    line: int
    """The line of the page that its text begins on."""

    @property
    def file(self) -> str | None:
        """The name of the file that it is to be saved as, if it says so."""
        found = _FILE.match(self.text)
        return found[1] if self.language == "yaml" and found else None

    @property
    def fails(self) -> bool:
        """Whether it is meant to."""
        return self.info == "error"

    def spec(self) -> tuple[str, int]:
        """The whole spec that a block of YAML stands for, and how many lines were put in front of it."""
        if not self.text.lstrip("# ").startswith("- ") and not re.match(r"(#.*\n)*- ", self.text):
            return self.text, 0
        sizes = self.info.split("x") if re.fullmatch(r"\d+(x\d+)*", self.info) else ITEMS_INPUT
        return f"input: [{', '.join(map(str, sizes))}]\nlayers:\n{self.text}", 2


def blocks(page: str) -> Iterator[Block]:
    """The fenced blocks of a page."""
    for found in _FENCE.finditer(page):
        line = page.count("\n", 0, found.start("text")) + 1
        yield Block(found["language"], found["info"].strip(), found["text"], line)


def refreshed(page: str, folder: Path) -> str:
    """The page with what its commands print today; they run in `folder`.

    Raises RuntimeError for a command that fails and should not, or the other way round.
    """

    def again(found: re.Match[str]) -> str:
        block = Block(found["language"], found["info"].strip(), found["text"], 0)
        if block.file:
            path = folder / block.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
        if block.language != "console":
            return found[0]
        commands = [line[2:] for line in block.text.splitlines() if line.startswith("$ ")]
        printed = (f"$ {command}\n{_run(command, folder, block.fails)}" for command in commands)
        info = f" {block.info}" if block.info else ""
        return f"```console{info}\n{''.join(printed)}```"

    return _FENCE.sub(again, page)


def with_parts(page: str, parts: dict[str, str]) -> str:
    """The page with each `<!-- begin NAME -->` … `<!-- end NAME -->` filled from `parts`."""
    return _PART.sub(lambda found: f"{found[1]}{parts[found['name']].strip()}\n{found[3]}", page)


def _run(command: str, folder: Path, fails: bool) -> str:
    bin_directory = os.path.dirname(sys.executable)
    environment = {
        "COLUMNS": str(WIDTH),
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "PATH": f"{bin_directory}{os.pathsep}{os.environ['PATH']}",
        "PYTHONUTF8": "1",
    }
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if (done.returncode != 0) != fails:
        raise RuntimeError(f"$ {command}\n{done.stdout}\nleft with {done.returncode}")
    lines = [line.rstrip() for line in done.stdout.splitlines()]
    return "".join(f"{line}\n" for line in lines)
