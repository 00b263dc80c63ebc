"""The checks of an exercise run on a function, come what may, and the next function is unharmed."""

import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.exercises import check, checking
from plantedu.exercises.exercise import Exercise
from plantedu.exercises.table import find

REFERENCE = find("02.5").reference


def kinds(function) -> list[str]:
    return [one.kind for one in check("02.5", function).outcomes]


def test_prints_are_kept_and_are_no_failure(capsys):
    def prints(*args):
        print("x" * 10**6)
        return REFERENCE(*args)

    report = check("02.5", prints)
    assert report.passed
    assert report.outcomes[0].printed == "x" * 300
    assert capsys.readouterr().out == ""


def test_the_checks_after_a_wrong_form_are_left_out():
    assert kinds(lambda *_: torch.zeros(7)) == ["form"]
    assert kinds(lambda: 1) == ["exception"]  # takes too few arguments


def test_seeds_and_inputs_are_told_at_every_check():
    def seeds(*args):
        torch.manual_seed(0)
        return REFERENCE(*args)

    def changes(scores, *args):
        codes = REFERENCE(scores, *args)
        scores.detach().zero_()
        return codes

    assert set(kinds(seeds)) == {"seeds"}
    assert set(kinds(changes)) == {"inputs"}
    assert check("02.5", REFERENCE).passed


def test_a_loop_that_never_ends(monkeypatch):
    def loops(*args):
        while True:
            pass

    quick = Exercise(**{**vars(find("02.5")), "seconds": 0.2})
    monkeypatch.setattr(checking, "find", lambda key: quick)
    (only,) = check("02.5", loops).outcomes
    assert only.kind == "time"
    assert "had not returned after 0.2 s of work" in only.sentence


def test_what_is_no_function_and_what_is_no_exercise():
    with pytest.raises(PlantEduError, match="checks a function"):
        check("02.5", 3)
    with pytest.raises(PlantEduError, match=r"99\.9"):
        check("99.9", REFERENCE)
