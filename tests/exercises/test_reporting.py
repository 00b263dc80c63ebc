"""A report says passes, failures and what they look like; JSON there and back."""

import json

from plantedu.exercises.reporting import Outcome, from_json, report
from plantedu.exercises.table import find

NAME = "epsilon multiplies"
OUTCOMES = [
    Outcome("one", True),
    Outcome("two", False, "wrong", "It is 1; got 2.", NAME, printed="hello\n"),
    Outcome("three", False, "wrong", "It is 3; got 4.", NAME),
]


def test_lines():
    said = str(report(find("02.5"), OUTCOMES))
    assert said.startswith(
        "02.5 Sinkhorn's codes\n  pass  one\n  FAIL  two\n        It is 1; got 2."
    )
    assert said.count(f"This looks like: {NAME}.") == 1  # though two checks saw it
    assert "knob works backwards" in " ".join(said.split())
    assert "'hello'" in said
    assert said.endswith("1 of 3 checks hold.")


def test_a_sentence_is_said_once():
    twice = [Outcome(name, False, "inputs", "It changed argument 1.") for name in "ab"]
    said = str(report(find("02.5"), [*twice, Outcome("c", True), Outcome("d", True)]))
    assert said.count("It changed argument 1.") == said.count("The same as above.") == 1


def test_json_there_and_back():
    made = report(find("02.5"), OUTCOMES)
    again = json.loads(json.dumps(made.as_json()))
    assert from_json(again) == made
    assert again["passed"] is False


def test_no_outcome_is_no_pass():
    exercise = find("02.5")
    assert not report(exercise, []).passed
    assert report(exercise, OUTCOMES[:1]).passed
