"""The audit: each planted fault is found, named and told apart; a clean folder stays clean."""

import json
import shutil

import numpy as np
import pytest
from PIL import Image

from plantedu.data.challenge.audit import KINDS, audit_folder
from plantedu.errors import PlantEduError


def edit(challenge, table, old, new):
    path = challenge / table
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def snapshot(challenge):
    files = sorted(p for p in challenge.rglob("*") if p.is_file())
    return {str(p): (p.read_bytes(), p.stat().st_mtime_ns) for p in files}


def only(audit, kind):
    """The one finding, of that kind."""
    assert audit.counts() == {kind: 1}
    return audit.findings[0]


def test_a_clean_folder_is_clean(challenge):
    audit = audit_folder(challenge, near=True)
    assert audit.clean
    assert (audit.pairs, audit.train, audit.test, audit.files) == (12, 8, 4, 24)
    assert audit.labels == {"blast": 3, "brown": 3, "healthy": 2}
    assert audit.sizes == {"40 x 30": 24}


def test_nothing_is_changed(challenge):
    (challenge / "images" / "id_0.jpg").write_bytes(b"letter")
    before = snapshot(challenge)
    audit_folder(challenge, near=True)
    assert snapshot(challenge) == before


@pytest.mark.parametrize("table", ["Test.csv", "SampleSubmission.csv"])
def test_absent_table(challenge, table):
    (challenge / table).unlink()
    counts = audit_folder(challenge).counts()
    assert counts["absent_table"] == 1
    assert counts.keys() <= {"absent_table", "file_without_row", "submission"}


def test_unreadable_pictures(challenge):
    images = challenge / "images"
    whole = (images / "id_0.jpg").read_bytes()
    (images / "id_0.jpg").write_bytes(whole[: len(whole) // 2])
    (images / "id_1.jpg").write_bytes(b"a letter")
    Image.new("1", (10_000, 10_000)).save(images / "id_2.jpg", "PNG")
    audit = audit_folder(challenge)
    assert audit.counts() == {"unreadable": 3}
    assert audit.pairs == 9
    sentences = [finding.sentence for finding in audit.findings]
    assert "id_0.jpg is truncated or damaged" in sentences[0]
    assert "id_1.jpg is not a JPEG or PNG" in sentences[1]
    assert "id_2.jpg was not decoded" in sentences[2]


def test_rgn_without_partner(challenge):
    (challenge / "images" / "id_3.jpg").unlink()
    audit = audit_folder(challenge)
    assert audit.counts() == {"no_partner": 1, "row_without_file": 1}
    assert audit.findings[0].sentence == "id_3_rgn.jpg has no RGB partner in images/."
    assert audit.findings[1].names == ("id_3.jpg",)


def test_file_without_row_and_row_repeated(challenge):
    edit(challenge, "Train.csv", "id_1_rgn.jpg,brown", "id_1.jpg,brown")
    audit = audit_folder(challenge)
    assert audit.counts() == {"file_without_row": 1, "row_repeated": 1}
    assert [finding.names for finding in audit.findings] == [("id_1_rgn.jpg",), ("id_1.jpg",)]


def test_labels(challenge):
    edit(challenge, "Train.csv", "id_0.jpg,blast", "id_0.jpg,rust")
    audit = audit_folder(challenge)
    assert audit.counts() == {"label_unknown": 1, "label_conflict": 1}
    assert audit.findings[0].sentence == (
        "id_0 has the label 'rust'; known are blast, brown, healthy."
    )
    assert audit.findings[1].sentence == "id_0 has the labels 'blast' and 'rust'."


def test_sizes_of_a_pair(challenge):
    path = challenge / "images" / "id_5_rgn.jpg"
    Image.open(path).resize((80, 60)).save(path)
    finding = only(audit_folder(challenge), "size_mismatch")
    assert finding.sentence == "id_5.jpg has 40 x 30 pixels and id_5_rgn.jpg 80 x 60."


def test_odd_formats(challenge):
    images = challenge / "images"
    picture = Image.open(images / "id_0.jpg")
    picture.convert("CMYK").save(images / "id_0.jpg")
    deep = np.asarray(picture.convert("L")).astype(np.uint16) * 257
    Image.fromarray(deep).save(images / "id_1.jpg", "PNG")
    audit = audit_folder(challenge)
    assert [finding.sentence for finding in audit.findings] == [
        "id_0.jpg is CMYK; it is read as 8-bit RGB.",
        "id_1.jpg is 16-bit greyscale; it is read as 8-bit RGB.",
    ]


def test_second_sensor_that_is_a_copy_of_the_first(challenge):
    shutil.copy(challenge / "images" / "id_0.jpg", challenge / "images" / "id_0_rgn.jpg")
    finding = only(audit_folder(challenge), "partner_is_copy")
    assert finding.names == ("id_0.jpg", "id_0_rgn.jpg")


def copy_plant(challenge, old, new):
    for ending in ("", "_rgn"):
        images = challenge / "images"
        shutil.copy(images / f"{old}{ending}.jpg", images / f"{new}{ending}.jpg")


def test_same_pixels_on_one_side_and_on_both(challenge):
    copy_plant(challenge, "id_0", "id_3")
    finding = only(audit_folder(challenge), "duplicate")
    assert finding.names == ("id_0.jpg", "id_0_rgn.jpg", "id_3.jpg", "id_3_rgn.jpg")
    copy_plant(challenge, "id_0", "id_9")
    finding = only(audit_folder(challenge), "both_sides")
    assert {"id_0.jpg", "id_3.jpg", "id_9_rgn.jpg"} <= set(finding.names)


def test_a_plant_with_rows_on_both_sides(challenge):
    edit(challenge, "Train.csv", "id_2_rgn.jpg,healthy\n", "")
    edit(challenge, "Test.csv", "Image_id\n", "Image_id\nid_2_rgn.jpg\n")
    finding = only(audit_folder(challenge), "both_sides")
    assert finding.names == ("id_2.jpg", "id_2_rgn.jpg")


def test_nearly_the_same_is_found_when_asked(challenge):
    images = challenge / "images"
    Image.open(images / "id_0.jpg").save(images / "id_9.jpg", quality=85, subsampling=0)
    assert audit_folder(challenge).clean
    finding = only(audit_folder(challenge, near=True), "near_both_sides")
    assert finding.names == ("id_0.jpg", "id_9.jpg")


def test_submission_that_asks_for_other_pictures(challenge):
    edit(challenge, "SampleSubmission.csv", "id_8.jpg", "id_0.jpg")
    audit = audit_folder(challenge)
    assert audit.counts() == {"submission": 2}
    assert audit.findings[0].sentence == "id_0.jpg is in SampleSubmission.csv but not in Test.csv."


def test_zero_pairs(challenge):
    for table in ("Train.csv", "Test.csv", "SampleSubmission.csv"):
        header = (challenge / table).read_text().splitlines()[0]
        (challenge / table).write_text(header + "\n")
    for file in (challenge / "images").iterdir():
        file.unlink()
    audit = audit_folder(challenge)
    assert audit.pairs == 0
    assert only(audit, "no_pair").sentence.endswith("has no pair that can be read.")


def test_what_is_no_challenge_folder_is_refused(tmp_path):
    with pytest.raises(PlantEduError, match="There is no folder"):
        audit_folder(tmp_path / "nowhere")


def test_json_says_the_same(challenge):
    (challenge / "images" / "id_3.jpg").unlink()
    audit = audit_folder(challenge)
    plain = json.loads(json.dumps(audit.as_json()))
    assert plain["pairs"] == 11
    assert plain["clean"] is False
    assert plain["counts"] == audit.counts()
    assert {finding["kind"] for finding in plain["findings"]} <= KINDS.keys()
