"""An exercise is found by its key, and who mistypes it is told what there is."""

import pytest

from plantedu.errors import PlantEduError
from plantedu.exercises.table import find, lesson_numbers, of_lesson


def test_found():
    assert find("02.5").title == "Sinkhorn's codes"
    assert "02" in lesson_numbers()


@pytest.mark.parametrize("key", ["02.1", "99.1", "02", "", "../02", "02.5 ", "sinkhorn"])
def test_not_found(key):
    with pytest.raises(PlantEduError):
        find(key)


def test_a_lesson_without_exercises():
    with pytest.raises(PlantEduError, match="99"):
        of_lesson("99")
