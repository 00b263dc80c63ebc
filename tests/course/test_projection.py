"""The wall: it shows what the teacher put there, to whoever has the code, and holds no key."""

from dataclasses import replace

import pytest

from plantedu.course.classes import Classes
from plantedu.course.predictions import new_token
from plantedu.course.projection import Projection, Stage
from plantedu.errors import PlantEduError


@pytest.fixture
def now():
    return [1e9]


@pytest.fixture
def wall(tmp_path, now):
    return Projection(tmp_path / "s.sqlite", clock=lambda: now[0])


@pytest.fixture
def classes(tmp_path, now):
    return Classes(tmp_path / "s.sqlite", clock=lambda: now[0])


def test_a_wall_is_empty_until_the_teacher_shows_something(wall, classes):
    code, keeper = classes.begin()
    assert wall.stage(code) == Stage()
    asked = Stage("01_pairs", "leak")
    wall.put(code, keeper, asked)
    assert wall.stage(code) == asked
    shown = replace(asked, votes=True, answer=True)
    wall.put(code, keeper, shown)
    assert wall.stage(code) == shown
    assert wall.stage("NOSUCH") == Stage()


def test_only_the_key_changes_a_wall(wall, classes):
    code, _ = classes.begin()
    for key in ("", new_token(), classes.begin()[1]):
        with pytest.raises(PlantEduError, match="not the key"):
            wall.put(code, key, Stage("01_pairs", "leak", answer=True))
    assert wall.stage(code) == Stage()


def test_a_timer_counts_down_to_nothing_and_not_below(wall, classes, now):
    code, keeper = classes.begin()
    assert wall.seconds_left(Stage()) is None
    stage = Stage(ends=wall.timer(2))
    wall.put(code, keeper, stage)
    left = []
    for passed in (0, 30, 90, 500):
        now[0] = 1e9 + passed
        left.append(wall.seconds_left(wall.stage(code)))
    assert left == [120, 90, 30, 0]
    with pytest.raises(PlantEduError, match="an hour"):
        wall.put(code, keeper, Stage(ends=wall.timer(61)))


def test_a_deleted_class_takes_its_wall_with_it(wall, classes):
    code, keeper = classes.begin()
    wall.put(code, keeper, Stage("01_pairs", "leak"))
    classes.delete(code, keeper)
    assert wall.stage(code) == Stage()
