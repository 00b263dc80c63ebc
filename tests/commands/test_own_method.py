"""`report-card --own`: a function in a file, its grade printed, saved and read back; refusals."""

import json

import pytest

from plantedu.__main__ import main
from plantedu.topics.report_card import similarity
from plantedu.topics.report_card.results.own_method import OwnMethodResult

CODE = """
import numpy as np
import plantedu as pe

def correlation(x, y):
    return float(abs(np.corrcoef(x.mean(1), y.mean(1))[0, 1]))

@pe.grade.similarity(cka=True)
def marked(x, y):
    return correlation(x, y)

NUMBER = 3
"""


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setattr(similarity, "SHUFFLES", 19)
    path = tmp_path / "mine.py"
    path.write_text(CODE)
    return path


def test_it_is_graded_printed_and_saved(file, tmp_path, capsys):
    saved = tmp_path / "mine.json"
    words = ["report-card", "--own", f"{file}:correlation", "--as", "similarity", "--worlds", "5"]
    assert main([*words, "--beside", "CKA, debiased", "--save", str(saved), "--json"]) == 0
    out = capsys.readouterr()
    assert "yours, correlation" in out.out
    assert "correlation less CKA, debiased, right" in out.out
    assert "world 5 of 5" in out.err
    found = OwnMethodResult.from_json(json.loads(out.out.splitlines()[-1]))
    assert found == OwnMethodResult.from_json(json.loads(saved.read_text()))
    assert found.settings.beside == ("CKA, debiased",)
    assert found.exams[0].own.coverage is None


def test_a_decorator_says_the_kind(file, capsys):
    assert main(["report-card", "--own", f"{file}:marked", "--worlds", "1"]) == 0
    assert "Paired differences need 5 worlds" in capsys.readouterr().out


def test_the_help_says_what_is_out_of_scope(capsys):
    with pytest.raises(SystemExit):
        main(["report-card", "--own", "--help"])
    said = " ".join(capsys.readouterr().out.replace("│", " ").split())
    assert "peeks" in said
    assert "--as" in said


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ("mine.py", "FILE.py:NAME"),
        ("nowhere.py:f", "no file"),
        ("{}:absent", "no function 'absent'; it has correlation, marked"),
        ("{}:NUMBER", "no function 'NUMBER'"),
        ("{}:correlation", "Say what the method is"),
    ],
)
def test_what_cannot_be_graded_is_a_sentence(file, own, said, capsys):
    assert main(["report-card", "--own", own.format(file), "--worlds", "1"]) == 2
    assert said in capsys.readouterr().err


def test_a_file_that_breaks_is_a_sentence(file, capsys):
    file.write_text("1 / 0")
    assert main(["report-card", "--own", f"{file}:f"]) == 2
    assert "cannot be run: ZeroDivisionError" in capsys.readouterr().err
