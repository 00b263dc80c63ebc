"""Where a command will write is tried before it works: every command, one helper."""

import os
import sys
from pathlib import Path

import pytest

from plantedu.__main__ import main
from plantedu.errors import PlantEduError
from plantedu.output_paths import check_file, check_folder


def test_a_place_that_cannot_be_written_is_refused_and_left_as_it_is(tmp_path):
    there = tmp_path / "mine.csv"
    there.write_text("precious")
    with pytest.raises(PlantEduError, match="left as it is"):
        check_file(there, overwrite=False)
    check_file(there)
    check_file(tmp_path / "new.csv", overwrite=False)
    check_file(None)
    with pytest.raises(PlantEduError, match=r"is a folder; name a file, such as a\.zip"):
        check_file(tmp_path, like="a.zip")
    with pytest.raises(PlantEduError, match="no folder that is there"):
        check_file(tmp_path / "nowhere" / "x.csv")
    with pytest.raises(PlantEduError, match="no folder that is there"):
        check_file(there / "x.csv")
    assert there.read_text() == "precious"
    assert [path.name for path in tmp_path.iterdir()] == ["mine.csv"]


def test_a_folder_may_have_to_be_made(tmp_path):
    (tmp_path / "file").touch()
    check_folder(tmp_path / "a" / "b")
    check_folder(tmp_path)
    check_folder(None)
    with pytest.raises(PlantEduError, match="is a file; name a folder"):
        check_folder(tmp_path / "file")
    with pytest.raises(PlantEduError, match="cannot be made"):
        check_folder(tmp_path / "file" / "below")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_without_permission(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(PlantEduError, match="cannot be written"):
        check_file(tmp_path / "x")
    tmp_path.chmod(0o700)


COMMANDS = [
    ["generation", "generate", "--out", "{}"],
    ["attribution", "attribute", "--save", "{}"],
    ["attacks", "attack-pairs", "--save", "{}"],
    ["sweep", "grid.json", "--out", "{}"],
    ["report", "export", "{}", "--learner", "a-token-of-sixteen"],
]


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0])
def test_a_command_says_so_before_it_works(words, tmp_path, capsys):
    """Into a folder that is not there: a sentence at once, where it was a traceback in the end."""
    out = str(tmp_path / "nowhere" / "x.png")
    assert main([word.format(out) for word in words]) == 2
    told = capsys.readouterr().err
    assert "no folder that is there" in told
    assert "Traceback" not in told
    assert not (tmp_path / "home" / "bank").exists()


def test_every_file_that_a_command_writes_is_tried_first():
    """A field of options that is a file to write stands in a module that tries it."""
    root = Path(sys.modules["plantedu"].__file__).parent
    writes = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if any(f"    {name}: Path" in path.read_text("utf-8") for name in ("out", "save"))
    }
    tries = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if "from plantedu.output_paths import" in path.read_text("utf-8")
    }
    others = {"commands/checkpoints.py", "publishing/reproduce.py"}  # a folder made first
    assert writes - tries - others == set()
