import json

import pytest

from plantedu.__main__ import main as plantedu


@pytest.fixture
def said(capsys):
    """Runs a command; exit code and what its last line says as JSON."""

    def run(*words):
        code = plantedu([*words, "--json"])
        return code, json.loads(capsys.readouterr().out.splitlines()[-1])

    return run


@pytest.fixture
def parent(tiny, said):
    given = tiny.as_json() | {"probe_factors": "disease"}
    words = [word for k, v in given.items() for word in (f"--{k.replace('_', '-')}", str(v))]
    code, found = said("train", *words, "--name", "first")
    assert code == 0
    return found["run"]


def test_a_branch_keeps_the_recipe_but_for_the_options_given(store, parent, said, capsys):
    code, found = said("runs", "branch", parent[:6], "--at", "4", "--steps", "3", "--seed", "5")
    assert (code, found["state"], found["step"]) == (0, "done", 3)
    first, run = store.run(parent), store.run(found["run"])
    assert (run.parent, run.name) == (parent, "branch of first")
    changed = {k: v for k, v in run.request.items() if v != first.request[k]}
    assert changed == {"start": f"run:{parent}@4", "steps": 3, "seed": 5}
    assert found["result"]["start"]["start"] == f"run:{parent}@4"
    # The same by the other command is the same run.
    words = [f"--{k.replace('_', '-')}={v}" for k, v in run.request.items() if k[:5] != "probe"]
    words += ["--probe-every=3", "--probe-plants=16", "--probe-seeds=1"]
    assert said("train", *words, "--probe-factors", "disease")[1]["run"] == run.id
    assert plantedu(["runs", "show", run.id]) == 0
    shown = capsys.readouterr().out
    assert f"lineage {parent} first" in shown
    assert f"-> {run.id} from step 4 branch of first   <- this run" in shown
    kin = said("runs", "show", parent)[1]["family"]
    assert [(k["run"], k["parent"], k["left_at"]) for k in kin] == [
        (parent, None, None),
        (run.id, parent, 4),
    ]


CANNOT = (
    ([], "7 steps are too few to tell a plateau"),
    (["--at", "5"], "no checkpoint of step 5; it has those of 2, 4, 6, 7"),
    (["--at", "best"], "a step, last or plateau"),
    (["--start", "source"], "choose its checkpoint by --at"),
    (["--at", "last", "--epsilon", "3"], "epsilon must be from"),
    (["--at", "last", "--prototypes", "6"], "prototypes, projection_dim and hidden_dim"),
)


def test_what_cannot_be_branched_is_a_sentence(parent, said):
    for more, sentence in CANNOT:
        code, found = said("runs", "branch", parent, *more)
        assert code == 2
        assert sentence in found["error"]


def test_the_run_comes_first_and_must_be_a_training(store, said):
    assert "No run begins with 'ffff'" in said("runs", "branch", "ffff")[1]["error"]
    assert "Name the run to branch from first" in said("runs", "branch", "--at=3")[1]["error"]
    replay = store.submit("replay", {}, lane="replay")
    assert "is a replay; only a training" in said("runs", "branch", replay)[1]["error"]
