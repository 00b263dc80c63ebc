"""Reading a challenge folder: what cannot be read is left out and listed, never silently."""

import shutil

import numpy as np
import pytest
from PIL import Image

from plantedu.data.challenge.folder import read_folder
from plantedu.errors import PlantEduError


def relabel(challenge, old, new):
    table = challenge / "Train.csv"
    table.write_text(table.read_text().replace(old, new))


def reasons(pairs):
    return {out.id: out.reason for out in pairs.left_out}


def test_a_clean_folder(challenge):
    pairs = read_folder(challenge, 32)
    assert pairs.x1.shape == pairs.x2.shape == (8, 3, 32, 32)
    assert pairs.x1.dtype == np.uint8
    assert pairs.ids == tuple(f"id_{k}" for k in range(8))
    assert pairs.labels == ("blast", "brown", "healthy") * 2 + ("blast", "brown")
    assert pairs.left_out == ()
    assert len(pairs) == 8


def test_pixels_are_the_files_own_centre(challenge):
    pairs = read_folder(challenge, 30)
    picture = np.asarray(Image.open(challenge / "images" / "id_2_rgn.jpg"))
    np.testing.assert_array_equal(pairs.x2[2], picture[:, 5:35].transpose(2, 0, 1))


def test_the_test_side_has_no_labels(challenge):
    pairs = read_folder(challenge, 16, side="test")
    assert pairs.ids == ("id_8", "id_9", "id_10", "id_11")
    assert set(pairs.labels) == {""}


def test_rows_in_any_order_stay_with_their_plant(challenge):
    table = challenge / "Train.csv"
    header, *rows = table.read_text().splitlines()
    table.write_text("\n".join([header, *reversed(rows)]))
    pairs, clean = read_folder(challenge, 16), {"id_0": "blast", "id_4": "brown"}
    assert dict(zip(pairs.ids, pairs.labels, strict=True)).items() >= clean.items()
    assert pairs.ids[0] == "id_7"


@pytest.mark.parametrize(("lost", "kind"), [("id_3.jpg", "RGB"), ("id_3_rgn.jpg", "RGN")])
def test_a_picture_without_its_partner(challenge, lost, kind):
    (challenge / "images" / lost).unlink()
    pairs = read_folder(challenge, 16)
    assert len(pairs) == 7
    assert reasons(pairs) == {"id_3": f"id_3 has no {kind} picture in images/."}


def test_broken_pictures_are_left_out_with_their_names(challenge):
    images = challenge / "images"
    whole = (images / "id_0.jpg").read_bytes()
    (images / "id_0.jpg").write_bytes(whole[: len(whole) // 2])
    (images / "id_1_rgn.jpg").write_bytes(b"a letter, not a picture")
    Image.new("1", (10_000, 10_000)).save(images / "id_2.jpg", "PNG")
    (images / "id_4.jpg").unlink()
    (images / "id_4.jpg").mkdir()
    pairs = read_folder(challenge, 16)
    assert pairs.ids == ("id_3", "id_5", "id_6", "id_7")
    assert pairs.labels == ("blast", "healthy", "blast", "brown")
    found = reasons(pairs)
    assert "id_0.jpg is truncated or damaged" in found["id_0"]
    assert "id_1_rgn.jpg is not a JPEG or PNG picture" in found["id_1"]
    assert "id_2.jpg was not decoded" in found["id_2"]
    assert "no RGB picture" in found["id_4"]


def test_sixteen_bit_and_cmyk_pictures_are_converted(challenge):
    images = challenge / "images"
    Image.new("CMYK", (40, 30), (0, 255, 255, 0)).save(images / "id_0.jpg", quality=95)
    Image.fromarray(np.full((30, 40), 50_000, np.uint16)).save(images / "id_1.jpg", "PNG")
    pairs = read_folder(challenge, 16)
    assert pairs.left_out == ()
    assert np.abs(pairs.x1[0].mean((1, 2)) - [255, 0, 0]).max() < 4
    assert (pairs.x1[1] == 50_000 >> 8).all()


def test_pictures_of_a_pair_may_differ_in_size(challenge):
    Image.new("RGB", (90, 70), "green").save(challenge / "images" / "id_5_rgn.jpg")
    pairs = read_folder(challenge, 16)
    assert len(pairs) == 8
    assert pairs.x2[5, 1].min() > 100


def test_unknown_label_and_two_labels(challenge):
    relabel(challenge, "id_0.jpg,blast", "id_0.jpg,rust")
    relabel(challenge, "id_0_rgn.jpg,blast", "id_0_rgn.jpg,rust")
    relabel(challenge, "id_1_rgn.jpg,brown", "id_1_rgn.jpg,blast")
    found = reasons(read_folder(challenge, 16))
    assert found["id_0"] == "id_0 has the label 'rust'; known are blast, brown, healthy."
    assert found["id_1"] == "id_1 is labelled blast and brown."


def test_a_row_cannot_lead_outside(challenge):
    shutil.copy(challenge / "images" / "id_0.jpg", challenge / "x.jpg")
    shutil.copy(challenge / "images" / "id_0.jpg", challenge / "x_rgn.jpg")
    relabel(challenge, "id_0.jpg", "../x.jpg")
    relabel(challenge, "id_0_rgn.jpg", "../x_rgn.jpg")
    pairs = read_folder(challenge, 16)
    assert reasons(pairs) == {"../x": "../x has no RGB picture in images/."}
    assert pairs.ids == tuple(f"id_{k}" for k in range(1, 8))


def test_a_row_names_its_own_file(challenge):
    relabel(challenge, "id_0.jpg", "id_0.png")
    found = reasons(read_folder(challenge, 16))
    assert found == {"id_0": "id_0.png has a row, but id_0.jpg lies in images/."}


def test_zero_pairs(challenge):
    for file in (challenge / "images").iterdir():
        file.write_bytes(b"")
    with pytest.raises(PlantEduError, match=r"no pair that can be read; 8 were left out.*is empty"):
        read_folder(challenge, 16)
    (challenge / "Train.csv").write_text("Image_id,Label\n")
    with pytest.raises(PlantEduError, match=r"has no pair: its train table has no rows"):
        read_folder(challenge, 16)


@pytest.mark.parametrize("size", [0, 15, 4096])
def test_size_out_of_range(challenge, size):
    with pytest.raises(PlantEduError, match=rf"16 to 1024 pixels a side; got {size}"):
        read_folder(challenge, size)
