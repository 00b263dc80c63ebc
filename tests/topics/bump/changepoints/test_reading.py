"""Files of curves: splits, comments and other columns, and every way a file can be wrong."""

import gzip

import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.bump.changepoints.reading import read_curves


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
        ("when,loss", "no column step; it has when, loss"),
        ("time,height", "no column step and no column loss"),
    ],
)
def test_missing_columns_are_named(tmp_path, header, said):
    with pytest.raises(PlantEduError, match=said):
        read_curves(written(tmp_path / "a.csv", header))


def test_files_that_are_no_curves(tmp_path):
    with pytest.raises(PlantEduError, match="There is no file"):
        read_curves(tmp_path / "none.csv")
    (tmp_path / "b.csv").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\r\xff\xfe")
    with pytest.raises(PlantEduError, match="cannot be read as text"):
        read_curves(tmp_path / "b.csv")
    (tmp_path / "c.csv").write_text("")
    with pytest.raises(PlantEduError, match="cannot be read"):
        read_curves(tmp_path / "c.csv")
    words = "\n".join(["step,loss", *(f"{k},word" for k in range(40))])
    (tmp_path / "d.csv").write_text(words)
    with pytest.raises(PlantEduError, match=r"holds no number in its column loss"):
        read_curves(tmp_path / "d.csv")
    with pytest.raises(PlantEduError, match="no column split"):
        read_curves(written(tmp_path / "e.csv", "step,loss"), split="train")
