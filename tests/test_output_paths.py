"""Where a command will write is tried before it works: every command, one helper."""

import importlib
import os
from dataclasses import fields, is_dataclass
from typing import get_type_hints

import pytest

from plantedu.__main__ import COMMANDS, main
from plantedu.errors import PlantEduError
from plantedu.output_paths import check_file, check_folder
from plantedu.topics.methods import METHODS


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


WORK = (
    "plantedu.publishing.reproduce.rebuild",
    "plantedu.commands.runs.find_run",
    "plantedu.commands.pairs.write_folder",
    "plantedu.commands.checkpoints.named",
)
# Every option of every command that is a path: what it reads, and what it writes with the words
# that ask for it. A new option must be put into one of the two; what is written is tried first.
READS = {
    "generate": {"x1", "x2", "pair"},
    "attribute": {"pairs"},
    "bump": {"events"},
    "challenge": {"folder"},
    "pairs": {"folder"},  # of `check`; `make` is below
    "sweep": {"grid"},
    "checkpoints": {"folder", "home"},  # where the shipped files lie; banks of a rebuild
    "host": {"folder"},  # of `restore`; a copy that fails is said each time and tried again
    "report": {"file"},  # of `verify`; `export` is below
    "probing": {"path"},
    "readout": {"checkpoints"},
    "fork": {"checkpoint"},
    "exercise": {"file"},  # of `check`
    "examine": {"verify"},
    "file": {"table", "first", "second", "features"},
    **{name: {"denoiser"} for name in ("deviation", "faithful", "kept", "matching", "rivals")},
}
WRITES = {
    ("generate", "out"): ["generation", "generate", "--out", "{}"],
    ("attribute", "save"): ["attribution", "attribute", "--save", "{}"],
    ("attack", "save"): ["attacks", "attack-pairs", "--save", "{}"],
    ("dictionary", "keep"): ["neurons", "dictionary", "--keep", "{}"],
    ("steer", "out"): ["neurons", "steer", "--out", "{}"],
    ("sweep", "out"): ["sweep", "grid.json", "--out", "{}"],
    ("sweep", "results"): ["sweep", "grid.json", "--results", "{}"],
    ("challenge", "out"): ["challenge", "a-folder", "--out", "{}"],
    ("report", "file"): ["report", "export", "{}", "--learner", "a-token-of-sixteen"],
    ("runs", "folder"): ["runs", "export", "no-such-run", "{}"],
    ("pairs", "folder"): ["pairs", "make", "{}"],
    ("exercise", "folder"): ["exercise", "start", "06.5", "--folder", "{}"],
    ("examine", "out"): [
        *("examine", "--encoder", "random:0", "--data", "images:leaves", "--out", "{}.html"),
    ],
    ("own", "save"): [
        *("own", "probe", "--model", "random:0", "--data", "images:leaves", "--save", "{}"),
    ],
    ("notebook", "folder"): ["notebook", "06", "--folder", "{}"],
    ("checkpoints", "out"): ["checkpoints", "rebuild", "cross-0", "--out", "{}"],
    ("checkpoints", "folder"): [
        *("checkpoints", "add", "mine", "--run", "no-such-run", "--folder", "{}"),
    ],
}


def path_options(module):
    """Names of the fields of a command's dataclasses that are paths."""
    found = set()
    for kind in vars(module).values():
        if isinstance(kind, type) and is_dataclass(kind) and kind.__module__ == module.__name__:
            hints = get_type_hints(kind)
            found |= {f.name for f in fields(kind) if "Path" in str(hints[f.name])}
    return found


def test_every_path_of_every_command_is_known_as_read_or_written():
    """A new command with a file to write cannot forget to try its place."""
    modules = {name: module for name, (module, _) in COMMANDS.items()}
    modules |= {one.kind: one.module for one in METHODS}
    known: dict[str, set[str]] = {name: set(words) for name, words in READS.items()}
    for command, option in WRITES:
        known.setdefault(command, set()).add(option)
    unknown = {}
    for name, module in modules.items():
        left = path_options(importlib.import_module(module)) - known.get(name, set())
        if left:
            unknown[name] = left
    assert unknown == {}


@pytest.mark.parametrize("words", WRITES.values(), ids=[" ".join(key) for key in WRITES])
def test_a_command_says_so_before_it_works(words, tmp_path, capsys, monkeypatch):
    """Below a file, where no file and no folder can be: a sentence at once, not in the end."""

    def works(*_, **__):
        raise AssertionError("it worked first")

    for work in WORK:
        monkeypatch.setattr(work, works)
    (tmp_path / "file").touch()
    out = str(tmp_path / "file" / "x.png")
    assert main([word.format(out) for word in words]) == 2
    printed = capsys.readouterr().err
    assert "no folder that is there" in printed or "cannot be made" in printed
    assert "Traceback" not in printed
    assert not (tmp_path / "home" / "bank").exists()
