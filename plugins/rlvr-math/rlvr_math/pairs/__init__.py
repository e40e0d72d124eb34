"""The project's own labelled answers: rows made by rule, whose labels follow docs/math-policy.md.

A label is computed from the value that a text was made of, never from a verifier.
"""
