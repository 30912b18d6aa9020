"""Why an answer is wrong: the rules read with something changed, and which of the changes gives the answer."""
