"""What people do wrong, a row each: what it is called, what it changes, the sentence about it, an example by hand.

Everything that is known about a mistake stands in its row, in the module of its family; `table.py` puts the rows
together, and whoever finds mistakes, tells them, prices them or documents them reads that. A mistake in a rule is a
change of the letters that the rule is read on, or a rule of another kind read on them: no rule is written again here.
docs/adding-a-mistake.md says how a row is written.
"""
