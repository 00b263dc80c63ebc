import sys
from pathlib import Path

import pytest

from plantedu.errors import PlantEduError
from plantedu.runs.home import cache_directory, home


def test_home_is_what_the_variable_says_and_is_made(plantedu_home):
    assert not plantedu_home.exists()
    assert home() == plantedu_home
    assert plantedu_home.is_dir()


@pytest.mark.parametrize("value", ["", "  "])
def test_without_the_variable_it_is_in_the_users_cache(monkeypatch, tmp_path, value):
    monkeypatch.setenv("PLANTEDU_HOME", value)
    monkeypatch.setattr("plantedu.runs.home.cache_directory", lambda: tmp_path)
    assert home() == tmp_path / "plantedu"


@pytest.mark.parametrize(
    ("platform", "expected"),
    [
        ("win32", Path("C:/Local")),
        ("darwin", Path.home() / "Library" / "Caches"),
        ("linux", Path("/tmp/xdg")),
    ],
)
def test_each_system_has_its_cache(monkeypatch, platform, expected):
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setenv("LOCALAPPDATA", "C:/Local")
    monkeypatch.setenv("XDG_CACHE_HOME", "/tmp/xdg")
    assert cache_directory() == expected


def test_a_home_that_cannot_be_is_refused_in_a_sentence(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("PLANTEDU_HOME", str(tmp_path / "file" / "below"))
    with pytest.raises(PlantEduError, match="Set PLANTEDU_HOME to a folder"):
        home()
