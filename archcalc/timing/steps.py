"""A network, its random input and one step of it, ready to be timed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from archcalc.network.network import INPUT, Network
from archcalc.pytorch.model import Model
from archcalc.timing.measurement import Configuration
from archcalc.timing.sampling import Step
from archcalc.words.errors import OptionError
from archcalc.words.text import quote

DTYPES = ("float32", "float16", "bfloat16")

LEARNING_RATE = 1e-4
MOMENTUM = 0.9

_GRAPH_WARM_UP = 3
"""Steps before a CUDA graph is recorded, as torch asks for."""

_CHANNELS_LAST = {4: torch.channels_last, 5: torch.channels_last_3d}


class Workload(NamedTuple):
    """What is timed."""

    model: Model
    input: Tensor
    step: Step
    surroundings: Callable[[], AbstractContextManager[Any]]
    """What a step has to be run in."""


def check(configuration: Configuration, network: Network, layers: bool = False) -> None:
    """Raise OptionError for what cannot be timed together."""
    wrong = next((text for is_wrong, text in _rules(configuration, network, layers) if is_wrong), None)
    if wrong is not None:
        message, hint = wrong
        raise OptionError(message, hint=hint)


def _rules(c: Configuration, network: Network, layers: bool) -> list[tuple[bool, tuple[str, str]]]:
    on_cuda = c.device.startswith("cuda")
    return [
        (
            c.dtype not in DTYPES,
            (f"networks are not timed in {quote(c.dtype)}.", f"Choose one of {', '.join(DTYPES)}."),
        ),
        (
            c.amp and c.dtype == "float32",
            (
                "--amp computes in bfloat16 or float16, not in float32.",
                "Leave out --dtype, or --amp.",
            ),
        ),
        (
            c.cuda_graph and not on_cuda,
            (
                f"a CUDA graph needs a CUDA device, not {quote(c.device)}.",
                "Leave out --cuda-graph.",
            ),
        ),
        (
            bool(c.tf32) and not on_cuda,
            (
                f"TF32 is a mode of NVIDIA GPUs, not of {quote(c.device)}.",
                "Leave out --tf32.",
            ),
        ),
        (
            c.cuda_graph and c.training and c.amp and c.dtype == "float16",
            (
                "the loss scaling that float16 needs does not fit into a CUDA graph.",
                "Use --dtype bfloat16, or leave out --cuda-graph.",
            ),
        ),
        (
            layers and (c.training or c.compile or c.cuda_graph),
            (
                "layers are timed one by one in a plain forward pass.",
                "Leave out --training, --compile and --cuda-graph, or --layers.",
            ),
        ),
        (
            c.channels_last and len(network.input) + 1 not in _CHANNELS_LAST,
            (
                f"--channels-last needs feature maps, which {quote(network.name)} does not begin with.",
                "Leave out --channels-last.",
            ),
        ),
    ]


def workload(network: Network, configuration: Configuration, device: torch.device) -> Workload:
    """Build a network on a device and prepare the step that a configuration describes.

    Raises what torch raises where it cannot have or run it.
    """
    with device:
        model = Model(network).train(configuration.training)
    x = random_input(network, configuration.batch, device)
    if not configuration.amp:
        model = model.to(getattr(torch, configuration.dtype))
        x = x.to(getattr(torch, configuration.dtype)) if x.is_floating_point() else x
    if configuration.channels_last:
        order = _CHANNELS_LAST[x.dim()]
        # Only tensors of so many axes have such an order; others stay as they are.
        model, x = model.to(memory_format=order), x.to(memory_format=order)  # type: ignore[call-overload]
    run: Callable[[Tensor], Any] = torch.compile(model) if configuration.compile else model
    if configuration.training:
        step = training_step(run, model, x, configuration, device)
        surroundings: Callable[[], AbstractContextManager[Any]] = nullcontext
    else:
        autocast = _autocast(configuration, device)

        def step() -> object:
            with autocast():
                return run(x)

        surroundings = torch.inference_mode
    if configuration.cuda_graph:
        with surroundings():
            step = recorded(step, device)
    return Workload(model, x, step, surroundings)


def random_input(network: Network, batch: int, device: torch.device) -> Tensor:
    """A batch of normally distributed numbers, or of ids where the network begins with an embedding."""
    shape = (batch, *network.input)
    vocabularies: list[int] = [
        getattr(node.layer, node.layer.ids_below)
        for node in network.nodes
        if node.layer.ids_below and INPUT in node.inputs
    ]
    if vocabularies:
        return torch.randint(min(vocabularies), shape, device=device)
    return torch.randn(shape, device=device)


def training_step(
    run: Callable[[Tensor], Any],
    model: nn.Module,
    x: Tensor,
    configuration: Configuration,
    device: torch.device,
) -> Step:
    """Forward, backward and one step of SGD with momentum. The loss is the mean square of all outputs."""
    optimizer = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE, momentum=MOMENTUM)
    autocast = _autocast(configuration, device)
    scaler = (
        torch.amp.GradScaler(device.type) if configuration.amp and configuration.dtype == "float16" else None
    )

    def step() -> None:
        with autocast():
            loss = mean_square(run(x))
        if scaler is None:
            torch.autograd.backward(loss)
            optimizer.step()
        else:
            torch.autograd.backward(scaler.scale(loss))
            scaler.step(optimizer)
            scaler.update()
        # At the end, so that a CUDA graph that records the step begins without gradients.
        optimizer.zero_grad(set_to_none=True)

    return step


def mean_square(outputs: Tensor | dict[str, Tensor]) -> Tensor:
    """The mean of the squares of an output, added up over all of them: a loss that fits every network."""
    tensors = list(outputs.values()) if isinstance(outputs, dict) else [outputs]
    return torch.stack([tensor.float().square().mean() for tensor in tensors]).sum()


def recorded(step: Step, device: torch.device, cuda: Any = torch.cuda) -> Step:
    """A step recorded as a CUDA graph, to be replayed as a whole; `cuda` is torch.cuda, or a fake of it."""
    stream = cuda.Stream(device)
    stream.wait_stream(cuda.current_stream(device))
    with cuda.stream(stream):
        for _ in range(_GRAPH_WARM_UP):
            step()
    cuda.current_stream(device).wait_stream(stream)
    # A replay allocates nothing: the memory that it uses is what recording it took.
    cuda.reset_peak_memory_stats(device)
    graph = cuda.CUDAGraph()
    with cuda.graph(graph, stream=stream):
        step()
    replay: Step = graph.replay
    return replay


def _autocast(
    configuration: Configuration, device: torch.device
) -> Callable[[], AbstractContextManager[Any]]:
    if not configuration.amp:
        return nullcontext
    dtype = getattr(torch, configuration.dtype)
    # Casts that are kept from step to step cannot be part of a graph.
    return lambda: torch.autocast(device.type, dtype=dtype, cache_enabled=not configuration.cuda_graph)
