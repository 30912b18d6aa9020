"""Sheets as students and platforms hand them in, and as somebody hands them in who means harm."""

from __future__ import annotations

import codecs
import io
import json
import os
import random
import resource
import stat
import struct
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import builders
import pytest

from archcalc.grading.model import Assignment, Sheet, Student
from archcalc.grading.sheets import AGAIN, Intake, Opened, Remark
from archcalc.grading.sheets import limits as bounds
from archcalc.words.errors import OptionError

TEXTS = {
    "1a": "What is the output of conv1?",
    "1b": "Quantos parâmetros tem conv2?",
    "2": "How much memory?",
}


def assignment(texts: dict[str, str]) -> Assignment:
    return builders.assignment(builders.question(name, text=text) for name, text in texts.items())


HOMEWORK = assignment(TEXTS)


class Read:
    """The sheets at some paths and what was told of their files."""

    def __init__(
        self, *paths: Path | str, homework: Assignment = HOMEWORK, others: tuple[str, ...] = ()
    ) -> None:
        self.told: list[Opened | Remark] = []
        self.sheets = list(
            Intake([str(path) for path in paths], homework, others=others, tell=self.told.append)
        )

    @property
    def only(self) -> Sheet:
        (sheet,) = self.sheets
        return sheet

    @property
    def opened(self) -> Opened:
        (opened,) = (told for told in self.told if isinstance(told, Opened))
        return opened

    @property
    def remarks(self) -> list[str]:
        return [told.text for told in self.told if isinstance(told, Remark)]

    @property
    def by_student(self) -> dict[str, dict[str, str]]:
        return {sheet.student.id: sheet.answers for sheet in self.sheets}

    @property
    def problems(self) -> str:
        return "\n".join(problem for sheet in self.sheets for problem in sheet.problems)


class Put:
    """Writes a file below the folder of the test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path


@pytest.fixture
def put(tmp_path: Path) -> Put:
    return Put(tmp_path)


# ---- one student's sheet


def test_a_sheet_in_yaml_says_whose_it_is_and_its_answers_stay_as_written(put: Put) -> None:
    path = put(
        "x.yaml",
        "student: {id: 0042, name: Ana Souza, email: ana@example.org}\n"
        "answers:\n"
        "  1a: 1.10\n"
        "  1b: 138_344\n"
        "  2: 0x10\n",
    )
    sheet = Read(path).only
    assert sheet.student == Student("0042", "Ana Souza", "ana@example.org")
    assert sheet.answers == {"1a": "1.10", "1b": "138_344", "2": "0x10"}
    assert (sheet.problems, sheet.readable, sheet.source) == ((), True, str(path))


def test_a_sheet_in_json_keeps_numbers_as_written(put: Put) -> None:
    path = put(
        "ana.json",
        '{"student": {"id": 42}, "answers": {"1a": 1.10, "1b": 138344128000000000000000000001, "2": 1e400}}',
    )
    sheet = Read(path).only
    assert sheet.answers == {"1a": "1.10", "1b": "138344128000000000000000000001", "2": "1e400"}
    assert sheet.student.id == "42"


@pytest.mark.parametrize("ending", ["yaml", "yml", "json"])
def test_a_mapping_of_answers_alone_has_its_id_from_the_name_of_the_file(ending: str, put: Put) -> None:
    sheet = Read(put(f"ana.souza.{ending}", '{"1a": "55x55", "1b": "", "2": [96, 55, 55]}')).only
    assert sheet.student.id == "ana.souza"
    assert sheet.answers == {"1a": "55x55", "1b": "", "2": "(96, 55, 55)"}


def test_a_sheet_in_portuguese(put: Put) -> None:
    text = 'aluno:\n  matrícula: 7\n  nome: José\n  e-mail: j@example.org\nrespostas:\n  1A: "3,5"\n  Questão 2: ~\n'
    sheet = Read(put("x.yaml", text)).only
    assert sheet.student == Student("7", "José", "j@example.org")
    assert sheet.answers == {"1a": "3,5", "2": ""}
    assert sheet.problems == ()


def test_words_of_yaml_stay_words_and_json_has_true_and_null(put: Put) -> None:
    assert Read(put("a.yaml", "1a: no\n1b: null\n2: 1:30\n")).only.answers == {
        "1a": "no",
        "1b": "null",
        "2": "1:30",
    }
    assert Read(put("a.json", '{"1a": true, "1b": null, "2": [true, 1]}')).only.answers == {
        "1a": "true",
        "1b": "",
        "2": "(true, 1)",
    }


def test_an_answer_to_no_question_is_told_and_the_others_are_kept(put: Put) -> None:
    sheet = Read(put("a.yaml", "1a: 5\n1z: 7\n")).only
    assert sheet.answers == {"1a": "5"}
    assert sheet.problems == ("there is no question '1z'.",)


def test_a_question_answered_twice_is_neither_answer(put: Put) -> None:
    for sheet in (Read(put("a.json", '{"1a": 5, "1a": 6}')).only, Read(put("a.yaml", "1a: 5\n1A: 6\n")).only):
        assert sheet.answers == {"1a": "5 | 6"}
        assert sheet.problems == ("question 1a is answered twice.",)


def test_a_question_answered_a_hundred_thousand_times_takes_no_square_time(
    put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archcalc.grading.sheets.documents.MOST_KEYS", 1_000_000)
    pairs = ",".join('"1a":12345' for _ in range(90_000))
    begun = time.process_time()
    sheet = Read(put("a.json", f"{{{pairs}}}")).only
    assert sheet.answers == {"1a": "12345 | 12345 | 12345"}
    assert time.process_time() - begun < 5


@pytest.mark.parametrize("name", ["a.json", "a.csv"])
def test_a_run_of_accents_takes_no_square_time(name: str, put: Put) -> None:
    # Two accents that are put into the other order, over and over: minutes if all are put into order.
    accents = "\u0315\u0300" * 60_000
    content = f'{{"1a": 5, "a{accents}": 1}}' if name == "a.json" else f"id,1a,a{accents}\nx,5,1\n"
    begun = time.process_time()
    assert Read(put(name, content)).only.answers == {"1a": "5"}
    assert time.process_time() - begun < 10


def test_what_is_no_answer_is_told_and_read_as_none(put: Put) -> None:
    sheet = Read(put("a.yaml", "1a: {a: 1}\n1b: [[[1]]]\n2: 7\n")).only
    assert sheet.answers == {"1a": "{…}", "1b": "[…]", "2": "7"}
    assert len(sheet.problems) == 2


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.yaml", "", "it is empty"),
        ("a.yaml", "   \n\n", "it is empty"),
        ("a.yaml", "- 1\n- 2\n", "no mapping"),
        ("a.yaml", "55", "no mapping"),
        ("a.yaml", "title: Homework\nquestions: []\n", "none of its keys is a question"),
        ("a.json", '{"answers": null}', "none of its keys is a question"),
        ("a.json", "[1, 2]", "no mapping"),
        ("a.yaml", "1a: [1\n1b: 2", "line 1, column 5: "),
        ("a.yaml", "1a: 1\n1a: 2\n", "second time"),
        ("a.yaml", "1a: &x 1\n1b: *x\n", "anchor"),
        ("a.yaml", "1a: !!python/object/apply:os.system [true]\n", "tag"),
        ("a.json", '{"1a": 1,}', "line 1, column 10: not JSON"),
        ("a.json", "1a: 5", "not JSON"),
        ("a.yaml", "answers: {1a: 1}\nrespostas: {1a: 2}\n", "two mappings of answers"),
    ],
)
def test_a_sheet_that_cannot_be_read_is_told_with_its_place(
    name: str, content: str, words: str, put: Put
) -> None:
    sheet = Read(put(name, content)).only
    assert not sheet.readable
    assert not sheet.answers
    assert sheet.student.id == "a"
    assert words in sheet.problems[0]


@pytest.mark.parametrize("ending", ["json", "yaml"])
@pytest.mark.parametrize("unit", ["[", '{"1a":'])
def test_deep_nesting_does_not_bring_the_reader_down(ending: str, unit: str, put: Put) -> None:
    sheet = Read(put(f"a.{ending}", unit * (990_000 // len(unit)))).only
    assert not sheet.readable
    assert "deep" in sheet.problems[0] or "JSON" in sheet.problems[0]


def test_numbers_of_half_a_million_digits_stay_text(put: Put) -> None:
    sheet = Read(put("a.json", '{"1a": ' + "9" * 500_000 + "}")).only
    assert sheet.answers["1a"] == "9" * 200 + "…"
    assert "500,000 characters" in sheet.problems[0]


def test_a_sheet_of_100_mb_is_refused_without_being_read(put: Put) -> None:
    path = put("a.yaml", "1a: 5\n")
    with path.open("r+b") as file:
        file.truncate(100_000_000)
    sheet = Read(path, put("b.yaml", "1a: 5\n")).sheets[0]
    assert sheet.problems == ("it is larger than 1 MB, which no sheet is.",)
    assert Read(path, put("b.yaml", "1a: 5\n")).sheets[1].answers == {"1a": "5"}


def test_what_is_not_utf8_is_read_as_windows_1252_and_told(put: Put) -> None:
    sheet = Read(
        put("a.yaml", "student: {id: 1, name: José}\nanswers: {1a: ≥5}\n".replace("≥", "±").encode("cp1252"))
    ).only
    assert sheet.student.name == "José"
    assert sheet.answers == {"1a": "±5"}
    assert sheet.problems == ("it is not UTF-8: what is not was read as Windows-1252.",)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_the_encodings_of_spreadsheets_and_editors(encoding: str, put: Put) -> None:
    table = Read(put("a.csv", "Matrícula\tNome\t1a\t1b\n1\tJosé\t5\t×6\n".encode(encoding)))
    assert table.only.answers == {"1a": "5", "1b": "×6"}
    assert table.only.student == Student("1", "José")
    assert table.remarks == []
    assert Read(put("a.yaml", "1a: ×5\n1b: bbbbbbbbbbb\n".encode(encoding))).only.answers["1a"] == "×5"


def test_zeros_halves_of_characters_and_escapes_are_data(put: Put) -> None:
    sheet = Read(put("a.json", '{"id": "\\ud800\\u001b[31m", "1a": "\\u0000\\udfff"}')).only
    assert sheet.answers == {"1a": "\0?"}
    assert sheet.student.id == "?\x1b[31m"
    sheet.student.id.encode()
    table = Read(put("a.csv", b"id,1a\n\x1b[2J,\x00\x81\n"))
    assert table.only.student.id == "\x1b[2J"
    assert table.only.answers["1a"] == "\x00\ufffd"
    assert len(table.remarks) == 1


# ---- a table


def test_a_plain_table(put: Put) -> None:
    read = Read(put("a.csv", 'id,name,1a,1b,2\ns1,Ana,55,"1,234",\ns2,Bo,, 7 ,8 GB\n'))
    assert read.by_student == {
        "s1": {"1a": "55", "1b": "1,234", "2": ""},
        "s2": {"1a": "", "1b": " 7 ", "2": "8 GB"},
    }
    assert [sheet.source.rpartition(":")[2] for sheet in read.sheets] == ["2", "3"]
    assert read.opened.columns.unknown == ()
    assert read.opened.columns.missing == ()


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("quoted", [False, True])
def test_delimiters_line_ends_and_quotes(delimiter: str, end: str, quoted: bool, put: Put) -> None:
    rows = [["id", "1a", "1b"], ["s1", "3", "4"], ["s2", "5", "6"]]
    sign = '"' if quoted else ""
    text = end.join(delimiter.join(f"{sign}{cell}{sign}" for cell in row) for row in rows) + end
    read = Read(put("a.csv", text))
    assert read.opened.delimiter == delimiter
    assert read.by_student == {"s1": {"1a": "3", "1b": "4"}, "s2": {"1a": "5", "1b": "6"}}


def test_decimal_commas_between_semicolons(put: Put) -> None:
    assert Read(put("a.csv", "id;1a;1b;2\ns1;3,5;8,2 GB;1,0\n")).only.answers == {
        "1a": "3,5",
        "1b": "8,2 GB",
        "2": "1,0",
    }


def test_the_delimiter_is_the_one_that_makes_sense_of_the_header(put: Put) -> None:
    # There are more commas than semicolons.
    homework = assignment({"a": "Height, width, channels, of conv1?", "b": "One, two, three, four?"})
    read = Read(
        put("a.csv", "id;Height, width, channels, of conv1?;One, two, three, four?\ns1;1,2,3;4\n"),
        homework=homework,
    )
    assert read.opened.delimiter == ";"
    assert read.only.answers == {"a": "1,2,3", "b": "4"}


@pytest.mark.parametrize(
    ("line", "row"), [("sep=;", "s1;1,5;2"), ("SEP=,", "s1,1.5,2"), ("sep=\t", "s1\t1\t2")]
)
def test_the_line_that_excel_writes_for_itself(line: str, row: str, put: Put) -> None:
    header = "id,1a,1b".replace(",", line[-1])
    sheet = Read(put("a.csv", f"{line}\n{header}\n{row}\n")).only
    assert list(sheet.answers.values()) == row.split(line[-1])[1:]


def test_line_breaks_in_quotes_and_doubled_quotes(put: Put) -> None:
    read = Read(put("a.csv", 'id,"1a",1b\ns1,"55\r\nx 55","a ""b"""\ns2,1,2\n'))
    assert read.by_student["s1"] == {"1a": "55\r\nx 55", "1b": 'a "b"'}
    assert read.sheets[1].source.endswith(":4")


FORMS_ENGLISH = (
    '"Timestamp","Email Address","Score","Your name",'
    '"What is the output of conv1?","What is the output of conv1? [Score]",'
    '"What is the output of conv1? [Feedback]","1b. Quantos parâmetros tem conv2?",'
    '"HOW MUCH MEMORY ?","Any comments?"\n'
    '"2026/05/04 9:12:33 AM GMT-3","ana@example.org","2.00 / 4","Ana",'
    '"55x55x96","1.00 / 1","","614,656","8 GB","too long"\n'
)
FORMS_PORTUGUESE = (
    "Carimbo de data/hora,Endereço de e-mail,Pontuação,Nome completo,Número de matrícula,"
    "1a) What is the output of conv1?,Quantos parâmetros tem conv2? ,How much memory?\r\n"
    '04/05/2026 09:12:33,jose@example.org,"2 / 4",José da Silva,20261234,96×55×55,614.656,"8,2 GB"\r\n'
)


def test_a_form_as_google_exports_it(put: Put) -> None:
    read = Read(put("forms.csv", FORMS_ENGLISH))
    assert read.only.student == Student("ana@example.org", "Ana", "ana@example.org")
    assert read.only.answers == {"1a": "55x55x96", "1b": "614,656", "2": "8 GB"}
    columns = read.opened.columns
    assert columns.unknown == ("Any comments?",)
    assert set(columns.aside) == {
        "Timestamp",
        "Score",
        "What is the output of conv1? [Score]",
        "What is the output of conv1? [Feedback]",
    }


def test_a_form_in_portuguese(put: Put) -> None:
    read = Read(put("forms.csv", FORMS_PORTUGUESE))
    assert read.only.student == Student("20261234", "José da Silva", "jose@example.org")
    assert read.only.answers == {"1a": "96×55×55", "1b": "614.656", "2": "8,2 GB"}
    assert read.opened.columns.unknown == ()


MOODLE_PORTUGUESE = (
    '\ufeffSobrenome,Nome,Instituição,Departamento,"Endereço de email",Estado,"Iniciado em",Completo,'
    '"Tempo utilizado",Avaliar/10,"Resposta 1","Resposta 2","Resposta 3"\n'
    '"da Silva",José,,3,jose@example.org,Finalizada,"21 setembro 2025  10:00","21 setembro 2025  10:23",'
    '"22 minutos 10 segundos","9,00",96×55×55,614.656,-\n'
    '"Média geral",,,,,,,,,"9,00",,,\n'
).replace("Avaliar/10,", '"Avaliar/10,00",')
MOODLE_ENGLISH = (
    "Last name;First name;ID number;Email address;Status;Started;Completed;Duration;Grade/10.00;"
    "Question 1;Response 1;Right answer 1;Question 2;Response 2;Right answer 2\n"
    "Souza;Ana;77;ana@example.org;Finished;21 September 2025 10:00 AM;21 September 2025 10:23 AM;"
    "22 mins;9.00;What is?;55x55x96;55;How?;-;7\n"
    ";;;;;;;Overall average;9.00;;;;;;\n"
)


def test_the_responses_of_a_quiz_as_moodle_exports_them(put: Put) -> None:
    read = Read(put("quiz.csv", MOODLE_PORTUGUESE))
    assert read.only.student == Student("jose@example.org", "José da Silva", "jose@example.org")
    # By the order of the questions, and a dash is no answer.
    assert read.only.answers == {"1a": "96×55×55", "1b": "614.656", "2": ""}
    read = Read(put("quiz.csv", MOODLE_ENGLISH))
    assert read.only.student == Student("77", "Ana Souza", "ana@example.org")
    assert read.only.answers == {"1a": "55x55x96", "1b": ""}
    assert read.opened.columns.unknown == ()
    assert read.opened.columns.missing == ("2",)


NOT_HANDED_IN = (
    *(
        "Nunca enviadas",
        "Nunca enviada",
        "Nunca enviado",
        "Nunca submetido",
        "Nunca submetida",
        "Never submitted",
    ),
    *("Não enviada", "Não iniciada", "Abandonada", "Not started", "Em progresso", "Em andamento", "Vencidas"),
    *("Atrasada", "Atrasado", "Em atraso", "In progress", "Overdue", "A decorrer", "-", ""),
)


@pytest.mark.parametrize("header", ["Status", "Estado", "Situação", "State", "Situação da tentativa"])
def test_who_handed_nothing_in_is_left_out_and_counted(header: str, put: Put) -> None:
    for state in NOT_HANDED_IN:
        rows = f"Ana,a@x.org,Finalizada,55,-\nBo,b@x.org,{state},-,-\n"
        read = Read(put("q.csv", f"Nome,Endereço de email,{header},Resposta 1,Resposta 2\n{rows}"))
        assert list(read.by_student) == ["a@x.org"], state
        (remark,) = read.remarks
        assert remark.startswith("1 student who "), state
        assert read.opened.columns.unknown == ()


def test_who_finished_and_wrote_nothing_is_graded(put: Put) -> None:
    states = (
        "Finalizada",
        "Finalizado",
        "Concluída",
        "Terminada",
        "Enviada",
        "Finished",
        "Submitted",
        "Encerrada",
    )
    rows = "".join(f"s{i},{state},-,-\n" for i, state in enumerate(states))
    read = Read(put("q.csv", f"Usuário,Situação,Resposta 1,Resposta 2\n{rows}"))
    assert len(read.sheets) == len(states)
    assert all(sheet.readable and not sheet.problems for sheet in read.sheets)
    assert read.remarks == []


def test_an_unknown_state_is_told_and_no_zero(put: Put) -> None:
    rows = "ana,Terminé,55,-\nbo,Jamais rendu,-,-\ncy,Nunca enviadas,55,-\n"
    read = Read(put("q.csv", f"Username,Situação,Resposta 1,Resposta 2\n{rows}"))
    ana, bo, cy = read.sheets
    assert (ana.readable, ana.problems) == (True, ())
    assert not bo.readable
    assert "'Jamais rendu', is not known here: nothing was graded" in bo.problems[0]
    assert cy.answers["1a"] == "55"
    assert "its state is 'Nunca enviadas': it was not handed in" in cy.problems[0]
    assert "not known here: 'Terminé' and 'Jamais rendu'. Who has answers was graded." in read.remarks[0]


def test_a_quiz_without_states_says_who_is_blank(put: Put) -> None:
    read = Read(put("q.csv", "Username,Response 1,Response 2\nana,55,-\nbo,-,-\n"))
    assert len(read.sheets) == 2
    assert "1 student has no answers, and no column says" in read.remarks[0]
    # A table of nobody's has no states: a dash is an answer, and a column of that name means nothing.
    assert Read(put("a.csv", "id,status,1a\ns,Never submitted,-\n")).only.answers == {"1a": "-"}


def test_a_dash_elsewhere_is_what_was_written(put: Put) -> None:
    assert Read(put("a.csv", "id,1a\ns,-\n")).only.answers == {"1a": "-"}


def test_the_marks_of_moodle_are_no_answers(put: Put) -> None:
    sheet = Read(put("g.csv", 'Sobrenome,Nome,"Q. 1 /2,00","Q. 2 /2,00"\nSilva,Ana,"1,0","2,0"\n')).only
    assert not sheet.readable
    assert "Moodle's report of grades" in sheet.problems[0]
    both = Read(put("g.csv", 'Nome,Resposta 1,"Q. 1 /2,00"\nAna,55,"1,0"\n'))
    assert both.only.answers == {"1a": "55"}
    assert both.opened.columns.aside == ("Q. 1 /2,00",)


@pytest.mark.parametrize(
    ("ids", "headers", "taken"),
    [
        # By order: no question is called 1.
        (("1a", "1b", "2"), ("Response 1", "Response 2", "Response 3"), ("1a", "1b", "2")),
        (("1a", "1b", "2"), ("3", "1"), None),
        (("a", "b", "c"), ("1", "2", "3"), ("a", "b", "c")),
        (("a", "b", "c"), ("Questão 2", "Question 3", "Q1"), ("b", "c", "a")),
        # By id, and the same by order.
        (("1", "2", "3"), ("Response 1", "Resposta 2", "Answer 3"), ("1", "2", "3")),
        # By id: one is called by what is no number, or by a number beyond the order.
        (("1a", "1b", "2"), ("Answer 1a", "Answer 2"), ("1a", "2")),
        (("1", "2", "5"), ("Question 1", "Question 5"), ("1", "5")),
        (("1", "2", "5"), ("1", "2", "5"), ("1", "2", "5")),
        # Either: never guessed.
        (("2", "1"), ("Response 1", "Response 2"), None),
        (("1a) x", "b"), ("nothing",), None),
    ],
)
def test_numbers_in_headers(
    ids: tuple[str, ...], headers: tuple[str, ...], taken: tuple[str, ...] | None, put: Put
) -> None:
    homework = assignment({name: f"Text of {name}" for name in ids})
    row = [f"answer {place}" for place in range(len(headers))]
    read = Read(put("a.csv", f"id,{','.join(headers)}\ns,{','.join(row)}\n"), homework=homework)
    if taken is None:
        if read.only.readable:
            # `1` is no question here, whatever `3` may be.
            assert set(read.only.answers) != set(ids)
        return
    assert read.only.answers == dict(zip(taken, row, strict=True))


def test_a_text_that_two_questions_have_is_no_name_of_either(put: Put) -> None:
    homework = assignment({"1": "How many parameters?", "2": "How many parameters?", "3": "Memory"})
    read = Read(put("a.csv", "id,How many parameters?,Memory\ns,5,6\n"), homework=homework)
    assert read.only.answers == {"3": "6"}
    assert read.opened.columns.unknown == ("How many parameters?",)
    led = Read(put("a.csv", "id,1) How many parameters?,2. How many parameters?\ns,5,6\n"), homework=homework)
    assert led.only.answers == {"1": "5", "2": "6"}


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("id,1a,1a", "two columns are question '1a'"),
        ("id,1a,What is the output of conv1?", "two columns are question '1a'"),
        ("id,matrícula,1a", "two columns are the student's id"),
        ("id,name", "none of its columns is a question"),
        ("1b. What is the output of conv1?", "may be question 1a or 1b"),
        (",".join(f"c{i}" for i in range(bounds.MOST_COLUMNS)) + ",1a", "columns; at most"),
    ],
)
def test_a_header_that_cannot_be(header: str, words: str, put: Put) -> None:
    sheet = Read(put("a.csv", f"{header}\n1,2,3\n")).only
    assert not sheet.readable
    assert words in sheet.problems[0]


def test_unknown_columns_and_missing_questions_are_told(put: Put) -> None:
    read = Read(put("a.csv", "id,1a,Shoe size,1c\ns,1,42,3\n"))
    assert read.opened.columns.unknown == ("Shoe size", "1c")
    assert read.opened.columns.missing == ("1b", "2")
    assert read.only.answers == {"1a": "1"}


def test_a_row_says_whose_it_is_by_id_address_or_name(put: Put) -> None:
    read = Read(
        put("a.csv", "id,email,name,1a\ns1,a@example.org,Ana,1\n,b@example.org,Bo,2\n,,Cy,3\n,,,4\n,,,\n")
    )
    assert [sheet.student.id for sheet in read.sheets] == ["s1", "b@example.org", "Cy", "row 5"]
    assert read.sheets[3].problems == ("it does not say whose it is.",)
    assert read.sheets[3].answers == {"1a": "4"}


def test_rows_that_are_too_long_or_too_short(put: Put) -> None:
    # `3,5` without quotes moved all that follows.
    read = Read(put("a.csv", "id,1a,1b\ns1,3,5,7\ns2,8\ns3,1,2,,\n"))
    assert not read.sheets[0].readable
    assert "4 fields" in read.sheets[0].problems[0]
    assert read.sheets[1].answers == {"1a": "8", "1b": ""}
    assert "2 fields" in read.sheets[1].problems[0]
    assert (read.sheets[2].answers, read.sheets[2].problems) == ({"1a": "1", "1b": "2"}, ())


@pytest.mark.parametrize(
    "stray",
    ['s1,"5,6', 's1,"5"x,6', 's1,"5\n,6"', 's1,"' + "y" * 300_000 + ",6"],
    ids=["open", "inside", "two lines", "long"],
)
def test_a_stray_quote_costs_its_own_row_only(stray: str, put: Put) -> None:
    rest = "".join(f"r{i},{i},{i}\n" for i in range(3_000))
    read = Read(put("a.csv", f"id,1a,1b\n{stray}\n{rest}"))
    assert not read.sheets[0].readable
    assert {f"r{i}": {"1a": str(i), "1b": str(i)} for i in range(3_000)}.items() <= read.by_student.items()


def test_a_stray_quote_that_another_closes_costs_no_row_between(put: Put) -> None:
    read = Read(put("a.csv", 'id,1a,1b\ns1,"5,6\ns2,1,2\ns3,3,"4\ns4,5,6\n'))
    assert read.by_student["s2"] == {"1a": "1", "1b": "2"}
    assert read.by_student["s4"] == {"1a": "5", "1b": "6"}


def test_a_stray_quote_in_every_row_takes_no_square_time(put: Put) -> None:
    read = Read(put("a.csv", "id,1a\n" + 's,"5\n' * 50_000))
    assert len(read.sheets) == 50_000
    assert not any(sheet.readable for sheet in read.sheets)


@pytest.mark.parametrize("content", [b"\0" * 2_000_000, b"id,1a\n" + b"\0" * 2_000_000, b"x" * 2_000_000])
def test_lines_without_end_are_told(content: bytes, put: Put) -> None:
    read = Read(put("a.csv", content))
    assert not any(sheet.readable for sheet in read.sheets)
    assert "250,000 characters" in read.problems


def test_a_table_has_an_end(put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MOST_ROWS", 3)
    read = Read(put("a.csv", "id,1a\ns,1\n\n\nt,2\n"))
    assert [sheet.readable for sheet in read.sheets] == [True, False]
    assert "more than 3 rows" in read.problems


def test_a_table_in_windows_1252_is_read_and_told_once(put: Put) -> None:
    read = Read(put("a.csv", "Matrícula;Nome;1a\n1;José;5\n2;João;6\n".encode("cp1252")))
    assert [sheet.student.name for sheet in read.sheets] == ["José", "João"]
    assert read.remarks == ["line 1 is not UTF-8: what is not was read as Windows-1252."]
    assert read.problems == ""


def test_one_row_in_another_encoding_does_not_spoil_the_others(put: Put) -> None:
    read = Read(put("a.csv", "id,name,1a\n1,José,5\n".encode() + "2,João,6\n".encode("cp1252")))
    assert [sheet.student.name for sheet in read.sheets] == ["José", "João"]
    assert read.remarks == ["line 3 is not UTF-8: what is not was read as Windows-1252."]


def test_a_field_that_is_too_long_is_told_and_never_read_as_its_beginning(put: Put) -> None:
    read = Read(put("a.csv", f"id,1a,1b\ns,5{' ' * 20_000}6,7\n"))
    assert read.only.answers["1a"].endswith("…")
    assert "20,002 characters" in read.problems
    assert read.only.answers["1b"] == "7"


def test_a_row_with_another_delimiter_is_no_student_of_that_name(put: Put) -> None:
    read = Read(put("a.csv", 'id,1a,1b\nx,5,6\ny;7;0,8\nz\t7\t8\n"Souza; Ana",9\n'))
    assert [sheet.readable for sheet in read.sheets] == [True, False, False, True]
    assert "parted by another sign" in read.problems


def test_formulas_are_text(put: Put) -> None:
    read = Read(put("a.csv", "id,name,1a\n=cmd|' /C calc'!A0,+1+1,=1+1\n"))
    assert read.only.student == Student("=cmd|' /C calc'!A0", "+1+1")
    assert read.only.answers == {"1a": "=1+1"}


@pytest.mark.parametrize("content", ["", "\n\n\n", ",,,\n;;\n"])
def test_an_empty_table_is_told(content: str, put: Put) -> None:
    assert "the table is empty" in Read(put("a.csv", content)).only.problems[0]


class Endless(io.RawIOBase):
    """A table of so many rows that exists nowhere."""

    def __init__(self, rows: int) -> None:
        super().__init__()
        self.parts = self._parts(rows)
        self.rest = b""

    @staticmethod
    def _parts(rows: int) -> Iterator[bytes]:
        yield b"id,name,1a,1b,2\n"
        for start in range(0, rows, 1_000):
            yield b"".join(
                b"s%d,Ana %d,55x55x96,614656,8.2 GB\n" % (i, i) for i in range(start, start + 1_000)
            )

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        self.rest = self.rest or next(self.parts, b"")
        part, self.rest = self.rest[: len(buffer)], self.rest[len(buffer) :]
        buffer[: len(part)] = part
        return len(part)


def test_a_million_rows_stream(put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = 1_000_000
    intake = Intake([str(put("a.csv", "id\n"))], HOMEWORK)
    (found,) = intake._found
    assert not isinstance(found, Sheet)
    monkeypatch.setattr(intake, "_found", [found._replace(open=lambda: io.BufferedReader(Endless(rows)))])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    count = sum(sheet.answers["1b"] == "614656" for sheet in intake)
    assert count == rows
    # What grows is a number a student; the rows alone would be 500 MB.
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 < 150


# ---- several of them


def test_a_folder_and_one_level_of_folders(put: Put, tmp_path: Path) -> None:
    put("all/b.yaml", "1a: 1\n")
    put("all/a.json", '{"1a": 2}')
    put("all/class.csv", "id,1a\nx,3\ny,4\n")
    put("all/Ana/homework.yaml", "1a: 5\n")
    put("all/group/c.yaml", "1a: 6\n")
    put("all/group/d.yaml", "1a: 7\n")
    put("all/deep/er/e.yaml", "1a: 8\n")
    put("all/.DS_Store", "\0")
    put("all/~$class.csv", "lock")
    read = Read(tmp_path / "all")
    assert {sheet.student.id: sheet.answers["1a"] for sheet in read.sheets if sheet.readable} == {
        "a": "2",
        "b": "1",
        "x": "3",
        "y": "4",
        # One sheet in a folder is that student's; several are of several.
        "Ana": "5",
        "c": "6",
        "d": "7",
    }
    (lost,) = [sheet for sheet in read.sheets if not sheet.readable]
    assert (lost.student.id, lost.problems) == ("deep", ("folders this deep are not read.",))


def test_submissions_as_moodle_packs_them(put: Put, tmp_path: Path) -> None:
    put("all/Ana Souza_12345_assignsubmission_file_/homework.yaml", "1a: 5\n")
    put("all/João Lima_77_assignsubmission_file_homework.yaml", "1a: 6\n")
    students = [sheet.student for sheet in Read(tmp_path / "all").sheets]
    assert sorted(students) == [Student("12345", "Ana Souza"), Student("77", "João Lima")]


def test_what_is_no_sheet_is_told_of_the_student_who_handed_it_in(put: Put, tmp_path: Path) -> None:
    put("all/Ana/homework.pdf", "%PDF-1.4")
    put("all/bo.yaml", "1a: 1\n")
    os.symlink("/etc/passwd", tmp_path / "all" / "cy.yaml")
    os.mkfifo(tmp_path / "all" / "di.yaml")
    read = Read(tmp_path / "all")
    problems = {sheet.student.id: sheet.problems for sheet in read.sheets}
    assert "no sheet" in problems["Ana"][0]
    assert "symbolic link" in problems["cy"][0]
    assert "not a plain file" in problems["di"][0]
    assert problems["bo"] == ()
    assert [sheet.readable for sheet in read.sheets].count(True) == 1


def test_a_link_to_a_folder_is_not_followed(put: Put, tmp_path: Path) -> None:
    put("elsewhere/x.yaml", "1a: 1\n")
    put("all/a.yaml", "1a: 2\n")
    os.symlink(tmp_path / "elsewhere", tmp_path / "all" / "link")
    assert [sheet.readable for sheet in Read(tmp_path / "all").sheets] == [True, False]


def test_the_assignment_and_what_was_written_are_no_sheets(put: Put, tmp_path: Path) -> None:
    put("all/a.yaml", "1a: 2\n")
    put("all/homework.yaml", "title: no sheet\n")
    put("all/graded/gradebook.csv", "student,points\n")
    others = (str(tmp_path / "all" / "homework.yaml"), str(tmp_path / "all" / "graded"))
    assert len(Read(tmp_path / "all", others=others).sheets) == 1
    assert len(Read(tmp_path / "all").sheets) == 3


def test_a_file_given_twice_is_read_once(put: Put, tmp_path: Path) -> None:
    path = put("all/a.yaml", "1a: 2\n")
    read = Read(path, tmp_path / "all", path)
    assert len(read.sheets) == 1
    assert read.remarks == ["it is given twice, and was read once."] * 2


def test_two_sheets_of_one_student_are_both_read_and_the_second_says_so(put: Put) -> None:
    read = Read(put("a.csv", "id,1a\nAna@example.org,1\nbo,2\n ana@EXAMPLE.org ,3\na-na@example.org,4\n"))
    assert [AGAIN in sheet.problems for sheet in read.sheets] == [False, False, True, False]
    assert [sheet.answers["1a"] for sheet in read.sheets] == ["1", "2", "3", "4"]


def test_a_name_is_the_same_in_whatever_way_its_accents_are_written(put: Put) -> None:
    read = Read(put("a.csv", "id,1a\nJos\u00e9,1\nJose,2\nJOSE\u0301,3\n"))
    assert [AGAIN in sheet.problems for sheet in read.sheets] == [False, False, True]


def test_a_folder_that_may_not_be_read_is_told_and_the_rest_is_read(
    put: Put, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for student in "abc":
        put(f"all/{student}/homework.yaml", "1a: 1\n")
    scandir = os.scandir

    def guarded(path: str) -> Any:
        if path.endswith("b"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", guarded)
    read = Read(tmp_path / "all")
    assert read.by_student == {"a": {"1a": "1"}, "b": {}, "c": {"1a": "1"}}
    assert "Permission denied" in read.problems


def test_a_file_that_may_not_be_read_is_told(put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = put("a.csv", "id,1a\nx,1\n"), put("b.csv", "id,1a\ny,2\n")
    intake = Intake([str(first), str(second)], HOMEWORK)

    def denied() -> io.BufferedReader:
        raise PermissionError(13, "Permission denied")

    found = intake._found[0]
    assert not isinstance(found, Sheet)
    monkeypatch.setattr(intake, "_found", [found._replace(open=denied), intake._found[1]])
    one, other = intake
    assert one.problems == ("it cannot be read further: Permission denied.",)
    assert other.answers == {"1a": "2"}


@pytest.mark.parametrize(
    ("name", "words"), [("nowhere", "No such file"), ("x.pdf", "no file of sheets"), ("x.xlsx", "CSV")]
)
def test_a_path_that_leads_nowhere_is_the_teachers_mistake(
    name: str, words: str, put: Put, tmp_path: Path
) -> None:
    put("x.pdf", "%PDF")
    put("x.xlsx", "PK")
    with pytest.raises(OptionError) as raised:
        Read(tmp_path / name)
    assert words in str(raised.value)


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="there are no sheets"):
        Read(tmp_path)


@pytest.mark.parametrize(
    ("content", "answers"),
    [
        ("id,1a\ns,1\n", {"1a": "1"}),
        ("1a: 1\n1b: 2\n", {"1a": "1", "1b": "2"}),
        ('{"1a": 1.10}', {"1a": "1.10"}),
        ("answers: {1a: 1, 1b: 2}\n", {"1a": "1", "1b": "2"}),
    ],
)
def test_standard_input_is_what_it_looks_like(content: str, answers: dict[str, str]) -> None:
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from test_sheets import Read\n"
        "print(Read('-').only.answers)"
    )
    said = subprocess.run(
        [sys.executable, "-c", code, str(Path(__file__).parent)],
        input=content,
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.strip() == str(answers)


# ---- archives


def zipped(path: Path, members: dict[str, str | bytes], **settings: int) -> Path:
    with zipfile.ZipFile(path, "w", settings.get("compression", zipfile.ZIP_DEFLATED)) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_a_zip_of_sheets(tmp_path: Path) -> None:
    path = zipped(
        tmp_path / "class.zip",
        {
            "class/ana.yaml": "1a: 1\n",
            "class/bo.json": '{"1a": 2}',
            "class/more.csv": "id,1a\nx,3\n",
            "class/Cy_9_assignsubmission_file_/homework.yaml": "1a: 4\n",
            "__MACOSX/class/._ana.yaml": "\0",
            "class/.DS_Store": "\0",
        },
    )
    read = Read(path)
    assert {name: answers["1a"] for name, answers in read.by_student.items()} == {
        "ana": "1",
        "bo": "2",
        "x": "3",
        "9": "4",
    }
    assert read.problems == ""
    assert {sheet.source for sheet in read.sheets} >= {f"{path}/class/ana.yaml", f"{path}/class/more.csv:2"}


HARMFUL = {
    "../../evil.yaml": "leads out",
    "/etc/evil.yaml": "leads out",
    "C:\\evil.yaml": "leads out",
    "a/../../evil.yaml": "leads out",
    "..\\evil.yaml": "leads out",
    "inner.zip": "archive in an archive",
    "homework.pdf": "no sheet",
    "a/b/c/deep.yaml": "this deep",
}


def test_harmful_members_are_told_and_the_rest_is_read(tmp_path: Path) -> None:
    outside = tmp_path / "evil.yaml"
    members: dict[str, str | bytes] = dict.fromkeys(HARMFUL, "1a: 666\n")
    path = zipped(tmp_path / "class.zip", {**members, "ana.yaml": "1a: 1\n"})
    read = Read(path)
    said = {sheet.source.removeprefix(f"{path}/"): sheet for sheet in read.sheets}
    for name, words in HARMFUL.items():
        sheet = said[name]
        assert not sheet.readable
        assert words in sheet.problems[0], name
    assert said["ana.yaml"].answers == {"1a": "1"}
    assert not outside.exists()
    assert sorted(os.listdir(tmp_path)) == ["class.zip"]


def test_links_and_encrypted_and_doubled_members_are_told(tmp_path: Path) -> None:
    path = tmp_path / "class.zip"
    with zipfile.ZipFile(path, "w") as archive:
        link = zipfile.ZipInfo("link.yaml")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("secret.yaml", "1a: 1\n")
        archive.writestr("twice.yaml", "1a: 1\n")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("twice.yaml", "1a: 2\n")
        archive.writestr("ana.yaml", "1a: 1\n")
    data = bytearray(path.read_bytes())
    # The flag of an encrypted member, in the list of members and at the member.
    for sign, flags in ((b"PK\1\2", 8), (b"PK\3\4", 6)):
        place = -1
        while (place := data.find(sign, place + 1)) >= 0:
            if data.find(b"secret.yaml", place, place + 60) >= 0:
                data[place + flags] |= 1
    path.write_bytes(data)
    read = Read(path)
    said = [(sheet.source.rpartition("/")[2], "".join(sheet.problems)) for sheet in read.sheets]
    assert ("ana.yaml", "") in said
    assert any(name == "link.yaml" and "symbolic link" in text for name, text in said)
    assert any(name == "secret.yaml" and "encrypted" in text for name, text in said)
    assert ("twice.yaml", "") in said
    assert any(name == "twice.yaml" and "of this name already" in text for name, text in said)


def test_a_bomb_is_stopped_while_it_is_read(tmp_path: Path) -> None:
    # A gigabyte of rows in a megabyte; the table is read until it is known for what it is.
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("bomb.csv", "w", force_zip64=True) as member:
            member.write(b"id,1a\n")
            for _ in range(200):
                member.write((b" " * 999 + b"\n") * 1_000)
        archive.writestr("sheet.yaml", b"1a: " + b" " * 50_000_000)
        archive.writestr("ana.yaml", "1a: 1\n")
    assert path.stat().st_size < 600_000
    read = Read(path)
    assert read.by_student["ana"] == {"1a": "1"}
    # Both are told of: the sheet of 50 million spaces too.
    assert read.problems.count("unpacks to more than 20 times its size") == 2


def test_an_honest_table_that_packs_well_is_no_bomb(tmp_path: Path) -> None:
    rows = "".join(f"s{i},55x55x96\n" for i in range(50_000))
    read = Read(zipped(tmp_path / "class.zip", {"class.csv": f"id,1a\n{rows}"}))
    assert len(read.sheets) == 50_000
    assert read.problems == ""


def test_blank_lines_count_wherever_they_stand(
    put: Put, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They pack into nothing: 49 kB of them were 50 million lines."""
    monkeypatch.setattr(bounds, "MOST_ROWS", 100)
    monkeypatch.setattr(bounds, "MOST_ROWS_PACKED", 50)
    table = "id,1a\ns,55\n"
    for blank in ("\n", ",\n", " ;\t\n", "\r", "sep=,\n"):
        assert Read(put("few.csv", blank * 90 + table)).only.answers == {"1a": "55"}
        for name in ("many.csv", "many.txt"):
            many = Read(put(name, blank * 110 + table)).only
            assert not many.readable
        assert (
            "more than 100 rows; what follows was not read"
            in Read(put("m.csv", blank * 110 + table)).problems
        )
        packed = Read(zipped(tmp_path / "a.zip", {"a.csv": blank * 60 + table}))
        assert "more than 50 rows" in packed.problems
    below = Read(put("below.csv", "id,1a\n" + ",\n" * 110 + "s,55\n"))
    assert [sheet.readable for sheet in below.sheets] == [False]
    # All tables of an archive have as many together.
    three: dict[str, str | bytes] = {f"{name}.csv": "\n" * 20 + table for name in "abc"}
    assert [sheet.readable for sheet in Read(zipped(tmp_path / "b.zip", three)).sheets] == [True, True, False]


def test_many_small_members_are_a_bomb_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archcalc.grading.sheets.archives.FREE_TOGETHER", 110_000)
    bomb: dict[str, str | bytes] = {f"{i}.json": '{"1a": 5' + " " * 50_000 + "}" for i in range(5)}
    chance = random.Random(1)
    honest: dict[str, str | bytes] = {
        f"s{i}.json": f'{{"1a": "{chance.getrandbits(80_000):x}"}}' for i in range(9)
    }
    read = Read(zipped(tmp_path / "a.zip", bomb | honest))
    # Nobody else's sheet is lost to a bomb.
    assert [sheet.readable for sheet in read.sheets] == [True, True, *[False] * 3, *[True] * 9]


def test_a_sheet_of_a_hundred_thousand_keys_is_none(put: Put) -> None:
    for text in (
        "{" + ",".join(f'"k{i}":1' for i in range(20_000)) + "}",
        '{"answers": {' + ",".join(f'"k{i}":1' for i in range(20_000)) + "}}",
        '{"answers": [' + ",".join(f'{{"k{i}":1}}' for i in range(20_000)) + "]}",
    ):
        assert "more than 10,000 keys" in Read(put("a.json", text)).problems


def test_all_members_together_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archcalc.grading.sheets.archives.MOST_UNPACKED", 300_000)
    rows = "".join(f"s{i},{i * 7919 % 10007}\n" for i in range(10_000))
    read = Read(zipped(tmp_path / "class.zip", {f"{name}.csv": f"id,1a\n{rows}" for name in "abc"}))
    assert "the archive unpacks to more than" in read.problems


def test_what_an_archive_says_of_itself_is_not_believed(tmp_path: Path) -> None:
    # A member of 10 MB that is said to have 6 bytes: it is not read beyond them, or found out.
    path = zipped(tmp_path / "class.zip", {"a.csv": "id,1a\n" + "\n" * 10_000_000, "b.yaml": "1a: 1\n"})
    data = path.read_bytes().replace(struct.pack("<I", 10_000_006), struct.pack("<I", 6))
    path.write_bytes(data)
    read = Read(path)
    assert read.by_student["b"] == {"1a": "1"}


@pytest.mark.parametrize("damage", ["cut", "flipped", "no zip", "empty", "directory"])
def test_a_damaged_archive_is_told(damage: str, tmp_path: Path) -> None:
    path = zipped(tmp_path / "class.zip", {"ana.yaml": "1a: 1\n" * 3, "bo.yaml": "1a: 2\n"})
    data = bytearray(path.read_bytes())
    if damage == "cut":
        data = data[:-30]
    elif damage == "flipped":
        data[45] ^= 0xFF
    elif damage == "directory":
        place = data.rfind(b"PK\5\6")
        data[place + 12 : place + 16] = struct.pack("<I", bounds.LONGEST_DIRECTORY + 1)
    path.write_bytes({"no zip": b"hello", "empty": b""}.get(damage, bytes(data)))
    read = Read(path)
    assert any(not sheet.readable for sheet in read.sheets)
    if damage == "flipped":
        assert read.by_student["bo"] == {"1a": "2"}


@pytest.mark.parametrize("compression", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_a_member_packed_otherwise_is_told_and_not_unpacked(compression: int, tmp_path: Path) -> None:
    path = zipped(tmp_path / "class.zip", {"bo.yaml": "1a: 2\n"}, compression=compression)
    if compression == zipfile.ZIP_LZMA:
        data = bytearray(path.read_bytes())
        # 30 bytes and the name come before what is packed; there, behind 5 bytes, stands the size of the dictionary.
        data[42:46] = b"\xff" * 4
        path.write_bytes(data)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("ana.yaml", "1a: 1\n")
    read = Read(path)
    assert read.by_student == {"ana": {"1a": "1"}, "bo": {}}
    assert "packed in a way that is not read" in read.problems


@pytest.mark.parametrize("place", ["zip64", "in the end itself"])
def test_an_archive_is_not_read_as_a_whole_for_its_list_of_members(place: str, tmp_path: Path) -> None:
    path = tmp_path / "class.zip"
    size = 1 << 32 if place == "zip64" else int.from_bytes(b"PK\5\6", "little")
    with path.open("wb") as file:
        # A file with a hole, which takes no space.
        file.truncate(size + 1_000)
        file.seek(0, os.SEEK_END)
        end = file.tell()
        if place == "zip64":
            file.write(struct.pack("<4sQ2H2I4Q", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, size, 100))
            file.write(struct.pack("<4sIQI", b"PK\6\7", 0, end, 1))
        # Where the size of the list looks like the sign that the end begins with.
        length = 500 if place == "zip64" else size
        file.write(struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 1, 1, length, 0, 0))
    sheet = Read(path).only
    assert "too many members" in sheet.problems[0]


def test_names_of_members_in_another_encoding(tmp_path: Path) -> None:
    path = zipped(tmp_path / "class.zip", {"Xos.yaml": "1a: 1\n"})
    # UTF-8 without the flag that says so, as some programs write it.
    path.write_bytes(path.read_bytes().replace(b"Xos", "ão".encode()))
    assert Read(path).only.student.id == "ão"


def test_names_of_files_that_are_no_text(tmp_path: Path) -> None:
    folder = tmp_path / "all"
    folder.mkdir()
    (folder / os.fsdecode(b"\xff\x1b[31m.yaml")).write_text("1a: 1\n")
    sheet = Read(folder).only
    (sheet.student.id + sheet.source).encode()
    assert "\x1b" not in sheet.source


def test_a_member_without_a_name_is_told(tmp_path: Path) -> None:
    path = zipped(tmp_path / "class.zip", {"x": "1a: 1\n", "ana.yaml": "1a: 2\n"})
    data = path.read_bytes()
    # In the list of members: the length of the name, 28 bytes in, and the name.
    place = data.index(b"PK\1\2")
    assert data[place + 46 : place + 47] == b"x"
    path.write_bytes(data[: place + 28] + b"\0\0" + data[place + 30 : place + 46] + data[place + 47 :])
    assert not all(sheet.readable for sheet in Read(path).sheets)


PARTS = (
    *(
        b'"',
        b"'",
        b",",
        b";",
        b"\n",
        b"\r",
        b"\0",
        b"\xff",
        b"{",
        b"[",
        b"}",
        b"]",
        b":",
        b"- ",
        b"\t",
        b"&a",
        b"*a",
    ),
    *(
        b"!!x",
        b"%",
        b"\xc3",
        codecs.BOM_UTF8,
        codecs.BOM_UTF16_LE,
        b"PK\1\2",
        b"PK\3\4",
        b"PK\5\6",
        b"1a",
        b"Response 1",
    ),
)


def spoilt(data: bytes, chance: random.Random) -> bytes:
    """A file with a few bytes put in, left out or changed."""
    changed = bytearray(data)
    for _ in range(chance.randrange(1, 8)):
        place = chance.randrange(len(changed) + 1)
        way = chance.randrange(4)
        if way == 0:
            changed[place:place] = chance.choice(PARTS)
        elif way == 1:
            del changed[place : place + chance.randrange(1, 9)]
        elif way == 2:
            changed[place : place + 1] = bytes((chance.randrange(256),))
        else:
            changed[place:place] = changed[: chance.randrange(40)]
    return bytes(changed)


@pytest.mark.parametrize("ending", ["csv", "yaml", "json", "zip", "txt"])
def test_a_spoilt_file_is_told_and_raises_nothing(ending: str, tmp_path: Path, put: Put) -> None:
    class_zip = zipped(tmp_path / "class.zip", {"a/ana.yaml": "1a: 1\n" * 9, "a/c.csv": "id,1a\nx,3\n" * 9})
    seeds = {
        "csv": (FORMS_ENGLISH.encode(), FORMS_PORTUGUESE.encode("cp1252"), MOODLE_ENGLISH.encode("utf-16")),
        "yaml": (
            b"student: {id: 1, name: Ana}\nanswers:\n  1a: [1, 2]\n  2: |\n    x\n",
            "1a: ≈5\n".encode(),
        ),
        "json": (b'{"student": {"id": 42}, "answers": {"1a": 1.10, "1b": [1, null, true], "2": "\\ud83d"}}',),
        "zip": (class_zip.read_bytes(),),
        "txt": (b"id,1a\nx,1\n", b"1a: 5\n"),
    }[ending]
    chance = random.Random(5)
    read = 0
    for _ in range(400):
        for sheet in Read(put(f"x.{ending}", spoilt(chance.choice(seeds), chance))).sheets:
            assert sheet.readable or (sheet.problems and not sheet.answers)
            # All of it can be kept.
            f"{sheet.student}{sheet.answers}{sheet.source}{sheet.problems}".encode()
            read += sheet.readable
    # Neither all of them are spoilt nor none.
    assert read > 5


# ---- what these tests would notice


def test_this_reader_of_json_would_not_do() -> None:
    assert json.loads('{"a": 1.10, "a": 2}') == {"a": 2}
    assert codecs.BOM_UTF8.decode() == "\ufeff"
