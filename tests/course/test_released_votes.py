"""Votes that a teacher has seen: what is due, and how they are counted."""

from pathlib import Path

from plantedu.course.lessons import parse_lesson
from plantedu.course.predictions import Commitment
from plantedu.course.released_votes import STEP, due, votes_on

LESSON = parse_lesson(Path(__file__).parents[2] / "lessons" / "01_pairs.md")
ASKED = LESSON.predictions[0]
QUESTION = (LESSON.stem, ASKED.id)


def cast(n: int) -> list[Commitment]:
    return [Commitment(*QUESTION, 3, ASKED.keys[k % 2], 0.5 + k / 100, None) for k in range(n)]


def test_votes_are_due_when_three_more_people_have_answered():
    for n in range(10):
        for seen in range(0, n + 1, STEP):
            shown = [(ASKED.keys[0], 0.5)] * seen
            found = due({QUESTION: cast(n)}, {QUESTION: shown} if seen else {})
            assert bool(found) == (n - seen >= STEP)
            assert all(len(votes) == n for votes in found.values())


def test_nothing_seen_is_no_count_and_no_confidence():
    assert (votes_on(ASKED, 2, []).counts, votes_on(ASKED, 2, []).said) == ({}, None)
    found = votes_on(ASKED, 5, [(ASKED.keys[0], 0.6), (ASKED.keys[1], 0.8), (ASKED.keys[0], 0.7)])
    assert [found.counts[key] for key in ASKED.keys[:2]] == [2, 1]
    assert (found.n, found.shown, round(found.said, 3)) == (5, 3, 0.7)
