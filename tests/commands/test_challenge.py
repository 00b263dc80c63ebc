"""`plantedu challenge`: a submission as asked, and never one lost."""

import csv
import json

import pytest

from plantedu.__main__ import main as plantedu
from plantedu.commands import challenge
from plantedu.data.challenge.render_folder import write_folder
from plantedu.data.renderer.worlds import world


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("rice") / "folder"
    write_folder(world("calm"), path, pairs=40, size=16)
    return path


@pytest.fixture
def said(folder, capsys, tmp_path):
    """Runs the command; exit code and what its last line says as JSON."""
    small = [
        *("--folds", "2", "--start", "scratch", "--image-size", "16", "--crop-size", "16"),
        *("--steps", "2", "--batch", "8", "--tta", "1", "--out", str(tmp_path / "out.csv")),
    ]

    def run(*more):
        code = plantedu(["challenge", str(folder), *small, *more, "--json"])
        return code, json.loads(capsys.readouterr().out.splitlines()[-1])

    return run


def test_a_submission_is_written_as_asked_and_not_lost(said, folder, tmp_path, monkeypatch):
    out = tmp_path / "out.csv"
    code, found = said("--submit", "both")
    assert code == 0
    assert (found["submitted"], found["rows"], found["plants"]) == ("both", 12, 28)
    with out.open() as mine, (folder / "SampleSubmission.csv").open() as sample:
        rows, asked = list(csv.DictReader(mine)), list(csv.DictReader(sample))
    assert rows[0].keys() == asked[0].keys()
    assert [row["Image_id"] for row in rows] == [row["Image_id"] for row in asked]
    for row in rows:
        assert sum(float(v) for k, v in row.items() if k != "Image_id") == pytest.approx(1)
    assert "null" in found["arms"]["rgb"]["log_loss"]
    assert challenge.headlines(found)[-1].startswith("12 rows from both written to")
    before = out.read_bytes()
    monkeypatch.setattr(challenge, "compete", None)  # refused before anything is trained
    code, found = said()
    assert code == 2
    assert "left as it is" in found["error"]
    assert out.read_bytes() == before


def test_ctrl_c_writes_nothing(folder, tmp_path, monkeypatch, capsys):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(challenge, "compete", stop)
    out = tmp_path / "x.csv"
    assert plantedu(["challenge", str(folder), "--out", str(out), "--image-size", "16"]) == 130
    assert "nothing was written" in capsys.readouterr().err
    assert not out.exists()


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (["--folds", "1"], "folds must be"),
        (["--folds", "40"], "40 folds need 40"),
        (["--out", "/nowhere/at/all.csv"], "no folder that is there"),
        (["--start", "shipped:nobody"], "No checkpoint 'nobody' ships"),
        (["--start", "run:1a2b@last"], "looked up among the recorded runs"),
    ],
)
def test_what_cannot_be_entered_is_a_sentence(said, more, sentence, tmp_path):
    code, found = said(*more)
    assert code == 2
    assert sentence in found["error"]
    assert not (tmp_path / "out.csv").exists()
