"""Rendered challenge folders: same call same bytes, masks and factors fit, full disks are said."""

import csv
import errno
import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from plantedu.data.challenge.audit import audit_folder
from plantedu.data.challenge.folder import read_folder
from plantedu.data.challenge.render_folder import GROUND, LEAF, LESION, write_folder
from plantedu.data.renderer.pairs import render
from plantedu.data.renderer.worlds import plant_id, world
from plantedu.errors import DiskFullError, PlantEduError

CALM = world("calm", 3)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder of 20 pairs with leaks; no test changes it."""
    path = tmp_path_factory.mktemp("made") / "rice"
    return write_folder(CALM, path, pairs=20, size=64, leak=True)


def table(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def digest(path):
    files = sorted(p for p in path.rglob("*") if p.is_file())
    return {
        p.relative_to(path).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files
    }


def test_the_layout_is_that_of_the_challenge(made):
    train, test = table(made.path / "Train.csv"), table(made.path / "Test.csv")
    assert list(train[0]) == ["Image_id", "Label"]
    assert list(test[0]) == ["Image_id"]
    rows = {row["Image_id"] for row in (*train, *test)}
    assert rows == {file.name for file in (made.path / "images").iterdir()}
    assert len(rows) == 2 * 23
    asked = table(made.path / "SampleSubmission.csv")
    assert list(asked[0]) == ["Image_id", "blast", "brown", "healthy"]
    rgb = {row["Image_id"] for row in test if "_rgn" not in row["Image_id"]}
    assert {row["Image_id"] for row in asked} == rgb


def test_same_call_same_bytes_and_another_seed_others(tmp_path):
    def call(name, seed=3):
        return write_folder(world("calm", seed), tmp_path / name, pairs=4, size=16).path

    first = digest(call("a"))
    assert digest(call("b")) == first
    assert digest(call("a")) == first
    assert first.items().isdisjoint(digest(call("c", seed=4)).items())


def test_pictures_are_those_of_the_renderer(made):
    read = read_folder(made.path, 64)
    plants = {row["id"]: row["plant"] for row in table(made.path / "factors.csv")}
    where = {plant_id(CALM, k): k for k in range(20)}
    rendered = render(CALM, [where[plants[i]] for i in read.ids], size=64)
    assert np.abs(read.x1.astype(int) - rendered.x1).mean() < 2
    assert np.abs(read.x2.astype(int) - rendered.x2).mean() < 2
    assert np.abs(read.x1.astype(int) - rendered.x2).mean() > 10


def test_factors_and_labels_are_those_of_the_plants(made):
    rows = table(made.path / "factors.csv")
    label = {row["Image_id"]: row["Label"] for row in table(made.path / "Train.csv")}
    labels = {f"{row['id']}{end}.jpg": row["disease"] for row in rows for end in ("", "_rgn")}
    assert label.items() <= labels.items()
    for row in rows:
        index = int(row["plant"].rsplit("-", 1)[1])
        factors = render(CALM, [index], size=16).factors
        assert float(row["angle"]) == factors["angle"][0]
        assert float(row["light_rgn"]) == factors["light_rgn"][0]
        assert row["mark"] == ("absent", "present")[factors["mark"][0]]


def test_masks_are_those_of_the_renderer(made):
    for row in table(made.path / "factors.csv")[:6]:
        pair = render(CALM, [int(row["plant"].rsplit("-", 1)[1])], size=64)
        for ending, leaf, lesions in (
            ("", pair.leaf1[0], pair.lesions1[0]),
            ("_rgn", pair.leaf2[0], pair.lesions2[0]),
        ):
            with Image.open(made.path / "masks" / f"{row['id']}{ending}.png") as image:
                codes = np.asarray(image)
            np.testing.assert_array_equal(codes == LESION, lesions)
            np.testing.assert_array_equal(codes == LEAF, leaf & ~lesions)
            np.testing.assert_array_equal(codes == GROUND, ~leaf & ~lesions)


def test_an_honest_folder_is_clean(tmp_path):
    write_folder(world("field"), tmp_path / "rice", pairs=12, size=64)
    assert audit_folder(tmp_path / "rice", near=True).findings == ()


def test_the_audit_finds_every_planted_leak_and_nothing_else(made):
    leaks = json.loads((made.path / "plantedu.json").read_text())["leaks"]
    audit = audit_folder(made.path, near=True)
    expected = {"copy": "both_sides", "twin": "both_sides", "two_ids": "duplicate"}
    expected["saved_again"] = "near_both_sides"
    planted = {
        (expected[leak["leak"]], frozenset({leak["id"], leak["copy_of"]} - {""}))
        for leak in leaks
        if leak["copy_of"] or leak["leak"] == "twin"
    }
    plants = [{n.split(".")[0].removesuffix("_rgn") for n in f.names} for f in audit.findings]
    found = {(f.kind, frozenset(p)) for f, p in zip(audit.findings, plants, strict=True)}
    assert found == planted
    assert len(planted) == 4


def test_a_folder_of_somebody_else_is_refused_untouched(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(PlantEduError, match=r"not made by `pairs make`"):
        write_folder(CALM, tmp_path, pairs=4, size=16)
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.txt"]


def test_wrong_numbers_are_refused_before_anything_is_written(tmp_path):
    for wrong in ({"pairs": 0, "size": 64}, {"pairs": 4, "size": 4}):
        with pytest.raises(PlantEduError):
            write_folder(CALM, tmp_path / "new", **wrong)
    assert not (tmp_path / "new").exists()


def failing(monkeypatch, error, *, after):
    """Let the disk take `after` files, then refuse with `error`."""
    write, calls = Path.write_bytes, []

    def refuse(self, data):
        calls.append(self)
        if len(calls) > after:
            raise OSError(error, "refused", str(self))
        return write(self, data)

    monkeypatch.setattr(Path, "write_bytes", refuse)


@pytest.mark.parametrize("after", [0, 1, 9, 18, 21])
def test_full_disk_is_said_and_the_folder_counts_as_unfinished(tmp_path, monkeypatch, after):
    path = tmp_path / "rice"
    with monkeypatch.context() as patch:
        failing(patch, errno.ENOSPC, after=after)
        with pytest.raises(DiskFullError, match=r"No space is left.*run the same command again"):
            write_folder(CALM, path, pairs=4, size=16)
    with pytest.raises(PlantEduError, match=r"left unfinished|has no Train\.csv"):
        read_folder(path, 16)
    if after:
        write_folder(CALM, path, pairs=4, size=16)
        assert len(read_folder(path, 16)) == 3


def test_other_refusals_of_the_disk_are_one_sentence(tmp_path, monkeypatch):
    failing(monkeypatch, errno.EACCES, after=3)
    with pytest.raises(PlantEduError, match=r"cannot be written: refused"):
        write_folder(CALM, tmp_path / "rice", pairs=4, size=16)
