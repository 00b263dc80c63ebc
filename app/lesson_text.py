"""Lesson text as pages show it."""

import re
from functools import lru_cache

from app import session
from app.glance import changed
from plantedu.course.glossary import linked, terms_in
from plantedu.course.lessons import Lesson, lessons_in
from plantedu.course.quotes import without_comments

ENTRY = re.compile(r"\]\(glossary:([a-z0-9-]+) ")


def readable(markdown: str, lesson: Lesson | None = None) -> str:
    """Lesson text as the page shows it: without marks for tests, links to lessons as pages.

    Args:
        markdown: The text.
        lesson: Where it stands: what it is the first to name there gets a hover text and a link.
    """
    token = session.learner()
    if lesson is not None:
        markdown = _linked(lesson.stem, _written(lesson.stem)).get(markdown, markdown)
    text = without_comments(markdown)
    text = re.sub(r"\]\(\d\d_(\w+)\.md\)", rf"](\1?learner={token})", text)
    text = entries(text)
    return re.sub(r"\[([^\]]+)\]\(references\.bib\)", r"\1", text)


def entries(text: str) -> str:
    """Links to the glossary as addresses of its page."""
    return ENTRY.sub(rf"](glossary?word=\1&learner={session.learner()} ", text)


def _written(stem: str) -> tuple[int, ...]:
    return tuple(changed(session.LESSONS / name) for name in (f"{stem}.md", "notation.md"))


@lru_cache(maxsize=32)
def _linked(stem: str, _changed: tuple[int, ...]) -> dict[str, str]:
    (lesson,) = (one for one in lessons_in(session.LESSONS) if one.stem == stem)
    return linked(lesson, terms_in(session.LESSONS))
