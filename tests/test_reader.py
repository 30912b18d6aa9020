"""Reading YAML: what a node holds, what is refused and how, and that nobody can make it take long."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from archcalc.spec import reader
from archcalc.spec.reader import Mapping, Node, Scalar, Sequence, load_file, load_stream, read
from archcalc.words.errors import Place, ReadError

FILE = "my.yaml"


def of(text: str | bytes) -> Node:
    return read(text.encode() if isinstance(text, str) else text, FILE)


def refusal(text: str | bytes) -> ReadError:
    with pytest.raises(ReadError) as caught:
        of(text)
    return caught.value


def plain(node: Node) -> object:
    """The node as Python has it, text unread."""
    if isinstance(node, Scalar):
        return node.text
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return {key.text: plain(value) for key, value in node.entries}


@pytest.fixture(params=["libyaml", "python"])
def either_parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """PyYAML can be built without libyaml; then its own parser does the work."""
    if request.param == "python":
        monkeypatch.setattr(reader, "_Loader", yaml.SafeLoader)


def test_the_fast_parser_is_used_where_there_is_one() -> None:
    assert reader._Loader is yaml.CSafeLoader


@pytest.mark.usefixtures("either_parser")
def test_flow_and_block_style_hold_the_same() -> None:
    block = "input: [3, 224, 224]\nlayers:\n  - conv: 96\n    kernel: 11\n  - relu\n  - add:\n      - []\n"
    flow = "{input: [3, 224, 224], layers: [{conv: 96, kernel: 11}, relu, {add: [[]]}]}"
    assert (
        plain(of(block))
        == plain(of(flow))
        == {"input": ["3", "224", "224"], "layers": [{"conv": "96", "kernel": "11"}, "relu", {"add": [[]]}]}
    )


@pytest.mark.parametrize(
    "text", ["no", "010", "1:30", "1_000", ".nan", "null", "2001-01-01", "0x10", "1e3", "="]
)
@pytest.mark.usefixtures("either_parser")
def test_scalars_stay_the_text_they_are(text: str) -> None:
    node = of(text)
    assert isinstance(node, Scalar)
    assert (node.text, node.quoted) == (text, False)


@pytest.mark.parametrize("text", ["'no'", '"no"', "|-\n  no", ">-\n  no"])
@pytest.mark.usefixtures("either_parser")
def test_quotes_are_told_apart(text: str) -> None:
    node = of(text)
    assert isinstance(node, Scalar)
    assert (node.text, node.quoted) == ("no", True)


@pytest.mark.parametrize(
    ("text", "null"), [("a:", True), ("a: ~", True), ("a: ''", False), ("a: null", False)]
)
def test_a_value_that_is_not_there_is_known(text: str, null: bool) -> None:
    node = of(text)
    assert isinstance(node, Mapping)
    value = node.get("a")
    assert isinstance(value, Scalar)
    assert value.is_null is null


@pytest.mark.usefixtures("either_parser")
def test_every_node_knows_its_place() -> None:
    root = of("name: x\nlayers:\n  - {conv: 96, kernel: }\n  - été: [a, b]\n    end:\n")
    assert isinstance(root, Mapping)
    layers = root.get("layers")
    assert isinstance(layers, Sequence)
    conv, accent = layers.items
    assert isinstance(conv, Mapping)
    assert isinstance(accent, Mapping)
    places = [
        root.place,
        layers.place,
        conv.place,
        *(part.place for entry in (*conv.entries, *accent.entries) for part in entry),
    ]
    # A value that is not there has the place of its key.
    assert [(place.line, place.column) for place in places] == [
        (1, 1),
        (3, 3),
        (3, 5),
        (3, 6),
        (3, 12),
        (3, 16),
        (3, 16),
        (4, 5),
        (4, 10),
        (5, 5),
        (5, 5),
    ]
    assert {place.file for place in places} == {FILE}


def test_a_mapping_gives_keys_values_and_order() -> None:
    node = of("{b: 1, a: 2}")
    assert isinstance(node, Mapping)
    assert node.keys() == ["b", "a"]
    assert node.get("c") is None
    assert node.key("c") is None
    key = node.key("a")
    assert key is not None
    assert key.place == Place(FILE, 1, 8)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("conv3", "'conv3'"),
        ("~", "nothing"),
        ("[]", "an empty list"),
        ("[a, b]", "a list of 2"),
        ("{}", "an empty mapping"),
        ("{conv: 1, kernel: 2}", "a mapping of conv and kernel"),
        ('"\\e[31m"', r"'\x1b[31m'"),
    ],
)
def test_a_node_says_what_it_is(text: str, words: str) -> None:
    node = of(f"[{text}]")
    assert isinstance(node, Sequence)
    assert node.items[0].describe() == words


@pytest.mark.usefixtures("either_parser")
def test_a_byte_order_mark_of_utf8_is_no_part_of_the_text() -> None:
    node = of(b"\xef\xbb\xbfname: x")
    assert plain(node) == {"name": "x"}
    assert node.place == Place(FILE, 1, 1)


def test_windows_and_old_mac_line_ends_count_as_lines() -> None:
    for end in ("\r\n", "\r"):
        assert refusal(end.join(["a: 1", "b: 2", "a: 3"])).place == Place(FILE, 3, 1)


# Text, line, column, words that the message has to have, words that the way out has to have.
REFUSED = [
    ("", None, None, "is empty", "layers"),
    ("# only a comment\n", None, None, "is empty", "layers"),
    ("---\n...\n", None, None, "is empty", "layers"),
    ("~", None, None, "is empty", "layers"),
    ("a: 1\nb: 2\na: 3", 3, 1, "'a' stands here a second time; the first is in line 1", "Remove"),
    ("{a: 1, 'a': 2}", 1, 8, "'a' stands here a second time", "Remove"),
    ("layers:\n  - {conv: 1, kernel: 2, conv: 3}", 2, 26, "'conv' stands here a second time", "Remove"),
    ("a: &x 1", 1, 4, "'&x' is a YAML anchor", "block"),
    ("a: *x", 1, 4, "'*x' is a YAML alias", "block"),
    ("&x\na: 1", 1, 1, "'&x' is a YAML anchor", "block"),
    ("a: !!python/object/apply:os.system ['true']", 1, 4, "is a YAML tag", "Remove it"),
    ("a: !!str 1", 1, 4, "'tag:yaml.org,2002:str' is a YAML tag", "Remove it"),
    ("a: ! 1", 1, 4, "'!' is a YAML tag", "Remove it"),
    ("!!map {a: 1}", 1, 1, "is a YAML tag", "Remove it"),
    ("a: !x!y 1", 1, 4, "tags are not part", "Quote"),
    ("a: {<<: {b: 1}}", 1, 5, "merge keys", "block"),
    ("a: 1\n---\nb: 2", 2, 1, "second YAML document", "---"),
    ("%YAML 1.2\n---\na: 1", 1, 1, "directives", "Remove the line"),
    ("# x\n\n%TAG ! tag:x\n---\na: 1", 3, 1, "directives", "Remove the line"),
    ("# x\u2028%TAG ! tag:x\n---\na: 1", 2, 1, "directives", "Remove the line"),
    (b"\xef\xbb\xbf%YAML 1.2\n---\na: 1", 1, 1, "directives", "Remove the line"),
    (b"\xef\xbb\xbfa: \x00", 1, 4, "U+0000 is not allowed", "Remove"),
    ("? [a]\n: b", 1, 3, "expected a word as the key, came an empty list", "Quote"),
    ("{[1, 2]: 3}", 1, 2, "expected a word as the key", "Quote"),
    ("{{a}: 3}", 1, 2, "expected a word as the key", "Quote"),
    ("a:\n\tb: 1", 2, 1, "a tab cannot", "spaces"),
    ("- \tx", 1, 3, "a tab cannot", "spaces"),
    ("a: @x", 1, 4, "text cannot begin with '@'", "Quote"),
    ("a: `x`", 1, 4, "text cannot begin with '`'", "Quote"),
    ("a: %x", 1, 4, "text cannot begin with '%'", "Quote"),
    ("a: *", 1, 5, "text cannot begin with `*`", "Quote"),
    ("- {conv: 1\n- relu: 1", 1, 3, "not closed, or lacks a comma before line 2, column 7.", "}"),
    ("- {conv: 1\n- relu\n", 1, 3, "this mapping is not closed.", "}"),
    ("- {conv: 1 kernel: 3}", 1, 3, "not closed, or lacks a comma before line 1, column 18", "}"),
    ("input: [3, 224\nlayers: []", 1, 8, "not closed, or lacks a comma before line 2, column 7", "]"),
    ("- conv: 64, kernel: 3", 1, 19, "`:` belongs to no key", "braces"),
    ("a: 1\n b: 2", 2, 3, "`:` belongs to no key", "indentation"),
    ("input [3, 32, 32]\n\nlayers:\n  - relu", 1, 1, "this key has no `:`.", "with a space"),
    ("input:[3, 32, 32]\nlayers: [relu]", 1, 1, "this key has no `:`.", "with a space"),
    ("name: x\ninput [3, 32]  # c\nlayers: []", 2, 1, "this key has no `:`.", "Write `key: value`"),
    ("a text\n b: 1", 2, 3, "`:` belongs to no key", "indentation"),
    ("a: 1\nb\nc: 2", 2, 1, "has no `:`", "key: value"),
    ("a: - b", 1, 4, "cannot stand here", "line of its own"),
    ("a: 'x", 1, 4, "quote is never closed", "Close it"),
    ('a: "x\n---\n', 1, 4, "quote is never closed", "Close it"),
    ('a: "\\d"', 1, None, "begins an escape", "single quotes"),
    ('a: "\\xzz"', 1, None, "begins an escape", "single quotes"),
    ("a: !<", 1, None, "tags are not part", "Quote"),
    ("a: !%zz b", 1, None, "tags are not part", "Quote"),
    ("a: >x", 1, 5, "begin a text on the lines below", "Quote"),
    ("- a\n-b\n- c", 2, 1, "has no `:`", "with a space behind"),
    ("a: 'x' y", 1, 8, "expected the next", "quotes"),
    ("- a\nb: 1", 2, 1, "expected the next", "indentation"),
    ("a: ]", 1, 4, "expected a value", "bracket"),
    ("[a]]", 1, 4, "has ended before this", "bracket"),
    (": 1", 1, 1, "no key in front", "key: value"),
    ("{: 1}", 1, 2, "no key in front", "key: value"),
    ("a: \x00", 1, 4, "U+0000 is not allowed", "Remove"),
    ("a: 1\nb: \x1b[31m", 2, 4, "U+001B is not allowed", "Remove"),
    (b"a: \xff", 1, 4, "expected UTF-8 text, came the byte 0xff", "UTF-8"),
    (b"\xef\xbb\xbfa: 1\n\xc3\xa9: \xe9", 2, 4, "expected UTF-8 text, came the byte 0xe9", "UTF-8"),
    (b"\xed\xa0\x80", 1, 1, "expected UTF-8 text", "UTF-8"),
    ("a: 1".encode("utf-16"), 1, 1, "UTF-16", "UTF-8"),
    ("a: b".encode("utf-16-be"), 1, 1, "U+0000 is not allowed", "Remove"),
    (b"\x89PNG\r\n\x1a\n\x00", 1, 1, "expected UTF-8 text", "UTF-8"),
    (b"\x80\x04\x95", 1, 1, "expected UTF-8 text", "UTF-8"),
]


@pytest.mark.parametrize(("text", "line", "column", "message", "hint"), REFUSED)
@pytest.mark.usefixtures("either_parser")
def test_what_a_spec_cannot_hold_is_refused_with_place_and_way_out(
    text: str | bytes, line: int | None, column: int | None, message: str, hint: str
) -> None:
    error = refusal(text)
    assert message in error.message
    assert hint in (error.hint or "")
    if line is None:
        assert error.place is None
    else:
        assert error.place is not None
        assert error.place.line == line
        assert column in (None, error.place.column)
    assert error.message.endswith(".")
    assert all(part.isprintable() for part in str(error).split("\n"))


@pytest.mark.parametrize("text", ['"\\UFFFFFFFF"', '"\\U00110000"', '"\\ud800"', "%YAML 1." + "9" * 5_000])
@pytest.mark.usefixtures("either_parser")
def test_what_trips_a_parser_itself_is_no_traceback(text: str) -> None:
    try:
        node = of(text)
    except ReadError:
        return
    # PyYAML's own parser takes half of a surrogate pair; printed, it is harmless.
    assert isinstance(node, Scalar)
    assert node.describe().isprintable()


def test_what_only_looks_like_it_is_not_refused() -> None:
    fine = "a: 7.3%\nb: '&x'\nc: \"<<\"\nd: x & y * z ! w\ne: |\n  %x\nf: a#b\n"
    assert plain(of(fine)) == {
        "a": "7.3%",
        "b": "&x",
        "c": "<<",
        "d": "x & y * z ! w",
        "e": "%x\n",
        "f": "a#b",
    }


def nested(opening: str, closing: str, depth: int) -> str:
    return opening * depth + closing * depth


@pytest.mark.usefixtures("either_parser")
def test_the_limit_of_nesting_lies_between_64_and_65() -> None:
    of(nested("[", "]", 64))
    error = refusal(nested("[", "]", 65))
    assert "nested more than 64 deep" in error.message
    assert error.place == Place(FILE, 1, 65)
    of("- " * 64 + "x")
    assert "nested" in refusal("- " * 65 + "x").message


@pytest.mark.parametrize("depth", [65, 1_000, 1_001, 100_000])
@pytest.mark.parametrize(("opening", "column"), [("[", 65), ("{a: ", 257), ("[a: ", 257)])
def test_whatever_limit_the_parser_has_ours_is_told(opening: str, column: int, depth: int) -> None:
    """PyYAML 6.0.4 has one of 1,000 levels. The 65th opening stands at 64 times its length, counted from 1.

    `[a: [` is a list with a mapping of one key in it: two levels each, so the 65th level is the 33rd list.
    """
    error = refusal("# ã\n" + opening * depth)
    assert error.message.endswith("nested more than 64 deep.")
    assert error.place == Place(FILE, 2, column if opening != "[a: " else 32 * 4 + 1)


def test_the_limit_of_values_lies_between_100_000_and_one_more() -> None:
    of("[" + "1," * 99_999 + "]")
    assert "more than 100,000 values" in refusal("[" + "1," * 100_000 + "]").message


def test_the_limit_of_size_lies_between_1_mb_and_one_byte_more() -> None:
    assert plain(of("a" * 1_000_000)) == "a" * 1_000_000
    error = refusal("a" * 1_000_001)
    assert "larger than 1 MB" in error.message


MB = 1_000_000
HOSTILE = {
    "flow lists": "[" * 100_000,
    "flow lists, closed": nested("[", "]", 100_000),
    "flow mappings": "{a: " * 100_000,
    "lists in mappings": "[a: " * 100_000,
    "block lists": "- " * 100_000,
    "block mappings": "\n".join(" " * depth + "a:" for depth in range(1_400)),
    "question marks": "? " * 100_000,
    "falling indentation": "\n".join(" " * (1_300 - depth) + "- a" for depth in range(1_300)),
    "an alias bomb": "a: &a [x, x]\n" + "".join(f"b{n}: &b{n} [*a, *a]\n" for n in range(10_000)),
    "a billion laughs": "a: &a [x]\n" + "".join(f"{c}: &{c} [{'*a,' * 9}]\n" for c in "bcdefghij"),
    "one word": "a" * MB,
    "an open quote": "'" + "a\n" * (MB // 2 - 1),
    "line ends": "\n" * MB,
    "comments": "#\n" * (MB // 2),
    "a word over many lines": "a\n" * (MB // 2),
    "keys": "".join(f"{n}: 1\n" for n in range(80_000)),
    "the same key": "a: 1\n" * (MB // 5),
    "items": "- a\n" * (MB // 4),
    "commas": "[" + "," * (MB - 1),
    "flow items": "[" + "a," * (MB // 2 - 1),
    "pairs": "[" + "a: b," * (MB // 5 - 1),
    "empty lists": "[" + "[]," * (MB // 3 - 1),
    "quoted words": "[" + '"a" ' * (MB // 4 - 1),
    "documents": "---\n" * (MB // 4),
    "directives": "".join(f"%TAG !a{n}! tag:\n" for n in range(50_000)),
    "directives behind a line end of Unicode": "#\u2028"
    + "".join(f"%TAG !a{n}! t:\u2028" for n in range(40_000)),
    "an anchor": "&" + "a" * (MB - 1),
    "a tag": "!" + "%41" * (MB // 3 - 1),
    "a block": "a: |\n" + " x\n" * (MB // 3 - 2),
    "escapes": '"' + "\\x41" * (MB // 4 - 1) + '"',
    "tabs": "\t" * MB,
    "zeros": "\0" * MB,
    "a zero in the end": "a\n" * (MB // 2 - 1) + "\0",
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.usefixtures("steady_collector")
def test_a_hostile_file_is_read_or_refused_within_a_second(name: str) -> None:
    data = HOSTILE[name].encode()[:MB]
    began = time.process_time()
    with suppress(ReadError):
        read(data, FILE)
    assert time.process_time() - began < 1


@pytest.mark.skipif(sys.platform != "linux", reason="the peak of memory is read from /proc")
def test_no_hostile_file_needs_more_than_100_mb(tmp_path: Path) -> None:
    for number, text in enumerate(HOSTILE.values()):
        (tmp_path / f"{number:02}.yaml").write_bytes(text.encode()[:MB])
    program = """if True:
        import pathlib, re, sys
        from archcalc.words.errors import ReadError
        from archcalc.spec.reader import load_file
        for path in sorted(pathlib.Path(sys.argv[1]).iterdir()):
            try:
                load_file(path)
            except ReadError:
                pass
        print(re.search(r"VmHWM:\\s*(\\d+) kB", open("/proc/self/status").read())[1])
    """
    done = subprocess.run(
        [sys.executable, "-c", program, tmp_path], capture_output=True, text=True, check=True
    )
    assert int(done.stdout) < 100_000


def outcome(data: bytes) -> str:
    """The message with which the data is refused, an empty string when it is read."""
    try:
        read(data, FILE)
    except ReadError as error:
        return str(error)
    return ""


@given(st.binary(max_size=400))
def test_bytes_are_read_or_refused(data: bytes) -> None:
    message = outcome(data)
    assert all(line.isprintable() for line in message.split("\n"))


SYNTAX = st.lists(
    st.sampled_from(
        [*"[]{},:-?&*!|>'\"%@`#~ \n\t\\$<ab1", ": ", "- ", "\n  ", "---\n", "<<: ", "a: ", "\u2028"]
    ),
    max_size=60,
).map("".join)


@pytest.mark.usefixtures("either_parser")
def test_marks_of_the_syntax_in_any_order_are_read_or_refused() -> None:
    @given(SYNTAX)
    def holds(text: str) -> None:
        assert re.match(rf"{FILE}:\d+:\d+: |'{FILE}' is empty|$", outcome(text.encode()))

    holds()


WORDS = st.text("abcxyz0189_-.$", min_size=1, max_size=8).filter(
    lambda word: word[0] not in "-." and word != "~"
)
TREES = st.recursive(
    WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=20,
)


@given(TREES, st.booleans())
def test_what_pyyaml_writes_is_read_back(tree: object, flow: bool) -> None:
    class Text(yaml.SafeDumper):
        """Writes every word in quotes, as it is."""

    written = yaml.dump([tree], Dumper=Text, default_flow_style=flow, default_style='"', sort_keys=False)
    bare = written.replace("!!str ", "")
    assert plain(read(bare.encode(), FILE)) == [tree]


class TestLoadFile:
    def test_a_file_is_read_and_named_as_given(self, tmp_path: Path) -> None:
        path = tmp_path / "net.yaml"
        path.write_text("a: 1\n")
        assert load_file(path).place.file == str(path)
        assert load_file(str(path), "net").place.file == "net"

    def message(self, path: str | os.PathLike[str]) -> str:
        with pytest.raises(ReadError) as caught:
            load_file(path)
        return str(caught.value)

    def test_a_file_that_is_missing_brings_its_neighbour_to_mind(self, tmp_path: Path) -> None:
        (tmp_path / "alexnet.yaml").touch()
        message = self.message(tmp_path / "alexnt.yaml")
        assert "there is no file" in message
        assert "Did you mean 'alexnet.yaml'?" in message
        assert "Did you mean" not in self.message(tmp_path / "nowhere" / "alexnet.yaml")

    def test_a_directory(self, tmp_path: Path) -> None:
        assert "is a directory" in self.message(tmp_path)

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
    def test_a_named_pipe_is_not_waited_for(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe")
        assert "not a plain file" in self.message(tmp_path / "pipe")

    @pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="no such device")
    def test_a_device_without_end_is_not_read(self) -> None:
        assert "not a plain file" in self.message("/dev/zero")

    def test_a_file_that_is_far_too_large_is_not_read_whole(self, tmp_path: Path) -> None:
        path = tmp_path / "large.yaml"
        with path.open("wb") as file:
            file.truncate(10**12)
        assert "larger than 1 MB" in self.message(path)

    def test_a_link_to_itself(self, tmp_path: Path) -> None:
        (tmp_path / "loop").symlink_to("loop")
        assert "cannot be read" in self.message(tmp_path / "loop")

    @pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read everything")
    def test_a_file_that_may_not_be_read(self, tmp_path: Path) -> None:
        (tmp_path / "secret.yaml").touch(mode=0o000)
        assert "cannot be read: Permission denied" in self.message(tmp_path / "secret.yaml")

    @pytest.mark.parametrize("name", ["a\0b", "x" * 5_000, "\x1b[31m.yaml", "\udcff.yaml", ""])
    def test_a_name_that_no_file_has(self, name: str) -> None:
        message = self.message(name)
        assert all(line.isprintable() for line in message.split("\n"))

    def test_a_stream_without_end_is_read_to_just_beyond_the_limit(self) -> None:
        class Endless(BytesIO):
            def read(self, size: int | None = -1, /) -> bytes:
                assert size is not None
                assert 0 < size <= reader.LONGEST_FILE + 1
                return b"#" * size

        with pytest.raises(ReadError, match="larger than 1 MB"):
            load_stream(Endless(), "standard input")
        assert plain(load_stream(BytesIO(b"a: 1"), "standard input")) == {"a": "1"}
