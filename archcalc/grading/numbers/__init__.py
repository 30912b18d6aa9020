"""Reading answers as people write them: `138.344.128`, `138,3 milhões`, `1,38×10⁸`, `≈ 8,2 GB`, `(55, 55, 96)`.

    answer ─▶ plain characters ─▶ number | sizes | option | yes or no ─▶ Reading
              characters          numerals  sizes   options              reading
                                calculations

What may mean two things comes with both, what cannot be read with the way to write it; nothing is guessed,
and no text of an answer is ever executed. All of it takes time in proportion to the text.
"""

from __future__ import annotations

from archcalc.grading.numbers.characters import LONGEST
from archcalc.grading.numbers.reading import read

__all__ = ["LONGEST", "read"]
