"""Whatever a learner's file does, there is a report, and no process is left."""

import time
from pathlib import Path

import pytest

from plantedu.errors import PlantEduError
from plantedu.exercises.exercise import check_name
from plantedu.exercises.outline import outline
from plantedu.exercises.running import Bounds, check_file
from plantedu.exercises.table import find

SOLVED = "import torch\n" + outline("02.5").solution
QUICK = find("06.5")  # needs NumPy alone: its process starts in a moment
ENDLESS = """
import time
def debiased_cka(*_):
    while True:
        try:
            time.sleep(.01)
        except BaseException:
            pass
"""
GREEDY = "def debiased_cka(*_):\n    x = []\n    while True: x.append(bytearray(10**7))"
GONE = "import os\ndef debiased_cka(*_): os._exit(0)"
LOUD = "import numpy as np\n" + outline("06.5").solution
LOUD = LOUD.replace("    k, m = u_centred", "    print('x' * 10**6)\n    k, m = u_centred")


@pytest.fixture
def written(tmp_path):
    def write(text: str) -> Path:
        path = tmp_path / "mine.py"
        path.write_text(text)
        return path

    return write


def test_a_right_file_that_prints(written, capfd):
    report = check_file("06.5", written(LOUD))
    assert report.passed, str(report)
    assert report.outcomes[0].printed == "x" * 300
    assert "xxx" not in "".join(capfd.readouterr())


@pytest.mark.parametrize(
    ("text", "kind", "bounds"),
    [
        (ENDLESS, "time", Bounds(seconds=1)),
        (GREEDY, "memory", Bounds(megabytes=900)),
        (GONE, "ended", Bounds()),
    ],
    ids=["endless", "greedy", "gone"],
)
def test_what_harms_a_process_is_reported(written, text, kind, bounds):
    started = time.monotonic()
    report = check_file("06.5", written(text), bounds)
    (only,) = report.outcomes
    assert only.kind == kind, only
    assert only.check == check_name(QUICK.checks[0])
    assert time.monotonic() - started < 100


def test_a_wrong_file_is_told_its_mistake(written):
    wrong = SOLVED.replace("scores.detach()", "scores")
    report = check_file("02.5", written(wrong))
    assert report.mistakes == ("the codes carry a gradient",)
    assert "target" in str(report)


def test_no_file_and_no_exercise(tmp_path, written):
    with pytest.raises(PlantEduError, match=r"exercise start 02\.5"):
        check_file("02.5", tmp_path / "none.py")
    with pytest.raises(PlantEduError, match=r"99\.9"):
        check_file("99.9", written(SOLVED))
    with pytest.raises(PlantEduError, match="1 MB"):
        check_file("02.5", written("#" * 10**6))
