"""The numbers of a report: found by their key, and safe inside a page."""

import json
from dataclasses import replace

import pytest

from plantedu.errors import PlantEduError
from plantedu.own.examination.report_numbers import (
    CLOSES,
    Line,
    ReportNumbers,
    Section,
    by_name,
    data_of,
    from_names,
)
from plantedu.own.finding import Finding
from plantedu.statistics.evidence import Evidence

FOUND = Evidence(question="?", value=0.5, null=0.4, control="shuffled labels", n=9)


def test_a_section_is_found_by_its_key_and_a_wrong_key_names_those_there_are():
    report = ReportNumbers({}, (Section("reads", "What is read?", lines=(Line("h", FOUND),)),))
    assert report["reads"].pairs() == [("h", FOUND)]
    with pytest.raises(PlantEduError, match="no section 'leaks'; there are reads"):
        report["leaks"]


def test_no_text_of_a_number_ends_its_script():
    report = ReportNumbers({"model": f"{CLOSES}<b>&"}, ())
    text = data_of(report)
    assert not set("<>&") & set(text)
    assert ReportNumbers.from_json(json.loads(text)) == report


def test_a_report_under_its_names_comes_back_and_a_key_may_come_twice():
    twice = [Section("moved", f"What moves {k}?", lines=(Line("light", FOUND),)) for k in "hp"]
    report = ReportNumbers({"model": "mine"}, (*twice, Section("copies", "Twice?", missing="no")))
    named = by_name(report)
    assert list(named["sections"]) == ["moved", "moved 2", "copies"]
    assert named["sections"]["moved 2"]["lines"]["light"]["value"] == 0.5
    assert from_names(json.loads(json.dumps(named))) == report


def test_plants_of_the_course_are_pictures_in_a_report():
    shuffled = replace(FOUND, control="plants of the second shuffled")
    found = Finding(
        title="How alike?",
        unit="CKA",
        lines=(("planted mark", shuffled),),
        notes=("2 of 4 plants stand; a planted mark stays, a plant does not.",),
        settings={"plants": 4},
    )
    section = Section.of("alike", found, 0.1)
    assert section.lines[0].found.control == "pictures of the second shuffled"
    assert section.notes == ("2 of 4 pictures stand; a planted mark stays, a picture does not.",)
    assert section.settings == {"plants": 4}
