import os
import sys
from pathlib import Path

import pytest

from plantedu.__main__ import main
from plantedu.errors import PlantEduError
from plantedu.store.paths import cache_directory, home
from plantedu.store.store import Store


def test_home_is_what_the_variable_says_and_is_made(plantedu_home):
    assert not plantedu_home.exists()
    assert home() == plantedu_home
    assert plantedu_home.is_dir()


@pytest.mark.parametrize("value", ["", "  "])
def test_without_the_variable_it_is_in_the_users_cache(monkeypatch, tmp_path, value):
    monkeypatch.setenv("PLANTEDU_HOME", value)
    monkeypatch.setattr("plantedu.store.paths.cache_directory", lambda: tmp_path)
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


posix = pytest.mark.skipif(os.name == "nt", reason="no modes there")


def mode(path):
    return path.stat().st_mode & 0o777


@posix
def test_runs_are_for_this_user_alone(plantedu_home):
    """Predictions, claims and tokens are in it; others at this machine could read them all."""
    before = os.umask(0o022)
    try:
        assert mode(home()) == 0o700
        Store().submit("train", {}, lane="training")
    finally:
        os.umask(before)
    files = list(plantedu_home.glob("plantedu.sqlite*"))
    assert files
    assert {mode(path) for path in files} == {0o600}


@posix
def test_a_home_that_stood_open_is_closed(plantedu_home):
    plantedu_home.mkdir(mode=0o755)
    plantedu_home.chmod(0o755)
    (plantedu_home / "plantedu.sqlite").touch(0o644)
    assert mode(home()) == 0o700
    assert mode(plantedu_home / "plantedu.sqlite") == 0o600


@posix
def test_a_folder_that_is_no_home_of_ours_stays_as_it_is(plantedu_home, monkeypatch):
    plantedu_home.mkdir()
    plantedu_home.chmod(0o755)
    assert mode(home()) == 0o755  # it may hold anything
    (plantedu_home / "plantedu.sqlite").touch(0o644)
    monkeypatch.setenv("HOME", str(plantedu_home))
    assert mode(home()) == 0o755  # the user's own
    assert mode(plantedu_home / "plantedu.sqlite") == 0o600
    monkeypatch.delenv("HOME")
    plantedu_home.chmod(0o1777)
    assert mode(home()) == 0o777  # such as /tmp


@pytest.mark.parametrize("chosen", ["", "~nobody-of-this-name/runs"])
def test_without_a_home_of_the_user_a_sentence_says_what_to_set(monkeypatch, chosen, capsys):
    def nobody(*_):
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr("pathlib.Path.home", nobody)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("PLANTEDU_HOME", chosen)
    with pytest.raises(PlantEduError, match="Set PLANTEDU_HOME"):
        home()
    assert main(["runs", "list"]) == 2
    assert "Set PLANTEDU_HOME" in capsys.readouterr().err
