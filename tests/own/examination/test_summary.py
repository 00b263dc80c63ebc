"""Known is what lies on one side of its null."""

from dataclasses import replace

from plantedu.own.examination.page import first_page
from plantedu.own.examination.report_numbers import HEAD_LEFT, Line, ReportNumbers, Section
from plantedu.own.examination.summary import apart, nothing_found, summary
from tests.own.examination.test_report import FOUND, REPORT


def test_an_interval_that_holds_its_null_is_not_known():
    assert apart(FOUND)
    assert not apart(replace(FOUND, interval=(0.4, 0.8)))
    assert not apart(replace(FOUND, interval=None))


def test_sentences():
    said = summary(REPORT)
    assert "0.70 (0.60 to 0.80; null 0.50). Null: " in said.known[0]
    assert said.unknown == ("Copies? Not answered: no",)
    assert len(said.change) == 2


def test_names_with_commas_are_told_apart_and_a_search_that_found_nothing_is_said():
    held = replace(FOUND, interval=(0.4, 0.8))
    lines = Line("cell top, left", held), Line("block, left", held)
    report = ReportNumbers({}, (Section("hidden", "Moved?", lines=lines, notes=("None is.",)),))
    assert summary(report).unknown == (
        "Moved? Not told from the null: cell top, left; block, left.",
    )
    assert nothing_found(report) == ["None is."]
    assert "<p>None is.</p>" in first_page(report)


def test_the_first_page_names_a_shared_control_once_and_why_the_own_head_was_left():
    lines = tuple(Line(f"light {k}", FOUND) for k in range(5))
    both = (*lines, Line("light, beyond the inside", FOUND))
    notes = (f"{HEAD_LEFT}: in another order.",)
    said = summary(ReportNumbers({}, (Section("hidden", "Moved?", lines=both, notes=notes),)))
    assert said.known[0].count(FOUND.control) == 1
    assert "and 2 more" in said.known[0]
    assert "beyond" not in said.known[0]
    assert said.unknown == notes
