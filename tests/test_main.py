"""`python -m plantedu`: every command that is offered is there; mistakes are one sentence."""

import importlib
import subprocess
import sys

import pytest

from plantedu import __main__ as entry
from plantedu.__main__ import COMMANDS, analyses, main


@pytest.mark.parametrize("words", [[], ["-h"], ["--help"]])
def test_usage_lists_every_command_and_analysis(words, capsys):
    assert main(words) == 0
    out = capsys.readouterr().out
    for name in (*COMMANDS, *analyses()):
        assert f"  {name} " in out


@pytest.mark.parametrize("module", [*(m for m, _ in COMMANDS.values()), *analyses().values()])
def test_every_command_has_a_main(module):
    assert callable(importlib.import_module(module).main)


def test_unknown_command_is_said_with_those_that_are_there(capsys):
    assert main(["grow"]) == 2
    err = capsys.readouterr().err
    assert "no command 'grow'" in err
    assert "  pairs " in err


def test_an_error_for_users_is_one_sentence_and_2(tmp_path, capsys):
    assert main(["pairs", "check", str(tmp_path / "nowhere")]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert err.startswith("plantedu pairs: There is no folder")


def test_an_error_of_ours_is_not_hidden(monkeypatch):
    monkeypatch.setitem(entry.COMMANDS, "broken", ("plantedu.nowhere", ""))
    with pytest.raises(ModuleNotFoundError):
        main(["broken"])


def test_it_runs_as_a_module():
    words = [sys.executable, "-m", "plantedu", "pairs", "check", "nowhere-at-all", "--json"]
    ran = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 2
    assert ran.stdout == '{"error": "There is no folder nowhere-at-all."}\n'
