"""The table of what is counted: rules that are sums and come out the same on letters, and one place for a new one."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archcalc import api
from archcalc.algebra.symbols import symbol, value_of
from archcalc.derivations.working import Lettered, in_working_order
from archcalc.layers.base import Cost
from archcalc.results.counts import COUNTS, OF_LAYERS, Convention, Counted, Tally, added, count, shown_in

ROOT = Path(__file__).resolve().parent.parent

NUMBERS = st.integers(0, 10**12)
TALLIES = st.builds(Tally, NUMBERS, NUMBERS, st.builds(Cost, *[NUMBERS] * 6), NUMBERS)
CONVENTIONS = st.builds(
    Convention, st.integers(1, 64), st.sampled_from(["float32", "int8", "float64"]), st.booleans()
)


def counted(tally: Tally, convention: Convention, input_elements: int = 0) -> Counted:
    return Counted(tally=tally, convention=convention, given=input_elements)


def is_sum(rule: Any, one: Tally, other: Tally, convention: Convention, elements: int) -> bool:
    """Whether a rule gives of two parts together, and of the input, what it gives of each."""
    together = rule(counted(added([one, other]), convention, elements))
    apart = [counted(one, convention), counted(other, convention), counted(Tally(), convention, elements)]
    return bool(together == sum(rule(part) for part in apart))


@given(one=TALLIES, other=TALLIES, convention=CONVENTIONS, elements=NUMBERS)
def test_every_rule_is_a_sum(one: Tally, other: Tally, convention: Convention, elements: int) -> None:
    for name, known in COUNTS.items():
        assert is_sum(known.rule, one, other, convention, elements), name


def test_a_rule_that_is_no_sum_is_noticed() -> None:
    """Must fail: a product, a quotient, a constant."""
    one, other = Tally(weights=3, cost=Cost(macs=10)), Tally(weights=4, cost=Cost(macs=11))
    for rule in (
        lambda x: x.weights * x.macs,
        lambda x: x.macs // (x.weights + 1),
        lambda x: x.macs + 1,
    ):
        assert not is_sum(rule, one, other, Convention(), 5)


@given(tally=TALLIES, convention=CONVENTIONS, elements=NUMBERS)
def test_letters_come_to_the_numbers(tally: Tally, convention: Convention, elements: int) -> None:
    cost = Cost(*(symbol(f"c_{i}", number) for i, number in enumerate(tally.cost.values())))
    traced = Tally(
        symbol("w", tally.weights), symbol("b", tally.biases), cost, symbol("a", tally.activations)
    )
    lettered = Lettered(Counted(tally=traced, convention=convention, given=symbol("g", elements)))
    for name, known in COUNTS.items():
        assert value_of(known.rule(lettered)) == getattr(counted(tally, convention, elements), name), name


def test_by_hand() -> None:
    """Two layers at a batch of 3, in numbers of 2 bytes."""
    convention = Convention(batch=3, dtype="float16")
    conv = Tally(weights=18, biases=2, cost=Cost(macs=72, additions=8), activations=8).scaled(3)
    relu = Tally(cost=Cost(comparisons=8)).scaled(3)
    network = counted(added([conv, relu]), convention, 3 * 16)
    assert (network.weights, network.biases, network.params) == (18, 2, 20)
    assert (network.macs, network.flops) == (216, 432)
    assert (network.additions, network.comparisons, network.divisions) == (24, 24, 0)
    assert (network.input_activations, network.activations) == (48, 48 + 24)
    assert (network.param_bytes, network.activation_bytes) == (40, 144)
    assert network.memory == network.total_bytes == 184
    weights_only = counted(added([conv, relu]), convention._replace(bias=False))
    assert (weights_only.params, weights_only.param_bytes) == (18, 36)
    shared = conv.learning_nothing()
    assert (shared.weights, shared.biases, shared.cost) == (0, 0, conv.cost)


def test_nothing_added_up_is_nothing() -> None:
    assert added([]) == Tally()


def test_workings_stand_behind_what_they_start_from() -> None:
    names = [known.name for known in in_working_order()]
    assert names[:5] == ["weights", "biases", "params", "macs", "flops"]
    assert sorted(names) == sorted(OF_LAYERS)
    for known in in_working_order():
        assert all(names.index(first) <= names.index(known.name) for first in known.starts_from)


@pytest.mark.parametrize(
    "options", [{"shown": "sumary", "aspect": "flops"}, {"shown": "summary"}, {"aspect": "speed"}]
)
def test_a_row_that_makes_no_sense_is_refused(options: dict[str, str]) -> None:
    known = dict(COUNTS)
    with pytest.raises(TypeError, match="documents"):

        @count(**options)  # type: ignore[arg-type]
        def nonsense(self: Any) -> Any:
            return self.macs

    assert known == COUNTS


def test_every_document_has_what_the_table_says() -> None:
    summary = json.loads(_rendered("json"))
    assert tuple(summary["totals"]) == shown_in("summary")
    row = summary["layers"][0]
    learned, computed, held = (
        shown_in("summary", aspect, of_layers=True) for aspect in ("params", "flops", "memory")
    )
    assert [key for key in row if key in COUNTS] == [*learned, *computed, *held]
    header = _rendered("csv").splitlines()[0].split(",")
    assert [key for key in header if key in COUNTS] == [*learned, *computed, *held]


def _rendered(form: str) -> str:
    from archcalc import render

    return render.summary(api.analyse("lenet5"), form)


# --- the page that says how to add one ---------------------------------------------------------------------------

ANOTHER = """
    @count("held, {dtype}", unit="B", aspect="memory")
    def held_bytes(self) -> Number:
        return (self.params + self.activations) * self.element_bytes

"""
"""One that starts from what is learned and from what is not."""

SHARED = """
input: [2, 4, 4]
layers: [{conv: 2, kernel: 1, name: a}, {conv: 2, kernel: 1, name: b, weights: a}]
"""

TRIED = """
import json, sys
sys.path.insert(0, "docs")
import counts_page
from archcalc import api, render
from archcalc.algebra.notation import derivation
from archcalc.derivations.explanation import explain
from archcalc.grading import load_assignment

network = api.load("lenet5")
report = api.analyse(network)
summary = json.loads(render.summary(report, "json"))
compared = api.compare("lenet5", "alexnet")
layer = explain(network, "c1.additions_and_macs")
whole = explain(network, "total.additions_and_macs(batch=2)")
question = load_assignment("a.yaml").questions[0]
shared = explain(api.load("shared.yaml"), "b.held_bytes")
held = explain(api.load("shared.yaml"), "total.held_bytes")
schema = counts_page.with_counts(json.load(open("docs/output.schema.json")))["$defs"]
print(json.dumps({
    "total": summary["totals"]["additions_and_macs"],
    "layer": summary["layers"][0]["additions_and_macs"],
    "attribute": report.rows[0].additions_and_macs,
    "csv": "additions_and_macs" in render.summary(report, "csv").splitlines()[0],
    "compared": "additions_and_macs" in render.comparison(compared, "csv", aspects=("flops",)).splitlines()[0],
    "explained": [step.title for step in layer.layers[0].steps],
    "answer": layer.answer,
    "sum": [whole.answer, whole.sums[0].value],
    "key": question.key,
    "schema": ["additions_and_macs" in schema[part]["required"] for part in ("totals", "row")],
    "docs": "`additions_and_macs`" in counts_page.asked(),
    "shared": [shared.answer, *(f"{step.title}: {derivation(step.expression)}" for step in shared.layers[0].steps)],
    "held": [held.answer, held.sums[0].value],
}))
"""


def test_the_example_of_the_page_is_all_that_a_new_quantity_needs(tmp_path: Path) -> None:
    """The lines of docs/adding-a-quantity.md, put into a copy of the program: nothing else is changed."""
    page = (ROOT / "docs" / "adding-a-quantity.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"<!-- the example .+? -->\n\n```text\n(.+?)```", page, re.DOTALL)
    for folder in ("archcalc", "docs", "specs"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    table = tmp_path / "archcalc" / "results" / "counts.py"
    before, mark, behind = table.read_text(encoding="utf-8").partition('    @count(marked("multiplications")')
    assert mark
    table.write_text(f"{before}{example}\n{ANOTHER}{mark}{behind}", encoding="utf-8")
    (tmp_path / "a.yaml").write_text(
        "networks: {n: lenet5}\nquestions:\n  - {id: a, ask: total.additions_and_macs}\n", encoding="utf-8"
    )
    (tmp_path / "shared.yaml").write_text(SHARED, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", TRIED], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    # c1: 6 filters of 5·5 on 28·28 positions, and a bias for each output
    assert found.pop("layer") == found["answer"] == found["attribute"] == 28 * 28 * 6 * (25 + 1)
    report = api.analyse("lenet5")
    whole = report.totals.macs + report.totals.cost.additions
    assert found == {
        "total": whole,
        "attribute": 122_304,
        "csv": True,
        "compared": True,
        "explained": ["additions and macs"],
        "answer": 122_304,
        "sum": [2 * whole, 2 * whole],
        "key": whole,
        "schema": [True, True],
        "docs": True,
        # 32 numbers put out, of 4 bytes; the 2·2 weights and 2 biases are those of the layer before
        "shared": [128, "held, float32: (params + activations)·B = (0 + 32)·4 = 128"],
        "held": [4 * (32 + 6 + 32 + 32)] * 2,
    }
