import json
import signal

import pytest

from plantedu.__main__ import main as plantedu
from plantedu.commands import train
from plantedu.commands.train import main
from plantedu.data.challenge.render_folder import write_folder
from plantedu.data.renderer.worlds import world
from plantedu.jobs import follow
from plantedu.store.data_hash import data_hash
from plantedu.training.fit import Observer


@pytest.fixture
def words(tiny):
    """The tiny recipe as options."""
    given = tiny.as_json() | {"probe_factors": "disease"}
    return [word for k, v in given.items() for word in (f"--{k.replace('_', '-')}", str(v))]


@pytest.fixture
def said(words, capsys):
    """Runs the command; exit code and what its last line says as JSON."""

    def run(*more):
        code = plantedu(["train", *words, *more, "--json"])
        return code, json.loads(capsys.readouterr().out.splitlines()[-1])

    return run


def test_training_in_a_terminal_is_a_run_in_the_store(store, said, words, capsys):
    code, found = said("--name", "mine")
    assert (code, found["state"], found["step"]) == (0, "done", 7)
    last = found["result"]["last"]
    assert last["probe/disease/both"][1] <= last["probe/disease/both"][0]
    assert "null/disease/both" in last
    run = store.run(found["run"])
    assert (run.name, run.state, run.steps) == ("mine", "done", 7)
    assert run.data_hash
    assert store.metrics(run.id)["loss"].steps.tolist() == list(range(1, 8))
    assert [e.name for e in store.events(run.id)].count("checkpoint") == 4
    assert said()[1]["run"] == run.id  # it is not trained twice
    assert main(words) == 0
    said_aloud = capsys.readouterr()
    assert "has done this before; --fresh does it again" in said_aloud.err
    assert "disease/both" in said_aloud.out
    assert "shuffled labels" in said_aloud.out


class CtrlC(Observer):
    """Presses Ctrl-C at a step."""

    def on_step(self, state, record):
        if record.step == 1:
            signal.raise_signal(signal.SIGINT)


def test_ctrl_c_pauses_and_the_same_command_goes_on(store, said, monkeypatch):
    before = signal.getsignal(signal.SIGINT)
    monkeypatch.setattr("plantedu.jobs.heartbeat.EVERY", 0.01)
    monkeypatch.setattr(train, "progress", CtrlC)
    longer = ("--steps", "40", "--checkpoint-every", "40", "--probe-every", "40")
    code, found = said(*longer)
    assert (code, found["state"]) == (130, "paused")
    assert 1 <= found["step"] < 40
    assert signal.getsignal(signal.SIGINT) is before
    run_id, checkpoints = found["run"], store.folder(found["run"]) / "checkpoints"
    assert [path.name for path in checkpoints.iterdir()] == [
        f"step-{found['step']:06d}.safetensors"
    ]
    code, found = said(*longer)
    assert (code, found["run"], found["state"]) == (0, run_id, "done")
    assert store.metrics(run_id)["loss"].steps.tolist() == list(range(1, 41))
    names = [event.name for event in store.events(run_id)]
    assert [n for n in names if n in ("start", "paused", "resumed")] == [
        "start",
        "paused",
        "resumed",
    ]


@pytest.mark.slow
def test_a_run_at_work_elsewhere_is_followed(store, said, tiny, monkeypatch):
    request = tiny.as_json()
    run_id = store.submit(
        "train", request, lane="training", data_hash=data_hash(request), worker="w"
    )

    def worker(lane, store):
        store.fail(run_id, "It broke over there.")

    monkeypatch.setattr(follow.launch, "ensure_worker", worker)
    code, found = said()
    assert (code, found["run"], found["error"]) == (2, run_id, "It broke over there.")


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (["--epsilon", "3"], "epsilon must be from 0.005 to 1"),
        (["--learning-rate", "0"], "learning_rate must be"),
        (["--prototypes", "1"], "prototypes must be"),
        (["--data", "moon"], "moon"),
        (["--data", "folder:/nowhere"], "/nowhere"),
        (["--encoder", "res2next_tinny"], "res2next_tiny"),
    ],
)
def test_what_cannot_be_trained_is_a_sentence(said, more, sentence):
    code, found = said(*more)
    assert code == 2
    assert sentence in found["error"]
    assert "Traceback" not in found["error"]


def test_plants_of_a_folder_that_are_left_out_are_said_and_counted(store, tmp_path, capsys):
    path = tmp_path / "rice"
    write_folder(world("calm"), path, pairs=40, size=16)
    first = (path / "Train.csv").read_text().splitlines()[1].partition(".")[0]
    (path / "images" / f"{first.removesuffix('_rgn')}_rgn.jpg").write_bytes(b"no picture")
    words = ["--image-size", "16", "--crop-size", "16", "--steps", "2", "--batch", "8"]
    small = ["--hidden-dim", "8", "--projection-dim", "4", "--prototypes", "4"]
    assert plantedu(["train", "--data", f"folder:{path}", *words, *small]) == 0
    assert "1 of 28 plants are left out. First: " in capsys.readouterr().err
    run = store.runs()[0]
    assert run.result["left_out"] == 1
    (event,) = [e for e in store.events(run.id) if e.name == "left out"]
    assert event.step == 0
