"""Vision Transformers against torchvision, Table 1 of their paper, and sums by hand."""

from __future__ import annotations

from typing import NamedTuple

import pytest

import archcalc
from archcalc.derivations.explanation import judge_all

TORCHVISION = {
    # torchvision 0.28: parameters, and half of torch's FlopCounterMode. Huge/14 as vit_h_14(image_size=224).
    "vit-b16": (86_567_656, 17_563_828_224),
    "vit-b32": (88_224_232, 4_409_186_304),
    "vit-l16": (304_326_632, 61_554_712_576),
    "vit-h14": (632_045_800, 167_295_109_120),
}


class Model(NamedTuple):
    """A row of Table 1 and the size of a patch."""

    layers: int
    width: int
    mlp: int
    patch: int

    @property
    def tokens(self) -> int:
        """The patches of 224×224, and the class token."""
        return (224 // self.patch) ** 2 + 1

    @property
    def encoder(self) -> int:
        """The weights of one encoder block's six matrices."""
        return 4 * self.width**2 + 2 * self.width * self.mlp

    def params(self, classes: int | None) -> int:
        """Added up as equations 1 to 4 have them; None: without the classifier."""
        biases = 4 * self.width + self.mlp + self.width
        norms = 2 * 2 * self.width
        head = 0 if classes is None else (self.width + 1) * classes
        return (
            (3 * self.patch**2 + 1) * self.width
            + self.width
            + self.tokens * self.width
            + self.layers * (self.encoder + biases + norms)
            + 2 * self.width
            + head
        )

    def macs(self) -> int:
        """Patches are projected, the class token is not; scores and weighted sums take T·T·D each."""
        attention = 2 * self.tokens**2 * self.width
        blocks = self.layers * (self.tokens * self.encoder + attention)
        return (self.tokens - 1) * 3 * self.patch**2 * self.width + blocks + self.width * 1000


MODELS = {
    "vit-b16": Model(12, 768, 3072, 16),
    "vit-b32": Model(12, 768, 3072, 32),
    "vit-l16": Model(24, 1024, 4096, 16),
    "vit-h14": Model(32, 1280, 5120, 14),
}


@pytest.mark.parametrize(("name", "expected"), TORCHVISION.items(), ids=TORCHVISION)
def test_torchvision_has_the_same_totals(name: str, expected: tuple[int, int]) -> None:
    totals = archcalc.analyse(name).totals
    assert (totals.params, totals.macs) == expected


@pytest.mark.parametrize(("name", "model"), MODELS.items(), ids=MODELS)
def test_totals_by_hand(name: str, model: Model) -> None:
    totals = archcalc.analyse(name).totals
    assert (totals.params, totals.macs) == (model.params(1000), model.macs())


@pytest.mark.parametrize(
    "changed", [Model(11, 768, 3072, 16), Model(12, 768, 2048, 16), Model(12, 768, 3072, 14)]
)
def test_another_row_would_be_noticed(changed: Model) -> None:
    totals = archcalc.analyse("vit-b16").totals
    assert totals.params != changed.params(1000)
    assert totals.macs != changed.macs()


def test_larger_images_have_more_tokens() -> None:
    """At 384×384 there are 577 tokens, and torchvision's ViT_B_16_Weights.IMAGENET1K_SWAG_E2E_V1 states both."""
    totals = archcalc.analyse(archcalc.load("vit-b16", input=(3, 384, 384))).totals
    assert totals.params == 86_859_496
    assert f"{totals.macs / 1e9:.3f}" == "55.484"


def test_names_and_shapes() -> None:
    outputs = {row.name: row.output for row in archcalc.analyse("vit-b16").rows}
    assert outputs["embedding.patches"] == (768, 14, 14)
    assert outputs["embedding.class.token"] == (1, 768)
    assert outputs["embedding.position.embedding"] == (197, 768)
    assert outputs["encoder.12.linear1"] == (197, 3072)
    assert outputs["head"] == (1000,)


def test_one_encoder_block() -> None:
    """Four D×D and two D×4D matrices with their biases, and two norms: 12·768² + 13·768 = 7,087,872."""
    report = archcalc.analyse("vit-b16")
    members = [row for row in report.rows if row.name.startswith("encoder.1.")]
    assert sum(row.params for row in members) == 12 * 768**2 + 13 * 768 == 7_087_872
    # 197 tokens pass 12·768² weights, and meet each other twice.
    assert sum(row.macs for row in members) == 197 * 12 * 768**2 + 2 * 197**2 * 768 == 1_453_954_560


# --- Table 1: 86M, 307M, 632M --------------------------------------------------------------------------------

LARGE_32 = Model(24, 1024, 4096, 32)
CONVENTIONS = {
    # patch of the Large model, classes, whether the last digit is cut off instead of rounded: what comes out.
    "with classifier, rounded": (16, 1000, False, (87, 304, 632)),
    "with classifier, cut off": (16, 1000, True, (86, 304, 632)),
    "without classifier, rounded": (16, None, False, (86, 303, 631)),
    "without classifier, cut off": (16, None, True, (85, 303, 630)),
    "Large/32 with classifier, rounded": (32, 1000, False, (87, 307, 632)),
    "Large/32 with classifier, cut off": (32, 1000, True, (86, 306, 632)),
    "Large/32 without classifier, rounded": (32, None, False, (86, 306, 631)),
}


@pytest.mark.parametrize("convention", CONVENTIONS.values(), ids=CONVENTIONS)
def test_no_convention_gives_table_1(convention: tuple[int, int | None, bool, tuple[int, int, int]]) -> None:
    """86M is Base/16 without its classifier, or cut off; 307M only Large/32; 632M Huge/14 with its classifier."""
    patch, classes, cut, expected = convention
    models = (MODELS["vit-b16"], MODELS["vit-l16"]._replace(patch=patch), MODELS["vit-h14"])
    counts = [model.params(classes) for model in models]
    millions = tuple(count // 10**6 if cut else round(count / 10**6) for count in counts)
    assert millions == expected != (86, 307, 632)


def test_307_million_is_large_on_patches_of_32() -> None:
    """torchvision's vit_l_32 has 306,535,400; the spec of Large/16 with larger patches has them too."""
    assert LARGE_32.params(1000) == 306_535_400
    verdicts = {
        (name, judged.figure.value): judged.verdict
        for name in MODELS
        for judged in judge_all(archcalc.load(name))
    }
    assert verdicts["vit-b16", "86M"] == "truncated"
    assert verdicts["vit-b32", "86M"] == "different"
    assert verdicts["vit-l16", "307M"] == "different"
    assert verdicts["vit-h14", "632M"] == "rounded"


@pytest.mark.parametrize("name", MODELS)
def test_what_was_published_is_accounted_for(name: str) -> None:
    assert all(judged.accounted for judged in judge_all(archcalc.load(name)))
