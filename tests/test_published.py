"""What others publish, judged: exact, rounded, truncated or different, and then with the reason."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from archcalc import api
from archcalc.cli import main
from archcalc.derivations.explanation import explain, judge_all
from archcalc.network.network import Network
from archcalc.results.published import ComparedFigure, check_figures
from archcalc.spec import catalog
from archcalc.words.errors import ArchcalcError

Load = Callable[..., Network]


def judged(load: Load, quantity: str, value: str, **more: str) -> ComparedFigure:
    """One figure about a network of 1,155 parameters: 35·(32 + 1), 1,120 of them weights."""
    keys = ", ".join(f'{key}: "{text}"' for key, text in more.items())
    (found,) = judge_all(
        load(
            "input: 32\nlayers: [{linear: 35, name: fc}, {relu: , name: r}]\n"
            f'published: [{{quantity: "{quantity}", value: "{value}", source: Table 1{", " if keys else ""}{keys}}}]'
        )
    )
    return found


@pytest.mark.parametrize(
    ("quantity", "value", "verdict"),
    [
        ("total.params", "1155", "exact"),
        ("total.params", "1.155e3", "exact"),
        ("total.params", "1.155K", "exact"),
        ("total.params", "1.16K", "rounded"),
        ("total.params", "1.2K", "rounded"),
        ("total.params", "1.15K", "rounded"),  # halfway, either way
        ("total.params", "1.1K", "truncated"),
        ("total.params", "1K", "rounded"),
        ("total.params", "1.3K", "different"),
        ("total.params", "1.0K", "different"),
        ("total.params", "1154", "different"),
        ("total.weights", "1120", "exact"),
        ("total.macs", "1.1 kMACs", "rounded"),
        ("total.flops", "2.24 kFLOPs", "exact"),
        ("total.param_bytes", "4.62 kB", "exact"),
        ("total.param_bytes", "4.5 KiB", "rounded"),  # 4620/1024 = 4.51
        ("total.memory(batch=10)", "7.3 kB", "exact"),  # 4·(1155 + 10·(32 + 35)) = 7300
        ("fc.output", "35", "exact"),
        ("fc.output", "36", "different"),
        ("fc.output", "35x1", "different"),
        ("fc.output.features", "35", "exact"),
        ("fc.bias", "true", "exact"),
        ("fc.bias", "false", "different"),
        ("fc.axis", "none", "exact"),
        ("total.depth", "1", "exact"),
        ("error.top5", "7.3%", "measured"),
        ("error.top1", "whatever", "measured"),
    ],
)
def test_verdicts(load: Load, quantity: str, value: str, verdict: str) -> None:
    found = judged(load, quantity, value)
    assert found.verdict == verdict
    assert (found.actual is None) == (verdict == "measured")


@pytest.mark.parametrize(
    ("value", "reason", "accounted"),
    [
        ("1155", "", True),
        ("1.2K", "", True),
        ("1300", "a misprint", True),
        # must fail: a figure that does not reproduce and nobody says why, a reason for one that does
        ("1300", "", False),
        ("1155", "a misprint", False),
        ("1.2K", "a misprint", False),
    ],
)
def test_a_figure_reproduces_or_has_a_reason_but_never_both(
    load: Load, value: str, reason: str, accounted: bool
) -> None:
    more = {"reason": reason} if reason else {}
    assert judged(load, "total.params", value, **more).accounted is accounted


def test_a_measured_figure_needs_no_reason(load: Load) -> None:
    assert judged(load, "error.top5", "7.3%").accounted
    assert not judged(load, "error.top5", "7.3%", reason="unlucky").accounted


@pytest.mark.parametrize(
    ("quantity", "value", "message"),
    [
        ("total.macs", "1.1 kFLOPs", "'1.1 kFLOPs' is in FLOP, but 'total.macs' is counted in MAC."),
        ("total.flops", "2 kMACs", "'2 kMACs' is in MAC, but 'total.flops' is counted in FLOP."),
        ("total.params", "4.6 kB", "'4.6 kB' is in B, but 'total.params' is a plain number."),
        ("total.params", "7%", "'7%' is in %, but 'total.params' is a plain number."),
        ("total.params", "about 1000", "'about 1000' is not a quantity."),
        ("total.params", "1,155", "'1,155' is not a quantity."),
        ("total.parms", "1155", "total has no 'parms'."),
        ("fc9.output", "1155", "my has no layer or block 'fc9'."),
        ("vgg16:fc.output", "35", "'vgg16:fc.output' is of 'vgg16', not of 'my'."),
        ("fc", "35", "'fc' is a layer or block, not a quantity."),
        ("total_with_auxiliary.params", "35", "my has no auxiliary heads."),
    ],
)
def test_figures_that_cannot_be_judged_have_their_place(
    load: Load, quantity: str, value: str, message: str
) -> None:
    with pytest.raises(ArchcalcError) as caught:
        judged(load, quantity, value)
    assert caught.value.message == message
    network = caught.value.place and api.load(caught.value.place.file)
    assert network is not None
    with pytest.raises(ArchcalcError) as asked:  # whoever only counts hears of it too
        check_figures(network.spec.published, api.analyse(network))
    assert str(asked.value) == str(caught.value)
    assert caught.value.place is not None
    assert (caught.value.place.line, caught.value.place.column) == (3, 13)


def test_a_summary_refuses_figures_of_what_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "my.yaml"
    spec = "input: [3]\nparameters: {n: 2}\nlayers: [{linear: $n, name: fc}]\n"
    for quantity, status in (("fc.params", 0), ("fc9.params", 2)):
        figure = f"published: [{{quantity: {quantity}, value: 7, source: x}}]"  # 8 here: only what is not there counts
        path.write_text(spec + figure, encoding="utf-8")
        assert main(["summary", str(path)]) == status
    # of a network changed on the way in, figures say nothing
    assert main(["summary", str(path), "--set", "n=3"]) == 0


def test_several_figures_of_one_source(load: Load) -> None:
    network = load("""
        input: 32
        layers: [{linear: 35, name: fc}]
        published:
          - {figures: {total.params: 1155, fc.output: "35"}, source: Table 2, note: both}
    """)
    found = list(judge_all(network))
    assert [(each.figure.quantity, each.verdict) for each in found] == [
        ("total.params", "exact"),
        ("fc.output", "exact"),
    ]
    assert {(each.figure.source, each.figure.note) for each in found} == {("Table 2", "both")}


LISTS = """
input: [4, 9, 9]
layers:
  - {conv: 8, kernel: [3, 5], padding: [[1, 0], 2], name: c}
  - {max_pool: 2, stride: 3, name: p}
  - {upsample: 2, name: u}
  - {permute: [1, 2, 0], name: order}
"""


@pytest.mark.parametrize(
    ("quantity", "value", "verdict"),
    [
        # (9 + 1 − 3) + 1 = 8 high, (9 + 4 − 5) + 1 = 9 wide
        ("c.output", "8x8x9", "exact"),
        ("c.output", " 8 × 8 × 9 ", "exact"),
        ("c.output", "8x9x8", "different"),
        ("c.output", "[8, 8, 9]", "different"),
        ("c.output", "8x8", "different"),
        ("c.kernel", "[3, 5]", "exact"),
        ("c.kernel", "3x5", "exact"),
        ("c.kernel", "[5, 3]", "different"),
        ("c.padding", "[[1, 0], 2]", "exact"),
        ("c.padding", "[[1,0],2]", "exact"),
        ("c.padding", "[[0, 1], 2]", "different"),
        ("order.order", "[1, 2, 0]", "exact"),
        ("u.receptive_field.stride", "3/2x3/2", "exact"),
        ("u.receptive_field.stride", "3x3", "different"),
        ("c.bias", "True", "exact"),
    ],
)
def test_shapes_lists_and_fractions_are_published_as_they_are_written(
    load: Load, quantity: str, value: str, verdict: str
) -> None:
    network = load(f'{LISTS}published: [{{quantity: {quantity}, value: "{value}", source: x}}]')
    (found,) = judge_all(network)
    assert found.verdict == verdict


def test_the_unit_of_a_figure_hangs_on_its_quantity_only(load: Load) -> None:
    """Not on layers and networks that have the word in their names."""
    text = "input: 4\nlayers: [{{linear: 2, name: macs_head}}]\npublished: [{{quantity: {0}, value: {1}, source: x}}]"
    (found,) = judge_all(load(text.format("macs_head.macs", '"8 MACs"')))
    assert found.verdict == "exact"
    with pytest.raises(ArchcalcError) as caught:
        list(judge_all(load(text.format("macs_head.params", '"10 MACs"'))))
    assert caught.value.message == "'10 MACs' is in MAC, but 'macs_head.params' is a plain number."


def test_a_layer_called_like_a_quantity_is_the_layer_everywhere(load: Load) -> None:
    """`a.macs` is the layer `macs` of the block `a`, for `explain` and for `published`; its own sums stay."""
    spec = """
        input: [3, 7, 7]
        layers:
          - {name: a, layers: [{conv: 3, kernel: 1, name: macs}, {conv: 3, kernel: 1, name: weights}]}
        published: [{quantity: %s, value: 9, source: x}]
    """
    explanation = explain(load(spec % "a.macs.weights"), "a.macs")
    assert [layer.name for layer in explanation.layers] == ["a.macs"]
    assert [judged.verdict for judged in explanation.published] == ["exact"]
    assert explain(load(spec % "a.macs.weights"), "a.flops").answer == 2 * 2 * 9 * 49
    with pytest.raises(ArchcalcError, match=r"'a\.macs' is a layer or block, not a quantity"):
        list(judge_all(load(spec % "a.macs")))


@pytest.mark.parametrize("name", catalog.names())
def test_every_published_figure_of_the_catalogue_is_accounted_for(name: str) -> None:
    """Reproduced, or with the reason why not: the specs say so themselves, and here it is held against them."""
    for each in judge_all(api.load(name)):
        assert each.accounted, (each.figure.quantity, each.figure.value, each.actual, each.verdict)
        assert each.figure.source


def test_the_catalogue_publishes_enough_to_mean_something() -> None:
    """Every verdict is among them, and most networks have a figure that is calculated."""
    verdicts = [
        {each.verdict for each in judge_all(api.load(name))} - {"measured"} for name in catalog.names()
    ]
    assert {"exact", "rounded", "truncated", "different"} <= set().union(*verdicts)
    assert sum(map(bool, verdicts)) > len(verdicts) / 2


def test_the_lectures_memory_and_the_358_million_are_there_with_their_reasons() -> None:
    """The two figures that are known to be wrong."""
    for name, quantity, value in (
        ("vgg16", "total.memory(batch=128)", "8.2 GB"),
        ("inception-reduced", "total.macs", "358M"),
    ):
        (found,) = (
            each
            for each in judge_all(api.load(name))
            if (each.figure.quantity, each.figure.value) == (quantity, value)
        )
        assert found.verdict == "different"
        assert found.figure.reason
