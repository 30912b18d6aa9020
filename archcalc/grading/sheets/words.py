"""What the columns of a table and the keys of a sheet are called, in English and Portuguese."""

from __future__ import annotations

import re
import unicodedata

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
        *("state", "status", "estado", "started", "started on", "iniciado em", "iniciado", "completed"),
        *("completo", "concluido", "concluida em", "concluido em", "completed on", "finalizado em"),
        *(
            "time taken",
            "duration",
            "tempo utilizado",
            "duracao",
            "tempo gasto",
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

AVERAGES = frozenset({"overall average", "media geral", "media global", "media total"})
"""What the last row of a Moodle export says it is."""

NEVER = frozenset({"never submitted", "nunca enviado", "nunca submetido", "nunca entregue", "nao enviado"})
"""What the state of a quiz is called of somebody who has not tried it."""

STATE = frozenset({"state", "status", "estado"})

STUDENT = NAME_BESIDE_ID
ANSWERS = frozenset({"answers", "respostas", "responses"})
