"""What a start may be called, and which file it means."""

import pytest

from plantedu.errors import PlantEduError
from plantedu.training.weights_spec import Start, file_of, file_sha256, parse_start


@pytest.mark.parametrize(
    ("text", "kind", "where"),
    [
        ("scratch", "scratch", ""),
        ("imagenet", "imagenet", ""),
        ("source", "source", ""),
        ("shipped:cross-0", "shipped", "cross-0"),
        ("shipped:stages/0600", "shipped", "stages/0600"),
        ("file:/a b/c:d.safetensors", "file", "/a b/c:d.safetensors"),
        ("run:1a2b3c4d@600", "run", "1a2b3c4d@600"),
        ("run:1a@plateau", "run", "1a@plateau"),
        ("run:1a2b3c4d@last", "run", "1a2b3c4d@last"),
    ],
)
def test_each_start_is_read(text, kind, where):
    assert parse_start(text) == Start(kind, where)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "start must be scratch, imagenet"),
        ("random", "got 'random'"),
        ("scratch:1", "start must be"),
        ("source:cross-0", "start must be"),
        ("file:", "start must be"),
        ("shipped:", "start must be"),
        ("shipped:../secret", "name of a file of checkpoints/"),
        ("shipped:/etc/passwd", "name of a file of checkpoints/"),
        ("shipped:a/../../b", "name of a file of checkpoints/"),
        ("run:1a2b3c4d", "run:1a2b3c4d@600"),
        ("run:1a2b3c4d@best", "step, last or plateau"),
        ("run:xyz@3", "run:ID@WHEN"),
        ("run:1a2b3c4d@-1", "run:ID@WHEN"),
        (None, "start must be"),
    ],
)
def test_what_is_no_start_is_said(text, sentence):
    with pytest.raises(PlantEduError, match=sentence):
        parse_start(text)


def test_a_moment_of_a_run():
    assert parse_start("run:1a@plateau").moment == ("1a", "plateau")


def test_files_are_found_and_hashed(tmp_path):
    (tmp_path / "stages").mkdir()
    for name in ("source", "stages/0600"):
        (tmp_path / f"{name}.safetensors").write_bytes(b"abc")
    found = [file_of(parse_start(s), root=tmp_path) for s in ("source", "shipped:stages/0600")]
    assert found == [tmp_path / "source.safetensors", tmp_path / "stages" / "0600.safetensors"]
    assert file_of(parse_start(f"file:{found[0]}")) == found[0]
    assert [file_of(parse_start(s)) for s in ("scratch", "imagenet", "run:1@2")] == [None] * 3
    known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # of FIPS 180-2
    assert file_sha256(found[0]) == known


def test_a_missing_file_is_one_sentence_that_names_what_is_there(tmp_path):
    with pytest.raises(PlantEduError, match=r"No checkpoint 'source' ships.*there are none"):
        file_of(parse_start("source"), root=tmp_path)
    (tmp_path / "cross-0.safetensors").touch()
    with pytest.raises(PlantEduError, match=r"No checkpoint 'cros' ships.*there are cross-0"):
        file_of(parse_start("shipped:cros"), root=tmp_path)
    with pytest.raises(PlantEduError, match="there is no such file"):
        file_of(parse_start(f"file:{tmp_path}/none.safetensors"))
