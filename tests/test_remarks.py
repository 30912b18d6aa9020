"""Networks that are right as written and often meant otherwise: what is remarked, and what is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from archcalc import api, render
from archcalc.network.network import Network
from archcalc.network.orders import other_order
from archcalc.spec import catalog
from archcalc.words.errors import ArchcalcError, NetworkError
from archcalc.words.language import in_language

Load = Callable[..., Network]

FORMATS = ("table", "markdown", "latex", "svg")


@pytest.mark.parametrize(
    ("shape", "meant"),
    [
        ((28, 28, 1), (1, 28, 28)),
        ((224, 224, 3), (3, 224, 224)),
        ((32, 32, 3), (3, 32, 32)),
        ((480, 640, 3), (3, 480, 640)),
        ((64, 3, 32, 32), (3, 32, 32)),
        ((1, 3, 224, 224), (3, 224, 224)),
        ((128, 1, 28, 28), (1, 28, 28)),
        ((16, 112, 112, 3), (3, 16, 112, 112)),
    ],
)
def test_another_order_is_seen(shape: tuple[int, ...], meant: tuple[int, ...]) -> None:
    order = other_order(shape)
    assert order is not None
    assert order.meant == meant
    assert order.has_batch == (len(meant) < len(shape))


@pytest.mark.parametrize(
    "shape",
    [
        *((3, 224, 224), (1, 28, 28), (64, 56, 56), (3, 480, 640), (4, 84, 84), (19, 19, 19), (48, 19, 19)),
        *((512, 3, 3), (64, 1, 1), (512, 1, 26), (1, 28, 1), (8, 8, 8), (3, 3, 3), (9, 128, 1), (16, 8, 4)),
        *((197, 768), (3, 3), (128, 3), (1024,), (3,)),
        *((3, 16, 112, 112), (1, 64, 64, 64), (64, 8, 28, 28), (64, 3, 3, 3), (56, 56, 96), (8, 8, 7, 7, 3)),
    ],
)
def test_an_order_of_this_language_is_not_remarked(shape: tuple[int, ...]) -> None:
    assert other_order(shape) is None


CONV = "layers: [{conv: 32, kernel: 3, padding: same}]"


def test_the_summary_says_so_in_every_format_for_people(load: Load) -> None:
    report = api.analyse(load(f"input: [28, 28, 1]\n{CONV}"))
    # 3·3·28·32 + 32, where 3·3·1·32 + 32 = 320 were meant: both are right
    assert report.totals.params == 8096
    for form in FORMATS:
        said = render.summary(report, form).replace("&#160;", " ").replace("\\", "").replace("\xa0", " ")
        assert "if those of 28×28×1 stand last" in said.replace("$times$", "×"), form
    with in_language("pt-BR"):
        assert "nota" in render.summary(report)
    for form in ("json", "csv"):
        assert "stand last" not in render.summary(report, form)
    assert "note" not in render.summary(api.analyse(load(f"input: [1, 28, 28]\n{CONV}")))


@pytest.mark.parametrize(
    "layers",
    [
        "{permute: [2, 0, 1]}, {conv: 3, kernel: 3}",
        "flatten, {linear: 3}",
        "{linear: 3, axis: -1}",
        "{conv: 3, kernel: 3, padding: [[1, 1], 1]}",
    ],
)
def test_only_windows_over_the_input_itself_are_remarked(layers: str, load: Load) -> None:
    remarks = api.analyse(load(f"input: [28, 28, 1]\nlayers: [{layers}]")).remarks
    assert bool(remarks) == layers.startswith("{conv")


@pytest.mark.parametrize(
    ("shape", "layer", "hint"),
    [
        ("[224, 224, 3]", "{conv: 64, kernel: 7}", "if those of 224×224×3 stand last, write [3, 224, 224]."),
        ("[28, 28, 1]", "relu, {max_pool: 2}", "write [1, 28, 28]."),
        ("[64, 3, 32, 32]", "{conv: 8, kernel: [5, 5]}", "If the 64 in front of 64×3×32×32 are a batch"),
    ],
)
def test_a_layer_that_does_not_fit_hears_of_it_too(shape: str, layer: str, hint: str, load: Load) -> None:
    with pytest.raises(ArchcalcError) as caught:
        load(f"input: {shape}\nlayers: [{layer}]")
    assert hint in (caught.value.hint or "")
    with pytest.raises(ArchcalcError) as caught:
        load("input: [3, 2, 2]\nlayers: [{conv: 8, kernel: 7}]")
    assert "stand last" not in (caught.value.hint or "")


def test_an_input_given_for_another_is_held_against_that_one(load: Load) -> None:
    """The same rule, where the channels are known."""
    spec = f"input: [5, 9, 9]\n{CONV}"
    with pytest.raises(ArchcalcError, match="has its channels last") as caught:
        load(spec, input=[7, 7, 5])
    assert caught.value.hint == "Channels come first: 5×7×7."
    assert load(spec, input=[5, 7, 5]).nodes[0].output == (32, 7, 5)


# --- products ----------------------------------------------------------------------------------------------

ATTENTION = """
input: [16, 64]
layers:
  - mul: [[{linear: 64}, {reshape: [16, 1, 64]}], [{linear: 64}, {reshape: [1, 16, 64]}]]
  - mean: 2
  - {softmax: -1}
  - mul: [[{reshape: [16, 16, 1]}], [{from: input}, {reshape: [1, 16, 64]}]]
  - mean: 1
"""


def test_matrix_products_written_with_mul_are_remarked(load: Load) -> None:
    report = api.analyse(load(ATTENTION))
    # the two projections: 2·16·64·64 MACs; each product 16·16·64 multiplications
    assert report.totals.macs == 131_072
    (remark,) = report.remarks
    assert remark._asdict() == {"layers": ("mul1", "mul2"), "multiplications": 2 * 16 * 16 * 64}
    said = render.summary(report)
    assert "mul1 and 1 other multiply tensors that are repeated against each other" in said
    assert "32,768 multiplications, which are no MACs here" in said


@pytest.mark.parametrize(
    "join",
    [
        "mul: [[], [global_avg_pool, {reshape: [8, 1, 1]}, sigmoid]]",  # a gate: no larger than what it weighs
        "mul: [[], []]",
        "add: [[{reshape: [64, 1, 8]}], [{reshape: [1, 64, 8]}]]",  # sums are no products
    ],
)
def test_gates_and_sums_are_not_remarked(join: str, load: Load) -> None:
    assert api.analyse(load(f"input: [8, 8, 8]\nlayers: [{{{join}}}]")).remarks == ()


def test_check_says_what_its_agreement_leaves_out(load: Load) -> None:
    pytest.importorskip("torch")
    from archcalc.pytorch import META, many

    def said(spec: str, tmp: Any) -> str:
        load(spec)
        (found,) = (check for _, check in many.checks([many.Job(tmp, None, {}, META, None, True)]))
        assert found.agrees
        return render.checks([found])

    path = load(ATTENTION).spec.place.file
    note = "MACs are counted by neither side"
    assert note in " ".join(said(ATTENTION, path).split())
    assert note not in " ".join(said(f"input: [1, 28, 28]\n{CONV}", path).split())


# --- an input that nothing reads ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ("{parameter: [16]}, {linear: 3}", "no layer reads the input."),
        ("{layers: [{parameter: [16]}]}, {linear: 3}", "no layer reads the input."),
        ("{concat: [[{parameter: 4}], [{parameter: 4}]]}", "no layer reads the input."),
        (
            "{parameter: [16]}, {linear: 3}, {auxiliary: a, layers: [{from: input}, {linear: 3}]}",
            "only an auxiliary head reads the input.",
        ),
    ],
)
def test_an_input_that_nothing_reads_is_refused(layers: str, message: str, load: Load) -> None:
    with pytest.raises(NetworkError) as caught:
        load(f"input: [8]\nlayers: [{layers}]")
    assert caught.value.message == message
    assert "`concat: [[{parameter: …}], []]`" in (caught.value.hint or "")
    assert caught.value.place is not None


@pytest.mark.parametrize(
    "layers",
    [
        "{concat: [[{parameter: [1, 8]}], []]}, {add: [[], [{parameter: [9, 8]}]]}",  # a class token, positions
        "{add: [[{parameter: 8}], [{linear: 8}]]}",
        "{head: a, layers: [{linear: 3}]}, {from: input}, {linear: 8}",
    ],
)
def test_parameters_beside_the_input_are_what_they_were(layers: str, load: Load) -> None:
    shape = "[8, 8]" if "[1, 8]" in layers else "[8]"
    assert load(f"input: {shape}\nlayers: [{layers}]").nodes


@pytest.mark.parametrize(
    "name", [name for name in catalog.names() if catalog.load_spec(name).about.get("libraries")]
)
def test_the_summary_says_which_network_libraries_mean(name: str) -> None:
    """It is another one of the catalogue, with other numbers, under nearly the same title."""
    spec = catalog.load_spec(name)
    other = catalog.load_spec(spec.about["libraries"])
    assert spec.title.split()[0].split("-")[0] == other.title.split()[0].split("-")[0]
    ours, theirs = api.analyse(name), api.analyse(other.name)
    assert (ours.totals.params, ours.totals.macs) != (theirs.totals.params, theirs.totals.macs)
    for form in FORMATS:
        said = render.summary(ours, form, width=200).replace("&#160;", " ").replace("\\", "")
        assert f"libraries mostly mean another network, {other.name}" in said, form
        assert "libraries mostly mean" not in render.summary(theirs, form, width=200)


def test_resnet50_is_v1_5_in_libraries() -> None:
    """3.858 G here, by Table 1 of the paper; 4.089 G as torchvision documents its resnet50."""
    assert "resnet50-v1.5" in render.summary(api.analyse("resnet50"))
    assert "resnet50-v1.5" in render.summary(api.analyse("resnet50"), "markdown")
    with in_language("pt-BR"):
        assert "outra rede, resnet50-v1.5" in render.summary(api.analyse("resnet50"))
