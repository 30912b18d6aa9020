"""What the columns of a table and the keys of a sheet are called, in English and Portuguese."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

_NO_WORD = re.compile(r"[^0-9a-z]+")


def folded(text: str) -> str:
    """The words of a text without case, accents and signs: `Endereço de e-mail:` is `endereco de e mail`."""
    plain = text.lower() if text.isascii() else _without_accents(text)
    return _NO_WORD.sub(" ", plain).strip()


def _without_accents(text: str) -> str:
    # One sign at a time: a run of accents is put into order in quadratic time, minutes for a hostile megabyte.
    apart = "".join([unicodedata.normalize("NFKD", sign) for sign in text]).casefold()
    return "".join([sign for sign in apart if not unicodedata.combining(sign)])


ID = frozenset(
    {
        *(
            "id",
            "student",
            "student id",
            "student number",
            "id number",
            "registration",
            "registration number",
        ),
        *("registration id", "enrollment", "enrolment", "username", "user name", "login", "sid", "user id"),
        *("aluno", "aluna", "estudante", "id do aluno", "matricula", "numero de matricula", "ra", "n usp"),
        *("numero usp", "nusp", "numero do aluno", "numero de identificacao", "identificacao"),
        *("identificacao de usuario", "nome de usuario", "usuario", "codigo"),
    }
)
EMAIL = frozenset(
    {
        *("email", "e mail", "mail", "email address", "e mail address", "student email"),
        *("endereco de email", "endereco de e mail", "correio eletronico", "nome de usuario email"),
    }
)
NAME = frozenset({"name", "full name", "student name", "nome", "nome completo", "nome do aluno", "your name"})
FIRST = frozenset({"first name", "given name", "primeiro nome", "nome proprio"})
LAST = frozenset({"surname", "last name", "family name", "sobrenome", "apelido", "ultimo nome"})

NAME_BESIDE_ID = frozenset({"student", "aluno", "aluna", "estudante"})
"""What is an id alone, and the name beside a column or key that can only be the id."""

PEOPLE = {"id": ID, "email": EMAIL, "name": NAME, "first name": FIRST, "last name": LAST}
"""Who a sheet is of, by what is taken from it."""

ASIDE = frozenset(
    {
        *("timestamp", "carimbo de data hora", "data hora", "score", "pontuacao", "total score", "points"),
        *("state", "status", "estado", "situacao", "estado da tentativa", "situacao da tentativa"),
        *("attempt state", "attempt status", "started", "started on", "completed", "completed on"),
        *(
            f"{done}{at}"
            for done in (
                "iniciado",
                "iniciada",
                "completo",
                "concluido",
                "concluida",
                "finalizado",
                "terminado",
            )
            for at in ("", " em", " a")
        ),
        *(
            "time taken",
            "duration",
            "duracao",
            *("tempo utilizado", "tempo empregado", "tempo gasto", "tempo decorrido", "tempo usado"),
            "institution",
            "instituicao",
        ),
        *(
            "department",
            "departamento",
            "attempt",
            "tentativa",
            "group",
            "groups",
            "grupo",
            "grupos",
            "turma",
        ),
        *("feedback", "ip address", "endereco ip", "submission time", "submitted at"),
    }
)
"""What the exports of forms and courses have beside answers."""

ASIDE_FORMS = re.compile(
    # Marks of the platform: of the whole, as `Avaliar/10,00`, of a question, as `Q. 1 /2,00`; a form's own.
    r"(?:(?:grade|avaliar|avaliacao|nota|rating)\s*/\s*[\d.,]+|q\.?\s*\d+\s*/\s*[\d.,]+"
    r"|.*\[(?:score|feedback|points|pontuacao|pontuação|comentarios|comentários)\]"
    r"|(?:right answer|correct answer|resposta correta|resposta certa)\s*\d+)",
    re.IGNORECASE | re.DOTALL,
)

ITEM_MARKS = re.compile(r"q\.?\s*\d+\s*/\s*[\d.,]+", re.IGNORECASE)
"""A column of marks in Moodle's report of grades, which has no answers."""

ANSWER = r"response|resposta|answer"
QUESTION = r"question|questao|pergunta|q|item|exercise|exercicio|problem|problema|ex"

AVERAGES = frozenset(
    {
        *("overall average", "media geral", "media global", "media total"),
        *("group average", "media do grupo", "media de grupo"),
    }
)
"""What the last rows of a Moodle export say they are."""

STATE = frozenset(
    {
        *("state", "status", "estado", "situacao", "attempt state", "attempt status"),
        *("estado da tentativa", "situacao da tentativa"),
    }
)
"""What the column is called that says how far somebody is with a quiz."""


def _forms(*words: str) -> Iterator[str]:
    """Portuguese participles in every gender and number: Moodle 3 says `Nunca enviadas`, others `Nunca enviado`."""
    for word in words:
        yield from (word[:-1] + ending for ending in ("o", "a", "os", "as"))


NEVER = frozenset(
    {
        *("never submitted", "abandoned", "not started", "not yet started", "not attempted", "not submitted"),
        *_forms("nunca enviado", "nunca submetido", "nao enviado", "nao submetido"),
        *_forms("nao iniciado", "ainda nao iniciado", "abandonado", "nunca iniciado"),
        *(
            "nunca entregue",
            "nunca entregues",
            "nao entregue",
            "nao entregues",
            "por iniciar",
            "sem tentativa",
        ),
    }
)
"""The states of an attempt that was never handed in."""

UNFINISHED = frozenset(
    {
        *("in progress", "overdue", "em progresso", "em andamento", "em curso", "a decorrer", "em aberto"),
        *_forms("vencido", "atrasado", "expirado", "ultrapassado", "iniciado"),
        *("em atraso", "fora do prazo", "fora de prazo", "prazo excedido", "prazo esgotado"),
    }
)
"""The states of one that may still be handed in."""

FINISHED = frozenset(
    {
        *("finished", "submitted", "complete", "completed", "graded"),
        *_forms("finalizado", "concluido", "terminado", "encerrado", "enviado", "submetido", "completo"),
        *_forms("avaliado", "completado"),
        *("entregue", "entregues"),
    }
)
"""The states of one that was."""

STUDENT = NAME_BESIDE_ID
ANSWERS = frozenset({"answers", "respostas", "responses"})
