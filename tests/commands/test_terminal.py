"""Words in, an exit code out: refusals, interrupts, and how a run ended."""

import json
from dataclasses import dataclass

import pytest

from plantedu.commands.terminal import ENDS, answer, ended, run_here
from plantedu.errors import PlantEduError
from plantedu.store.run import Run


@dataclass(frozen=True)
class Words:
    """Options.

    Attributes:
        depth: How deep.
        json: As JSON.
    """

    depth: int = 1
    json: bool = False


def refuse(chosen):
    raise PlantEduError(f"depth {chosen.depth} cannot be.")


def interrupt(chosen):
    raise KeyboardInterrupt


def test_words_become_options_and_the_code_is_what_was_done():
    assert answer("dig", Words, ["--depth", "3"], lambda chosen: chosen.depth) == 3
    given = answer("dig", Words, [], lambda chosen: chosen.depth, default=lambda: Words(7))
    assert given == 7


def test_a_refusal_is_raised_or_one_line_of_json(capsys):
    with pytest.raises(PlantEduError, match="depth 4"):
        answer("dig", Words, ["--depth", "4"], refuse)
    assert answer("dig", Words, ["--json"], refuse) == 2
    said = capsys.readouterr()
    assert json.loads(said.out) == {"error": "depth 1 cannot be."}
    assert "plantedu dig" in said.err


def test_defaults_that_cannot_be_found_are_refused_in_the_same_way(capsys):
    def missing():
        raise PlantEduError("no such run.")

    assert answer("dig", Words, ["--json"], lambda _: 0, default=missing) == 2
    assert "no such run" in capsys.readouterr().out


def test_ctrl_c_is_130_with_the_words_of_the_command(capsys):
    assert answer("dig", Words, [], interrupt, stopped="nothing was dug.") == 130
    assert "nothing was dug." in capsys.readouterr().err


def test_a_run_is_done_here_once_and_then_fetched(store, capsys):
    done = []

    def job(work):
        done.append(work.run.id)
        return {"found": 5}

    asked = {"steps": 1, "seconds": 0.0}
    first = run_here(store, "ping", asked, job, fresh=False)
    again = run_here(store, "ping", asked, job, fresh=False)
    other = run_here(store, "ping", asked, job, fresh=True)
    assert first.result == {"found": 5}
    assert again.id == first.id != other.id
    assert done == [first.id, other.id]
    assert "has done this before" in capsys.readouterr().err


@pytest.mark.parametrize("state", [*ENDS, "queued"])
def test_every_end_has_its_code_and_its_words(store, capsys, state):
    run = run_here(store, "ping", {"steps": 1, "seconds": 0.0}, lambda work: {}, fresh=False)
    run = Run(**{**run.__dict__, "state": state, "error": "It broke." * (state == "failed")})
    code = ended(run, lambda _: ["all is well"], as_json=False)
    said = capsys.readouterr().out
    assert code == ENDS.get(state, 1)
    words = {"done": "all is well", "paused": "paused at step", "failed": "It broke."}
    assert words.get(state, state) in said
    assert ended(run, lambda _: [], as_json=True) == code
    assert json.loads(capsys.readouterr().out)["state"] == state
