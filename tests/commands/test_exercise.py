"""`python -m plantedu exercise`: start, a wrong try, check, a right one, progress, solutions."""

import json

import pytest

from plantedu.__main__ import main
from plantedu.course.predictions import new_token
from plantedu.course.progress import Progress
from plantedu.exercises.outline import outline

ASKED = outline("06.5")  # needs NumPy alone: the process that checks it starts in a moment


@pytest.fixture
def folder(tmp_path, plantedu_home, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_start_check_and_progress(folder, capsys):
    assert main(["exercise", "start", "06.5"]) == 0
    assert "python -m plantedu exercise check 06.5" in capsys.readouterr().out
    path = folder / "plantedu-exercises" / ASKED.file_name
    assert ASKED.stub in path.read_text()
    assert main(["exercise", "check", "06.5", "--json"]) == 1
    printed = capsys.readouterr().out
    assert "debiased_cka is not written yet." in printed
    assert json.loads(printed.splitlines()[-1])["passed"] is False
    path.write_text(f"import numpy as np\n{ASKED.solution}")
    assert main(["exercise", "start", "06.5"]) == 0
    assert "left as it is" in capsys.readouterr().out
    token = new_token()
    assert main(["exercise", "check", "06.5", "--learner", token]) == 0
    assert f"Kept as your progress (learner={token})." in capsys.readouterr().out
    assert Progress().solved_by(token) == {"06_similarity": {"06.5"}}


def test_whose_progress_it_is(folder, capsys, monkeypatch):
    (folder / "mine.py").write_text(f"import numpy as np\n{ASKED.solution}")
    token = new_token()
    Progress().opened(token, "01_pairs")
    monkeypatch.setenv("PLANTEDU_HOSTED", "1")
    assert main(["exercise", "check", "06.5", "mine.py"]) == 0
    assert "Not kept as progress; say --learner" in capsys.readouterr().out
    monkeypatch.delenv("PLANTEDU_HOSTED")
    assert main(["exercise", "check", "06.5", "mine.py"]) == 0
    assert Progress().solved_by(token) == {"06_similarity": {"06.5"}}


def test_another_folder_is_named_in_the_next_line(folder, capsys):
    assert main(["exercise", "start", "06.5", "--folder", "a/b"]) == 0
    assert "check 06.5 --folder a/b" in capsys.readouterr().out
    assert (folder / "a" / "b" / ASKED.file_name).is_file()


def test_lists_and_solutions(capsys):
    assert main(["exercise", "list"]) == 0
    assert "02.5  Sinkhorn's codes (sinkhorn)" in capsys.readouterr().out
    assert main(["exercise", "solutions", "--lesson", "02"]) == 0
    assert "logsumexp" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["start", "02.1"], "No exercise in code is called '02.1'"),
        (["start", "02.5", "--folder", "file"], "file is a file"),
        (["check", "02.5"], "exercise start 02.5"),
        (["check", "02.5", "--learner", "me"], "no learner's token"),
        (["check", "02.5", "--seconds", "0"], "above 0"),
        (["check", "02.5", "--megabytes", "1"], "500 or more"),
        (["solutions", "--lesson", "99"], "'99'"),
        (["list", "--lesson", "99"], "'99'"),
    ],
)
def test_mistakes_are_sentences(folder, capsys, words, said):
    (folder / "file").write_text("")
    assert main(["exercise", *words]) == 2
    assert said in capsys.readouterr().err


def test_an_error_as_json(folder, capsys):
    assert main(["exercise", "check", "02.5", "none.py", "--json"]) == 2
    assert "not there" in json.loads(capsys.readouterr().out)["error"]
