"""What every method gives: a table, a chart, files, and a notebook's view, null beside each."""

import json

import pandas as pd
import pytest

from plantedu.errors import PlantEduError
from plantedu.own.finding import NO_NULL, Finding
from plantedu.statistics.evidence import Evidence

ONE = Evidence(question="q?", value=0.8, null=0.2, control="shuffled", n=40, interval=(0.7, 0.9))
FOUND = Finding(title="Does it?", unit="accuracy", lines=(("mine", ONE),), notes=("<careful>",))


def test_the_table_has_the_null_beside_the_number():
    (row,) = FOUND.to_frame().to_dict("records")
    assert row["what"] == "mine"
    assert (row["value"], row["low"], row["high"], row["null"]) == (0.8, 0.7, 0.9, 0.2)
    assert (row["n"], row["control"]) == (40, "shuffled")
    assert FOUND["mine"] is ONE
    assert "null 0.200 (shuffled), n = 40" in repr(FOUND)


def test_files_by_their_ending(tmp_path):
    assert FOUND.save(tmp_path / "x.svg").read_text().startswith("<svg")
    assert json.loads(FOUND.save(tmp_path / "x.json").read_text())["lines"][0]["null"] == 0.2
    assert pd.read_csv(FOUND.save(tmp_path / "x.csv")).loc[0, "null"] == 0.2
    assert json.loads(FOUND.save(str(tmp_path / "x.vl.json")).read_text())["data"]["values"]
    for place in ("x.pdf", "none/x.svg"):
        with pytest.raises(PlantEduError):
            FOUND.save(tmp_path / place)


def test_a_notebook_shows_chart_caption_and_notes():
    shown = FOUND._repr_mimebundle_()
    assert shown["text/html"].startswith("<svg")
    assert "0.200" in shown["text/html"]
    assert "&lt;careful&gt;" in shown["text/html"]
    assert "Does it?" in shown["text/html"]


def test_without_a_null_nothing_is_drawn_and_it_is_said(tmp_path):
    found = Finding(title="Alike?", unit="CKA", lines=(), bare={"a ~ b": 0.5}, notes=(NO_NULL,))
    assert "a ~ b  0.500, no null" in repr(found)
    assert "No null was computed" in repr(found)
    assert found.as_json()["bare"] == {"a ~ b": 0.5}
    assert found._repr_mimebundle_() == {"text/plain": repr(found)}
    with pytest.raises(PlantEduError, match="No null was computed"):
        found.save(tmp_path / "a.svg")


def test_a_table_taken_home_says_in_every_row_how_it_was_made(tmp_path):
    settings = {"measure": "CKA", "seed": 3, "layers": ["a", "b"], "layer": None}
    one = Finding(title="?", unit="x", lines=(("a", ONE), ("b", ONE)), settings=settings)
    alone = Finding(title="?", unit="x", lines=(), bare={"a": 0.5}, settings=settings)
    for found, rows in ((one, 2), (alone, 1)):
        read = pd.read_csv(found.save(tmp_path / "x.csv"))
        assert read["settings.measure"].tolist() == ["CKA"] * rows
        assert read["settings.seed"].tolist() == [3] * rows
        assert json.loads(read["settings.layers"][0]) == ["a", "b"]
        assert read["settings.layer"].isna().all()
    assert read["value"].tolist() == [0.5]
    assert read["null"].isna().all()


def test_another_line_is_a_sentence():
    with pytest.raises(PlantEduError, match="there are mine"):
        FOUND["yours"]
