"""Words read from the source are those of the exercises themselves, and no torch is loaded."""

import subprocess
import sys

import pytest

from plantedu.errors import PlantEduError
from plantedu.exercises.outline import outline, outlines
from plantedu.exercises.table import lesson_numbers, of_lesson


@pytest.mark.parametrize("number", lesson_numbers())
def test_the_same_words(number):
    live = of_lesson(number)
    assert [one.key for one in outlines(number)] == [one.key for one in live]
    for read, one in zip(outlines(number), live, strict=True):
        assert (read.title, read.name, read.stub) == (one.title, one.name, one.stub)
        assert read.solution.strip() == one.solution.strip()
        assert read.about in read.stub
        assert read.about.endswith(".")


def test_a_file_name():
    assert outline("02.5").file_name == "02_5_sinkhorn.py"


@pytest.mark.parametrize(
    ("key", "said"),
    [("02.1", "lesson 02 has 02.5"), ("99.1", "looks like 02.5"), ("../02.5", "a key looks like")],
)
def test_not_found(key, said):
    with pytest.raises(PlantEduError, match=said):
        outline(key)
    assert outlines("99") == ()


def test_no_torch_is_loaded():
    code = "import sys; from plantedu.exercises.outline import outlines; outlines('02'); "
    code += "import plantedu.exercises; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
