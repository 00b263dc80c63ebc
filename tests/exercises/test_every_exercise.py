"""Every exercise: the reference passes, alone too, each named mistake has its wrong version, and
answers of another form are told so.

Wrong versions stand in `test_lesson_NN.py`, where each is caught by its own name.
"""

import importlib.util
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch

from plantedu.course.lessons import lessons_in
from plantedu.exercises.checking import check, outcomes
from plantedu.exercises.exercise import check_name, lines_of, stub_of
from plantedu.exercises.table import HERE, find, lesson_numbers, of_lesson
from plantedu.shipped_files import lessons

EXERCISES = [one for number in lesson_numbers() for one in of_lesson(number)]
LESSONS = {one.number: one for one in lessons_in(lessons())}
WITHOUT_ARRAYS = ("01.7",)  # a module and a function to call
every = pytest.mark.parametrize("exercise", EXERCISES, ids=lambda one: one.key)


@cache
def wrong(number: str) -> dict:
    path = Path(__file__).parent / f"test_lesson_{number}.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.WRONG


@every
def test_the_reference_passes(exercise):
    report = check(exercise.key, exercise.reference)
    assert report.passed, str(report)
    assert not any(one.printed for one in report.outcomes)


@every
def test_the_wrong_versions_are_those_that_are_named(exercise):
    assert set(wrong(exercise.key[:2])[exercise.key]) == set(exercise.mistakes)
    assert len(set(exercise.mistakes.values())) == len(exercise.mistakes) >= 3


@every
def test_a_file_of_the_solution_alone_passes(exercise):
    """The reference needs nothing of its module but the imports that the stub has."""
    start = exercise.stub.partition("\ndef ")[0]
    there: dict = {}
    exec(f"{start}\n{exercise.solution}", there)
    assert check(exercise.key, there[exercise.name]).passed


@every
def test_a_stub_says_that_it_is_not_written_yet(exercise):
    there: dict = {}
    exec(exercise.stub, there)
    (only,) = check(exercise.key, there[exercise.name]).outcomes
    assert only.sentence == f"{exercise.name} is not written yet."


@every
@pytest.mark.parametrize(
    ("answer", "kind"),
    [(None, "form"), ("words", "form"), (np.zeros((7, 3, 2)), "form"), (object(), "form")],
    ids=["None", "text", "shape", "object"],
)
def test_an_answer_of_another_form_is_told_so(exercise, answer, kind):
    (only,) = outcomes(exercise, lambda *_, **__: answer)
    assert only.kind == kind, only


def arrays(value):
    """Arrays and tensors among arguments, also inside tuples."""
    if isinstance(value, np.ndarray | torch.Tensor):
        yield value
    elif isinstance(value, tuple | list):
        for one in value:
            yield from arrays(one)


@every
def test_what_a_right_function_does_beside_is_told_as_what_it_is(exercise):
    def prints(*args, **named):
        print("hello")
        return exercise.reference(*args, **named)

    def seeds(*args, **named):
        np.random.seed(0)  # noqa: NPY002
        return exercise.reference(*args, **named)

    def changes(*args, **named):
        answer = exercise.reference(*args, **named)
        for one in arrays([*args, *named.values()]):
            if one.size if isinstance(one, np.ndarray) else one.numel():
                first = one.detach() if isinstance(one, torch.Tensor) else one
                first[(0,) * first.ndim] = 1 - first[(0,) * first.ndim] if changing else 0
                break
        return answer

    changing = not exercise.key.startswith("01")  # numbers of plants and masks
    outcomes = check(exercise.key, prints)
    assert outcomes.passed
    assert any(one.printed.startswith("hello\n") for one in outcomes.outcomes)
    seeded = {one.kind for one in check(exercise.key, seeds).outcomes}
    assert "seeds" in seeded
    found = [one.kind for one in check(exercise.key, changes).outcomes]
    takes_arrays = exercise.key not in WITHOUT_ARRAYS
    assert ("inputs" in found) == takes_arrays, found


@every
def test_its_shape(exercise):
    number = exercise.key[:2]
    assert exercise.lesson == LESSONS[number].stem
    assert 3 <= lines_of(exercise.reference) <= 30
    assert len({check_name(one) for one in exercise.checks}) == len(exercise.checks) >= 2
    for word in ("Args:", "Returns:", "Source:"):
        assert word in exercise.stub
    assert exercise.stub == stub_of((HERE / f"lesson_{number}.py").read_text(), exercise.name)


@pytest.mark.parametrize("number", lesson_numbers())
def test_keys_continue_the_numbers_of_the_lesson(number):
    asked = len(LESSONS[number].exercises)
    assert LESSONS[number].in_code == {one.key: one.title for one in of_lesson(number)}
    keys = [one.key for one in of_lesson(number)]
    assert keys == [f"{number}.{k}" for k in range(asked + 1, asked + 1 + len(keys))]
    assert all(find(key).key == key for key in keys)
