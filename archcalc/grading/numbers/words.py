"""The words that stand behind a number, and what each is worth: `M`, `milhões`, `GMACs`, `KiB`, `parâmetros`.

Symbols tell upper from lower case, words do not, nor do they need their accents. One that is used for several
things has several meanings: KB is 1000 bytes to some and 1024 to others, and Mi is 2²⁰ or, where Portuguese may be
spoken, a million. All in small letters a unit is one of bytes: mb is MB, and Mb are megabits. Mo are bytes in French.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import NamedTuple

from archcalc.algebra.units import SUFFIXES
from archcalc.grading.numbers.characters import folded
from archcalc.words.text import did_you_mean


class Meaning(NamedTuple):
    """What the words behind a number may mean."""

    factor: int
    unit: str | None
    """`B`, `bit`, `MAC`, `FLOP`, `%`, `×`; None for a bare count."""


Meanings = tuple[Meaning, ...]

_LETTERS = {"k": 1, "M": 2, "G": 3, "T": 4}
_PREFIXES = (
    *((letter.casefold(), 1000, power) for letter, power in _LETTERS.items()),
    *((f"{letter.casefold()}i", 1024, power) for letter, power in _LETTERS.items()),
    *(("kilo", 1000, 1), ("quilo", 1000, 1), ("mega", 1000, 2), ("giga", 1000, 3), ("tera", 1000, 4)),
    *(("kibi", 1024, 1), ("mebi", 1024, 2), ("gibi", 1024, 3), ("tebi", 1024, 4)),
)
"""What may stand before the word of a unit, whose case is of no matter: `gmacs`, `megabytes`."""

_BILLION = Meaning(10**9, None)
_SCALES: Mapping[str, tuple[int, ...]] = {
    **dict.fromkeys(("thousand", "thousands", "milhar", "milhares"), (10**3,)),
    **dict.fromkeys(("mi", "mio", "mln", "milhao", "milhoes", "million", "millions"), (10**6,)),
    **dict.fromkeys(("bi", "bn", "bilhao", "bilhoes", "billion", "billions", "mil milhoes"), (10**9,)),
    **dict.fromkeys(("tri", "tn", "trilhao", "trilhoes", "trillion", "trillions"), (10**12,)),
    # In Portugal a million millions, in Brazil a slip for bilhão.
    **dict.fromkeys(("biliao", "bilioes"), (10**9, 10**12)),
    **dict.fromkeys(("kilo", "kilos", "quilo", "quilos"), (10**3,)),
    **dict.fromkeys(("mega", "megas"), (10**6,)),
    **dict.fromkeys(("giga", "gigas"), (10**9,)),
    **dict.fromkeys(("tera", "teras"), (10**12,)),
}
# `m` is mil as well as million; `MM` is what Brazilian ledgers write for a million, and `kk` what Brazilians type.
_SCALE_SYMBOLS: Mapping[str, tuple[int, ...]] = {
    "k": (10**3,),
    "K": (10**3,),
    "M": (10**6,),
    "MM": (10**6,),
    "kk": (10**6,),
    "KK": (10**6,),
    "m": (10**3, 10**6),
    "G": (10**9,),
    "B": (10**9,),
    "T": (10**12,),
    **{f"{letter.upper()}i": (1024**power,) for letter, power in _LETTERS.items()},
}

_COUNTED = frozenset(
    word
    for words in (
        "parametro parametros param params parameter parameters peso pesos weight weights vies vieses bias biases",
        "neuronio neuronios neuron neurons unidade unidades unit units celula celulas ativacao ativacoes activation",
        "activations elemento elementos element elements valor valores value values numero numeros number numbers",
        "pixel pixels px canal canais channel channels filtro filtros filter filters kernel kernels mapa mapas map",
        "maps camada camadas layer layers bloco blocos block blocks modulo modulos module modules classe classes",
        "class posicao posicoes position positions conexao conexoes connection connections imagem imagens image images",
        "operacao operacoes operation operations op ops",
    )
    for word in words.split()
) | {
    "feature map",
    "feature maps",
    "mapas de caracteristicas",
    "mapas de ativacao",
    "parametros treinaveis",
    "trainable parameters",
    "trainable params",
    "parametros aprendidos",
    "learnable parameters",
}
"""What may be counted, folded; such a word has no unit."""

_MULTIPLICATIONS = frozenset(
    {
        f"{first}{between}{second}{plural}"
        for first in ("mult", "mul", "multiply")
        for between in ("-", " ", "")
        for second in ("add", "accumulate", "accumulation", "accumulator")
        for plural in ("", "s")
    }
) | {
    "multiplicacao",
    "multiplicacoes",
    "multiplication",
    "multiplications",
    "mults",
    "operacoes de multiplicacao",
    "multiplicacoes e somas",
    "multiplicacoes-somas",
    "multiplicacoes e acumulacoes",
}

_NAMES: Mapping[str | None, Sequence[str]] = {
    "B": ("byte", "bytes", "octet", "octets", "octeto", "octetos"),
    "bit": ("bit", "bits"),
    "MAC": ("mac", "macs"),
    "FLOP": ("flop", "flops"),
}
"""What the units that take a prefix are called."""

_MEASURES: Mapping[str | None, Iterable[str]] = {
    None: _COUNTED,
    **_NAMES,
    "MAC": (*_NAMES["MAC"], *_MULTIPLICATIONS),
    "%": (
        *("por cento", "porcento", "percent", "per cent", "pct"),
        *("ponto percentual", "pontos percentuais", "percentage point", "percentage points"),
    ),
    "×": ("x", "×", "vezes", "times"),
}
"""Words by the unit that they stand for, folded."""

_SHORTEST_GUESSED = 3

# Behind all of it; these say nothing about the number.
_TAILS = ("no total", "ao todo", "in total", "in all", "altogether", "total")


def _symbols() -> Iterator[tuple[str, Meanings]]:
    for symbol, meaning in SUFFIXES.items():
        yield symbol, (Meaning(*meaning),)
    for symbol, factors in _SCALE_SYMBOLS.items():
        yield symbol, tuple(Meaning(factor, None) for factor in factors)
    yield "B", (Meaning(1, "B"), _BILLION)
    yield "b", (Meaning(1, "bit"), Meaning(1, "B"), _BILLION)
    for letter, power in _LETTERS.items():
        si, iec = 1000**power, 1024**power
        yield f"{letter}b", (Meaning(si, "bit"),)
        yield f"{letter.upper()}ib", (Meaning(iec, "bit"),)
        yield f"{letter}iB", (Meaning(iec, "B"),)
        yield f"{letter.upper()}IB", (Meaning(iec, "B"),)
        yield f"{letter.lower()}b", (Meaning(si, "B"),)
        yield f"{letter.lower()}ib", (Meaning(iec, "B"),)
        # To the French a byte is an octet, and Mio are 2²⁰ of them; elsewhere that is a million.
        french = Meaning(iec, "B")
        yield f"{letter.upper()}io", (Meaning(10**6, None), french) if letter == "M" else (french,)
        for octets in {f"{letter}o", f"{letter.upper()}o"}:
            yield octets, (Meaning(si, "B"),)
    kilo = (Meaning(1000, "B"), Meaning(1024, "B"))
    yield "KB", kilo
    yield "Kb", (*kilo, Meaning(1000, "bit"))


def _words() -> Iterator[tuple[str, Meanings]]:
    for unit, words in _MEASURES.items():
        for word in words:
            yield word, (Meaning(1, unit),)
    for (unit, names), (prefix, base, power) in product(_NAMES.items(), _PREFIXES):
        # A kilobyte is as unclear as a KB.
        bases = (1000, 1024) if (unit, base, power) == ("B", 1000, 1) else (base,)
        for between, name in product(("", " ", "-"), names):
            yield f"{prefix}{between}{name}", tuple(Meaning(each**power, unit) for each in bases)
    for word, (letter, power) in product(_MULTIPLICATIONS, _LETTERS.items()):
        yield f"{letter.casefold()}{word}", (Meaning(1000**power, "MAC"),)


_SYMBOLS: Mapping[str, Meanings] = dict(_symbols())
_WORDS: Mapping[str, Meanings] = dict(_words())


def meanings(words: str, locale: str | None) -> Meanings:
    """What the words behind a number mean, the most usual first; none if they are not known. No words are one."""
    if words in _SYMBOLS and words != "Mi":
        return _SYMBOLS[words]
    plain = folded(words)
    tail = next((tail for tail in _TAILS if plain == tail or plain.endswith((f" {tail}", f",{tail}"))), "")
    if tail:
        kept = words[: -len(tail)].rstrip(" ,")
        return meanings(kept, locale) if len(kept) < len(words) else ()
    if plain in _WORDS:
        return _WORDS[plain]
    scaled = _scales(words, locale)
    if scaled:
        return tuple(Meaning(factor, None) for factor in scaled)
    # Two words of a scale, one, or a symbol: then what is counted, behind `de` or `of`.
    parts = words.split()
    for count in (2, 1):
        rest = " ".join(parts[count:])
        scaled = _scales(" ".join(parts[:count]), locale) if rest else ()
        if scaled:
            behind = folded(rest).removeprefix("de ").removeprefix("of ")
            return tuple(
                Meaning(factor * unit.factor, unit.unit)
                for factor in scaled
                for unit in _WORDS.get(behind, ())
            )
    behind = plain.removeprefix("de ").removeprefix("of ")
    return _WORDS.get(behind, ())


def is_counted(words: str) -> bool:
    """Whether the words behind a shape say only what is counted: `pixels`, `neurônios`."""
    return folded(words).removeprefix("de ").removeprefix("of ") in _COUNTED


def nearest(words: str) -> str:
    """What may have been meant by words that are not known; of a letter or two everything is near, and nothing said."""
    # In an order of their own: that of a set is another one in every run.
    known = (word for word in (*SUFFIXES, *_SCALES, *sorted(_COUNTED)) if len(word) >= _SHORTEST_GUESSED)
    return did_you_mean(words, known) if len(words) >= _SHORTEST_GUESSED else ""


def _scales(word: str, locale: str | None) -> tuple[int, ...]:
    if word == "Mi" and locale != "en":
        return (*_SCALE_SYMBOLS[word], *_SCALES["mi"])
    if word in _SCALE_SYMBOLS:
        return _SCALE_SYMBOLS[word]
    plain = folded(word).removesuffix(".")
    if plain == "mil":
        # A thousand in Portuguese; in English some say it for a million.
        return (10**3,) if locale == "pt-BR" else (10**3, 10**6)
    return _SCALES.get(plain, ())
