"""Pairs of checkpoints by name: what ships, what is asked for, and never a change by itself."""

import pytest

from plantedu.errors import PlantEduError
from plantedu.zoo.checkpoint_pairs import Paired, files_of, shipped_file


def test_names_of_what_ships():
    assert shipped_file("stages/0200").name == "0200.safetensors"
    with pytest.raises(PlantEduError, match="No checkpoint 'stages/nothing'"):
        shipped_file("stages/nothing")


def test_a_pair_needs_its_control_and_what_ships_is_the_default():
    pair, control = ("stages/0100", "stages/0200"), ("stages/0900", "stages/1200")
    files = files_of(Paired(), shipped_file, pair, control)
    assert [[p.stem for p in two] for two in files] == [["0100", "0200"], ["0900", "1200"]]
    with pytest.raises(PlantEduError, match="--control BEFORE AFTER"):
        files_of(Paired(pair), shipped_file, pair, control)
    with pytest.raises(PlantEduError, match="got 1"):
        files_of(Paired(pair[:1], control), shipped_file, pair, control)
    assert files_of(Paired(control, pair), shipped_file, pair, control) == files[::-1]
