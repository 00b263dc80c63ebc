"""The finder as a run of the store: its curve, suggestions as events, warnings, and its ends."""

import json
from dataclasses import replace
from types import SimpleNamespace

import pytest

from plantedu.__main__ import main as plantedu
from plantedu.commands import find_lr
from plantedu.jobs.jobs import job_for
from plantedu.store.work import StoppedError, Work
from plantedu.training.lr_finder.seed_band import Finder


@pytest.fixture
def words(tiny):
    """The tiny recipe with a queue that starts inside the ramp, as options."""
    given = tiny.as_json() | {"probe_factors": "disease", "queue_length": 16, "queue_start": 0.9}
    given |= {"seeds": 2, "iterations": 30, "lowest": 1e-5, "highest": 1.0}
    return [word for k, v in given.items() for word in (f"--{k.replace('_', '-')}", str(v))]


def test_a_finder_in_a_terminal_is_a_run_in_the_store(store, words, capsys):
    assert plantedu(["find-lr", *words, "--name", "mine", "--json"]) == 0
    said = json.loads(capsys.readouterr().out.splitlines()[-1])
    run, result = store.run(said["run"]), said["result"]
    assert (run.kind, run.name, run.state, run.step, run.steps) == (
        *("find_lr", "mine", "done"),
        *(60, 60),
    )
    assert set(result["found"]) == {"valley", "steep", "minimum", "slide"}
    assert result["found"]["valley"]["null"] > 0
    assert result["found"]["valley"]["seeds"] == 2
    curves = store.metrics(run.id)
    assert set(curves) == {"loss/seed 0", "loss/seed 1", "learning_rate"}
    assert curves["loss/seed 1"].values.tolist() == pytest.approx(result["curves"][1]["losses"])
    assert curves["loss/seed 0"].values.tolist() != curves["loss/seed 1"].values.tolist()
    events = {event.name: event for event in store.events(run.id)}
    assert events["queue on inside the ramp"].step == 6  # queue_start .9 of 7 steps
    for rule, found in result["found"].items():
        event = events[f"suggestion {rule}"]
        near = float(curves["learning_rate"].values[event.step])
        assert near == pytest.approx(max(found["value"], 1e-5), rel=0.25)
        assert event.detail.startswith(f"{found['value']:.2g} [")
    assert plantedu(["find-lr", *words]) == 0  # it is not done twice
    again = capsys.readouterr()
    assert "done this before" in again.err
    assert "beware: queue on at iteration 6" in again.out
    assert "on flat curves" in again.out
    assert len(store.runs()) == 1


def test_a_worker_does_it_and_stops_when_asked(store, tiny):
    finder = Finder(replace(tiny, steps=50), seeds=1, iterations=30, lowest=1e-5, highest=1.0)
    run_id = store.submit("find_lr", finder.as_json(), lane="training", worker="me")

    class Wishes:
        wish = ""

    work = Work(store, store.run(run_id), Wishes())
    result = job_for("find_lr")(work)
    assert len(result["curves"]) == 1
    assert result["switches"] == []
    Wishes.wish = "cancel"
    with pytest.raises(StoppedError):
        job_for("find_lr")(work)


def test_it_goes_on_from_a_checkpoint_of_a_run(store, tiny, words, capsys):
    parent = store.submit("train", tiny.as_json(), lane="training", worker="me")

    class Wishes:
        wish = ""

    job_for("train")(Work(store, store.run(parent), Wishes()))
    words = [*words, "--seeds", "1", "--queue-length", "0"]
    losses = []
    for start in ("scratch", f"run:{parent[:5]}@last"):
        assert plantedu(["find-lr", *words, "--start", start, "--json"]) == 0
        said = json.loads(capsys.readouterr().out.splitlines()[-1])
        losses.append(said["result"]["curves"][0]["losses"])
    run = store.run(said["run"])
    assert run.parent == parent
    assert run.request["recipe"]["start"] == f"run:{parent}@7"
    assert losses[0] != losses[1]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--lowest", "1", "--highest", "0.5"), "has to rise"),
        (("--seeds", "0"), "1 to 100 seeds"),
        (("--data", "meadow"), "meadow"),
    ],
)
def test_what_cannot_be_found_is_said_in_a_sentence(words, more, said, capsys):
    assert plantedu(["find-lr", *words, *more, "--json"]) == 2
    assert said in json.loads(capsys.readouterr().out.splitlines()[-1])["error"]


def test_headlines_show_the_null_beside_each_rule():
    result = {
        "seeds": [0], "seconds": 1.2, "switches": [],
        "found": {"slide": {"value": 1e-3, "null": 0.1, "interval": None}},
        "flat": {"slide": (1e-5, 1.0)},
    }  # fmt: skip
    lines = find_lr.headlines(SimpleNamespace(result=result))
    assert lines[1].split() == ["slide", "0.001", "on", "flat", "curves", "0.1", "[1e-05,", "1]"]
