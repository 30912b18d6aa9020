"""First values of the weights: He's for what a rectifier follows, the same without its factor of 2 elsewhere."""

from __future__ import annotations

import math
from collections.abc import Collection

from torch import nn


def initialise(model: nn.Module, rectified: Collection[str]) -> None:
    """Give every weight matrix and kernel normal values that keep the variance of the signal; biases are 0.

    An output is a sum over n inputs. With weights of variance 1/n it varies as much as one of them; where a
    rectifier drops half of it (the modules named in `rectified`), with 2/n (He et al. 2015, Delving Deep into
    Rectifiers, equation 10). Embeddings get a deviation of 0.02, as in GPT and BERT. Norms start as the
    identity, as torch makes them.
    """
    for name, module in model.named_modules():
        if isinstance(module, nn.Embedding):
            nn.init.normal_(module.weight, std=0.02)
        terms = inputs_summed(module)
        if terms:
            gain = 2.0 if name in rectified else 1.0
            nn.init.normal_(module.weight, std=math.sqrt(gain / terms))
            if module.bias is not None:
                nn.init.zeros_(module.bias)


def inputs_summed(module: nn.Module) -> float:
    """How many products one output of a linear layer or a convolution is the sum of; 0 for other modules."""
    if isinstance(module, nn.Linear):
        return float(module.in_features)
    if isinstance(module, nn.ConvTranspose1d | nn.ConvTranspose2d | nn.ConvTranspose3d):
        # Windows overlap: F/S of them, on average, along each axis.
        reach = math.prod(module.kernel_size) / math.prod(module.stride)
        return module.in_channels // module.groups * reach
    if isinstance(module, nn.Conv1d | nn.Conv2d | nn.Conv3d):
        return float(module.in_channels // module.groups * math.prod(module.kernel_size))
    return 0.0
