"""`python -m plantedu check`: the page's verdict in a terminal."""

import json

import pytest

from plantedu.__main__ import main
from plantedu.commands.check import exercises


def test_a_right_and_a_wrong_answer(capsys):
    assert main(["check", "06.2", "51"]) == 0
    assert "right. Yes" in capsys.readouterr().out
    assert main(["check", "06.2", "50", "--json"]) == 1
    printed = capsys.readouterr().out
    assert "too low" in printed
    assert json.loads(printed.splitlines()[-1]) == {"exercise": "06.2", "right": False}
    assert main(["check", "06.2", "-5"]) == 1


def test_without_an_answer_the_exercise_is_read(capsys):
    assert main(["check", "06.2", "--hint", "--solution"]) == 0
    printed = capsys.readouterr().out
    for word in ("Forced ones", "Asked for", "Hint:", "Solution:"):
        assert word in printed
    assert main(["check", "list"]) == 0
    assert "11.2" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["99.9", "1"], "No exercise '99.9'"),
        (["02.5"], "02.5 is written in code: python -m plantedu exercise start 02.5"),
        (["06.2", "many"], "A number is asked for"),
        (["02.2", "nosuchrun"], "no run of this name"),
    ],
)
def test_mistakes_are_sentences(capsys, words, said):
    assert main(["check", *words]) == 2
    assert said in capsys.readouterr().err


def test_ids_are_those_of_the_course():
    known = exercises()
    assert len(known) > 30
    assert all(task.id == name for name, task in known.items())
