"""The recorded card is read by its class; charts draw every method, its two errors, coverage."""

import json

from plantedu.course.family import read_results
from plantedu.shipped_files import results
from plantedu.statistics.evidence import Evidence
from plantedu.topics.report_card.results.report_card import (
    ReportCardResult,
    card_chart,
    coverage_chart,
)


def share(value: float, null: float) -> Evidence:
    return Evidence(
        question="?", value=value, null=null, control="a coin", n=20, seeds=5, interval=(0, 1)
    )


def test_hits_and_false_alarms_stand_beside_a_coin():
    rows = [("one", False, share(0.9, 0.5), share(0.1, 0.05), "good")]
    rows.append(("two", True, share(1, 0.5), share(1, 0.05), "not told from a coin"))
    drawing = card_chart(rows)
    assert len(drawing.rows) == 4
    assert "two ⚠" in set(drawing.rows["method"])
    assert "two: 1.00 and 1.00" in drawing.alt
    assert drawing.spec["layer"][0]["encoding"]["x"]["datum"] == 0.5


def test_coverage_stands_beside_what_is_stated_and_methods_without_intervals_are_left_out():
    drawing = coverage_chart([("one", False, share(0.8, 0.95), 2.0), ("two", False, None, None)])
    assert drawing.rows["method"].tolist() == ["one"]
    assert drawing.spec["layer"][0]["encoding"]["x"]["datum"] == 0.95
    assert "one 0.80" in drawing.alt


def test_the_recorded_card_is_read_by_the_class_that_wrote_it():
    found = read_results(results(), "11_report_card")
    found.pop("command")
    card = ReportCardResult.from_json(found)
    assert json.loads(json.dumps(card.as_json())) == found
    assert card.of("PGD").right.control == "a coin, and a method that always says yes"
    assert "Null: the stated .95" in card.coverage_chart().alt
