"""One answer to what a pair is: the audit, the reader of training and the challenge agree."""

import csv
import shutil
import unicodedata

import numpy as np
import pytest
from PIL import Image

from plantedu.data.challenge.audit import audit_folder
from plantedu.data.challenge.folder import read_folder
from plantedu.data.challenge.layout import read_layout
from plantedu.data.challenge.pairing import (
    LeftOut,
    Pair,
    left_out_in_words,
    refuse_many,
    why_no_pair,
)
from plantedu.errors import PlantEduError

TURNED = 0x0112


def rename(challenge, old, new):
    (challenge / "images" / old).rename(challenge / "images" / new)


def relabel(challenge, edit, table="Train.csv"):
    """Change the names in a table, as `edit` says."""
    with (challenge / table).open(newline="") as file:
        head, *rows = csv.reader(file)
    with (challenge / table).open("w", newline="") as file:
        csv.writer(file).writerows([head, *([edit(row[0]), *row[1:]] for row in rows)])


def in_capitals(challenge):
    for path in sorted((challenge / "images").iterdir()):
        rename(challenge, path.name, path.name.replace(".jpg", ".JPG"))


def rgn_in_capitals(challenge):
    for path in sorted((challenge / "images").glob("*_rgn.jpg")):
        rename(challenge, path.name, path.name.replace("_rgn", "_RGN"))


def ids_without_ending(challenge):
    for table in ("Train.csv", "Test.csv", "SampleSubmission.csv"):
        relabel(challenge, lambda name: name.removesuffix(".jpg"), table)


def composed(challenge):
    """The table in NFC, as most editors write; the disk in NFD, as a Mac does."""
    for path in sorted((challenge / "images").iterdir()):
        new = unicodedata.normalize("NFD", path.name.replace("id_", "réis_"))
        rename(challenge, path.name, new)
    for table in ("Train.csv", "Test.csv", "SampleSubmission.csv"):
        relabel(challenge, lambda name: name.replace("id_", "réis_"), table)


def decomposed(challenge):
    composed(challenge)
    for path in sorted((challenge / "images").iterdir()):
        rename(challenge, path.name, unicodedata.normalize("NFC", path.name))
    for table in ("Train.csv", "Test.csv", "SampleSubmission.csv"):
        relabel(challenge, lambda name: unicodedata.normalize("NFD", name), table)


def twins_of_a_mac(challenge):
    for path in sorted((challenge / "images").iterdir()):
        (path.parent / f"._{path.name}").write_bytes(b"\0\5\26\7")


def folder_of_a_nas(challenge):
    for place in (challenge / "images" / "@eaDir", challenge / "@eaDir" / "images"):
        place.mkdir(parents=True)
        shutil.copy(challenge / "images" / "id_0.jpg", place / "id_0.jpg")


def an_empty_folder_beside(challenge):
    (challenge / "images").rename(challenge / "pictures")
    (challenge / "Images").mkdir()
    (challenge / "Images" / ".DS_Store").write_bytes(b"x")
    if (challenge / "images").exists():
        pytest.skip("this disk knows no capitals")
    (challenge / "pictures").rename(challenge / "images")


def png_beside_jpeg(challenge):
    """The row names its file with its ending."""
    images = challenge / "images"
    Image.new("RGB", (40, 30), "red").save(images / "id_0.png")


def png_beside_jpeg_and_no_ending(challenge):
    png_beside_jpeg(challenge)
    relabel(challenge, lambda name: name.removesuffix(".jpg"))


def png_alone(challenge):
    images = challenge / "images"
    Image.open(images / "id_0.jpg").save(images / "id_0.png")
    (images / "id_0.jpg").unlink()


def note(challenge, file, value):
    path = challenge / "images" / file
    picture = Image.open(path)
    exif = picture.getexif()
    exif[TURNED] = value
    picture.save(path, quality=95, subsampling=0, exif=exif)


def one_turned(challenge):
    note(challenge, "id_0.jpg", 6)


def one_upside_down(challenge):
    note(challenge, "id_0_rgn.jpg", 3)


def both_turned(challenge):
    note(challenge, "id_0.jpg", 6)
    note(challenge, "id_0_rgn.jpg", 6)


def one_turned_that_lay(challenge):
    """The camera lay on its side for one picture, and says so: upright they agree."""
    path = challenge / "images" / "id_0.jpg"
    Image.open(path).transpose(Image.Transpose.ROTATE_90).save(path, quality=95)
    note(challenge, "id_0.jpg", 6)


def cut_short(challenge):
    path = challenge / "images" / "id_0_rgn.jpg"
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


def without_partner(challenge):
    (challenge / "images" / "id_0_rgn.jpg").unlink()


def unknown_label(challenge):
    path = challenge / "Train.csv"
    text = path.read_text().replace("id_0.jpg,blast", "id_0.jpg,rust")
    path.write_text(text.replace("id_0_rgn.jpg,blast", "id_0_rgn.jpg,rust"))


def two_labels(challenge):
    path = challenge / "Train.csv"
    path.write_text(path.read_text().replace("id_0.jpg,blast", "id_0.jpg,brown"))


ALL = (
    *(in_capitals, rgn_in_capitals, ids_without_ending, composed, decomposed, twins_of_a_mac),
    *(folder_of_a_nas, an_empty_folder_beside, png_beside_jpeg, both_turned, one_turned_that_lay),
)
LEFT = {
    png_beside_jpeg_and_no_ending: "has 2 RGB pictures, id_0.jpg and id_0.png: remove all but one",
    png_alone: "id_0.jpg has a row, but id_0.png lies in images/.",
    one_turned: "id_0.jpg was turned as its camera noted, and id_0_rgn.jpg was not",
    one_upside_down: "id_0_rgn.jpg was turned as its camera noted, and id_0.jpg was not",
    cut_short: "id_0_rgn.jpg is truncated or damaged",
    without_partner: "id_0 has no RGN picture in images/.",
    unknown_label: "id_0 has the label 'rust'; known are",
    two_labels: "id_0 is labelled blast and brown.",
}


def read(challenge):
    audit = audit_folder(challenge)
    train, test = (read_folder(challenge, 16, side=side) for side in ("train", "test"))
    assert (audit.train, audit.test) == (len(train), len(test))
    assert audit.left_out == (*train.left_out, *test.left_out)
    return audit, train, test


@pytest.mark.parametrize("change", ALL, ids=lambda change: change.__name__)
def test_both_read_every_plant(challenge, change):
    clean = read_folder(challenge, 16)
    change(challenge)
    audit, train, test = read(challenge)
    assert (len(train), len(test)) == (8, 4)
    assert audit.left_out == ()
    assert train.labels == clean.labels
    if change not in (both_turned, one_turned_that_lay):
        np.testing.assert_array_equal(train.x1, clean.x1)
        np.testing.assert_array_equal(train.x2, clean.x2)
        other = {"file_without_row", "several_files"} if change is png_beside_jpeg else set()
        assert audit.counts().keys() == other


@pytest.mark.parametrize("change", LEFT, ids=lambda change: change.__name__)
def test_both_leave_out_the_same_plant_and_say_why(challenge, change):
    change(challenge)
    audit, train, test = read(challenge)
    assert (len(train), len(test)) == (7, 4)
    assert "id_0" not in train.ids
    (gone,) = train.left_out
    assert gone.id == "id_0"
    assert LEFT[change] in gone.reason
    assert not audit.clean
    assert audit.findings


def test_two_folders_of_pictures_are_refused(challenge):
    (challenge / "Images").mkdir(exist_ok=True)
    if len(list(challenge.glob("[iI]mages"))) == 1:
        pytest.skip("this disk knows no capitals")
    shutil.copy(challenge / "images" / "id_0.jpg", challenge / "Images" / "id_0.jpg")
    with pytest.raises(PlantEduError, match="has pictures in Images/ and in images/"):
        read_layout(challenge)


def test_too_many_left_out_are_refused():
    gone = tuple(LeftOut(f"id_{n}", f"id_{n} is damaged.") for n in range(7))
    with pytest.raises(PlantEduError, match=r"7 of 18 plants are left out\. First: id_0 is damag"):
        refuse_many("rice", 11, gone)
    refuse_many("rice", 63, gone)
    with pytest.raises(PlantEduError, match="At most 10% may be left out"):
        refuse_many("rice", 62, gone)
    assert left_out_in_words(10, ()) == ""


def test_a_turn_of_both_is_none():
    class Picture:
        def __init__(self, size, turned):
            self.size, self.turned = size, turned

    pair = Pair("id_0", "", "a.jpg", "b.jpg")
    for size in ((40, 30), (30, 30)):
        assert why_no_pair(pair, Picture(size, 2), Picture(size, 2)) == ""
        assert why_no_pair(pair, Picture(size, 0), Picture(size, 0)) == ""
    assert why_no_pair(pair, Picture((40, 30), 2), Picture((80, 60), 0)) == ""
    assert "a.jpg was turned" in why_no_pair(pair, Picture((30, 30), 2), Picture((30, 30), 0))
    assert "b.jpg was turned" in why_no_pair(pair, Picture((40, 30), 0), Picture((40, 30), 1))
