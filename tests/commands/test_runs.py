import json
import os

import pytest

from plantedu.__main__ import main as plantedu
from plantedu.commands import runs
from plantedu.store.run import Metric


@pytest.fixture
def run_id(store):
    run_id = store.submit("train", {"steps": 3}, lane="training", name="first", worker="w")
    store.set_step(run_id, 0, 3)
    rows = [Metric(step, name, 1 / (step + 1)) for step in range(3) for name in ("loss", "entropy")]
    store.log(run_id, rows, step=2)
    return run_id


@pytest.fixture
def said(capsys):
    """Runs a command; exit code and what its last line says as JSON."""

    def run(*words):
        code = plantedu(["runs", *words, "--json"])
        return code, json.loads(capsys.readouterr().out.splitlines()[-1])

    return run


def test_runs_are_listed(store, run_id, said, capsys):
    other = store.submit("replay", {}, lane="replay")
    assert [run["id"] for run in said("list")[1]["runs"]] == [other, run_id]
    assert [run["id"] for run in said("list", "--kind", "train")[1]["runs"]] == [run_id]
    assert [run["id"] for run in said("list", "--limit", "1")[1]["runs"]] == [other]
    assert plantedu(["runs", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == [other, run_id]
    assert "running" in lines[1]
    assert "first" in lines[1]


def test_no_runs_are_no_error(said, capsys):
    assert said("list") == (0, {"runs": []})
    plantedu(["runs", "list"])
    assert capsys.readouterr().out == "no runs\n"


def test_a_run_is_shown_by_the_first_digits_of_its_id(store, run_id, said, capsys):
    code, found = said("show", run_id[:5])
    assert code == 0
    assert found["run"]["id"] == run_id
    assert found["last"] == {"loss": 1 / 3, "entropy": 1 / 3}
    assert [event["name"] for event in found["events"]] == ["start"]
    assert plantedu(["runs", "show", run_id]) == 0
    assert "0.3333" in capsys.readouterr().out


def test_a_run_is_cancelled_and_paused_and_resumed(store, said, monkeypatch):
    asked = []
    monkeypatch.setattr(runs, "ensure_worker", lambda lane, store: asked.append(lane))
    run_id = store.submit("train", {}, lane="training")
    assert said("pause", run_id)[1]["state"] == "paused"
    assert said("resume", run_id)[1]["state"] == "queued"
    assert asked == ["training"]
    assert said("cancel", run_id)[1]["state"] == "cancelled"


def test_a_running_run_is_waited_for_a_moment(store, run_id, said, monkeypatch):
    monkeypatch.setattr(runs.settled, "__kwdefaults__", {"patience": 0.2})
    code, found = said("cancel", run_id)
    assert (code, found["state"], found["wish"]) == (0, "running", "cancel")


def test_a_run_is_exported(store, run_id, said, tmp_path):
    code, found = said("export", run_id, str(tmp_path / "mine"), "--title", "Mine")
    assert (code, found["rows"], found["steps"]) == (0, 6, 3)
    assert json.loads((tmp_path / "mine" / "run.json").read_text())["title"] == "Mine"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("show", "zz"), "No run begins with 'zz'"),
        (("cancel", "00000000"), "No run begins with"),
        (("list", "--state", "dead"), "There is no state 'dead'"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(words, sentence, said, capsys):
    code, found = said(*words)
    assert code == 2
    assert sentence in found["error"]
    assert plantedu(["runs", *words]) == 2
    assert sentence in capsys.readouterr().err


def test_an_id_that_is_too_short_names_its_runs(store, said):
    for seed in range(17):  # more runs than hexadecimal digits
        store.submit("train", {"seed": seed}, lane="training")
    digit = max("0123456789abcdef", key=lambda d: sum(r.id[0] == d for r in store.runs()))
    assert "is short for several runs" in said("show", digit)[1]["error"]


def test_runs_that_are_over_are_deleted(store, run_id, said, capsys):
    code, found = said("delete", run_id[:5])
    assert code == 2
    assert f"Run {run_id} is running; cancel it first" in found["error"]
    store.finish(run_id, {}, worker="w")
    (store.folder(run_id) / "crops.png").write_bytes(b"x" * 100)
    assert said("delete", run_id[:5]) == (0, {"deleted": {run_id: 100}})
    assert said("list") == (0, {"runs": []})
    assert not (store.path.parent / "runs" / run_id).exists()


def test_what_the_disk_holds_is_shown_and_tidied(store, run_id, said, capsys, monkeypatch):
    (store.path.parent / "bank").mkdir()
    (store.path.parent / "bank" / "chunk.npz").write_bytes(b"x" * 5000)
    os.utime(store.path.parent / "bank" / "chunk.npz", (0, 0))
    code, found = said("disk")
    assert (code, found["kinds"]["bank"], found["bound"]) == (0, 5000, 20_000_000_000)
    monkeypatch.setenv("PLANTEDU_DISK_GB", "0.00001")
    code, found = said("disk", "--tidy")
    assert (code, found["freed"]) == (0, 5000)
    assert "bank" not in found["kinds"]
    assert plantedu(["runs", "disk"]) == 0
    assert "GB of 1e-05 GB" in capsys.readouterr().out
    monkeypatch.setenv("PLANTEDU_DISK_GB", "much")
    assert "PLANTEDU_DISK_GB is a number of gigabytes" in said("disk")[1]["error"]
