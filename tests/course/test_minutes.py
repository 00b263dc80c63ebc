"""The core of every lesson is short, and its minutes are counted and not guessed."""

import pytest

from plantedu.course.blocks import Figure, Text
from plantedu.course.lessons import lessons_in
from plantedu.course.minutes import core_minutes, core_words, rest_minutes, words
from plantedu.shipped_files import lessons

COURSE = lessons_in(lessons())
each = pytest.mark.parametrize("lesson", COURSE, ids=lambda one: one.stem)
MOST = 900  # words of a core


def test_words_are_those_that_one_reads():
    text = "A [link](https://a.b/c) of .98 <!-- value: x.json#/y --> to .99.\n\n$$a + b$$\n"
    assert words([Text(text + "```\npython -m plantedu\n```\n| a | b |\n|---|---|")]) == 8
    assert words([Figure("x.svg", "Not read here", "n = 4 plants")]) == 3


@each
def test_a_core_is_read_and_done_in_half_an_hour(lesson):
    assert core_words(lesson) <= MOST, "move what can wait to ## Go deeper"
    assert core_minutes(lesson) <= 30
    assert lesson.minutes == core_minutes(lesson), "minutes in the front matter are counted"


def test_what_goes_deeper_has_minutes_of_its_own():
    found = {one.number: rest_minutes(one) for one in COURSE}
    assert all(15 <= minutes <= 90 for minutes in found.values()), found
