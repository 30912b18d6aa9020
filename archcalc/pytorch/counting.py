"""Multiply-accumulates as torch runs them: every operation is seen with the tensors that it is given.

Nothing here knows a layer or a rule of archcalc, only torch's operations. FlopCounterMode of torch does the same,
but passes over scaled-dot-product attention where it runs fused: on the CPU in evaluation it counts none of it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from archcalc.checks.checking import Product

OUTSIDE = ""
"""Where no layer is running."""

Count = Callable[..., int]


def _product(a: Tensor, b: Tensor) -> int:
    """Of matrices [..., n, k] and [..., k, m]: each of n·m outputs is a sum over k."""
    return a.numel() * b.shape[-1]


def _matrix_vector(a: Tensor, _b: Tensor) -> int:
    """Each element of the matrix is used once."""
    return a.numel()


def _linear(x: Tensor, weight: Tensor, *_: Any, **__: Any) -> int:
    """Each output is a sum over the features of x."""
    return x.numel() * weight.shape[0]


def _attention(query: Tensor, key: Tensor, value: Tensor, *_: Any, **__: Any) -> int:
    """Scores of each query with each key, then a sum of values by them."""
    queries = math.prod(query.shape[:-1])
    return queries * key.shape[-2] * (query.shape[-1] + value.shape[-1])


def _whole_attention(query: Tensor, key: Tensor, value: Tensor, features: int, *_: Any, **__: Any) -> int:
    """Projections of query, key and value, attention over all features, and the projection back."""
    batch, tokens = query.shape[0], key.shape[1]
    projections = (2 * query.shape[1] + tokens + value.shape[1]) * features * features
    return batch * (projections + 2 * query.shape[1] * tokens * features)


def _convolution(
    x: Tensor,
    weight: Tensor,
    _bias: Any,
    _stride: Any,
    _padding: Any,
    _dilation: Any,
    transposed: bool,
    *_: Any,
    out: Tensor,
) -> int:
    """Every output meets one filter; of a transposed convolution, every input does."""
    places = x if transposed else out
    return places.numel() * math.prod(weight.shape[1:])


def _second_two(count: Count) -> Count:
    """The count of an operation that adds its first operand to the product of the others."""
    return lambda _added, *operands, **_: count(*operands[:2])


COUNTS: dict[str, Count] = {
    "mm": _product,
    "bmm": _product,
    "addmm": _second_two(_product),
    "baddbmm": _second_two(_product),
    "mv": _matrix_vector,
    "addmv": _second_two(_matrix_vector),
    "dot": _matrix_vector,
    "vdot": _matrix_vector,
    "linear": _linear,
    "_scaled_dot_product_flash_attention": _attention,
    "_scaled_dot_product_flash_attention_for_cpu": _attention,
    "_scaled_dot_product_efficient_attention": _attention,
    "_scaled_dot_product_cudnn_attention": _attention,
    "_scaled_dot_product_fused_attention_overrideable": _attention,
    "_scaled_dot_product_attention_math_for_mps": _attention,
    "_native_multi_head_attention": _whole_attention,
}
"""What an operation costs, by its name in torch.ops.aten, from its operands alone."""

CONVOLUTIONS = frozenset({"convolution", "convolution_overrideable"})

_PRODUCT_WORDS = re.compile(
    r"(^|_)(conv\w*|\w*mm|mv|dot|matmul|linear|bilinear|trilinear|attention|transformer|rnn|lstm|gru)($|_)"
)
_NO_PRODUCTS = re.compile(r"^upsample|^_fused_sdp_choice$")


class ProductCounter(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Sees every operation while it is on, and keeps the products with the place they happened at.

    `place` says where: whoever runs the model sets it.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.place = OUTSIDE
        self.products: dict[str, list[Product]] = {}
        self.uncounted: dict[str, None] = {}
        """Operations that look like products and are not in COUNTS: `place: operation`, in order."""

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        name = func.__name__.partition(".")[0]
        known = name in COUNTS or name in CONVOLUTIONS
        if not known:
            # In inference mode torch hands on what it would else have broken up before: torch.matmul, conv2d.
            with self:
                parts = func.decompose(*args, **(kwargs or {}))
            if parts is not NotImplemented:
                return parts
        out = func(*args, **(kwargs or {}))
        if known:
            self._count(name, args, kwargs or {}, out)
        elif _PRODUCT_WORDS.search(name) and not _NO_PRODUCTS.search(name):
            self.uncounted[f"{self.place}: {name}"] = None
        return out

    def _count(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any], out: Any) -> None:
        macs = (
            _convolution(*args, **kwargs, out=out) if name in CONVOLUTIONS else COUNTS[name](*args, **kwargs)
        )
        operands = tuple(tuple(value.shape) for value in args if isinstance(value, Tensor))
        result = out[0] if isinstance(out, tuple) else out
        self.products.setdefault(self.place, []).append(Product(name, operands, tuple(result.shape), macs))


def counted(run: Callable[[], object]) -> int:
    """The multiply-accumulates of everything that `run` does, without gradients."""
    with torch.no_grad(), ProductCounter() as counter:
        run()
    if counter.uncounted:
        raise NotImplementedError(f"not counted: {', '.join(counter.uncounted)}")
    return sum(product.macs for products in counter.products.values() for product in products)
