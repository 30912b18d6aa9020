"""A network as a Python file that needs nothing but torch and is meant to be read. Needs no torch itself."""

from __future__ import annotations

import builtins
import textwrap
from collections.abc import Iterator, Sequence

from archcalc.algebra.shapes import joined
from archcalc.network.network import Network
from archcalc.pytorch.definitions import definitions
from archcalc.pytorch.naming import output_names
from archcalc.pytorch.recording import Recorder
from archcalc.pytorch.rectifiers import feeds_rectifier
from archcalc.pytorch.templates import Template
from archcalc.pytorch.writing import INDENT, Writer, class_name, unique
from archcalc.words.text import printable
from archcalc.words.version import __version__

WIDTH = 100
_MOST_NAMED = 3
"""Blocks that the docstring of their class names one by one."""

_CONSTANTS = ("RECTIFIED", "NOT_RECTIFIED")


def export(network: Network) -> str:
    """A Python file with a torch.nn.Module that has the state_dict of `build(network)` and computes the same.

    A class for every block that is no plain chain; blocks that differ in numbers only share one. Weights start
    as those of `build` do, with other random numbers.
    """
    recorder = Recorder()
    needed = definitions(_helpers(network, recorder), {"nn", "torch", "Tensor"})
    taken = {*dir(builtins), *_CONSTANTS, *needed.names, "OrderedDict"}
    name = unique(class_name(network.title.partition("(")[0]), taken)
    writer = Writer(network, recorder, taken)
    classes = [_class(template, writer) for template in writer.templates.all]
    constant, whole = _initialisation(network, writer), _whole(network, writer, name)
    code = [*classes, [*constant, *whole], *([text] for text in needed.code), _main(network, name)]
    body = "\n\n\n".join("\n".join(lines) for lines in code)
    imports = [*needed.imports]
    if "OrderedDict" in body:
        imports.append("from collections import OrderedDict")
    return "\n".join([*_header(network), "", *_imports(imports), "", "", body]) + "\n"


_INLINE = frozenset({"Add", "Mul", "Concat"})
"""Small modules that are written as expressions."""


def _helpers(network: Network, recorder: Recorder) -> set[str]:
    """The small modules and functions that the file needs, whose names no class of a block may take."""
    for node in network.nodes:
        node.layer.build(recorder, node.shapes)
    helpers = {*recorder.small.asked, "initialise"}
    if any(node.shares is not None for node in network.nodes):
        helpers.add("share")
    return helpers - _INLINE


def _header(network: Network) -> Iterator[str]:
    """The docstring of the file."""
    yield f'"""{_text(network.title)} in PyTorch.'
    yield ""
    source = network.spec.about.get("source")
    if source:
        yield from textwrap.wrap(_text(source), WIDTH, break_long_words=False)
        yield ""
    yield from textwrap.wrap(
        f"Written by archcalc {__version__} from the spec of {_text(network.name)}, with the same names in its "
        "state_dict. Shapes in comments leave the batch out.",
        WIDTH,
    )
    yield '"""'


def _text(text: str) -> str:
    """A text that cannot end the docstring it stands in."""
    return printable(text, 1000).replace("\\", "\\\\").replace('"', "'")


def _imports(lines: Sequence[str]) -> Iterator[str]:
    yield "from __future__ import annotations"
    for of_torch in (False, True):
        found = sorted(
            (line for line in lines if (" torch" in line) == of_torch),
            key=lambda line: (line.startswith("from"), line),
        )
        if found:
            yield ""
            yield from found


def _class(template: Template, writer: Writer) -> list[str]:
    """The class of blocks that are alike; shapes that are not the same in all of them are left out."""
    network, block = writer.network, template.blocks[0]
    given = ", ".join(joined(_shape(network, source)) for source in block.inputs)
    gives = ", ".join(joined(network.nodes[index].output) for index in block.outputs)
    parameters = ["self", *(f"{name}: int" for name in writer.templates.parameters(template))]
    return [
        f"class {template.name}(nn.Module):",
        f'{INDENT}"""{block.path}: {given} → {gives}{_others(template)}."""',
        "",
        *(INDENT + line for line in _signature(", ".join(parameters))),
        f"{INDENT * 2}super().__init__()",
        *(f"{INDENT * 2}{line}" for line in writer.templates.body(template)),
        "",
        *(
            INDENT + _commented(line, shapes)
            for line, *shapes in zip(template.run, *template.shapes, strict=True)
        ),
    ]


def _signature(parameters: str) -> list[str]:
    line = f"def __init__({parameters}) -> None:"
    if len(line) <= WIDTH - len(INDENT):
        return [line]
    # A name and its type stay together.
    held = parameters.replace(": ", ":\u00a0")
    wrapped = textwrap.wrap(held, WIDTH - 2 * len(INDENT))
    lines = [INDENT + part.replace("\u00a0", " ") for part in wrapped]
    return ["def __init__(", *lines, ") -> None:"]


def _others(template: Template) -> str:
    """The other blocks of a class, in words."""
    paths = [block.path for block in template.blocks[1:]]
    more = len(paths) - _MOST_NAMED
    named = ", ".join(paths[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
    return f"; also {named}" if named else ""


def _commented(line: str, shapes: Sequence[str]) -> str:
    """A line with what it gives, if that is always the same."""
    return f"{line}  # {shapes[0]}" if shapes[0] and len(set(shapes)) == 1 else line


def _shape(network: Network, source: int) -> tuple[int, ...]:
    return network.input if source < 0 else network.nodes[source].output


def _initialisation(network: Network, writer: Writer) -> list[str]:
    """The constant that says which layers start with He's variance: those a rectifier follows, or all others."""
    rectified, others = _by_rectifier(network, writer)
    named = _names_rectified(network, writer)
    names = rectified if named else others
    if not names:
        return []
    about = "Layers whose output goes to a rectifier." if named else "Layers that no rectifier follows."
    opening = f"{_CONSTANTS[0] if named else _CONSTANTS[1]} = {{"
    entries = ", ".join(f'"{name}"' for name in names)
    if len(opening) + len(entries) < WIDTH:
        lines = [f"{opening}{entries}}}"]
    else:
        lines = [opening, *(INDENT + line for line in textwrap.wrap(entries, WIDTH - len(INDENT))), "}"]
    return [*lines, f'"""{about}"""', "", ""]


def _by_rectifier(network: Network, writer: Writer) -> tuple[list[str], list[str]]:
    """The names of the convolutions and linear layers that feed a rectifier, and of those that do not."""
    feeds = feeds_rectifier(network)
    names: tuple[list[str], list[str]] = [], []
    for node in network.nodes:
        if node.layer.counts_as_layer:
            names[node.name not in feeds].append(".".join(writer.places[node.name]))
    return names


def _names_rectified(network: Network, writer: Writer) -> bool:
    """Whether naming the rectified layers is the shorter way; attention has others inside, which have no name."""
    rectified, others = _by_rectifier(network, writer)
    return len(rectified) <= len(others) or any(node.layer.composed for node in network.nodes)


def _whole(network: Network, writer: Writer, name: str) -> list[str]:
    """The class of the network."""
    return [
        f"class {name}(nn.Module):",
        f'{INDENT}"""{_text(network.title)}: {joined(network.input)} → {_given(network)}."""',
        "",
        *(f"{INDENT}{line}" for line in _init(network, writer)),
        "",
        *(f"{INDENT}{line}" for line in _forward(network, writer)),
    ]


def _given(network: Network) -> str:
    names = output_names(network)
    if not _has_heads(network):
        return joined(network.nodes[next(iter(names.values()))].output)
    return ", ".join(f"{name} {joined(network.nodes[index].output)}" for name, index in names.items())


def _has_heads(network: Network) -> bool:
    return bool(network.heads or network.auxiliary_heads)


def _init(network: Network, writer: Writer) -> Iterator[str]:
    yield "def __init__(self) -> None:"
    yield f"{INDENT}super().__init__()"
    yield from (INDENT + line for line in writer.whole())
    rectified, others = _by_rectifier(network, writer)
    if not rectified:
        chosen = "()"
    elif _names_rectified(network, writer):
        chosen = _CONSTANTS[0]
    else:
        every = "{name for name, _ in self.named_modules()}"
        chosen = f"{every} - {_CONSTANTS[1]}" if others else every
    yield f"{INDENT}initialise(self, {chosen})"
    for node in network.nodes:
        if node.shares is not None:
            names = (writer.places[node.name], writer.places[network.nodes[node.shares].name])
            here, there = (f'self.get_submodule("{".".join(place)}")' for place in names)
            yield f"{INDENT}share({here}, {there})"


def _forward(network: Network, writer: Writer) -> Iterator[str]:
    block = writer.blocks.top
    variables = writer.variables(block)
    gives = "dict[str, Tensor]" if _has_heads(network) else "Tensor"
    yield f"def forward(self, {variables.of(block.inputs[0])}: Tensor) -> {gives}:"
    for line, shape in writer.statements(block, variables):
        yield INDENT + _commented(line, [shape])
    names = output_names(network)
    if not _has_heads(network):
        yield f"{INDENT}return {variables.of(next(iter(names.values())))}"
        return
    entries = ", ".join(f'"{name}": {variables.of(index)}' for name, index in names.items())
    yield f"{INDENT}outputs = {{{entries}}}"
    if network.auxiliary_heads:
        yield f"{INDENT}if self.training:"
        for name, index in network.auxiliary_heads.items():
            yield f'{INDENT}{INDENT}outputs["{name}"] = {variables.of(index)}'
    yield f"{INDENT}return outputs"


def _main(network: Network, name: str) -> list[str]:
    """Run as a program, the file says how many parameters there are and what comes out."""
    sizes = ", ".join(map(str, (1, *network.input)))
    shapes = "{name: tuple(x.shape) for name, x in output.items()}"
    return [
        'if __name__ == "__main__":',
        f'{INDENT}with torch.device("meta"):',
        f"{INDENT}{INDENT}model = {name}().eval()",
        f"{INDENT}{INDENT}output = model(torch.rand({sizes}))",
        f'{INDENT}print(f"{{sum(p.numel() for p in model.parameters()):,}} parameters")',
        f"{INDENT}print({shapes if _has_heads(network) else 'tuple(output.shape)'})",
    ]
