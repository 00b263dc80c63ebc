"""Lesson text as pages show it."""

import re

from app import session
from plantedu.course.quotes import without_comments


def readable(markdown: str) -> str:
    """Lesson text as the page shows it: without marks for tests, links to lessons as pages."""
    text = without_comments(markdown)
    token = session.learner()
    text = re.sub(r"\]\(\d\d_(\w+)\.md\)", rf"](\1?learner={token})", text)
    return re.sub(r"\[([^\]]+)\]\(references\.bib\)", r"\1", text)
