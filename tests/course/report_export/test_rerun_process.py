"""A run in a child: the same result, a sentence for what is refused, and an end by our clock."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from plantedu.course.report_export.rerun import again
from plantedu.course.report_export.rerun_process import apart
from plantedu.errors import PlantEduError

CARD = {"kind": "report_card", "request": {"worlds": 1, "seed": 7, "methods": ["share settled"]}}


@pytest.mark.slow
def test_a_run_in_a_child_gives_its_result(plantedu_home):
    found = apart(CARD, seconds=900)
    assert found is not None
    assert found["grades"][0]["name"] == "share settled"


def test_what_is_refused_is_its_sentence(plantedu_home):
    """What the kind itself refuses is refused alike; the child of this one need not load it."""
    with pytest.raises(PlantEduError, match="worlds is a number"):
        again({**CARD, "request": {"worlds": -1}})
    with pytest.raises(PlantEduError, match="'guess' is not on the list"):
        apart({**CARD, "kind": "guess"}, seconds=900)


def test_a_run_that_asks_for_a_day_is_ended_by_our_clock(plantedu_home):
    begun = time.monotonic()
    assert apart({**CARD, "request": {"worlds": 1000}}, seconds=2) is None
    assert time.monotonic() - begun < 300  # 2 s and what a busy machine adds; the run needs hours


ORPHAN = """
import subprocess, sys
said = "import os; from plantedu.course.report_export.rerun_process import go_with; "
said += "print(1, flush=True); go_with(os.getppid(), look=0.05)"
child = subprocess.Popen([sys.executable, "-c", said], stdout=subprocess.PIPE)
child.stdout.readline()
print(child.pid)
"""


def test_a_child_goes_with_who_asked_for_it():
    """The worker ends a cancelled check by a signal; what it started must not work on unseen."""
    done = subprocess.run([sys.executable, "-c", ORPHAN], capture_output=True, check=True)
    deadline = time.monotonic() + 60
    while Path(f"/proc/{int(done.stdout)}").exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
