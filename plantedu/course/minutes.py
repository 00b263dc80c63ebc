"""How long a lesson takes: its words, its bets and its waits, counted and not guessed.

    core = words / 200 + 4 for each bet + the waits that its front matter states
    rest = words of what goes deeper / 200 + 4 for each of its bets + the minutes of its exercises

200 words a minute is slow reading of plain prose (Brysbaert 2019: 238 for non-fiction). A bet's
four minutes are ours: one to choose and say how sure one is, three to press, look at the result
beside its null, and read what came of it.
"""

import math
import re
from collections.abc import Iterable

from plantedu.course.blocks import Block, Figure, Prediction, Text
from plantedu.course.lessons import DEEPER, Lesson

PACE = 200  # words a minute
BET = 4.0  # minutes
STEP = 5  # minutes are stated in steps of five
CORE = ("Question", "Predict", "Run", "Look at the null first", "Explain", "Key points")
UNREAD = re.compile(  # comments, code, formulas, where a link leads
    r"<!--.*?-->|```.*?```|\$\$.*?\$\$|(?<=\])\([^)]*\)", re.DOTALL
)
WORD = re.compile(r"[^\s|]*\w[^\s|]*")


def words(blocks: Iterable[Block]) -> int:
    """Words that one reads of these blocks: text, tables, captions, and bets with their answers."""
    return sum(len(WORD.findall(UNREAD.sub(" ", text))) for b in blocks for text in _texts(b))


def _texts(block: Block) -> tuple[str, ...]:
    match block:
        case Text(markdown):
            return (markdown,)
        case Figure():
            return (block.caption,)
        case Prediction():
            options = (label for _, label in block.options)
            return (block.question, *options, *block.explanations.values())
    return ()


def core_words(lesson: Lesson) -> int:
    """Words of what a learner reads who goes no deeper."""
    return sum(words(lesson.sections[heading]) for heading in CORE)


def core_minutes(lesson: Lesson) -> int:
    """Minutes of the core, in steps of five."""
    took = core_words(lesson) / PACE + BET * _bets(lesson, "Predict") + lesson.waits
    return STEP * math.ceil(took / STEP)


def rest_minutes(lesson: Lesson) -> int:
    """Minutes of what goes deeper and of the exercises with an answer, in steps of five."""
    read = words(lesson.sections.get(DEEPER, ())) / PACE + BET * _bets(lesson, DEEPER)
    took = read + sum(task.minutes for task in lesson.exercises)
    return STEP * math.ceil(took / STEP)


def _bets(lesson: Lesson, heading: str) -> int:
    return sum(isinstance(block, Prediction) for block in lesson.sections.get(heading, ()))
