"""Known is what lies on one side of its null."""

from dataclasses import replace

from plantedu.own.examination.summary import apart, summary
from tests.own.examination.test_report import FOUND, REPORT


def test_an_interval_that_holds_its_null_is_not_known():
    assert apart(FOUND)
    assert not apart(replace(FOUND, interval=(0.4, 0.8)))
    assert not apart(replace(FOUND, interval=None))


def test_sentences():
    said = summary(REPORT)
    assert "0.70 (0.60 to 0.80) beside 0.50" in said.known[0]
    assert said.unknown == ("Copies? Not answered: no",)
    assert len(said.change) == 2
