"""`python -m plantedu`: every command that is offered is there; mistakes are one sentence."""

import importlib
import subprocess
import sys

import pytest

from plantedu import __main__ as entry
from plantedu.__main__ import COMMANDS, main
from plantedu.topics.methods import METHODS, TOPICS


@pytest.mark.parametrize("words", [[], ["-h"], ["--help"]])
def test_usage_lists_every_command_and_topic(words, capsys):
    assert main(words) == 0
    out = capsys.readouterr().out
    for name in (*COMMANDS, *TOPICS):
        assert f"  {name.replace('_', '-')} " in out


@pytest.mark.parametrize("topic", sorted(set(TOPICS) - {"report_card"}))
@pytest.mark.parametrize("more", [[], ["--help"]])
def test_a_topic_lists_its_methods(topic, more, capsys):
    assert main([topic, *more]) == 0
    out = capsys.readouterr().out
    mine = {one.name for one in METHODS if one.topic == topic}
    assert {line.split()[0] for line in out.splitlines()[2:]} - {"make,"} == mine


@pytest.mark.parametrize("module", [module for module, _ in COMMANDS.values()])
def test_every_command_has_a_main(module):
    assert callable(importlib.import_module(module).main)


def test_an_old_name_still_works_and_says_its_new_one(capsys):
    assert main(["traps", "--plants", "0"]) == 2
    printed = capsys.readouterr().err.splitlines()
    assert printed[0] == "plantedu: traps is called `similarity failure-modes` now."


def test_a_topic_that_was_a_command_is_one_still(tmp_path, capsys):
    assert main(["bump", str(tmp_path / "nothing.csv")]) == 2
    assert "bump is called `bump detect` now" in capsys.readouterr().err


def test_a_method_that_is_not_there_is_said_with_those_that_are(capsys):
    assert main(["attacks", "grow"]) == 2


def test_unknown_command_is_said_with_those_that_are_there(capsys):
    assert main(["grow"]) == 2
    err = capsys.readouterr().err
    assert "no command 'grow'" in err
    assert "  pairs " in err


def test_a_token_may_begin_with_a_dash():
    words = ["report", "export", "r.zip", "--learner", "-Jkcrd2xaU5sTo-cWWH9fQ", "--all"]
    found = entry.joined(words)
    assert found == ["report", "export", "r.zip", "--learner=-Jkcrd2xaU5sTo-cWWH9fQ", "--all"]
    assert entry.joined(["report", "--learner"]) == ["report", "--learner"]


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
