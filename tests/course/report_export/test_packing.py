"""A report holds the record, and not the learner."""

import io
import json
import zipfile

import pytest

from plantedu.course.report_export.contents import MANIFEST, RECORDS, TEXTS
from plantedu.course.report_export.packing import learner_record, pack
from plantedu.errors import PlantEduError
from tests.course.report_export.conftest import COURSE, RESULTS


def members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_everything_is_in_it_and_the_token_is_not(token_and_zip):
    token, zipped = token_and_zip
    files = members(zipped)
    assert {MANIFEST, *RECORDS, *TEXTS} <= set(files)
    assert {f"figures/{n}.svg" for n in ("reliability", "lessons", "habits", "claims")} <= set(
        files
    )
    assert not any(token.encode() in data for data in files.values())
    made = json.loads(files["predictions.json"])
    assert {one["lesson"] for one in made} == {lesson.stem for lesson in COURSE[:3]}
    assert sum(one["answer"] is None for one in made) == 3
    (claim,) = json.loads(files["claims.json"])
    assert claim["evidence"]["control"]
    assert set(json.loads(files["hashes.json"])) >= {"08_attacks.json", "03_bump.json"}
    assert json.loads(files["exercises.json"]) == {"06_similarity": ["06.2"]}
    manifest = json.loads(files[MANIFEST])
    assert manifest["packages"]["numpy"]
    assert set(manifest["files"]) == set(files) - {MANIFEST}


def test_the_same_record_gives_the_same_bytes(record, token, zipped):
    assert pack(learner_record(token, record.path, record), COURSE, RESULTS) == zipped


def test_an_empty_record_and_a_wrong_token_are_sentences(store):
    with pytest.raises(PlantEduError, match="There is nothing to report yet"):
        pack(learner_record("A" * 22, store.path, store), COURSE, RESULTS)
    with pytest.raises(PlantEduError, match="belongs to a learner's token"):
        learner_record("me", store.path, store)


def test_another_learner_has_another_record(record, store):
    other = learner_record("B" * 22, store.path, store)
    assert (other.predictions, other.claims, other.runs) == ((), (), ())
