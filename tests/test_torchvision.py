"""Our models beside torchvision's own, where torchvision is installed: layer by layer, and in numbers.

Without it all of this is skipped; tests/test_torch_numeric.py has references written by hand for that case.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import pytest

import archcalc
from archcalc import pytorch

torch = pytest.importorskip("torch")

if find_spec("torchvision") is None:
    pytest.skip("torchvision is not installed", allow_module_level=True)

COUNTERPARTS = {
    "alexnet-torchvision": "alexnet",
    **{name: name for name in ("vgg11", "vgg13", "vgg16", "vgg19", "resnet18", "resnet34")},
    **{f"resnet{depth}-v1.5": f"resnet{depth}" for depth in (50, 101, 152)},
    **{name: name for name in ("densenet121", "densenet161", "densenet169", "densenet201")},
    "googlenet-torchvision": "googlenet",
    "inception-v3": "inception_v3",
    **{f"vit-{form}": f"vit_{form[0]}_{form[1:]}" for form in ("b16", "b32", "l16", "h14")},
}
"""Of the catalogue, each network that torchvision has, and its name there."""

LARGE = ("vgg13", "vgg19", "vit-l16", "vit-h14")
"""Not computed: two such models take more memory than a small machine has, and others have the same layers."""


@pytest.fixture(scope="module")
def models() -> Iterator[Any]:
    """torchvision.models, which needs none of torchvision's compiled operators."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # Wheels that were built for another torch have no operators, and torchvision stops where one is missing.
        missing = torch.library.Library("torchvision", "FRAGMENT")
        for name in ("nms", "qnms"):
            if not hasattr(torch.ops.torchvision, name):
                missing.define(f"{name}(Tensor boxes, Tensor scores, float threshold) -> Tensor")
        yield import_module("torchvision.models")


@pytest.mark.parametrize("name", COUNTERPARTS)
def test_every_layer_has_its_counterpart_in_torchvision(name: str, models: Any) -> None:
    found = archcalc.check(name, against=f"torchvision:{COUNTERPARTS[name]}").counterparts
    assert found is not None
    assert found.agrees
    assert set(models.list_models()) >= set(COUNTERPARTS.values())
    params, macs = found.totals["params"][0], found.totals["macs"][0]
    print(f"{name} | {found.other} | {len(found.pairs)} | {params:,} | {macs:,}")  # noqa: T201 - for the docs


@pytest.mark.usefixtures("models")
def test_another_network_is_told() -> None:
    # Version 1 strides in the 1×1 convolution, torchvision's 1.5 in the 3×3: the same parameters, other outputs.
    found = archcalc.check("resnet50", against="torchvision:resnet50").counterparts
    assert found is not None
    assert not found.agrees
    assert found.totals["params"][0] == found.totals["params"][1]


@pytest.mark.parametrize("name", [name for name in COUNTERPARTS if name not in LARGE])
def test_outputs_are_those_of_torchvision(name: str, models: Any) -> None:
    ours, theirs = moved(name, name, models)
    difference, spread = compared(ours, theirs, archcalc.load(name).input)
    print(f"{name} | {difference:.1e} | {spread:.2g}")  # noqa: T201 - for the docs
    assert spread > 1e-3
    assert difference < 1e-5 * max(1.0, spread)


def test_outputs_of_another_network_differ(models: Any) -> None:
    # Every tensor of version 1.5 fits into version 1.
    ours, theirs = moved("resnet50", "resnet50-v1.5", models)
    difference, spread = compared(ours, theirs, (3, 224, 224))
    assert difference > 0.1 * spread


def moved(name: str, there: str, models: Any) -> tuple[Any, Any]:
    """Our model of a network with the weights of torchvision's `there`, and that one.

    Each layer gets the tensors of the one that it is paired with, in their order. Softmax is taken off. What a
    norm adds to the variance is no part of a spec: it is torch's 1e-5, and here that of torchvision's.
    """
    network = archcalc.load(name)
    pairs = archcalc.check(there, against=f"torchvision:{COUNTERPARTS[there]}").counterparts
    assert pairs is not None
    torch.manual_seed(0)
    other = COUNTERPARTS[there]
    settings = {"init_weights": False} if other in ("googlenet", "inception_v3") else {}
    theirs = models.get_model(other, weights=None, **settings).eval()
    for key, tensor in theirs.state_dict().items():
        if key.endswith("running_var"):
            tensor.uniform_(0.5, 2.0)
        elif tensor.is_floating_point() and not tensor.any():
            # Biases and means that start at 0 would hide that they were mixed up.
            tensor.normal_(std=0.05)
    ours = pytorch.build(network).eval()
    modules, held = dict(theirs.named_modules()), theirs.state_dict()
    for pair in pairs.pairs:
        assert pair.ours is not None
        assert pair.theirs is not None
        own = ours.layer_at(pair.ours.name)
        module = modules.get(pair.theirs.name)
        if module is not None and hasattr(own, "eps"):
            own.eps = module.eps
        given = [held[pair.theirs.name]] if module is None else list(module.state_dict().values())
        for mine, tensor in zip(own.state_dict().values(), given, strict=True):
            mine.copy_(tensor.reshape(mine.shape))
    for module in ours.modules():
        for key, child in module.named_children():
            if isinstance(child, torch.nn.Softmax):
                setattr(module, key, torch.nn.Identity())
    return ours, theirs


def compared(ours: Any, theirs: Any, shape: tuple[int, ...]) -> tuple[float, float]:
    """The largest difference of the outputs for two images, and the standard deviation of theirs."""
    x = torch.randn(2, *shape)
    with torch.no_grad():
        found, expected = ours(x), theirs(x)
    if isinstance(found, dict):
        found = found["output"]
    return float((found - expected).abs().max()), float(expected.std())
