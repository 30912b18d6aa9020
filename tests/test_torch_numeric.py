"""Numeric truth: networks written here by hand in torch.nn, whose random weights give our models the same output.

Weights are moved by position: the tensors of both state_dicts in their order. Softmax is taken off on both sides,
as it would bring every output close to 1 over the number of classes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from archcalc import Network, api, pytorch

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402 - only where torch is
from torch.nn import functional  # noqa: E402

Load = Callable[..., Network]
Module: Any = nn.Module


def scattered(reference: Any) -> Any:
    """A reference with random values in everything that its state_dict has, running statistics too."""
    torch.manual_seed(0)
    for name, tensor in reference.state_dict().items():
        if name.endswith("running_var"):
            tensor.uniform_(0.5, 2.0)
        elif tensor.dim() == 1:
            # Biases, means, and the factors of norms, which are 1 at first.
            tensor.add_(0.2 * torch.randn_like(tensor))
    return reference.eval()


def ours_with_the_weights_of(reference: Any, network: Network) -> Any:
    """Our model of a network, without softmax, with a reference's tensors by position; sizes of 1 may differ."""
    ours = pytorch.build(network).eval()
    theirs = list(reference.state_dict().values())
    own = ours.state_dict()
    assert len(own) == len(theirs)
    ours.load_state_dict(
        {name: value.reshape(own[name].shape) for name, value in zip(own, theirs, strict=True)}
    )
    for module in ours.modules():
        for name, child in module.named_children():
            if isinstance(child, nn.Softmax):
                setattr(module, name, nn.Identity())
    return ours


def assert_same(ours: Any, reference: Any, x: Any) -> None:
    """The same outputs within 1e-5, and outputs worth comparing."""
    with torch.no_grad():
        found, expected = ours(x), reference(x)
    if not isinstance(expected, dict):
        found, expected = {"": found}, {"": expected}
    assert list(found) == list(expected)
    for name, value in expected.items():
        assert value.std() > 1e-3
        torch.testing.assert_close(found[name], value, atol=1e-5, rtol=1e-5)


def images(*shape: int, count: int = 2) -> Any:
    torch.manual_seed(1)
    return torch.randn(count, *shape)


# --- the references ----------------------------------------------------------------------------------------


def alexnet(classes: int) -> Any:
    """Krizhevsky (2014), in the form of many tutorials."""
    return nn.Sequential(
        *(nn.Conv2d(3, 64, 11, 4, 2), nn.ReLU(), nn.MaxPool2d(3, 2)),
        *(nn.Conv2d(64, 192, 5, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2)),
        *(nn.Conv2d(192, 384, 3, padding=1), nn.ReLU(), nn.Conv2d(384, 256, 3, padding=1), nn.ReLU()),
        *(nn.Conv2d(256, 256, 3, padding=1), nn.ReLU(), nn.MaxPool2d(3, 2)),
        *(nn.AdaptiveAvgPool2d(6), nn.Flatten(), nn.Linear(9216, 4096), nn.ReLU()),
        *(nn.Linear(4096, 4096), nn.ReLU(), nn.Linear(4096, classes)),
    )


def vgg11(classes: int, side: int) -> Any:
    """Simonyan & Zisserman (2014), column A, for images of `side` pixels."""
    layers: list[Any] = []
    channels = 3
    for width in (64, 0, 128, 0, 256, 256, 0, 512, 512, 0, 512, 512, 0):
        if width:
            layers += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU()]
            channels = width
        else:
            layers.append(nn.MaxPool2d(2))
    features = 512 * (side // 32) ** 2
    layers += [nn.Flatten(), nn.Linear(features, 4096), nn.ReLU(), nn.Linear(4096, 4096), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(4096, classes))


class Residual(Module):  # type: ignore[misc]
    """He et al. (2015): convolutions with batch norm, a shortcut, a ReLU behind the sum."""

    def __init__(self, channels: int, sizes: list[tuple[int, int, int]]) -> None:
        super().__init__()
        layers: list[Any] = []
        before, step = channels, 1
        for width, kernel, stride in sizes:
            layers += [
                nn.Conv2d(before, width, kernel, stride, kernel // 2, bias=False),
                nn.BatchNorm2d(width),
                nn.ReLU(),
            ]
            before, step = width, step * stride
        self.body: Any = nn.Sequential(*layers[:-1])
        self.shortcut: Any = nn.Identity()
        if before != channels or step != 1:
            self.shortcut = nn.Sequential(
                nn.Conv2d(channels, before, 1, step, bias=False), nn.BatchNorm2d(before)
            )

    def forward(self, x: Any) -> Any:
        return functional.relu(self.body(x) + self.shortcut(x))


def resnet(classes: int, blocks: list[int], bottleneck: bool) -> Any:
    """Table 1 of the paper; with `bottleneck` and the stride in the 3×3 convolution, as version 1.5 has it."""
    layers: list[Any] = [nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU()]
    layers.append(nn.MaxPool2d(3, 2, 1))
    channels = 64
    for stage, count in enumerate(blocks):
        width = 64 * 2**stage
        for number in range(count):
            stride = 2 if stage and not number else 1
            if bottleneck:
                sizes = [(width, 1, 1), (width, 3, stride), (4 * width, 1, 1)]
            else:
                sizes = [(width, 3, stride), (width, 3, 1)]
            layers.append(Residual(channels, sizes))
            channels = sizes[-1][0]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, classes))


class Inception(Module):  # type: ignore[misc]
    """Szegedy et al. (2014), Figure 2(b), by a row of Table 1."""

    def __init__(self, channels: int, row: list[int]) -> None:
        super().__init__()
        n1, reduce3, n3, reduce5, n5, pool = row
        self.branches = nn.ModuleList(
            [
                nn.Sequential(nn.Conv2d(channels, n1, 1), nn.ReLU()),
                nn.Sequential(
                    *(nn.Conv2d(channels, reduce3, 1), nn.ReLU()),
                    *(nn.Conv2d(reduce3, n3, 3, padding=1), nn.ReLU()),
                ),
                nn.Sequential(
                    *(nn.Conv2d(channels, reduce5, 1), nn.ReLU()),
                    *(nn.Conv2d(reduce5, n5, 5, padding=2), nn.ReLU()),
                ),
                nn.Sequential(nn.MaxPool2d(3, 1, 1), nn.Conv2d(channels, pool, 1), nn.ReLU()),
            ]
        )

    def forward(self, x: Any) -> Any:
        return torch.cat([branch(x) for branch in self.branches], 1)


class GoogLeNet(Module):  # type: ignore[misc]
    """The whole network; with its auxiliary heads where it trains."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.before = nn.Sequential(
            *(nn.Conv2d(3, 64, 7, 2, 3), nn.ReLU(), nn.MaxPool2d(3, 2, ceil_mode=True)),
            *(nn.LocalResponseNorm(5, 5e-4, 0.75, 2.0), nn.Conv2d(64, 64, 1), nn.ReLU()),
            *(nn.Conv2d(64, 192, 3, padding=1), nn.ReLU(), nn.LocalResponseNorm(5, 5e-4, 0.75, 2.0)),
            nn.MaxPool2d(3, 2, ceil_mode=True),
            Inception(192, [64, 96, 128, 16, 32, 32]),
            Inception(256, [128, 128, 192, 32, 96, 64]),
            nn.MaxPool2d(3, 2, ceil_mode=True),
            Inception(480, [192, 96, 208, 16, 48, 64]),
        )
        self.aux1 = self.auxiliary(512, classes)
        self.middle = nn.Sequential(
            Inception(512, [160, 112, 224, 24, 64, 64]),
            Inception(512, [128, 128, 256, 24, 64, 64]),
            Inception(512, [112, 144, 288, 32, 64, 64]),
        )
        self.aux2 = self.auxiliary(528, classes)
        self.after = nn.Sequential(
            Inception(528, [256, 160, 320, 32, 128, 128]),
            nn.MaxPool2d(3, 2, ceil_mode=True),
            Inception(832, [256, 160, 320, 32, 128, 128]),
            Inception(832, [384, 192, 384, 48, 128, 128]),
            *(nn.AvgPool2d(7), nn.Flatten(), nn.Linear(1024, classes)),
        )

    @staticmethod
    def auxiliary(channels: int, classes: int) -> Any:
        return nn.Sequential(
            *(nn.AvgPool2d(5, 3), nn.Conv2d(channels, 128, 1), nn.ReLU(), nn.Flatten()),
            *(nn.Linear(2048, 1024), nn.ReLU(), nn.Linear(1024, classes)),
        )

    def forward(self, x: Any) -> Any:
        first = self.before(x)
        second = self.middle(first)
        outputs = {"output": self.after(second)}
        if self.training:
            outputs |= {"aux1": self.aux1(first), "aux2": self.aux2(second)}
        return outputs


class VisionTransformer(Module):  # type: ignore[misc]
    """Dosovitskiy et al. (2021), equations 1 to 4, with torch's own attention."""

    def __init__(self, width: int, heads: int, mlp: int, depth: int) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, width, 8, 8)
        # 4·3 patches of 8·8 pixels and the class token
        token, position = torch.randn(1, 1, width), torch.randn(1, 4 * 3 + 1, width)
        self.embedding = nn.ParameterList([token, position])
        self.layers: Any = nn.ModuleList(
            nn.ModuleList(
                [
                    nn.LayerNorm(width),
                    nn.MultiheadAttention(width, heads, batch_first=True),
                    nn.LayerNorm(width),
                    nn.Linear(width, mlp),
                    nn.Linear(mlp, width),
                ]
            )
            for _ in range(depth)
        )
        self.norm = nn.LayerNorm(width)

    def forward(self, x: Any) -> Any:
        x = self.patches(x).flatten(2).transpose(1, 2)
        token, position = self.embedding
        x = torch.cat([token.expand(len(x), -1, -1), x], 1) + position
        for norm1, attention, norm2, linear1, linear2 in self.layers:
            y = norm1(x)
            x = x + attention(y, y, y)[0]
            x = x + linear2(functional.gelu(linear1(norm2(x))))
        return self.norm(x)[:, 0]


VIT = """\
input: [3, 32, 24]
import: blocks/vit.yaml
layers:
  - {embed: [24, 8], name: embedding}
  - {encoder: [3, 40], repeat: 2}
  - class_token
"""


class UNet(Module):  # type: ignore[misc]
    """Ronneberger et al. (2015), Figure 1, with padded convolutions."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        widths = [64, 128, 256, 512, 1024]
        ends = [1, *widths]
        self.down: Any = nn.ModuleList(self.double(ends[i], width) for i, width in enumerate(widths))
        self.up: Any = nn.ModuleList(
            nn.ModuleList([nn.ConvTranspose2d(2 * width, width, 2, 2), self.double(2 * width, width)])
            for width in reversed(widths[:-1])
        )
        self.classifier = nn.Conv2d(64, classes, 1)

    @staticmethod
    def double(channels: int, width: int) -> Any:
        return nn.Sequential(
            *(nn.Conv2d(channels, width, 3, padding=1), nn.ReLU()),
            *(nn.Conv2d(width, width, 3, padding=1), nn.ReLU()),
        )

    def forward(self, x: Any) -> Any:
        levels = []
        for number, level in enumerate(self.down):
            x = level(functional.max_pool2d(x, 2) if number else x)
            levels.append(x)
        for (up, level), beside in zip(self.up, reversed(levels[:-1]), strict=True):
            x = level(torch.cat([beside, up(x)], 1))
        return self.classifier(x)


# --- the comparisons ---------------------------------------------------------------------------------------


def test_alexnet() -> None:
    reference = scattered(alexnet(10))
    ours = ours_with_the_weights_of(reference, api.load("alexnet-torchvision", parameters={"classes": 10}))
    assert_same(ours, reference, images(3, 224, 224))


def test_vgg11() -> None:
    reference = scattered(vgg11(10, 32))
    network = api.load("vgg11", input=(3, 32, 32), parameters={"classes": 10})
    assert_same(ours_with_the_weights_of(reference, network), reference, images(3, 32, 32))


@pytest.mark.parametrize(
    ("name", "blocks", "bottleneck"),
    [("resnet18", [2, 2, 2, 2], False), ("resnet50-v1.5", [3, 4, 6, 3], True)],
)
def test_resnets(name: str, blocks: list[int], bottleneck: bool) -> None:
    reference = scattered(resnet(10, blocks, bottleneck))
    network = api.load(name, input=(3, 64, 64), parameters={"classes": 10})
    ours = ours_with_the_weights_of(reference, network)
    x = images(3, 64, 64)
    assert_same(ours, reference, x)
    # In training the statistics are those of the batch, and the running ones move alike.
    assert_same(ours.train(), reference.train(), x)
    for own, other in zip(ours.buffers(), reference.buffers(), strict=True):
        torch.testing.assert_close(own, other)


def test_googlenet_with_its_auxiliary_heads() -> None:
    reference = scattered(GoogLeNet(10))
    ours = ours_with_the_weights_of(reference, api.load("googlenet", parameters={"classes": 10}))
    x = images(3, 224, 224, count=1)
    assert_same(ours, reference, x)
    ours.train()
    for module in ours.modules():
        if isinstance(module, nn.Dropout):
            module.eval()
    assert_same(ours, reference.train(), x)


def test_vision_transformer(load: Load) -> None:
    reference = scattered(VisionTransformer(24, 3, 40, 2))
    assert_same(ours_with_the_weights_of(reference, load(VIT)), reference, images(3, 32, 24))


def test_unet() -> None:
    reference = scattered(UNet(2))
    network = api.load("unet-same", input=(1, 32, 32))
    assert_same(ours_with_the_weights_of(reference, network), reference, images(1, 32, 32))


# --- what a wrong model would show -------------------------------------------------------------------------


STRIDES = """\
input: [3, 16, 16]
layers:
  - {conv: 8, kernel: 1, stride: 1, bias: false}
  - {conv: 8, kernel: 3, stride: 2, padding: 1, bias: false}
"""


def test_a_stride_in_the_wrong_place_would_be_noticed(load: Load) -> None:
    first, second = nn.Conv2d(3, 8, 1, 1, bias=False), nn.Conv2d(8, 8, 3, 2, 1, bias=False)
    reference = nn.Sequential(first, second)
    ours = ours_with_the_weights_of(reference, load(STRIDES))
    assert_same(ours, reference, images(3, 16, 16))
    # The same tensors and shapes, the stride in the other convolution.
    first.stride, second.stride = (2, 2), (1, 1)
    with pytest.raises(AssertionError, match="not close"):
        assert_same(ours, reference, images(3, 16, 16))


def test_the_wrong_version_of_a_network_would_be_noticed() -> None:
    # The catalogue's resnet50 is the paper's, with the stride in the 1×1 convolution: every tensor fits it too.
    reference = scattered(resnet(10, [3, 4, 6, 3], bottleneck=True))
    network = api.load("resnet50", input=(3, 64, 64), parameters={"classes": 10})
    ours = ours_with_the_weights_of(reference, network)
    with pytest.raises(AssertionError, match="not close"):
        assert_same(ours, reference, images(3, 64, 64))


def test_one_changed_weight_would_be_noticed(load: Load) -> None:
    reference = scattered(VisionTransformer(24, 3, 40, 2))
    ours = ours_with_the_weights_of(reference, load(VIT))
    with torch.no_grad():
        next(ours.parameters())[0, 0, 0, 0] += 0.01
    with pytest.raises(AssertionError, match="not close"):
        assert_same(ours, reference, images(3, 32, 24))
