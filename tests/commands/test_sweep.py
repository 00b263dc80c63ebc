import csv
import json

import pytest

from plantedu.__main__ import main as plantedu
from plantedu.commands import sweep
from plantedu.sweeps.pool import claim
from plantedu.sweeps.request import clock


@pytest.fixture
def grid(tiny, tmp_path):
    base = tiny.as_json()
    del base["seed"]
    path = tmp_path / "mine.json"
    path.write_text(json.dumps({"base": base, "seeds": [0, 1]}))
    return path


@pytest.fixture
def said(capsys):
    def run(*words):
        code = plantedu(["sweep", *map(str, words), "--json"])
        return code, json.loads(capsys.readouterr().out.splitlines()[-1])

    return run


@pytest.mark.slow
def test_a_sweep_does_its_rows_and_not_again(store, grid, said, tmp_path, monkeypatch, capsys):
    table = tmp_path / "t.csv"
    code, found = said(grid, "--out", table, "--threads", "1")
    assert (code, found["sweep"], found["done"]) == (0, "mine", 2)
    assert [row["settings"] for row in found["rows"]] == [{"seed": 0}, {"seed": 1}]
    assert all(0 <= row["null"] <= 1 and row["n"] == 16 for row in found["rows"])
    assert [line["state"] for line in csv.DictReader(table.read_text().splitlines())] == [
        "done",
        "done",
    ]
    runs = {run.id: run for run in store.runs(kind="train")}
    assert {run.name for run in runs.values()} == {"mine: seed=0", "mine: seed=1"}
    assert {run.result["threads"] for run in runs.values()} == {1}

    monkeypatch.setattr(sweep, "engine", None)  # nothing may be started now
    assert said(grid)[1]["rows"] == found["rows"]
    assert plantedu(["sweep", str(grid)]) == 0
    assert "2 of 2 rows done." in capsys.readouterr().out


def test_a_dry_run_prices_every_row_and_starts_nothing(store, grid, said):
    code, found = said(grid, "--dry-run")
    assert (code, found["rows"], found["to_do"]) == (0, 2, 2)
    assert found["estimated_seconds"] == pytest.approx(
        sum(row["seconds"] for row in found["plan"]), abs=0.2
    )
    assert store.runs() == []


def test_failed_rows_are_reported_and_left_alone_until_asked(store, grid, said, monkeypatch):
    from plantedu.sweeps.grid import read_grid, rows_of

    for row in rows_of(read_grid(grid)):
        store.fail(claim(store, row, "w").id, "The loss is nan.", worker="w")
    code, found = said(grid)
    assert (code, found["done"], found["rows"][0]["error"]) == (1, 0, "The loss is nan.")
    tried = []
    monkeypatch.setattr(sweep, "here", lambda *given: tried.append(given) or False)
    assert said(grid, "--retry")[0] == 130
    assert len(tried) == 1


@pytest.mark.parametrize(
    ("more", "sentence"),
    [(["--at-once", "0"], "--at-once must be"), (["--threads", "-1"], "--threads must be")],
)
def test_what_cannot_be_is_a_sentence(grid, said, more, sentence):
    code, found = said(grid, *more)
    assert code == 2
    assert sentence in found["error"]


def test_nothing_starts_when_one_encoder_cannot_be(store, tmp_path, said):
    path = tmp_path / "g.json"
    path.write_text(json.dumps({"grid": {"encoder": ["res2next_tiny", "nonet"]}}))
    code, found = said(path)
    assert code == 2
    assert "encoder=nonet, crop_size=40" in found["error"]
    assert store.runs() == []


def test_times_are_told_as_clocks_do():
    assert [clock(x) for x in (0, 61, 3601.4)] == ["0:00:00", "0:01:01", "1:00:01"]
