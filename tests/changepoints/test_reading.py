"""Files of curves: splits, comments and other columns, and every way a file can be wrong."""

import gzip

import pandas as pd
import pytest

from plantedu.changepoints.reading import read_curves
from plantedu.errors import PlantEduError


def written(path, *lines, rows=40):
    path.write_text("\n".join([*lines, *(f"{k},{k % 7}" for k in range(rows))]) + "\n")
    return path


def test_step_and_loss_are_enough(tmp_path):
    (curve,) = read_curves(written(tmp_path / "a.csv", "step,loss")).values()
    assert curve.name == "loss"
    assert curve.values[:3].tolist() == [0, 1, 2]


def test_splits_comments_and_other_columns(tmp_path):
    rows = [f" {s} ,{k},{k % 5},x" for k in range(31) for s in ("train", "valid")]
    path = tmp_path / "a.csv.gz"
    with gzip.open(path, "wt") as file:
        file.write("\n".join(["# a notice", "split,step,loss,note", *rows]))
    assert list(read_curves(path)) == ["train", "valid"]
    assert len(read_curves(path, split="valid")["valid"]) == 31
    with pytest.raises(PlantEduError, match="has no split 'test'; it has train"):
        read_curves(path, split="test")


def test_cells_that_are_no_number_are_dropped(tmp_path):
    path = written(tmp_path / "a.csv", "step,loss", "one,1", "100,n/a", "101,oops")
    (curve,) = read_curves(path).values()
    assert len(curve) == 40
    assert "3 rows without a number" in curve.notes[0]


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("epoch,loss", "no column step; it has epoch, loss"),
        ("time,value", "no column step and no column loss"),
    ],
)
def test_missing_columns_are_named(tmp_path, header, said):
    with pytest.raises(PlantEduError, match=said):
        read_curves(written(tmp_path / "a.csv", header))


def test_files_that_are_no_curves(tmp_path):
    with pytest.raises(PlantEduError, match="There is no file"):
        read_curves(tmp_path / "none.csv")
    (tmp_path / "b.csv").write_bytes(b"\x89PNG\r\n\x1a\n\xff\xfe")
    with pytest.raises(PlantEduError, match=r"cannot be read|no column step"):
        read_curves(tmp_path / "b.csv")
    (tmp_path / "c.csv").write_text("")
    with pytest.raises(PlantEduError, match="cannot be read"):
        read_curves(tmp_path / "c.csv")
    words = "\n".join(["step,loss", *(f"{k},word" for k in range(40))])
    (tmp_path / "d.csv").write_text(words)
    with pytest.raises(PlantEduError, match="holds no number in its column loss"):
        read_curves(tmp_path / "d.csv")
    with pytest.raises(PlantEduError, match="no column split"):
        read_curves(written(tmp_path / "e.csv", "step,loss"), split="train")


@pytest.mark.parametrize(
    "text",
    ["step,loss" + "," * 100_000 + "\n1,2\n", "step,loss\n1,2" + ",3" * 100_000 + "\n"],
    ids=["a header of many columns", "a row of many cells"],
)
def test_a_file_that_would_become_many_columns_is_refused_unread(tmp_path, monkeypatch, text):
    monkeypatch.setattr(pd, "read_csv", lambda *_, **__: pytest.fail("it was read"))
    (tmp_path / "wide.csv").write_text(text)
    with pytest.raises(PlantEduError, match=r"has a line of .* characters; at most 4,096"):
        read_curves(tmp_path / "wide.csv")


def test_cells_beyond_the_header_are_left_alone(tmp_path):
    path = tmp_path / "more.csv"
    path.write_text("step,loss\n" + "".join(f"{k},{k % 7},9\n" for k in range(40)))
    (curve,) = read_curves(path).values()
    assert curve.values[:3].tolist() == [0, 1, 2]
