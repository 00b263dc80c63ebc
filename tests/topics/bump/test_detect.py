"""The command finds the published bump, names the queue first, and takes files and runs."""

import json
import time

import numpy as np
import pytest

from plantedu.__main__ import main
from plantedu.errors import PlantEduError
from plantedu.store.run import Event, Metric
from plantedu.store.store import Store
from plantedu.topics.bump.changepoints.curve import tidy
from plantedu.topics.bump.detect import bump, curves_of
from plantedu.topics.bump.results.detect import PUBLISHED

VALUES = np.random.default_rng(0).standard_normal(200) * 0.1 - (np.arange(200) >= 120)


def asked(capsys, *words):
    """Lines and the JSON object of a call that goes well."""
    assert main(["bump", *words, "--json"]) == 0
    lines = capsys.readouterr().out.strip().splitlines()
    return lines, json.loads(lines[-1])


def test_published_curve_with_its_recipe(capsys):
    recipe = ["--epochs", "600", "--steps-per-epoch", "83", "--queue-start-pct", ".5"]
    lines, found = asked(capsys, str(PUBLISHED), *recipe)
    assert set(found["splits"]) == {"train", "valid"}
    for split in found["splits"].values():
        (one,) = split["bumps"]
        assert abs(one["step"] - 24_901) <= 150
        first = one["candidates"][0]
        assert first["name"] == "queue on"
        assert abs(first["distance"]) <= 150
    assert found["bumps"] == found["splits"]["train"]["bumps"]
    assert any("1. queue on" in line for line in lines)


def test_one_split_of_a_file_without_events(capsys):
    lines, found = asked(capsys, str(PUBLISHED), "--split", "valid")
    assert "splits" not in found
    assert {"bumps", "n", "level", "null", "notes"} <= set(found)
    assert {"quantile", "block_rows"} <= set(found["null"])
    assert found["n"] == 638
    assert any("causes cannot be ruled out. The missing record" in note for note in found["notes"])
    assert {"step", "interval", "size", "p"} <= set(found["bumps"][0])
    assert any("learning, no scheduled cause" in line for line in lines)


def test_events_from_a_file(capsys, tmp_path):
    path, events = tmp_path / "loss.csv", tmp_path / "events.json"
    path.write_text("step,loss\n" + "\n".join(f"{k},{v}" for k, v in enumerate(VALUES)))
    events.write_text(json.dumps([{"step": 120, "name": "batch 64"}]))
    _, found = asked(capsys, str(path), "--events", str(events), "--draws", "39")
    assert found["bumps"][0]["step"] == 120
    assert found["bumps"][0]["candidates"][0]["name"] == "batch 64"


@pytest.fixture
def run_id(tmp_path, monkeypatch):
    monkeypatch.setenv("PLANTEDU_HOME", str(tmp_path))
    store = Store()
    found = store.submit("train", {"x": 1}, lane="training", worker="w")
    store.log(found, [Metric(k, "loss", float(v)) for k, v in enumerate(VALUES)])
    return found


def test_a_run_with_its_events(capsys, run_id):
    Store().log(run_id, [], events=[Event(120, "queue on", "64", 0.0)])
    _, found = asked(capsys, run_id, "--draws", "39")
    assert found["bumps"][0]["candidates"][0]["name"] == "queue on"
    assert not any("ruled out" in note for note in found["notes"])


def test_a_run_without_events_says_what_is_missing(capsys, run_id):
    _, found = asked(capsys, run_id, "--draws", "39")
    assert any("cannot be ruled out" in note for note in found["notes"])
    assert main(["bump", run_id, "--metric", "joy"]) == 2
    assert "has no metric 'joy'; it recorded loss" in capsys.readouterr().err


def test_a_recording_by_name():
    (curve,), recorded = (list(x) for x in curves_of("collapse-0", split="", metric="loss"))
    assert curve == "loss"
    assert "checkpoint" not in {event.name for event in recorded}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["none.csv"], "There is no file none.csv"),
        (["0123abcd"], "There is no run '0123abcd'"),
        (["collapse-0", "--split", "train"], "so it has no split"),
        (["collapse-0", "--metric", "joy"], "has no metric 'joy'"),
    ],
)
def test_what_is_not_there_is_a_sentence(capsys, tmp_path, monkeypatch, words, said):
    monkeypatch.setenv("PLANTEDU_HOME", str(tmp_path))
    assert main(["bump", *words]) == 2
    assert said in capsys.readouterr().err


def test_ten_rows_are_too_few(capsys, tmp_path):
    path = tmp_path / "short.csv"
    path.write_text("step,loss\n" + "\n".join(f"{k},{k}" for k in range(10)))
    assert main(["bump", str(path)]) == 2
    assert "10 usable rows; 30 are needed" in capsys.readouterr().err


def test_a_million_rows_are_answered_in_time(capsys, tmp_path):
    rows, at = 1_000_000, 612_345
    values = np.random.default_rng(1).standard_normal(rows) * 0.1
    values += 3 * (1 + np.arange(rows) / 1000) ** -0.5 - 0.4 * (np.arange(rows) >= at)
    path = tmp_path / "long.csv"
    text = "\n".join(f"{k},{v:.5f}" for k, v in enumerate(values.tolist()))
    path.write_text("step,loss\n" + text)
    began = time.process_time()
    _, found = asked(capsys, str(path))
    assert time.process_time() - began < 60, "2 to 8 s by machine; row by row it would be minutes"
    (one,) = found["bumps"]
    assert abs(one["step"] - at) <= 5
    assert one["interval"][0] <= at <= one["interval"][1]


def test_both_charts_come_from_the_result():
    result = bump(tidy(np.arange(200), VALUES), draws=39)
    assert result.evidence.null == result.search.null
    assert result.evidence.value > result.evidence.null
    assert "Bumps: one of" in result.chart().alt
    assert "null" in set(result.null_chart().rows["kind"])


def test_a_source_that_is_a_folder_of_nothing(tmp_path):
    with pytest.raises(PlantEduError, match="There is no file"):
        curves_of(str(tmp_path / "x" / "y"), split="", metric="loss")
