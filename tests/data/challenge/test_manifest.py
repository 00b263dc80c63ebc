"""Whose folder is it: only one that plantedu wrote, and nobody else added to, is emptied."""

import pytest

from plantedu.data.challenge.manifest import is_unfinished, read_manifest, take_over, write_manifest
from plantedu.errors import PlantEduError


@pytest.fixture
def ours(tmp_path):
    """A folder as plantedu leaves it."""
    path = tmp_path / "made"
    (path / "images").mkdir(parents=True)
    (path / "images" / "a.jpg").write_bytes(b"a")
    write_manifest(path, {"files": ["images/a.jpg", "Train.csv"]}, complete=True)
    return path


def contents(path):
    return sorted(p.relative_to(path).as_posix() for p in path.rglob("*"))


def test_new_and_empty_folders_are_taken(tmp_path):
    take_over(tmp_path / "deep" / "new")
    assert (tmp_path / "deep" / "new").is_dir()
    (tmp_path / "deep" / "new" / ".DS_Store").write_bytes(b"")
    take_over(tmp_path / "deep" / "new")


def test_our_folder_is_emptied_and_counts_as_unfinished(ours):
    assert not is_unfinished(ours)
    take_over(ours)
    assert contents(ours) == ["plantedu.json"]
    assert is_unfinished(ours)


def test_an_unfinished_folder_is_taken_again(ours):
    write_manifest(ours, {"files": ["images/a.jpg"]}, complete=False)
    take_over(ours)
    assert contents(ours) == ["plantedu.json"]


def test_litter_does_not_stop_it(ours):
    (ours / "images" / ".DS_Store").write_bytes(b"")
    take_over(ours)
    assert contents(ours) == ["images", "images/.DS_Store", "plantedu.json"]


@pytest.mark.parametrize("added", ["notes.txt", "images/mine.jpg", "deep/folder/x"])
def test_a_file_of_somebody_else_stops_it_before_anything_is_touched(ours, added):
    (ours / added).parent.mkdir(parents=True, exist_ok=True)
    (ours / added).write_bytes(b"mine")
    before = contents(ours)
    with pytest.raises(PlantEduError, match=rf"but {added.split('/')[0]}.* was not, so nothing"):
        take_over(ours)
    assert contents(ours) == before
    assert not is_unfinished(ours)


def test_a_folder_of_somebody_else_is_refused(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(PlantEduError, match=r"not made by `pairs make`.*Name a new folder"):
        take_over(tmp_path)
    assert contents(tmp_path) == ["thesis.txt"]
    with pytest.raises(PlantEduError, match="is a file; name a folder"):
        take_over(tmp_path / "thesis.txt")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"complete": true}', '{"files": []}'])
def test_another_json_is_no_manifest(tmp_path, text):
    (tmp_path / "plantedu.json").write_text(text)
    assert read_manifest(tmp_path) is None
