"""Remarks on a network in words, as a document has them below its tables."""

from __future__ import annotations

from collections.abc import Iterator

from archcalc.algebra.units import grouped
from archcalc.results.report import Namesake, RepeatedProducts, Report
from archcalc.words.language import _, gettext, ngettext


def notes(report: Report) -> Iterator[tuple[str, str]]:
    """A note for each remark: a label and a line of text, or several."""
    for remark in report.remarks:
        if isinstance(remark, Namesake):
            text = _("by {title} libraries mostly mean another network, {other}")
            yield _("note"), text.format(title=gettext(remark.title), other=remark.other)
            continue
        if not isinstance(remark, RepeatedProducts):
            yield _("note"), gettext(remark.advice)
            continue
        yield _("note"), _who_multiplies(remark.layers)
        yield (
            "",
            _("{count} multiplications, which are no MACs here, nor are the additions behind them").format(
                count=grouped(remark.multiplications)
            ),
        )


def _who_multiplies(layers: tuple[str, ...]) -> str:
    first, others = layers[0], len(layers) - 1
    if not others:
        return _(
            "{layer} multiplies tensors that are repeated against each other, as a matrix product does:"
        ).format(layer=first)
    return ngettext(
        "{layer} and {count} other multiply tensors that are repeated against each other, as matrix products do:",
        "{layer} and {count} others multiply tensors that are repeated against each other, as matrix products do:",
        others,
    ).format(layer=first, count=others)
