"""A learner's file as a function, or a sentence why there is none."""

from dataclasses import replace

import pytest

from plantedu.exercises.child import load
from plantedu.exercises.table import find

EXERCISE = replace(find("02.5"), seconds=0.3)


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        ("def sinkhorn(:", "exception", "not Python: "),
        ("import nothing_like_it", "exception", "ModuleNotFoundError"),
        ("x = 1", "form", "has no function sinkhorn"),
        ("sinkhorn = 3", "form", "has no function sinkhorn"),
        ("1 / 0", "exception", "ZeroDivisionError: division by zero in line 1"),
        ("exit(0)", "exception", "SystemExit"),
        ("while True: pass", "time", "before any check"),
        ("None.sinkhorns", "exception", "AttributeError"),
        ("\0", "exception", "not Python"),
    ],
)
def test_no_function(tmp_path, text, kind, said):
    path = tmp_path / "mine.py"
    path.write_text(text)
    function, outcome = load(path, EXERCISE)
    assert function is None
    assert (outcome.kind, said in outcome.sentence) == (kind, True), outcome


def test_a_function(tmp_path):
    (tmp_path / "helper_beside_it.py").write_text("two = 2")
    path = tmp_path / "02_5.py"
    path.write_text("from helper_beside_it import two\nsinkhorn = lambda *_: two")
    function, outcome = load(path, EXERCISE)
    assert function() == 2
    assert outcome.passed
