import hashlib
import json

import pytest

from plantedu.errors import PlantEduError
from plantedu.store.cards import card_path, verify_card, write_card

HEADLINES = {"disease": {"value": 0.97, "null": 0.33, "n": 512, "seeds": 3}}


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "cross.safetensors"
    path.write_bytes(b"weights")
    write_card(path, command="python -m plantedu train --seed 0", headlines=HEADLINES)
    return path


def test_a_card_says_what_the_file_is(file):
    card = verify_card(file)
    assert card_path(file).name == "cross.safetensors.card.json"
    assert card["sha256"] == hashlib.sha256(b"weights").hexdigest()
    assert card["bytes"] == 7
    assert card["headlines"] == HEADLINES
    assert card["command"] == "python -m plantedu train --seed 0"
    assert "torch" in card["packages"]


def test_the_same_file_gives_the_same_card(file):
    before = card_path(file).read_bytes()
    write_card(file, command="python -m plantedu train --seed 0", headlines=HEADLINES)
    assert card_path(file).read_bytes() == before


def test_another_file_is_found_out(file):
    file.write_bytes(b"weighty")
    with pytest.raises(
        PlantEduError, match=r"not the file that its card describes.*train --seed 0"
    ):
        verify_card(file)
    file.unlink()
    with pytest.raises(PlantEduError, match="cannot be read: No such file"):
        verify_card(file)


@pytest.mark.parametrize("number", [{"value": 0.9}, {"value": 0.9, "null": None}, 0.9])
def test_a_number_without_null_is_refused_when_written_and_when_read(file, number):
    with pytest.raises(PlantEduError, match="'disease' has no null"):
        write_card(file, command="a", headlines={"disease": number})
    card = json.loads(card_path(file).read_text()) | {"headlines": {"disease": number}}
    card_path(file).write_text(json.dumps(card))
    with pytest.raises(PlantEduError, match="'disease' has no null"):
        verify_card(file)


def test_a_card_needs_a_command(file):
    with pytest.raises(PlantEduError, match="needs the command"):
        write_card(file, command=" ", headlines=HEADLINES)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}"])
def test_what_is_no_card_is_said(file, text):
    card_path(file).write_text(text)
    with pytest.raises(PlantEduError, match="missing or no card"):
        verify_card(file)
