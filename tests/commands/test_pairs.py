"""`python -m plantedu pairs`: exit codes, one JSON object on the last line, bars on stderr."""

import json
import shutil
import subprocess
import sys
import time

import pytest

from plantedu.__main__ import main

SMALL = ["--pairs", "16", "--size", "32", "--seed", "3", "--world", "calm"]


def pairs(*words):
    return main(["pairs", *map(str, words)])


def last_line(capsys):
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def test_make_then_check_is_clean(tmp_path, capsys):
    assert pairs("make", tmp_path / "rice", *SMALL) == 0
    out, err = capsys.readouterr()
    assert "16 pairs of calm, seed 3" in out
    assert "rendering" in err
    assert "16/16" in err
    assert pairs("check", tmp_path / "rice") == 0
    out, err = capsys.readouterr()
    assert "16 pairs" in out
    assert "Nothing wrong was found." in out
    assert "32/32" in err


def test_leaks_are_made_and_found(tmp_path, capsys):
    assert pairs("make", tmp_path / "rice", *SMALL, "--leak", "--json") == 0
    made = last_line(capsys)
    assert made["leaks"] == {"copy": 2, "saved_again": 2, "twin": 1, "two_ids": 2}
    assert made["ids"] == made["train"] + made["test"] == 19
    assert pairs("check", tmp_path / "rice", "--json") == 1
    found = last_line(capsys)
    assert found["counts"] == {"both_sides": 2, "duplicate": 1}
    assert found["clean"] is False
    assert pairs("check", tmp_path / "rice") == 1
    assert "2 plants on both sides of the split" in capsys.readouterr().out


def test_many_findings_are_cut_short_for_people_not_for_json(challenge, capsys):
    for file in (challenge / "images").iterdir():
        file.write_bytes(b"")
    assert pairs("check", challenge) == 1
    assert "24 pictures that cannot be read" in (out := capsys.readouterr().out)
    assert "... and 19 more (--json lists all)" in out
    assert pairs("check", challenge, "--json") == 1
    assert len(last_line(capsys)["findings"]) == 25


def test_what_cannot_be_read_is_a_sentence_and_2(tmp_path, capsys):
    assert pairs("check", tmp_path / "nowhere") == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("plantedu pairs: There is no folder")
    assert "Traceback" not in err
    assert pairs("check", tmp_path / "nowhere", "--json") == 2
    assert last_line(capsys)["error"].startswith("There is no folder")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--pairs", "0"], "at least 1 pair"),
        (["--size", "5000"], "pixels a side"),
        (["--world", "mars"], "No world is called 'mars'"),
        (["--seed", "-1"], "seed"),
        (["--test-share", "2"], "test share"),
    ],
)
def test_wrong_options_are_sentences(tmp_path, capsys, words, said):
    assert pairs("make", tmp_path / "rice", *words) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "rice").exists()


@pytest.mark.parametrize("words", [["mow"], ["make"], ["make", "x", "--pears", "3"]])
def test_unknown_words_exit_2(words, capsys):
    with pytest.raises(SystemExit) as left:
        pairs(*words)
    assert left.value.code == 2


def test_make_refuses_what_it_did_not_make(tmp_path, capsys):
    (tmp_path / "thesis.txt").write_text("years of work")
    assert pairs("make", tmp_path, *SMALL) == 2
    assert "not made by `pairs make`" in capsys.readouterr().err
    assert pairs("make", tmp_path / "rice", *SMALL) == 0
    assert pairs("make", tmp_path / "rice", *SMALL) == 0


def test_odd_file_names_can_be_told(challenge, capsys):
    shutil.copy(challenge / "images" / "id_0.jpg", challenge / "images" / "\u0631\u0632\udcff.jpg")
    assert pairs("check", challenge) == 1
    assert "no row" in capsys.readouterr().out


def test_killed_make_does_not_pass_for_complete(tmp_path, capsys):
    path = tmp_path / "rice"
    words = [sys.executable, "-m", "plantedu", "pairs", "make", str(path), "--pairs", "5000"]
    making = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 60
    while not list(path.glob("images/*.jpg")) and time.monotonic() < deadline:
        time.sleep(0.05)
    making.kill()
    making.communicate()
    assert list(path.glob("images/*.jpg"))
    assert pairs("check", path) == 2
    assert "left unfinished" in capsys.readouterr().err
    assert pairs("make", path, *SMALL) == 0
    assert pairs("check", path) == 0
