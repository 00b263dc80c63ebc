"""A learner's own report card: all revealed predictions, by lesson and by habit.

Two scores stand beside each other. Brier's over all k options of a question (what the page showed
after each reveal), against spreading evenly, 1 - 1/k. And half of it of "right or not",
(confidence - right)^2, which comes apart into reliability, resolution and uncertainty, against a
coin (.25) and against the base rate of one's own right answers (the uncertainty itself).

The unit is the question, in a class too: thirty people who answer one question meet one trap, not
thirty. Below `FEWEST` questions there are counts and no interval.

Source: Brier 1950 [brier1950]; parts: Murphy 1973 [murphy1973]. Lesson: 11_report.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from plantedu.course.lessons import HABITS, Lesson
from plantedu.course.predictions import Commitment
from plantedu.statistics.brier import FEWEST, Reliability, reliability
from plantedu.statistics.evidence import Evidence
from plantedu.statistics.intervals import share_interval


@dataclass(frozen=True)
class Group:
    """The predictions of one lesson, or of one habit.

    Attributes:
        name: Of the lesson or habit.
        score: Mean Brier score over all options; null: spreading evenly over each question's own.
        right: Share right; null: guessing at random.
        said: Mean confidence.
        answers: How many predictions.
    """

    name: str
    score: Evidence
    right: Evidence
    said: float
    answers: int


@dataclass(frozen=True)
class Calibration:
    """What all revealed predictions of one learner say together.

    Attributes:
        whole: All of them.
        parts: The chosen options' score, taken apart.
        lessons: By lesson, in order.
        habits: By habit; a prediction counts for each habit that its lesson trains.
        waiting: Committed, not revealed.
        informed: Revealed, and locked after the explanation had been opened; in no score.
    """

    whole: Group
    parts: Reliability
    lessons: tuple[Group, ...]
    habits: tuple[Group, ...]
    waiting: int
    informed: int = 0


def calibration(made: Iterable[Commitment], lessons: Sequence[Lesson]) -> Calibration | None:
    """The report on a learner; None while no forecast has been revealed.

    Args:
        made: Commitments of one learner, or of a class.
        lessons: The course.
    """
    every = list(made)
    revealed = [one for one in every if one.answer is not None]
    seen = [one for one in revealed if not one.informed]
    if not seen:
        return None
    habits_of = {lesson.stem: lesson.habits for lesson in lessons}
    titles = {lesson.stem: f"{lesson.number} {lesson.title}" for lesson in lessons}
    by_lesson = [
        _group(titles[stem], inside)
        for stem in titles
        if (inside := [one for one in seen if one.lesson == stem])
    ]
    by_habit = [
        _group(habit, inside)
        for habit in HABITS
        if (inside := [one for one in seen if habit in habits_of.get(one.lesson, ())])
    ]
    return Calibration(
        whole=_group("all", seen),
        parts=reliability(
            [c.confidence for c in seen], [c.right for c in seen], units=_questions(seen)
        ),
        lessons=tuple(by_lesson),
        habits=tuple(by_habit),
        waiting=len(every) - len(revealed),
        informed=len(revealed) - len(seen),
    )


def _questions(made: Sequence[Commitment]) -> list[tuple[str, str]]:
    return [(one.lesson, one.item) for one in made]


def _group(name: str, seen: Sequence[Commitment]) -> Group:
    score = _mean("How far are the stated probabilities from what came out (Brier)?",
                  seen, [c.score for c in seen], 2.0,
                  [c.even for c in seen], "spreading evenly")  # fmt: skip
    right = _mean("Which share of the predictions is right?",
                  seen, [float(c.right) for c in seen], 1.0,
                  [1 / c.options for c in seen], "guessing at random")  # fmt: skip
    return Group(name, score, right, float(np.mean([c.confidence for c in seen])), len(seen))


def _mean(
    question: str,
    seen: Sequence[Commitment],
    values: Sequence[float],
    most: float,
    nulls: Sequence[float],
    control: str,
) -> Evidence:
    """A mean of numbers from 0 to `most`, with its interval over questions where they suffice."""
    asked = _questions(seen)
    place = {name: k for k, name in enumerate(dict.fromkeys(asked))}
    unit = np.array([place[name] for name in asked])
    each, count, interval = np.asarray(values), np.bincount(unit), None
    if len(count) >= FEWEST:
        low, high = share_interval(np.bincount(unit, each) / count / most, weights=count)
        interval = (low * most, high * most)
    return Evidence(
        question=question,
        value=float(each.mean()),
        null=float(np.mean(nulls)),
        control=control,
        n=len(count),
        interval=interval,
    )
