"""What stands on a page before its bets are locked names none of their answers."""

import math
from pathlib import Path

import pytest

from plantedu.course.answers import Context, settle
from plantedu.course.blocks import Figure, Folded, Text
from plantedu.course.lessons import lessons_in
from plantedu.course.quotes import committed_value, numbers

LESSONS = Path(__file__).parents[2] / "lessons"
OPEN = ("Question", "Predict", "Run", "Look at the null first")  # never folded
PLAIN = (0.0, 1.0)  # values that many numbers have


def answers(lesson):
    """The value that settles each bet, by its id."""
    context = Context(LESSONS / "results")
    found = {one.id: settle(one, context).evidence.value for one in lesson.predictions}
    return {name: value for name, value in found.items() if value not in PLAIN}


@pytest.mark.parametrize("lesson", lessons_in(LESSONS), ids=lambda lesson: lesson.stem)
def test_no_open_section_quotes_an_answer_or_draws_one(lesson):
    """A figure of all results draws what a bet asks: it belongs into Explain, which waits."""
    blocks = [block for heading in OPEN for block in lesson.sections.get(heading, ())]
    assert [block.path for block in blocks if isinstance(block, Figure)] == []
    texts = [b.markdown if isinstance(b, Text) else b.text for b in blocks
             if isinstance(b, Text | Folded)]  # fmt: skip
    quoted = [
        (one, committed_value(LESSONS, one.file, one.at)) for t in texts for one in numbers(t)
    ]
    told = [
        (name, one.at)
        for name, answer in answers(lesson).items()
        for one, value in quoted
        if isinstance(value, int | float) and math.isclose(value, answer, rel_tol=1e-4)
    ]
    assert told == []
