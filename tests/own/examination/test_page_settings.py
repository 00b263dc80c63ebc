"""What a page may ask for: what ships, runs and seeds; no file, no module."""

import pytest

from plantedu.errors import PlantEduError
from plantedu.own.examination.page_settings import Settings, command


@pytest.mark.parametrize(
    "words",
    ["cross-0", "foreign-a", "stages/0600", "run:1a2b3c4d", "run:1a2b3c4d@last", "random:1001"],
)
def test_what_ships_and_runs_may_be_named(words):
    assert f"--encoder {words} " in command(Settings(encoder=words))


@pytest.mark.parametrize(
    "words",
    [
        *("py:os:getcwd", "file:a.safetensors", "a.safetensors", "timm:resnet18@a.safetensors"),
        *("../secret", "/etc/passwd", "run:x;y", "random:-1", ""),
    ],
)
def test_files_and_modules_are_refused(words):
    with pytest.raises(PlantEduError, match="no file and no module"):
        Settings(encoder=words)


def test_a_seed_is_a_whole_number_and_the_command_holds_every_setting():
    with pytest.raises(PlantEduError, match="seed is 0 to"):
        Settings(seed=-1)
    words = command(Settings(seed=3, quick=False))
    assert "--seed 3" in words
    assert "--quick" not in words
