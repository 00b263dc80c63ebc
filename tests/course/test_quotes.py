"""Quoted code and numbers agree with what they quote, or are named."""

import json
from pathlib import Path

import pytest

from plantedu.course.lessons import lessons_in, parse_lesson
from plantedu.course.quotes import (
    committed_value,
    disagreements,
    live_source,
    numbers,
    quotes,
    rounds_to,
    without_comments,
)
from plantedu.errors import PlantEduError
from tests.course.test_lessons import GOOD

ROOT = Path(__file__).parents[2]

CODE = '''def twice(x):
    """Two times x."""
    return 2 * x


class Box:
    def open(self):
        return None
'''


@pytest.fixture
def house(tmp_path):
    """A little house: a package with a function, a results file, and the folder of lessons."""
    (tmp_path / "lessons/results").mkdir(parents=True)
    (tmp_path / "lessons/figures").mkdir()
    (tmp_path / "lessons/figures/99_two.svg").write_text("<svg/>")
    (tmp_path / "code.py").write_text(CODE)
    found = {"disease": {"end": 0.9571, "all": [0.1, 12345.6]}}
    (tmp_path / "lessons/results/r.json").write_text(json.dumps(found))
    return tmp_path


def lesson_with(house, text):
    path = house / "lessons/99_lesson.md"
    path.write_text(GOOD.replace("Press it.", text))
    return parse_lesson(path)


@pytest.mark.parametrize(
    "code",
    ['def twice(x):\n    """Two times x."""\n    return 2 * x', "def twice(x):\n    return 2 * x"],
)
def test_code_may_be_quoted_with_or_without_docstring(house, code):
    lesson = lesson_with(house, f"```python code.py:twice\n{code}\n```")
    assert disagreements(lesson, house) == []


def test_changed_code_is_named(house):
    lesson = lesson_with(house, "```python code.py:twice\ndef twice(x):\n    return x + x\n```")
    (sentence,) = disagreements(lesson, house)
    assert "code.py:twice differs" in sentence


def test_methods_are_found_and_missing_names_are_sentences(house):
    assert live_source(house, "code.py", "Box.open")[0].startswith("def open(self)")
    with pytest.raises(PlantEduError, match="there is no thrice"):
        live_source(house, "code.py", "thrice")
    with pytest.raises(PlantEduError, match="not there"):
        live_source(house, "none.py", "twice")


@pytest.mark.parametrize(
    ("shown", "agrees"),
    [(".96", True), ("0.957", True), ("95.7 %", True), (".95", False), ("0.96 %", False)],
)
def test_numbers_in_prose(house, shown, agrees):
    text = f"It ends at {shown} <!-- value: results/r.json#/disease/end -->."
    assert (disagreements(lesson_with(house, text), house) == []) == agrees


def test_folded_text_is_compared_too(house):
    old = "Folded text."
    path = house / "lessons/99_lesson.md"
    path.write_text(GOOD.replace(old, "at .5 <!-- value: results/r.json#/disease/end -->"))
    (sentence,) = disagreements(parse_lesson(path), house)
    assert "says .5" in sentence


def test_lists_thousands_and_missing_places(house):
    folder = house / "lessons"
    assert committed_value(folder, "results/r.json", "/disease/all/1") == 12345.6
    assert rounds_to("12,346", 12345.6)
    assert not rounds_to("12,345", 12345.6)
    assert rounds_to("−.10", -0.1)
    for file, at in (("results/r.json", "/none"), ("results/r.json", "/disease"), ("no.json", "/")):
        with pytest.raises(PlantEduError, match=r"No number at|is no number"):
            committed_value(folder, file, at)


def test_missing_figure_is_named(house):
    lesson = lesson_with(house, "Press it.")
    (house / "lessons/figures/99_two.svg").unlink()
    assert "99_two.svg is not there" in disagreements(lesson, house)[0]


def test_marks_are_found_and_taken_out():
    text = "at .96 <!-- value: a.json#/b -->, n = 3"
    assert [(n.shown, n.file, n.at) for n in numbers(text)] == [(".96", "a.json", "/b")]
    assert without_comments(text) == "at .96, n = 3"
    (quote,) = quotes("```python a/b.py:f\ndef f(): ...\n```")
    assert (quote.file, quote.name) == ("a/b.py", "f")


@pytest.mark.parametrize("lesson", lessons_in(ROOT / "lessons"), ids=lambda lesson: lesson.stem)
def test_committed_lessons_quote_what_is_there(lesson):
    assert disagreements(lesson, ROOT) == []
