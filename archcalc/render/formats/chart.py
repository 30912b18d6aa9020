"""The chart of the lectures: throughput against MACs, the area of a circle for the parameters.

A bar is the confidence interval of the median; a circle that is hollow and dashed did not settle, and its
throughput says little. After Canziani, Paszke & Culurciello (2016), An Analysis of Deep Neural Network Models for
Practical Applications. The one module that imports matplotlib.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from archcalc.algebra.units import si
from archcalc.render.documents.of_bench import way
from archcalc.timing.measurement import Measurement
from archcalc.words.errors import MissingExtra, OptionError
from archcalc.words.text import LONGEST_TEXT, listing, printable, quote

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FORMS = ("svg", "png")

_WIDTH, _HEIGHT, _DPI = 9.0, 6.0, 150
_LARGEST = 1_600
"""The area of the circle of the network with the most parameters, in points²."""
_SMALLEST = 12
_LEGEND = (1_000_000, 10_000_000, 100_000_000)


def form_of(path: str) -> str:
    """The format that the name of a file asks for; checks that there is matplotlib to draw it with.

    Raises OptionError for another ending, MissingExtra without matplotlib.
    """
    ending = path.rpartition(".")[2].lower()
    if ending not in FORMS:
        raise OptionError(
            f"--plot {quote(path, 200)} does not say what to draw.",
            hint=f"Name a file that ends in {listing(['.' + form for form in FORMS])}.",
        )
    _figure()
    return ending


def draw(measurements: Sequence[Measurement], form: str) -> bytes:
    """Every measured batch as a circle: throughput over the MACs of one image, both on logarithmic axes.

    Raises MissingExtra without matplotlib, OptionError if nothing was measured.
    """
    found = [one for one in measurements if one.images_per_second]
    if not found:
        raise OptionError("there is nothing to draw: no batch was measured.")
    figure = _figure()
    axes: Axes = figure.add_subplot()
    largest = max(one.params for one in found)
    batches = sorted({one.configuration.batch for one in found})
    for name in dict.fromkeys(one.network for one in found):
        _network(axes, [one for one in found if one.network == name])
    # Small circles on top of large ones.
    for one in sorted(found, key=lambda one: -one.params):
        colour = f"C{batches.index(one.configuration.batch)}"
        filled = (
            {"color": colour, "alpha": 0.45} if one.settled else {"facecolor": "none", "linestyle": "dashed"}
        )
        axes.scatter(_macs(one), _throughput(one), s=_area(one.params, largest), edgecolor=colour, **filled)
        _interval(axes, one, colour)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.margins(0.12)
    first = found[0]
    axes.set_xlabel(f"10⁹ MACs an image, {way(first.configuration)} (1 MAC = 2 FLOPs)")
    axes.set_ylabel("images a second")
    axes.grid(visible=True, alpha=0.25)
    axes.set_title(_title(first), fontsize=10, parse_math=False)
    _legends(axes, batches, largest, all(one.settled for one in found))
    return _written(figure, form)


def _interval(axes: Axes, one: Measurement, colour: str) -> None:
    """The confidence interval of the median, as throughput; nothing where too few repeats have none."""
    wall = one.wall
    if wall is None or not wall.low or not wall.high:
        return
    throughput = _throughput(one)
    least, most = throughput * wall.median / wall.high, throughput * wall.median / wall.low
    axes.errorbar(
        _macs(one),
        throughput,
        yerr=[[throughput - least], [most - throughput]],
        color=colour,
        linewidth=1,
        capsize=3,
    )


def _network(axes: Axes, found: Sequence[Measurement]) -> None:
    """The name of a network at its highest circle, and a line through those that settled."""
    ordered = sorted(found, key=_throughput)
    settled = [one for one in ordered if one.settled]
    axes.plot(
        [_macs(one) for one in settled],
        [_throughput(one) for one in settled],
        color="0.6",
        linewidth=0.8,
        zorder=0,
    )
    axes.annotate(
        printable(found[0].network, LONGEST_TEXT),
        (_macs(ordered[-1]), _throughput(ordered[-1])),
        xytext=(5, 5),
        textcoords="offset points",
        fontsize=8,
        parse_math=False,
    )


def _area(params: int, largest: int) -> float:
    """The area of a circle in points²."""
    return max(_LARGEST * params / max(largest, 1), _SMALLEST)


def _throughput(one: Measurement) -> float:
    return one.images_per_second or 0.0


def _macs(one: Measurement) -> float:
    """Of one image, in 10⁹."""
    return one.macs / one.configuration.batch / 1e9


def _title(first: Measurement) -> str:
    environment = first.environment
    autocast = " by autocast" if first.configuration.amp else ""
    text = f"{environment.device} · {first.configuration.dtype}{autocast} · torch {environment.torch}"
    return printable(text, LONGEST_TEXT)


def _legends(axes: Axes, batches: Sequence[int], largest: int, settled: bool) -> None:
    from matplotlib.lines import Line2D

    def circle(area: float, colour: str, text: str) -> Line2D:
        return Line2D(
            [], [], linestyle="", marker="o", markersize=area**0.5, color=colour, alpha=0.45, label=text
        )

    colours = [circle(60, f"C{index}", f"batch {batch}") for index, batch in enumerate(batches)]
    if not settled:
        hollow = circle(60, "0.5", "not stable")
        hollow.set(fillstyle="none", markeredgewidth=1, alpha=1)
        colours.append(hollow)
    sizes = [params for params in _LEGEND if params <= largest and _area(params, largest) > _SMALLEST]
    circles = [
        circle(_area(params, largest), "0.5", f"{si(params, digits=1)} parameters")
        for params in sizes or [largest]
    ]
    beside = axes.legend(handles=colours, loc="upper left", bbox_to_anchor=(1, 1), fontsize=8, frameon=False)
    axes.add_artist(beside)
    # In units of the font's size: as much room as the largest circle takes.
    room = max(one.get_markersize() for one in circles) / 8
    axes.legend(
        handles=circles,
        loc="lower left",
        bbox_to_anchor=(1, 0),
        fontsize=8,
        frameon=False,
        labelspacing=room,
        handletextpad=room / 2,
        borderpad=room / 2,
    )


def _written(figure: Figure, form: str) -> bytes:
    import matplotlib as mpl

    file = io.BytesIO()
    # The same figures always give the same file: no date, no random names. Text stays text.
    with mpl.rc_context({"svg.hashsalt": "archcalc", "svg.fonttype": "none"}):
        metadata: dict[str, Any] = {"Date": None} if form == "svg" else {"Software": None}
        figure.savefig(file, format=form, dpi=_DPI, metadata=metadata)
    return file.getvalue()


def _figure() -> Figure:
    try:
        # Not pyplot, which looks for a screen.
        from matplotlib.figure import Figure
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != "matplotlib":
            raise
        raise MissingExtra(
            "matplotlib is not installed; install it with: pip install 'archcalc[plot]'"
        ) from None
    return Figure(figsize=(_WIDTH, _HEIGHT), layout="constrained")
