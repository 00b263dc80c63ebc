"""Exercises in code: one file a lesson; `check("02.5", my_function)` in a notebook."""

from plantedu.exercises.checking import check

__all__ = ["check"]
