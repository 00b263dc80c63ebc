"""What the cells of a notebook call."""

import pytest

from plantedu.course.lessons import lessons_in
from plantedu.errors import PlantEduError
from plantedu.exercises.notebook_cells import answer, find_lesson, numbers, quoted
from plantedu.shipped_files import lessons


def test_an_answer_is_judged(capsys, plantedu_home):
    answer("06.2", 51)
    assert "right. Yes" in capsys.readouterr().out
    answer("06.2", "50")
    assert "not yet. " in capsys.readouterr().out
    answer("06.2")
    assert "06.2 asks for: " in capsys.readouterr().out
    with pytest.raises(PlantEduError, match=r"99\.9"):
        answer("99.9", 1)


@pytest.mark.parametrize("lesson", lessons_in(lessons()), ids=lambda one: one.stem)
def test_the_numbers_of_every_lesson_agree(lesson, capsys):
    numbers(lesson.number)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(quoted(lesson.number)) >= 1
    for line in lines:
        agree, _, of = line.split(": ")[1].split(" ")[:3]
        assert agree == of, line


def test_numbers_of_one_file(capsys):
    numbers("02", "results/02_training.json")
    said = capsys.readouterr().out
    assert "Made by: python -m experiments.training numbers" in said
    assert "/cross/disease/chance" in said
    with pytest.raises(PlantEduError, match=r"none\.json"):
        numbers("02", "results/none.json")


def test_a_lesson_is_found_by_number_or_stem():
    assert find_lesson("06") == find_lesson("06_similarity")
    with pytest.raises(PlantEduError, match="there are 01, 02"):
        find_lesson("99")
