"""A report comes back from its file, and a page that was changed is told."""

import pytest

from plantedu.errors import PlantEduError
from plantedu.own.examination.report import Report, opened, verified
from plantedu.own.examination.report_numbers import Line, Section
from plantedu.statistics.evidence import Evidence

FOUND = Evidence(question="q", value=0.7, null=0.5, control="<shuffles>", n=9, interval=(0.6, 0.8))
REPORT = Report(
    {"model": "</script><b>x", "data": "d", "n": 9, "classes": ["a", "b"]},
    (
        Section(
            "readout", "What is read?", "accuracy", (Line("h", FOUND),), ("A note.",), {"n": 9}
        ),
        Section("copies", "Copies?", missing="no"),
    ),
)


def test_a_report_comes_back_from_both_files(tmp_path):
    for name in ("r.html", "r.json"):
        assert opened(REPORT.save(tmp_path / name)) == REPORT
    assert verified(tmp_path / "r.html")


def test_a_page_that_was_changed_differs(tmp_path):
    file = REPORT.save(tmp_path / "r.html")
    file.write_text(file.read_text().replace("0.700", "0.900", 1))
    assert not verified(file)


def test_bad_files_are_refused(tmp_path):
    with pytest.raises(PlantEduError, match="ends with none"):
        REPORT.save(tmp_path / "r.pdf")
    (tmp_path / "x.html").write_text("<html>")
    for name in ("x.html", "none.html"):
        with pytest.raises(PlantEduError, match="no report"):
            opened(tmp_path / name)
    with pytest.raises(PlantEduError, match="no section"):
        REPORT["maps"]
