"""What other libraries write, in the words of this language: kinds, keys, calls, and what there is not.

Only loaded once something is wrong. What a kind is called elsewhere stands with the kind, in `also_called` and
`arguments`; here stand the words that belong to no kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from archcalc.layers import KINDS, written
from archcalc.spec.expressions import interpret
from archcalc.words.text import printable

_NOT_HERE = (
    ("rnn lstm gru rnn_cell lstm_cell gru_cell bidirectional bi_lstm conv_lstm recurrent", ""),
    ("celu crelu rrelu mish softplus softsign softmin log_softmax sparsemax hardtanh maxout", ""),
    ("hardshrink softshrink tanhshrink threshold log_sigmoid swiglu geglu reglu", ""),
    ("selu", "It is `{elu: , alpha: 1.6732632}` and then `{scale: 1.050701}`."),
    ("glu", "It is `mul` of two slices, one of them through sigmoid."),
    ("weight_norm spectral_norm filter_response_norm power_norm", ""),
    (
        "rms_norm",
        "`{layer_norm: -1, bias: false}` learns as many weights, and takes a little more to compute.",
    ),
    (
        "global_max_pool global_max_pooling",
        "A max_pool with a window as large as the map does it, and then flatten.",
    ),
    (
        "adaptive_max_pool adaptive_max_pooling",
        "A max_pool with the window and the stride that give that size does it.",
    ),
    ("lp_pool min_pool sum_pool fractional_max_pool spatial_pyramid_pooling roi_pool roi_align", ""),
    ("matmul bmm dot einsum", "Products of two computed tensors are inside `attention` only."),
    ("pixel_unshuffle space_to_depth", "A reshape, a permute and a reshape do it."),
    ("split chunk", "A `slice` in each branch of a join does it."),
    ("sub subtract", "`add` has the same numbers."),
    ("cross_attention grouped_query_attention multi_query_attention rotary rope", ""),
    ("deform_conv deformable_conv graph_conv locally_connected fold unfold", ""),
    ("embedding_bag bilinear capsule lambda masking one_hot gaussian_noise", ""),
    ("drop_path stochastic_depth drop_block", "In use it does nothing: leave it out."),
)
_WRITTEN = (
    ("depthwise_conv depthwise", "Write `{conv: CHANNELS, kernel: …, groups: depthwise}`."),
    ("pointwise_conv pointwise", "Write `{conv: FILTERS, kernel: 1}`."),
    (
        "separable_conv depthwise_separable_conv",
        "Write `{conv: CHANNELS, kernel: …, groups: depthwise}` and then `{conv: FILTERS, kernel: 1}`.",
    ),
    ("dilated_conv atrous_conv", "Write `{conv: FILTERS, kernel: …, dilation: …}`."),
    ("group_conv grouped_conv", "Write `{conv: FILTERS, kernel: …, groups: …}`."),
    ("sequential module block", "Group layers with `{layers: [ … ]}`."),
    ("class_token", "Write `{concat: [[{parameter: [1, D]}], []]}`."),
    ("position_embedding positional_embedding", "Write `{add: [[], [{parameter: [T, D]}]]}`."),
    ("identity noop", "Leave it out; as a branch of a join it is `[]`."),
)

NOT_HERE: Mapping[str, str] = {word: way_out for words, way_out in _NOT_HERE for word in words.split()}
"""Kinds that the field knows and archcalc has not, with the way out where there is one."""

WRITTEN: Mapping[str, str] = {word: way_out for words, way_out in _WRITTEN for word in words.split()}
"""What is no kind because it is written with others, and how."""

KEYS: Mapping[str, tuple[str, ...]] = {
    "out_channels": ("filters",),
    "num_filters": ("filters",),
    "num_output": ("filters", "units"),
    "out_features": ("units",),
    "output_size": ("size",),
    "embedding_dim": ("units",),
    "num_embeddings": ("vocabulary",),
    "kernel_size": ("kernel", "window"),
    "filter_size": ("kernel", "window"),
    "pool_size": ("window",),
    "kernel": ("window",),
    "window": ("kernel",),
    "size": ("kernel", "window", "units"),
    "strides": ("stride",),
    "pad": ("padding", "amount"),
    "pads": ("padding", "amount"),
    "use_bias": ("bias",),
    "bias_term": ("bias",),
    "dilations": ("dilation",),
    "dilation_rate": ("dilation",),
    "group": ("groups",),
    "num_groups": ("groups",),
    "num_heads": ("heads",),
    "p": ("rate",),
    "prob": ("rate",),
    "drop_rate": ("rate",),
    "negative_slope": ("slope",),
    "elementwise_affine": ("affine",),
    "ceil_mode": ("ceil",),
    "count_include_pad": ("count_padding",),
    "scale_factor": ("factor",),
    "upscale_factor": ("factor",),
    "dim": ("axis", "axes"),
    "start_dim": ("axis",),
    "dims": ("order", "axes"),
    "shifts": ("shift",),
    "target_shape": ("shape",),
    "local_size": ("window",),
}
"""Keys of other libraries, and what they are here, for the kinds that have such a key."""

VALUES: Mapping[str, str] = {
    "zeros": "zero",
    "constant": "zero",
    "edge": "replicate",
    "mirror": "reflect",
    "wrap": "circular",
    "periodic": "circular",
    "cubic": "bicubic",
}
"""Words that others have for a setting, and what they are here."""

SEEN = frozenset(
    {
        *("in_channels", "in_features", "in_dim", "input_dim", "input_size", "input_shape", "channels"),
        *("num_features", "num_channels", "num_parameters", "normalized_shape", "embed_dim", "d_model"),
    }
)
"""Keys that tell other libraries what comes in, which is seen here."""


def kind_of(word: str) -> str | None:
    """The kind that others mean by a word: `dense`, `nn.Conv2d`, `MaxPooling2D`."""
    folded = _plain(_bare(word))
    for kind, cls in KINDS.items():
        if folded in map(_plain, (kind, *cls.also_called)):
            return kind
    return None


def about_kind(word: str, given: Sequence[str] = ()) -> tuple[str, str]:
    """What is to be said of a word that is no kind here: what it is (empty for nothing known) and the way out.

    `given` are the values that stand behind it without keys; or the word is a call, `Conv2d(3, 32, 3)`.
    """
    called, values, named = _call(word, given)
    kind = kind_of(called)
    if kind is not None and not values and not named and _plain(called) == _plain(kind):
        return "", ""  # spelt otherwise, not called otherwise
    if kind is not None:
        # Keras writes a capital D, and is not told what comes in.
        item = _item(kind, values, input_first=not called.endswith("D"), named=named)
        return "", f"Here it is called `{kind}`{f': write {item}' if item else ''}."
    bare = _plain(_bare(called))
    if found := next((way_out for name, way_out in WRITTEN.items() if _plain(name) == bare), ""):
        return "", found
    for name, way_out in NOT_HERE.items():
        if _plain(name) == bare:
            return "a kind of layer that archcalc does not have", way_out
    return "", ""


def about_key(key: str, fields: Iterable[str]) -> str:
    """The way out for a key that others have: what it is called here, or that what comes in is seen."""
    known = list(fields)
    named = next((name for name in KEYS.get(key, ()) if name in known), "")
    if named:
        return f"Here it is called `{named}`."
    return "Leave it out: what comes in is seen, not written." if key in SEEN else ""


def about_values(kind: str, values: Sequence[Any], *, input_first: bool = True) -> str:
    """The way out for numbers that stand in the order of another library: `{conv: [3, 32]}`."""
    item = _item(kind, values, input_first=input_first) if len(values) > 1 or _takes_nothing(kind) else ""
    return f"Write {item}." if item else ""


def _plain(word: str) -> str:
    return word.casefold().replace("-", "").replace("_", "")


def _bare(word: str) -> str:
    """A word without the module before it and the number of axes behind it: `Conv` of `nn.Conv2d`."""
    return re.sub("[1-3][dD]$", "", word.rsplit(".", 1)[-1])


def _call(word: str, given: Sequence[str]) -> tuple[str, list[Any], dict[str, Any]]:
    """A word, the values behind it and those with a name, also of a call in round brackets.

    A call that is not closed has been cut at its commas: its values are not known.
    """
    called, bracket, inside = word.partition("(")
    if bracket and not inside.endswith(")"):
        return called.strip(), [], {"": None}
    values: list[Any] = []
    named: dict[str, Any] = {"": None} if bracket else {}
    for text in [*inside.rstrip(")").split(","), *given] if bracket else given:
        name, sign, value = text.rpartition("=")
        if sign:
            named[name.strip()] = interpret(value.strip().replace("True", "true").replace("False", "false"))
        elif text.strip():
            values.append(interpret(text.strip()))
    return called.strip(), values, named


def _item(
    kind: str, values: Sequence[Any], *, input_first: bool, named: Mapping[str, Any] = MappingProxyType({})
) -> str:
    """Values by their place, and some by name, as a layer of this language; empty where that cannot be."""
    cls = KINDS[kind]
    places = cls.arguments
    if places[:1] == ("",) and (not input_first or (len(values) == 1 and places[1:])):
        places = places[1:]
    if len(values) > len(places) or not all(type(value) in (int, float) for value in values):
        return ""
    pairs = list(zip(places, values, strict=False))
    fields = {name: value for name, value in pairs if name}
    for key, value in named.items():
        own = next((name for name in (key, *KEYS.get(key, ())) if name in cls.__struct_fields__), "")
        if key and (not own or type(value) not in (int, float, bool)):
            return ""
        fields.update({own: value} if key else {})
    if not pairs and not named:
        return ""
    needed = cls.__struct_fields__[: cls.required()]
    ordered = {
        name: fields.get(name, "…") for name in cls.__struct_fields__ if name in fields or name in needed
    }
    text = f"`{printable(written.item(cls, ordered), 120)}`"
    seen = [printable(str(value), 20) for name, value in pairs if not name]
    return f"{text}; the {seen[0]} that come in are seen, not written" if seen else text


def _takes_nothing(kind: str) -> bool:
    """Whether others tell a kind only what comes in, as a norm its channels."""
    return KINDS[kind].arguments == ("",)
