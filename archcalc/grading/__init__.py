"""Homework graded: an assignment whose answers are computed, sheets of answers, marks with what went wrong.

    YAML ──▶ Assignment ──▶ key                     assignment, asked, key
    sheet ─▶ Sheet ──▶ readings ──▶ marks           sheets, numbers, marking, diagnosis
    marks ─▶ gradebook, feedback, class report      gradebook, statistics, and archcalc.render

Nothing here prints, and no text of a sheet is ever executed.
"""
