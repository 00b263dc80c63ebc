"""`plantedu finetune`: a run of the store, live, paused, gone on, refused in a sentence."""

import json
import signal

import pytest

from plantedu.__main__ import main as plantedu
from plantedu.commands import finetune
from plantedu.commands.finetune import main
from plantedu.data.challenge.render_folder import write_folder
from plantedu.data.renderer.worlds import world
from plantedu.jobs import follow
from plantedu.training.classifier.recipe import FineTune
from plantedu.training.fit import Observer


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("rice") / "folder"
    write_folder(world("calm"), path, pairs=40, size=16, test_share=0.1)
    return path


@pytest.fixture
def words(folder):
    """A training of a second as options."""
    given = {
        "data": f"folder:{folder}", "labels": 1, "image-size": 16, "crop-size": 16, "batch": 8,
        "steps": 6, "start": "scratch", "watch-every": 3, "checkpoint-every": 3,
    }  # fmt: skip
    return [word for k, v in given.items() for word in (f"--{k}", str(v))]


@pytest.fixture
def said(words, capsys):
    """Runs the command; exit code and what its last line says as JSON."""

    def run(*more):
        code = plantedu(["finetune", *words, *more, "--json"])
        return code, json.loads(capsys.readouterr().out.splitlines()[-1])

    return run


def test_a_classifier_is_a_run_in_the_store_with_live_numbers(store, said, words, capsys):
    code, found = said("--regulariser", "elp_monitor")
    assert (code, found["state"], found["step"]) == (0, "done", 6)
    result = found["result"]
    assert {"value", "null", "interval", "control"} <= result["accuracy"].keys()
    assert result["log_loss"]["null"] > 0.5
    metrics = store.metrics(found["run"])
    assert metrics["accuracy/held_out"].steps.tolist() == [0, 3, 6]
    assert metrics["elp_gap"].steps.tolist() == list(range(1, 7))
    assert metrics["loss"].steps.tolist() == list(range(1, 7))
    assert [e.name for e in store.events(found["run"])].count("checkpoint") == 2
    assert said("--regulariser", "elp_monitor")[1]["run"] == found["run"]
    assert main([*words, "--regulariser", "elp_monitor"]) == 0
    aloud = capsys.readouterr()
    assert "done this before" in aloud.err
    assert "class prior of the training plants" in aloud.out
    assert "blast    called" in aloud.out


class CtrlC(Observer):
    """Presses Ctrl-C at a step."""

    def on_step(self, state, record):
        if record.step == 1:
            signal.raise_signal(signal.SIGINT)


@pytest.mark.slow
def test_ctrl_c_pauses_and_the_same_command_ends_as_one_that_was_never_stopped(
    store, said, monkeypatch
):
    monkeypatch.setattr("plantedu.jobs.heartbeat.EVERY", 0.01)
    longer = ("--steps", "60", "--watch-every", "60", "--checkpoint-every", "60")
    straight = said(*longer)[1]
    with monkeypatch.context() as patch:
        patch.setattr(finetune, "progress", CtrlC)
        code, found = said(*longer, "--fresh")
    assert (code, found["state"]) == (130, "paused")
    assert 1 <= found["step"] < 60
    again = resumed(store, found["run"])
    for name in ("accuracy", "log_loss", "confusion", "temperature"):
        assert again["result"][name] == straight["result"][name]
    assert store.metrics(found["run"])["loss"].steps.tolist() == list(range(1, 61))


def resumed(store, run_id):
    """Go on with a run in this process, as a worker does."""
    from plantedu.jobs.heartbeat import Heart
    from plantedu.jobs.worker import do

    run = store.resume(run_id, worker="w")
    with Heart(store, "w") as heart:
        do(store, run, heart)
    return {"result": store.run(run_id).result}


@pytest.mark.slow
def test_a_run_at_work_elsewhere_is_followed(store, said, words, monkeypatch, folder):
    from plantedu.store.data_hash import data_hash

    given = dict(zip(words[::2], words[1::2], strict=True))
    request = FineTune(
        data=f"folder:{folder}", labels=1.0, image_size=16, crop_size=16, batch=8, steps=6,
        start=given["--start"], watch_every=3, checkpoint_every=3,
    ).as_json()  # fmt: skip
    run_id = store.submit(
        "finetune", request, lane="training", data_hash=data_hash(request), worker="w"
    )
    monkeypatch.setattr(
        follow.launch,
        "ensure_worker",
        lambda lane, store: store.fail(run_id, "It broke over there."),
    )
    code, found = said()
    assert (code, found["run"], found["error"]) == (2, run_id, "It broke over there.")


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (["--labels", "0"], "labels must be from"),
        (["--labels", "0.02"], "labelled plant"),
        (["--start", "cross"], "start must be"),
        (["--start", "shipped:cros"], "No checkpoint 'cros' ships"),
        (["--split", "leaked"], "sensors 'either'"),
        (["--data", "folder:/nowhere"], "/nowhere"),
        (["--data", "moon"], "moon"),
    ],
)
def test_what_cannot_be_trained_is_a_sentence(said, more, sentence):
    code, found = said(*more)
    assert code == 2
    assert sentence in found["error"]
    assert "Traceback" not in found["error"]


def test_plants_of_a_folder_that_are_left_out_are_said_and_counted(store, words, folder, capsys):
    first = (folder / "Train.csv").read_text().splitlines()[1].partition(".")[0]
    spoilt = folder / "images" / f"{first.removesuffix('_rgn')}_rgn.jpg"
    kept = spoilt.read_bytes()
    spoilt.write_bytes(b"no picture")
    try:
        assert main(words) == 0
    finally:
        spoilt.write_bytes(kept)
    assert "1 of 36 plants are left out. First: " in capsys.readouterr().err
    run = store.runs()[0]
    assert run.result["counts"]["left_out"] == 1
    assert [e.name for e in store.events(run.id)].count("left out") == 1
