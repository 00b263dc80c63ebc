"""A run in a child: the same result, a sentence for what is refused, and an end by our clock."""

import time

import pytest

from plantedu.course.report_export.rerun import again
from plantedu.course.report_export.rerun_process import apart
from plantedu.errors import PlantEduError

CARD = {"kind": "report_card", "request": {"worlds": 1, "seed": 7, "methods": ["share settled"]}}


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
