"""One question of an assignment: its keys read, its answer computed, its unit and its tolerance held against it."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from fractions import Fraction
from typing import NamedTuple, cast

from archcalc.grading.assignments import dimensions, fields, worth
from archcalc.grading.assignments.networks import Declared, Numbers, misfit
from archcalc.grading.assignments.options import options_of
from archcalc.grading.assignments.worth import Keys
from archcalc.grading.model import Axes, Form, Option, Pick, Question
from archcalc.results.asked import Asked, Name, parse_asked
from archcalc.results.counts import Convention
from archcalc.results.quantities import Answer
from archcalc.spec.nodes import mapping, text_of
from archcalc.spec.reader import Mapping, Node, Sequence
from archcalc.words.errors import ArchcalcError, MisfitError, QuantityError, SpecError
from archcalc.words.text import did_you_mean, listing, quote

DEFAULTS = (
    *("points", "unit_points", "tolerance", "figures", "partial"),
    *("bias", "batch", "dtype", "axes"),
)
"""The keys of a question that may stand at the top of an assignment too, for all of them."""

KEYS = ("id", "text", "ask", "options", "pick", "fits", "unit", "follows", *DEFAULTS)
"""The keys of a question."""

AXES = ("any", "CHW", "HWC")


class Known(NamedTuple):
    """What a question may use of its assignment."""

    numbers: Numbers
    declared: MappingOf[str, Declared]
    defaults: Mapping
    earlier: MappingOf[str, Question]


def question(node: Node, name: str, known: Known) -> Question:
    """The question that a node holds, with its key. Raises ArchcalcError with the place of what is wrong."""
    entry = mapping(node, f"question {name}", KEYS)
    given = Keys(entry, known.defaults)
    convention = fields.convention(given.get, Convention())
    text = entry.get("text")
    why: MisfitError | None = None
    asked: Asked | None = None
    key: Answer
    options: tuple[Option, ...] = ()
    network = _one_question(entry).get("fits")
    if network is not None:
        why = _fit(network, known)
        key = why is None
    else:
        asked, key, options = _asked(entry, convention, known)
    form = _form(key, entry, options)
    unit = _unit(entry, asked, form, known)
    return Question(
        id=name,
        text="" if text is None else text_of(text, "`text`"),
        form=form,
        asked=asked,
        key=key,
        points=worth.points(given.get("points")),
        convention=convention,
        unit=unit,
        unit_points=worth.unit_points(given, form, unit),
        tolerance=worth.tolerance(given, form, key, unit),
        options=options,
        partial=worth.partial(given.get("partial")),
        follows=_follows(entry.get("follows"), asked, name, known),
        place=node.place,
        fits=None if network is None else text_of(network, "`fits`"),
        why="" if why is None else why.message,
        pick=None if (pick := entry.get("pick")) is None else cast(Pick, text_of(pick, "`pick`")),
        axes=_axes(given.get("axes"), asked, form),
    )


# ---- the key


def _one_question(entry: Mapping) -> Mapping:
    """The keys of a question if they ask one thing. Raises SpecError for none, for several and for half of one."""
    options, pick, network = (entry.get(key) for key in ("options", "pick", "fits"))
    there = [key for key in ("ask", "pick", "fits") if entry.get(key) is not None]
    problem = ""
    if len(there) > 1:
        problem = f"a question has one of `ask`, `pick` and `fits`, not {listing(there, 'and')}."
    elif pick is not None and options is None:
        problem = "`pick` chooses among `options`, and there are none."
    elif network is not None and options is not None:
        problem = "`fits` is a yes or no: it takes no options."
    elif not there:
        problem = (
            "a question needs `ask`, the quantity that is asked for, or `fits`, or `options` with `pick`."
        )
    if problem:
        raise SpecError(
            problem,
            hint="For example `ask: conv1.output`, `fits: alexnet`, or "
            "`{options: {a: alexnet:total.params, b: vgg16:total.params}, pick: largest}`.",
            place=entry.place,
        )
    return entry


def _asked(
    entry: Mapping, convention: Convention, known: Known
) -> tuple[Asked | None, Answer, tuple[Option, ...]]:
    """What is asked, the answer to it, and the options if there are any."""
    ask, options, pick = entry.get("ask"), entry.get("options"), entry.get("pick")

    def value(node: Node, text: str) -> tuple[Asked, Answer]:
        return _computed(node, text, convention, known)

    if ask is None:
        assert options is not None
        assert pick is not None
        fields.one_of(pick, "`pick`", ("largest", "smallest"))
        found = options_of(options, text_of(pick, "`pick`"), None, value)
        return None, next(option.label for option in found if option.right), found
    asked, key = value(ask, text_of(ask, "`ask`"))
    if options is None:
        return asked, key, ()
    unit = entry.get("unit")
    found = options_of(options, None, (key, dimensions.scale(unit)), value)
    return asked, next(option.label for option in found if option.right), found


def _computed(node: Node, text: str, convention: Convention, known: Known) -> tuple[Asked, Answer]:
    """What a text asks for, and the answer. Raises ArchcalcError at the node."""

    def answer(name: str) -> Answer:
        if name not in known.earlier:
            raise QuantityError(
                f"{quote('$' + name)} is the answer to no question before this one.",
                hint=did_you_mean(name, known.earlier) or "Name an earlier question by its id.",
            )
        return known.earlier[name].key

    try:
        asked = parse_asked(text)
        return asked, asked.value(lambda name: known.numbers.read(name, convention), answer)
    except ArchcalcError as error:
        raise error.at(node.place) from None


def _fit(node: Node, known: Known) -> MisfitError | None:
    """Why the network that is named does not fit; None if it does."""
    name = text_of(node, "`fits`")
    if name not in known.declared:
        raise SpecError(
            f"the assignment has no network {quote(name)}.",
            hint=did_you_mean(name, known.declared)
            or f"It has {listing(known.declared, 'and') or 'none'}: see `networks:`.",
            place=node.place,
        )
    return misfit(known.declared[name])


def _form(key: Answer, entry: Mapping, options: tuple[Option, ...]) -> Form:
    if options:
        return "choice"
    if isinstance(key, bool):
        return "truth"
    if isinstance(key, tuple) and all(isinstance(size, int) for size in key):
        return "shape"
    if isinstance(key, int | Fraction):
        return "number"
    ask = entry.get("ask")
    assert ask is not None
    raise SpecError(
        f"{quote(text_of(ask, '`ask`'))} is {quote(str(key))}, neither a number nor a shape.",
        hint="Ask for it by a comparison or with options.",
        place=ask.place,
    )


def _unit(entry: Mapping, asked: Asked | None, form: Form, known: Known) -> str | None:
    node, ask = entry.get("unit"), entry.get("ask")
    if form != "number":
        if node is not None and (form != "choice" or ask is None):
            raise SpecError(
                f"a {form} has no unit.", hint="Leave `unit` out, or ask for a number.", place=node.place
            )
        return None
    assert asked is not None
    assert ask is not None
    return dimensions.unit(node, asked, ask, known.earlier)


def _follows(node: Node | None, asked: Asked | None, name: str, known: Known) -> tuple[str, ...]:
    """The questions named; where none are, those whose answers what is asked is computed from."""
    if node is None:
        return tuple(dict.fromkeys(asked.given())) if asked is not None else ()
    found = []
    for item in node.items if isinstance(node, Sequence) else [node]:
        other = text_of(item, "`follows`")
        if other not in known.earlier:
            raise SpecError(
                f"question {name} follows {quote(other)}, and there is no such question before it.",
                hint=did_you_mean(other, known.earlier) or "Name an earlier question by its id.",
                place=item.place,
            )
        found.append(other)
    return tuple(dict.fromkeys(found))


def _axes(node: Node | None, asked: Asked | None, form: Form) -> Axes:
    wanted = "any" if node is None else fields.one_of(node, "`axes`", AXES)
    if form != "shape" or asked is None:
        return "as is"
    root = asked.root
    # Sizes of receptive fields and settings such as a kernel's have no channels.
    with_channels = isinstance(root, Name) and root.counted in ("output", "input")
    return cast(Axes, wanted) if with_channels else "as is"
