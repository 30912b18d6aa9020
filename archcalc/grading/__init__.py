"""Homework graded: an assignment whose answers are computed, sheets of answers, marks with what went wrong.

    YAML ──▶ Assignment with its key                assignment, questions, asked
    sheet ─▶ Sheet ──▶ readings ──▶ marks           sheets, numbers, marking, diagnosis
    marks ─▶ gradebook, feedback, class report      gradebook, statistics, and archcalc.render

Nothing here prints, and no text of a sheet is ever executed.
"""
