"""Names chosen to hurt: whatever a spec calls its layers, blocks and itself, the exported file is the built model."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from archcalc import Network, pytorch
from archcalc.pytorch import export as exporting
from archcalc.pytorch import writing
from archcalc.pytorch.export import export
from archcalc.spec.spec import RESERVED_NAMES

torch = pytest.importorskip("torch")

Load = Callable[..., Network]

SMALL = ("Attention", "Mean", "Crop", "Slice", "Scale", "Reshape", "Side", "Parameter", "Concat", "AxisNorm")
"""Classes that an exported file may define for itself."""

OF_FILES = (
    *("nn", "torch", "Tensor", "OrderedDict", "RECTIFIED", "NOT_RECTIFIED", "F", "math", "Any", "initialise"),
    *("share", "model", "output", "outputs", "x", "y", "self", "super", "i", "My", "print", "len"),
)
"""Names that an exported file uses."""

PRIVATE = ("__x", "__", "___", "_", "__x__", "__len__", "__iter__", "__getitem__", "__class__", "__all__")


def names() -> list[str]:
    """Every name that means something to torch's containers, to Python, or to the file."""
    containers = (torch.nn.Module(), torch.nn.Sequential(), torch.nn.ModuleList(), torch.nn.ModuleDict())
    found = {name for container in containers for name in dir(container)}
    found |= {*dir(builtins), *keyword.kwlist, *keyword.softkwlist, *OF_FILES, *PRIVATE, *SMALL}
    found |= {name.lower() for name in SMALL}
    return sorted(name for name in found - {*RESERVED_NAMES} if re.fullmatch(r"[A-Za-z0-9_-]+", name))


def of(items: Sequence[str]) -> str:
    """A network of these items."""
    return f"input: [2]\nlayers: [{', '.join(items)}]"


def each(template: str) -> list[str]:
    """The template once for each name."""
    return [template.replace("NAME", f'"{name}"') for name in names()]


# Each has every name in one place of a network.
PLACES = {
    "layers": of(each("{linear: 2, name: NAME}")),
    "layers of a chain": of(each("{layers: [{linear: 2, name: NAME}, relu]}")),
    "chains": of(each("{layers: [{linear: 2}, relu], name: NAME}")),
    "classes": of(each("{layers: [{add: [[{linear: 2}], []]}, relu], name: NAME}")),
    "joins": of(each("{add: {a: [{linear: 2}], b: []}, name: NAME}")),
    "branches": of([f"{{add: {{{', '.join(each('NAME: [{linear: 2}]'))}}}, name: join}}"]),
    "heads": of(["{linear: 2}", *each("{head: NAME, layers: [{linear: 1}]}")]),
    "neighbours": of(
        [f'{{linear: 2, name: "{name}{tail}"}}' for name in names() for tail in ("", "_") if name.strip("_")]
    ),
    # Classes that the file defines beside those of the blocks.
    "small modules": """
        input: [4, 6]
        layers:
          - {add: [[{layers: [{add: [[{attention: 2}], []]}, {layer_norm: 0}], name: attention}], []], name: axisnorm}
          - {add: {one: [{layers: [{add: [[{slice: 0, stop: 4}], []]}, {reshape: [4, 6]}], name: slice}],
                   two: [{layers: [{add: [[{crop: 6}], []]}, {pad: 0}], name: crop}],
                   three: [{layers: [{add: [[{mean: 1}, {reshape: [4, 1]}], []]}, {scale: 2.0}], name: mean}],
                   four: [{layers: [{add: [[{parameter: [4, 6]}], []]}, relu], name: parameter}]}, name: reshape}
        """,
}


def made(network: Network, source: str) -> tuple[Any, Any]:
    """The built model and that of the file, with the weights of the first, in evaluation."""
    namespace: dict[str, Any] = {"__name__": "exported"}
    exec(compile(source, "exported", "exec"), namespace)  # noqa: S102 - what it does is what is tested
    whole = source.rpartition("        model = ")[2].partition("(")[0]
    model, theirs = pytorch.build(network).eval(), namespace[whole]().eval()
    assert list(theirs.state_dict()) == list(model.state_dict())
    theirs.load_state_dict(model.state_dict())
    return model, theirs


def alike(network: Network, source: str) -> bool:
    model, theirs = made(network, source)
    x = torch.rand(2, *network.input)
    found, expected = (one if isinstance(one, dict) else {"": one} for one in (theirs(x), model(x)))
    return list(found) == list(expected) and all(torch.equal(found[name], expected[name]) for name in found)


@pytest.mark.parametrize("place", PLACES)
def test_a_file_is_the_model_whatever_its_parts_are_called(place: str, load: Load) -> None:
    network = load(PLACES[place])
    assert alike(network, export(network))


@pytest.mark.parametrize("title", [*SMALL, *OF_FILES, "attention", "class", "None", "__x", "3", "é", ""])
def test_a_file_is_the_model_whatever_it_is_called(title: str, load: Load) -> None:
    """The network has a layer of its own and one that the file defines a class for."""
    network = load(
        f'name: "{title}"\ninput: [4, 6]\nlayers: [{{add: [[{{attention: 2}}], []]}}, {{mean: 0}}]'
    )
    assert alike(network, export(network))


def test_the_names_of_containers_are_those_of_torch() -> None:
    """What the torch at hand has of its own in a Sequential stands in the list."""
    own = {*dir(torch.nn.Sequential())} - {*dir(torch.nn.Module())}
    assert "append" in own
    assert own - {*writing._OF_SEQUENTIAL} == set()


@pytest.mark.parametrize(
    ("what", "place"),
    [("classes", "small modules"), ("attributes", "layers"), ("chains", "layers of a chain")],
)
def test_a_name_that_hurts_would_be_noticed(
    what: str, place: str, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    if what == "classes":
        monkeypatch.setattr(exporting, "unique", lambda name, _taken: name)
        monkeypatch.setattr(writing, "unique", lambda name, _taken: name)
    elif what == "attributes":
        monkeypatch.setattr(
            writing, "_is_plain", lambda name: name.isidentifier() and not keyword.iskeyword(name)
        )
    else:
        monkeypatch.setattr(writing, "_OF_SEQUENTIAL", frozenset({"append"}))
    network = load(PLACES[place])
    with pytest.raises((AssertionError, KeyError, TypeError, SyntaxError)):
        assert alike(network, export(network))
