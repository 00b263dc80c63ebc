"""Where a class is stuck: how many are at which page, have locked, wait for a run; never who.

Counts are of people, and come in steps of `STEP`: 7 is "6 or more", 2 is "fewer than 3".
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Connection

from plantedu.course.classes import PEOPLE, TABLES
from plantedu.course.lessons import Lesson
from plantedu.course.released_votes import STEP
from plantedu.store.database import Database

NOWHERE = ""  # has opened no lesson yet

OPENED = (
    "SELECT learner, lesson, MAX(number) FROM progress"
    f" WHERE item = 'opened' AND learner IN ({PEOPLE}) GROUP BY learner"
)
LOCKED = f"SELECT learner, lesson, item FROM predictions WHERE learner IN ({PEOPLE})"
AT_WORK = (
    "SELECT learner, state FROM runs WHERE state IN ('queued', 'running')"
    f" AND learner IN ({PEOPLE}) UNION"
    " SELECT s.learner, r.state FROM shares s JOIN runs r ON r.number = s.run"
    f" WHERE r.state IN ('queued', 'running') AND s.learner IN ({PEOPLE})"
)


@dataclass(frozen=True)
class Whereabouts:
    """The people of a class at one page; each count in words, "3 or more".

    Attributes:
        lesson: Stem of the page that they opened last; "" for none yet.
        people: How many.
        locked: How many of them have locked every prediction of the page.
        waiting: How many of them have a run in the queue.
        running: How many of them have a run that is done now.
    """

    lesson: str
    people: str
    locked: str
    waiting: str
    running: str


def whereabouts(path: Path, code: str, lessons: Sequence[Lesson]) -> list[Whereabouts]:
    """Where the people of a class are, in the order of the course; those who began nothing first.

    Args:
        path: The store's file.
        code: The class.
        lessons: The course.
    """
    with Database(path, tables=TABLES).read() as link:
        people = [row["learner"] for row in link.execute(PEOPLE, {"code": code})]
        at = {row["learner"]: row["lesson"] for row in link.execute(OPENED, {"code": code})}
        locked = Counter(
            (row["learner"], row["lesson"]) for row in link.execute(LOCKED, {"code": code})
        )
        busy = _busy(link, code)
    asks = {lesson.stem: len(lesson.predictions) for lesson in lessons}
    found = []
    for stem in (NOWHERE, *asks):
        here = [one for one in people if at.get(one, NOWHERE) == stem]
        if here:
            done = [one for one in here if stem and locked[one, stem] >= asks[stem]]
            queue, now = (_both(here, busy[state]) for state in ("queued", "running"))
            found.append(
                Whereabouts(stem, in_steps(here), in_steps(done), in_steps(queue), in_steps(now))
            )
    return found


def in_steps(people: Iterable[str]) -> str:
    """A count of people that picks nobody out."""
    least = STEP * (len(list(people)) // STEP)
    return f"{least} or more" if least else f"fewer than {STEP}"


def _busy(link: Connection, code: str) -> dict[str, set[str]]:
    """Who has a run in each state."""
    found: dict[str, set[str]] = {"queued": set(), "running": set()}
    for row in link.execute(AT_WORK, {"code": code}):
        found[row["state"]].add(row["learner"])
    return found


def _both(people: Iterable[str], others: set[str]) -> list[str]:
    return [one for one in people if one in others]
