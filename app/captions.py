"""Captions of labs: a term of the glossary has its hover text where a tab first uses it.

The one place where labs draw a caption. A part that is drawn again by itself, while a run goes,
shows the words alone.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import streamlit as st

from app import session
from app.lesson_text import entries
from plantedu.course.glossary import Linker, terms_in
from plantedu.course.lessons import Lesson

_FIRST: ContextVar[Linker | None] = ContextVar("first", default=None)


@contextmanager
def first_uses(lesson: Lesson) -> Iterator[None]:
    """Each term gets its hover text in the first caption inside that uses it."""
    before = _FIRST.set(Linker(terms_in(session.LESSONS), lesson.number))
    try:
        yield
    finally:
        _FIRST.reset(before)


def caption(words: str) -> None:
    """Small words below what they are about."""
    link = _FIRST.get()
    st.caption(words if link is None else entries(link(words)))
