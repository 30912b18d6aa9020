"""A network beside the model that a library has of it: `--against torchvision:resnet18`."""

from __future__ import annotations

import inspect
import warnings
from importlib import import_module
from typing import Any

import torch
from torch import Tensor, nn

from archcalc.checks.checking import Observed
from archcalc.checks.counterparts import Counterparts, Unit, paired
from archcalc.layers.base import Shape
from archcalc.network.network import Network
from archcalc.pytorch.counting import OUTSIDE, ProductCounter
from archcalc.pytorch.model import REFUSALS
from archcalc.pytorch.witness import BATCH, an_input
from archcalc.words.errors import MissingExtra, OptionError
from archcalc.words.text import did_you_mean, quote, sentence

LIBRARY = "torchvision"


def against(network: Network, observed: Observed, other: str) -> Counterparts:
    """What torch observed of a network, beside a model such as `torchvision:resnet18` on the same input.

    Raises OptionError for another name or a model that does not take this input, MissingExtra where
    torchvision cannot be imported.
    """
    library, _, name = other.partition(":")
    if library != LIBRARY or not name:
        raise OptionError(
            f"{quote(other)} is no model to compare with.", hint="For example --against torchvision:resnet18."
        )
    model, version = _torchvision(name)
    theirs, macs = _units(model, network, other)
    ours = [
        Unit(
            path,
            seen.module.partition("(")[0],
            tuple(shape for _, shape in seen.parameters),
            seen.figures.output,
            seen.figures.macs,
        )
        for path, seen in observed.layers.items()
        if seen.parameters or seen.products
    ]
    pairs, reordered = paired(ours, theirs)
    params = sum(parameter.numel() for parameter in model.parameters())
    totals = {"params": (observed.params, params), "macs": (observed.macs, macs)}
    return Counterparts(f"{other}, {LIBRARY} {version}", pairs, reordered, totals)


def _torchvision(name: str) -> tuple[nn.Module, str]:
    """A model of torchvision on the meta device, without weights, and the version of the library."""
    try:
        library = import_module(LIBRARY)
        models = import_module(f"{LIBRARY}.models")
    except (ImportError, RuntimeError) as error:
        # A torchvision that was built for another torch fails with a RuntimeError.
        why = str(error).partition("\n")[0]
        raise MissingExtra(
            f"torchvision cannot be imported, which --against needs ({why}); install the one that belongs to "
            f"torch {torch.__version__}"
        ) from None
    known = models.list_models()
    if name not in known:
        guess = sentence(did_you_mean(name, known))
        raise OptionError(
            f"torchvision has no model {quote(name)}.",
            hint=guess or "torchvision.models.list_models() lists all of them.",
        )
    accepted = inspect.signature(models.get_model_builder(name)).parameters
    settings: dict[str, Any] = {"weights": None}
    if "weights_backbone" in accepted:
        settings["weights_backbone"] = None
    with torch.device("meta"), warnings.catch_warnings():
        # On how torchvision will initialise its weights in future.
        warnings.simplefilter("ignore", FutureWarning)
        model: nn.Module = models.get_model(name, **settings)
    return model, str(library.__version__)


class _Call:
    """One module that ran: when it began, and the shape of what came out."""

    def __init__(self, order: int) -> None:
        self.order = order
        self.output: Shape | None = None


def _units(model: nn.Module, network: Network, other: str) -> tuple[list[Unit], Any]:
    """The layers of a model in the order they run in, and the MACs of all of it."""
    calls, counter = _run(model, network, other)
    modules = dict(model.named_modules())
    units: list[tuple[int, Unit]] = []
    for path, call in calls.items():
        module = modules[path]
        products = counter.products.get(path, [])
        inner = [name for name in calls if name != path and (not path or name.startswith(f"{path}."))]
        own = dict(module.named_parameters(recurse=False))
        if any(list(modules[name].parameters(recurse=False)) for name in inner):
            # Its layers run by themselves: what it has beside them are parameters on their own.
            units += [
                (call.order, Unit(_joined(path, name), type(module).__name__, (tuple(p.shape),), None, 0))
                for name, p in own.items()
            ]
            own = {}
        else:
            # The weights of a module that never ran were used by the one that holds it.
            own = dict(module.named_parameters())
        if own or products:
            shapes = tuple(tuple(parameter.shape) for parameter in own.values())
            unit = Unit(path, type(module).__name__, shapes, call.output, an_input(products))
            units.append((call.order, unit))
    everything = an_input(product for products in counter.products.values() for product in products)
    return [unit for _, unit in sorted(units, key=lambda entry: entry[0])], everything


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _run(model: nn.Module, network: Network, other: str) -> tuple[dict[str, _Call], ProductCounter]:
    """Run a model once, in training as ours is, on the input of a network; every module that ran, by path."""
    counter, calls, stack = ProductCounter(), dict[str, _Call](), [OUTSIDE]

    def enter(path: str) -> Any:
        def hook(_module: nn.Module, _inputs: Any) -> None:
            calls.setdefault(path, _Call(len(calls)))
            stack.append(path)
            counter.place = path

        return hook

    def leave(path: str) -> Any:
        def hook(_module: nn.Module, _inputs: Any, output: Any) -> None:
            first = output[0] if isinstance(output, tuple) and output else output
            calls[path].output = tuple(first.shape[1:]) if isinstance(first, Tensor) else None
            stack.pop()
            counter.place = stack[-1]

        return hook

    for path, module in model.named_modules():
        module.register_forward_pre_hook(enter(path))
        module.register_forward_hook(leave(path))
    try:
        with torch.no_grad(), counter:
            model.train()(torch.rand(BATCH, *network.input, device="meta"))
    except REFUSALS as error:
        raise OptionError(
            f"{other} does not run on the input of {network.name}: {str(error).partition(chr(10))[0]}.",
            hint="Give --input the size that both take, or compare with another model.",
        ) from None
    return calls, counter
