"""The layout of a challenge folder: read as it is, or refused with a sentence and a hint."""

import pytest

from plantedu.data.challenge.layout import is_rgn, read_layout
from plantedu.data.challenge.manifest import write_manifest
from plantedu.errors import PlantEduError


def test_a_clean_folder(challenge):
    layout = read_layout(challenge)
    assert len(layout.rows) == 24
    assert len(layout.files) == 24
    assert layout.absent == ()
    assert list(layout.rows_of("train")) == [f"id_{k}" for k in range(8)]
    assert layout.rows_of("test")["id_9"][1].label == ""
    assert layout.submission[0] == "id_8.jpg"


@pytest.mark.parametrize(("name", "answer"), [("a_rgn.jpg", True), ("a_rgn", True), ("a", False)])
def test_is_rgn(name, answer):
    assert is_rgn(name) is answer


def test_images_folder_in_any_case_and_litter(challenge):
    (challenge / "images").rename(challenge / "Images")
    (challenge / "Images" / "Thumbs.db").write_bytes(b"x")
    assert len(read_layout(challenge).files) == 24


def test_wrong_folder(tmp_path, challenge):
    with pytest.raises(PlantEduError, match="There is no folder"):
        read_layout(tmp_path / "nowhere")
    with pytest.raises(PlantEduError, match=r"is a file; a challenge folder holds Train\.csv"):
        read_layout(challenge / "Train.csv")
    with pytest.raises(PlantEduError, match=r"has no Train\.csv.*Did you mean .*rice\?"):
        read_layout(challenge / "images")
    with pytest.raises(PlantEduError, match=r"has no Train\.csv.*Did you mean .*rice\?"):
        read_layout(tmp_path)


def test_missing_tables(challenge):
    (challenge / "Test.csv").unlink()
    (challenge / "SampleSubmission.csv").unlink()
    layout = read_layout(challenge)
    assert layout.absent == ("Test.csv", "SampleSubmission.csv")
    assert len(layout.rows) == 16
    (challenge / "Train.csv").unlink()
    with pytest.raises(PlantEduError, match=r"has no Train\.csv"):
        read_layout(challenge)


def test_missing_images(challenge):
    (challenge / "images").rename(challenge / "pictures")
    with pytest.raises(PlantEduError, match=r"no folder images/ \(unpack Images\.zip"):
        read_layout(challenge)


def test_table_with_other_columns(challenge):
    (challenge / "Train.csv").write_text("id,label\nid_0,blast\n")
    with pytest.raises(PlantEduError, match=r"columns id, label; expected Image_id, Label"):
        read_layout(challenge)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00\x01garbage", b""])
def test_table_that_is_none(challenge, content):
    (challenge / "Train.csv").write_bytes(content)
    with pytest.raises(PlantEduError, match=r"Train\.csv (is not a text table|has the columns)"):
        read_layout(challenge)


def test_table_with_byte_order_mark_spaces_and_short_lines(challenge):
    text = "\ufeffImage_id, Label ,extra\r\n id_0.jpg , blast,1,2\r\nid_1.jpg\r\n"
    (challenge / "Train.csv").write_text(text, encoding="utf-8", newline="")
    rows = [row for row in read_layout(challenge).rows if row.side == "train"]
    assert [(row.file, row.label) for row in rows] == [("id_0.jpg", "blast"), ("id_1.jpg", "")]


def test_unfinished_folder_is_refused(challenge):
    write_manifest(challenge, {"files": []}, complete=False)
    with pytest.raises(PlantEduError, match=r"left unfinished.*pairs make"):
        read_layout(challenge)
    write_manifest(challenge, {"files": []}, complete=True)
    assert len(read_layout(challenge).rows) == 24
