"""A toolkit that writes down what it is asked to make: the constructor calls of modules, as Python. Needs no torch."""

from __future__ import annotations

from typing import Any

from archcalc.pytorch.toolkit import Toolkit

_OF_TORCH = ("nn.", "PaddedConv")
"""How the names of torch's modules begin, and of those that are made as torch's are."""

_SIZES = frozenset({"kernel_size", "stride", "padding", "dilation", "output_padding"})

_DEFAULTS: dict[str, Any] = {
    "padding": 0,
    "dilation": 1,
    "output_padding": 0,
    "groups": 1,
    "bias": True,
    "ceil_mode": False,
    "count_include_pad": True,
    "elementwise_affine": True,
    "size": None,
    "scale_factor": None,
    "mode": "nearest",
}
"""Settings that go without saying, for every module that has them."""


class Call:
    """A constructor call. Its repr is the Python for it, without what goes without saying."""

    def __init__(self, name: str, settings: tuple[Any, ...], named: dict[str, Any]) -> None:
        self.name = name
        self.settings = settings
        self.named = named

    def __repr__(self) -> str:
        if not self.name.startswith(_OF_TORCH):
            written = [repr(value) for value in self.settings]
            written += [f"{key}={value!r}" for key, value in self.named.items() if value is not None]
            return f"{self.name}({', '.join(written)})"
        settings = [_shortened(value) if self._takes_sizes else value for value in self.settings]
        named = {key: _shortened(value) if key in _SIZES else value for key, value in self.named.items()}
        written = [repr(value) for value in settings]
        written += [f"{key}={value!r}" for key, value in named.items() if not self._is_usual(key, value)]
        return f"{self.name}({', '.join(written)})"

    @property
    def _takes_sizes(self) -> bool:
        """Whether one number for all axes may stand in place of one an axis: torch's pools and LayerNorm."""
        return "Pool" in self.name or self._is_for_one_axis

    @property
    def _is_for_one_axis(self) -> bool:
        return self.name == "nn.LayerNorm" and len(self.settings[0]) == 1

    def _is_usual(self, key: str, value: Any) -> bool:
        if key == "stride":
            # Pools step by their window.
            usual = _shortened(self.settings[0]) if "Pool" in self.name else 1
            return bool(value == usual)
        if key == "affine":
            return bool(value != ("Instance" in self.name))
        return key in _DEFAULTS and bool(value == _DEFAULTS[key])


def _shortened(value: Any) -> Any:
    """One number for all axes where they have the same."""
    if isinstance(value, tuple) and len(set(value)) == 1:
        return value[0]
    return value


class _Namespace:
    """Whatever is asked of it is a constructor; the names asked for are kept."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self.asked: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        def construct(*settings: Any, **named: Any) -> Call:
            self.asked.add(name)
            return Call(self._prefix + name, settings, named)

        return construct


class Recorder(Toolkit):
    """A toolkit whose modules are Calls."""

    def __init__(self) -> None:
        self.small = _Namespace("")
        """The small modules; `small.asked` are those that were needed."""
        super().__init__(_Namespace("nn."), self.small)
