"""`python -m plantedu notebook`: a file that Jupyter opens; what a learner wrote is not lost."""

import nbformat
import pytest

from plantedu.__main__ import main


def test_a_notebook_is_written_once(tmp_path, capsys):
    words = ["notebook", "06", "--folder", str(tmp_path)]
    assert main(words) == 0
    path = tmp_path / "06_similarity.ipynb"
    assert "jupyter lab" in capsys.readouterr().out
    nbformat.validate(nbformat.read(path, as_version=4))
    path.write_text("mine")
    assert main(words) == 2
    assert "--overwrite" in capsys.readouterr().err
    assert path.read_text() == "mine"
    assert main([*words, "--overwrite"]) == 0
    assert path.read_text() != "mine"


@pytest.mark.parametrize(
    ("words", "said"), [(["99"], "No lesson '99'"), (["06", "--folder", "none"], "no folder")]
)
def test_mistakes_are_sentences(words, said, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["notebook", *words]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("name", ["your-model", "your-method"])
def test_the_notebooks_for_own_work_are_written_by_their_name(name, tmp_path, capsys):
    assert main(["notebook", name, "--folder", str(tmp_path)]) == 0
    nbformat.validate(nbformat.read(tmp_path / f"{name.replace('-', '_')}.ipynb", as_version=4))
