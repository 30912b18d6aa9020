"""The command line: what it prints, its exit statuses, and every wrong thing that a user may give it."""

from __future__ import annotations

import importlib
import json
import os
import pty
import re
import shlex
import struct
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import pytest

import archcalc
from archcalc import api
from archcalc.cli import COMMANDS, INTERRUPTED, grade, help_page, main
from archcalc.cli.output import READER_GONE
from archcalc.cli.program import program
from archcalc.spec import catalog

ARCHCALC = [sys.executable, "-m", "archcalc"]
ROOT = Path(archcalc.__file__).parents[1]

SMALL = "input: [3, 8, 8]\nparameters: {classes: 10}\nlayers: [{conv: 4, kernel: 3}, flatten, {linear: $classes}]\n"


class Said(NamedTuple):
    status: int
    out: str
    err: str


Run = Callable[..., Said]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run a command line in an empty folder."""
    monkeypatch.chdir(tmp_path)
    for variable in ("COLUMNS", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(variable, raising=False)

    def ran(*arguments: str) -> Said:
        status = main(arguments)
        return Said(status, *capsys.readouterr())

    return ran


@pytest.mark.parametrize("columns", ["9" * 30, "9" * 5_000, "0" * 5_000 + "90", "\u00b2", "-1", "9999999"])
@pytest.mark.parametrize("form", ["table", "svg"])
def test_no_width_that_is_asked_for_breaks_a_page(
    columns: str, form: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    said = run("summary", "lenet5", "--format", form)
    assert (said.status, said.err) == (0, "")
    assert "61,706" in said.out  # by hand: 156 + 2,416 + 48,120 + 10,164 + 850


@pytest.mark.parametrize("columns", ["9" * 5_000, "²", "0", "-5"])
def test_help_has_a_width_whatever_columns_say(columns: str) -> None:
    said = process("--help", COLUMNS=columns)
    assert (said.returncode, said.stderr) == (0, b"")
    assert b"Commands:" in said.stdout


@pytest.mark.parametrize("command", ["summary", "explain", "show"])
def test_a_standard_input_that_is_closed_is_said_to_be(
    command: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python has none where a shell has closed it: `archcalc summary - <&-`."""
    monkeypatch.setattr(sys, "stdin", None)
    said = run(command, "-")
    assert said.status == 2
    assert "standard input is closed." in said.err


def test_a_working_folder_that_is_gone_is_said_to_be(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    said = run("summary", "my.yaml")
    assert said.status == 2
    assert "the folder that archcalc was started in is not there any more." in said.err
    assert run("summary", "lenet5").status == 0


@pytest.mark.parametrize("command", ["layers", "layers conv --format json", "explain lenet5 c1", "schema"])
def test_documentation_survives_a_python_that_strips_it(command: str) -> None:
    stripped = process(*command.split(), PYTHONOPTIMIZE="2")
    assert (stripped.returncode, stripped.stderr) == (0, b"")
    assert stripped.stdout == process(*command.split()).stdout


def test_counts_say_what_they_are_without_docstrings() -> None:
    code = "from archcalc.results.counts import COUNTS; print({name: c.about for name, c in COUNTS.items()})"
    said = [
        subprocess.run(
            [sys.executable, *options, "-c", code], capture_output=True, cwd=ROOT, check=True
        ).stdout
        for options in ((), ("-OO",))
    ]
    assert said[0] == said[1]
    assert b"Multiply-accumulates" in said[0]


def process(*arguments: str, **settings: str) -> subprocess.CompletedProcess[bytes]:
    """The same in a process of its own, with variables of the environment."""
    return subprocess.run(
        [*ARCHCALC, *arguments], capture_output=True, cwd=ROOT, env={**os.environ, **settings}, check=False
    )


# ---- help


def test_the_help_has_every_command_without_importing_any(run: Run) -> None:
    said = run("--help")
    assert said.status == 0
    words = " ".join(said.out.split())
    for name, sentence in COMMANDS.items():
        assert f"{name} {sentence}" in words


ALL_COMMANDS = {**COMMANDS, **{f"grade {name}": help_text for name, help_text in grade.COMMANDS.items()}}


@pytest.mark.parametrize("name", ALL_COMMANDS)
def test_every_command_says_what_the_list_of_commands_says_of_it(name: str, run: Run) -> None:
    short, long = run(*name.split(), "-h"), run(*name.split(), "--help")
    assert (short.status, short.out) == (long.status, long.out)
    assert long.status == 0
    first = " ".join(long.out.split("\n\n")[1].split())
    assert first == ALL_COMMANDS[name]


def examples() -> list[str]:
    found = []
    for name in ALL_COMMANDS:
        text = process(*name.split(), "--help").stdout.decode()
        lines = [line.strip() for line in text.splitlines()]
        mine = [line for line in lines if line.startswith(f"archcalc {name.split()[0]}")]
        assert mine, f"{name} has no examples"
        found += mine
    return found


def test_the_examples_of_every_help_run(run: Run, tmp_path: Path) -> None:
    for example in examples():
        words = shlex.split(example)
        needs_torch = words[1] == "check" and find_spec("torch") is None
        if words[1] == "bench" or "--against" in words or needs_torch:
            # Minutes of measuring, some of them on a GPU; a library that may be missing. The arguments are read.
            command = importlib.import_module(f"archcalc.cli.{words[1]}").command
            command.make_context(words[1], words[2:])
            continue
        # The shell does the rest.
        words = words[: words.index(">")] if ">" in words else words
        said = run(*words[1:])
        assert (said.status, said.err) == (0, ""), example
    assert (tmp_path / "alexnet.csv").exists()


def test_the_version(run: Run) -> None:
    assert run("--version") == (0, f"archcalc {archcalc.__version__}\n", "")


def test_only_the_module_of_the_command_is_imported() -> None:
    code = (
        "import sys; from archcalc.cli import main; main(sys.argv[1:]);"
        "print([m for m in ('archcalc.cli.compare', 'archcalc.cli.summary', 'rich', 'torch', 'numpy',"
        " 'archcalc.render.formats.table', 'archcalc.algebra.notation') if m in sys.modules], file=sys.stderr)"
    )

    def imported(*arguments: str) -> str:
        return subprocess.run(
            [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True
        ).stderr.strip()

    assert imported("--help") == "[]"
    assert imported("summary", "lenet5", "--format", "json") == "['archcalc.cli.summary']"
    assert imported("summary", "lenet5") == "['archcalc.cli.summary', 'archcalc.render.formats.table']"
    # The one format that rich draws shows that the test would see it.
    assert "'rich'" in imported("summary", "lenet5", "--format", "svg")


# ---- what is done


def test_summary_takes_every_option(run: Run) -> None:
    said = run(
        *("summary", "lenet5", "--input", "1x36x36", "--set", "classes=26", "--batch", "4"),
        *("--dtype", "float16", "--no-bias", "--format", "json"),
    )
    found = json.loads(said.out)
    assert (found["input"], found["batch"], found["dtype"], found["counts_bias"]) == (
        [1, 36, 36],
        4,
        "float16",
        False,
    )
    assert found["layers"][-1]["output"] == [26]
    assert found["totals"]["params"] == found["totals"]["weights"]
    assert found["totals"]["param_bytes"] == 2 * found["totals"]["params"]


@pytest.mark.parametrize("shape", ["3x64x64", "3,64,64", "3×64×64", "3X64X64", "3, 64, 64"])
def test_a_shape_is_written_as_people_write_it(shape: str, run: Run) -> None:
    said = run("summary", "resnet18", "--input", shape, "--format", "json")
    assert json.loads(said.out)["input"] == [3, 64, 64]


def test_the_python_api_does_what_the_command_does(run: Run) -> None:
    from archcalc import render

    assert run("summary", "vgg16", "--batch", "8").out == render.summary(archcalc.analyse("vgg16", batch=8))
    compared = archcalc.compare("googlenet", "alexnet")
    assert run("compare", "googlenet", "alexnet").out == render.comparison(compared)
    assert run("list", "vgg").out == render.catalogue(archcalc.networks("vgg"))


def test_a_spec_comes_from_standard_input_or_a_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(SMALL, "utf-8")
    from_file = run("summary", "small.yaml", "--format", "json").out
    piped = subprocess.run(
        [*ARCHCALC, "summary", "-", "--format", "json"], input=SMALL.encode(), capture_output=True, check=True
    )
    assert json.loads(piped.stdout)["totals"] == json.loads(from_file)["totals"]


def test_compare_says_macs_and_flops_and_their_ratio(run: Run) -> None:
    said = run("compare", "googlenet", "alexnet", "--flops").out
    assert re.search(r"^googlenet +1,582,671,872 +1\.00× .* 3,165,343,744", said, re.MULTILINE)
    assert re.search(r"^alexnet +1,135,256,096 +0\.717× .* 2,270,512,192", said, re.MULTILINE)
    assert "1 MAC (multiply-accumulate) = 2 FLOPs" in said
    assert "weights" not in said


def test_compare_shows_what_was_asked_for(run: Run) -> None:
    def shown(*options: str) -> list[str]:
        out = run("compare", "vgg16", "resnet50", *options).out
        return [word for word in ("weights", "FLOPs  ", "of activations", "depth") if word in out]

    assert shown("--params", "--layers") == ["weights", "depth"]
    assert shown("--memory") == ["of activations"]
    assert len(shown()) == 4


def test_the_depth_folds_and_unfolds(run: Run) -> None:
    folded, unfolded = (
        run("summary", "resnet50", "--depth", "1").out,
        run("summary", "resnet50", "--depth", "9").out,
    )
    assert re.search(r"^conv4 +6 blocks", folded, re.MULTILINE)
    assert re.search(r"^conv4\.6\.add1 +add ", unfolded, re.MULTILINE)


def test_list_finds_by_word_family_task_and_year(run: Run) -> None:
    def listed(*options: str) -> set[str]:
        return {
            network["name"]
            for network in json.loads(run("list", *options, "--format", "json").out)["networks"]
        }

    assert listed() == set(catalog.names())
    assert listed("--family", "vgg") >= {"vgg11", "vgg16-c", "vgg19"}
    assert not {name for name in listed("--year", "2014") if "resnet" in name}
    assert "lenet5" in listed("--year", "1990-2000")
    assert listed("szegedy", "naive") == {"inception-naive", "inception-reduced"}
    assert "lenet5" in listed("--task", "digit") != listed()


def test_show_prints_the_file_as_it_is(run: Run, tmp_path: Path) -> None:
    for name in ("vgg16", "resnet50"):
        said = run("show", name).out
        assert said == Path(catalog.path_of(name)).read_text("utf-8")
        (tmp_path / "copy.yaml").write_text(said, "utf-8")
        assert api.analyse(str(tmp_path / "copy.yaml")).totals == api.analyse(name).totals
    assert "bottleneck:" in run("show", "blocks/resnet.yaml").out


def test_new_writes_a_spec_that_runs_and_says_what_is_next(run: Run, tmp_path: Path) -> None:
    said = run("new", "my-network")
    assert said.status == 0
    tries = re.findall(r"^  (archcalc .+?)  ", said.out, re.MULTILINE)
    assert tries[0] == "archcalc summary ./my-network.yaml"
    for words in tries:
        assert run(*words.split()[1:]).status == 0
    text = (tmp_path / "my-network.yaml").read_text("utf-8")
    assert "archcalc summary ./my-network.yaml" in text
    # 3 convolutions of 32, 64 and 128 filters deep in stages, and two linear layers.
    assert api.analyse("my-network.yaml").depth == 2 + 3 + 2 + 2


def test_new_does_not_replace_a_file_unless_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("precious", "utf-8")
    said = run("new", "mine.yaml")
    assert (said.status, said.out) == (2, "")
    assert said.err == "'mine.yaml' is there already.\n  Choose another name, or replace it with --force.\n"
    assert (tmp_path / "mine.yaml").read_text("utf-8") == "precious"
    assert run("new", "mine.yaml", "--force").status == 0
    assert run("summary", "mine.yaml").status == 0


# ---- where it goes


def test_output_goes_to_a_file_and_nowhere_else(run: Run, tmp_path: Path) -> None:
    printed = run("summary", "lenet5").out
    assert run("summary", "lenet5", "--output", "lenet5.txt") == (0, "", "")
    assert (tmp_path / "lenet5.txt").read_text("utf-8") == printed
    assert [path.name for path in tmp_path.iterdir()] == ["lenet5.txt"]


def test_a_failed_command_leaves_the_file_as_it_was(run: Run, tmp_path: Path) -> None:
    (tmp_path / "out.txt").write_text("before", "utf-8")
    assert run("summary", "lenet6", "-o", "out.txt").status == 2
    assert (tmp_path / "out.txt").read_text("utf-8") == "before"


def test_a_replaced_file_keeps_its_mode_and_its_links(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "target.txt"
    target.write_text("before", "utf-8")
    target.chmod(0o640)
    (tmp_path / "link.txt").symlink_to(target)
    assert run("summary", "lenet5", "-o", "link.txt").status == 0
    assert (tmp_path / "link.txt").is_symlink()
    assert target.read_text("utf-8").startswith("LeNet-5")
    assert target.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(
    ("path", "reason"), [("nowhere/out.txt", "No such file or directory"), (".", "Is a directory")]
)
def test_a_file_that_cannot_be_written_is_an_error(path: str, reason: str, run: Run) -> None:
    said = run("summary", "lenet5", "--output", path)
    assert (said.status, said.out) == (2, "")
    assert said.err.splitlines() == [
        f"cannot write '{path}': {reason}.",
        "  Give --output a file in a folder that exists and that you may write to.",
    ]


def test_a_device_is_written_to() -> None:
    assert process("summary", "lenet5", "-o", "/dev/stdout").stdout.decode().startswith("LeNet-5")


def test_a_full_disk_is_an_error() -> None:
    with open("/dev/full", "wb") as full:
        said = subprocess.run([*ARCHCALC, "list"], stdout=full, stderr=subprocess.PIPE, check=False)
    assert said.returncode == 2
    assert said.stderr.decode() == "cannot write the output: No space left on device.\n"


def test_a_reader_that_has_enough_ends_the_program_quietly() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    said = subprocess.run([*ARCHCALC, "list"], stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)
    assert (said.returncode, said.stderr) == (READER_GONE, b"")


def test_a_closed_output_is_no_error() -> None:
    said = subprocess.run(
        ["bash", "-c", f"{shlex.join([*ARCHCALC, 'list'])} >&-"], capture_output=True, check=False
    )
    assert (said.returncode, said.stderr) == (0, b"")


def test_ctrl_c_ends_the_program_quietly(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(api, "load", interrupted)
    # At another batch than the usual one, of which summaries are stored.
    said = run("summary", "lenet5", "--batch", "2")
    assert (said.status, said.out, said.err.strip()) == (INTERRUPTED, "", "")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_an_output_that_lacks_our_signs_gets_plain_ones(encoding: str) -> None:
    said = process("summary", "vgg16", PYTHONIOENCODING=encoding)
    text = said.stdout.decode(encoding)
    assert (said.returncode, said.stderr) == (0, b"")
    assert "?" not in text
    assert re.search(r"^conv1_1 +conv 3x3 \+ relu +64x224x224 ", text, re.MULTILINE)
    assert max(map(len, text.splitlines())) <= 100


@pytest.mark.parametrize("name", COMMANDS)
def test_help_can_be_read_in_ascii(name: str) -> None:
    said = process(name, "--help", PYTHONIOENCODING="ascii")
    assert (said.returncode, said.stderr) == (0, b"")
    assert "Traceback" not in said.stdout.decode("ascii")


def test_the_c_locale_gets_text_that_can_be_read() -> None:
    said = process("summary", "vgg16", LC_ALL="C")
    assert (said.returncode, said.stderr) == (0, b"")
    assert re.search("conv1_1 +conv 3[×x]3", said.stdout.decode())


def on_a_terminal(*arguments: str, columns: int, **settings: str) -> str:
    """What a terminal of so many columns is given."""
    import fcntl
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    plain = {
        name: value
        for name, value in os.environ.items()
        if name not in ("COLUMNS", "NO_COLOR", "FORCE_COLOR")
    }
    child = subprocess.Popen(
        [*ARCHCALC, *arguments], stdout=theirs, env={**plain, "TERM": "xterm", **settings}, cwd=ROOT
    )
    os.close(theirs)
    pieces = []
    try:
        while piece := os.read(ours, 65536):
            pieces.append(piece)
    except OSError:
        # The other end is closed.
        pass
    finally:
        os.close(ours)
        assert child.wait() == 0
    return b"".join(pieces).decode().replace("\r\n", "\n")


def test_a_terminal_gets_its_width_and_colours() -> None:
    text = on_a_terminal("summary", "vgg16", columns=80)
    assert "\x1b[36m" in text
    assert max(len(re.sub(r"\x1b\[[0-9;]*m", "", line)) for line in text.splitlines()) == 80
    wide = on_a_terminal("summary", "vgg16", columns=140)
    assert "74.3%" in wide


@pytest.mark.parametrize(
    ("settings", "coloured"),
    [
        ({}, True),
        ({"NO_COLOR": "1"}, False),
        ({"NO_COLOR": ""}, True),
        ({"TERM": "dumb"}, False),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
    ],
)
def test_colours_on_a_terminal_can_be_turned_off(settings: dict[str, str], coloured: bool) -> None:
    assert ("\x1b" in on_a_terminal("summary", "lenet5", columns=100, **settings)) is coloured


def test_a_pipe_gets_no_colours_unless_they_are_forced(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b" not in run("summary", "lenet5").out
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b" in run("summary", "lenet5").out
    monkeypatch.setenv("FORCE_COLOR", "0")
    assert "\x1b" not in run("summary", "lenet5").out


def test_a_file_shown_on_a_terminal_cannot_act_on_it(tmp_path: Path) -> None:
    (tmp_path / "evil.yaml").write_text(f"{SMALL}# \u202ereversed\n", "utf-8")
    assert r"# \u202ereversed" in on_a_terminal("show", str(tmp_path / "evil.yaml"), columns=80)
    assert "# \u202ereversed" in process("show", str(tmp_path / "evil.yaml")).stdout.decode()


def test_columns_set_the_width(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "72")
    assert max(map(len, run("summary", "vgg16").out.splitlines())) <= 72


# ---- what is wrong


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("summary vgg166", "there is no network 'vgg166' in the catalogue.\n  Did you mean 'vgg16'?"),
        ("summary nowhere.yaml", "there is no file 'nowhere.yaml'."),
        ("summary .", "is a directory"),
        (
            "summary lenet5 --input 1x32xx",
            "--input '1x32xx' is not a shape.\n  Write channels, height and width",
        ),
        ("summary lenet5 --input -1x32x32", "--input '-1x32x32' is not a shape."),
        ("summary lenet5 --input 0x32x32", "the input shape is 1 to 8 whole numbers from 1"),
        (
            "summary lenet5 --set classes",
            "--set 'classes' is not key=value.\n  For example --set classes=10.",
        ),
        ("summary lenet5 --set clases=3", "'lenet5' has no parameter 'clases'.\n  Did you mean 'classes'?"),
        ("summary lenet5 --batch 0", "the batch must be a whole number from 1 to 1,000,000,000, not 0."),
        ("summary lenet5 --dtype flaot16", "there is no dtype 'flaot16'.\n  Did you mean 'float16'?"),
        ("summary lenet5 --format json --depth 1", "JSON has every layer, a depth does not apply to it."),
        ("summary alexnet --input 3x8x8", "specs/alexnet.yaml:"),
        ("compare vgg16", "a comparison needs two networks or more.\n  For example archcalc compare"),
        ("compare vgg16 vgg91", "Did you mean 'vgg19'?"),
        ("list --family ResNot", "no network of the catalogue matches 'ResNot'.\n  Did you mean 'ResNet'?"),
        ("list --year 14", "'14' is not a year.\n  Write 2014, or 2012-2015 for a span of years."),
        (
            "list qqqqqq zzzzzz",
            "no network of the catalogue matches 'qqqqqq' and 'zzzzzz'.\n  `archcalc list` shows",
        ),
        ("show vgg166", "Did you mean 'vgg16'?"),
        ("new /nowhere/at/all.yaml", "cannot write '/nowhere/at/all.yaml': No such file or directory."),
        ("new -- -x", "'-x' cannot be the name of a network."),
    ],
)
def test_what_a_user_did_wrong_is_said_plainly(arguments: str, message: str, run: Run) -> None:
    said = run(*arguments.split())
    assert said.status == 2
    assert said.out == ""
    assert message in said.err
    assert "Traceback" not in said.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("sumary vgg16", "There is no command 'sumary'. Did you mean 'summary'?"),
        ("qqqqqqqq", f"There is no command 'qqqqqqqq'. The commands are {', '.join([*COMMANDS][:5])}, "),
        ("summary vgg16 --formt json", "No such option '--formt'. Did you mean '--format'?"),
        (
            "summary vgg16 --format jsn",
            "'jsn' is not one of 'table', ",
        ),
        ("summary vgg16 --batch many", "'many' is not a valid integer"),
        ("summary vgg16 --depth 0", "0 is not in the range x>=1"),
        ("summary vgg16 --batch", "Option '--batch' requires an argument"),
        ("summary", "Missing argument 'NETWORK'"),
        ("summary vgg16 vgg19", "Got unexpected extra argument (vgg19)"),
        ("compare", "Missing argument"),
    ],
)
def test_wrong_usage_is_said_plainly(arguments: str, message: str, run: Run) -> None:
    said = run(*arguments.split())
    assert said.status == 2
    assert said.out == ""
    # click's own words differ a little between its versions.
    older = "No such option: --formt Did you mean --format?"
    assert message in said.err.replace(older, "No such option '--formt'. Did you mean '--format'?")
    assert "Traceback" not in said.err


def test_a_name_full_of_codes_is_quoted_harmlessly(run: Run) -> None:
    said = run("summary", "\x1b[31mvgg16\u202e[bold]")
    assert said.status == 2
    assert r"\x1b[31mvgg16\u202e[bold]" in said.err
    assert "\x1b" not in said.err


# ---- completion


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("archcalc su", {"plain,summary"}),
        ("archcalc summary vgg16-", {"plain,vgg16-c", "plain,vgg16-localization", "plain,vgg16-multitask"}),
        ("archcalc compare lenet5 alexnet-g", {"plain,alexnet-grouped"}),
        ("archcalc summary vgg16 --dtype bf", {"plain,bfloat16"}),
        ("archcalc summary vgg16 --format c", {"plain,csv"}),
        ("archcalc summary ./m", {"file,./m"}),
    ],
)
def test_a_shell_is_offered_commands_networks_and_values(words: str, offered: set[str]) -> None:
    said = process(
        _ARCHCALC_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD=str(len(words.split(" ")) - 1)
    )
    assert set(said.stdout.decode().split()) == offered


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_help_tells_how_to_turn_completion_on(shell: str, run: Run) -> None:
    assert f"_ARCHCALC_COMPLETE={shell}_source archcalc" in run("--help").out


# ---- the Python API by name


def test_the_package_offers_what_it_lists() -> None:
    for name in archcalc.__all__:
        assert getattr(archcalc, name) is not None
    assert set(archcalc.__all__) <= set(dir(archcalc))
    with pytest.raises(AttributeError, match="has no attribute 'sumary'"):
        _ = archcalc.sumary


def test_importing_the_package_imports_nothing_else() -> None:
    code = "import sys, archcalc; print(sorted(name for name in sys.modules if name.startswith('archcalc.')))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout == "['archcalc.words', 'archcalc.words.version']\n"


@pytest.mark.parametrize("columns", [*range(40, 102, 3), 200])
def test_the_page_of_help_is_what_click_would_lay_out(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is written without click, which takes longer to import than all else that the page needs."""
    monkeypatch.setenv("COLUMNS", str(columns))
    context = program.make_context("archcalc", [], resilient_parsing=True)
    assert help_page.page(columns) == program.get_help(context) + "\n"


def test_help_needs_no_click() -> None:
    probe = "import sys; from archcalc.cli import main; main(['--help']); assert 'click' not in sys.modules"
    run = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert run.stdout.startswith("Usage: archcalc [OPTIONS]")
