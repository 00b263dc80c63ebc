"""`python -m plantedu denoise`, and the shipping of what it trains."""

import json

import pytest

from plantedu.commands.denoise import headlines, main
from plantedu.errors import PlantEduError
from plantedu.jobs.jobs import job_for
from plantedu.publishing.publish import add
from plantedu.publishing.registry import verified
from plantedu.store.cards import verify_card
from plantedu.store.paths import bank_folder

WORDS = [
    *("--side", "16", "--channels", "16", "32", "--fold", "2", "--pairs", "16", "--held-out", "8"),
    *("--conditions", "cross-0/h", "--batch", "4", "--steps", "2", "--watch-every", "1"),
    *("--checkpoint-every", "1", "--name", "tiny"),
]


def test_a_denoiser_is_trained_shipped_and_read_back(store, tmp_path, capsys):
    assert main([*WORDS, "--json"]) == 0
    said = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert said["state"] == "done"
    run = store.run(said["run"])
    assert any("held_out" in line for line in headlines(run))
    found = add(store, run, "denoisers/tiny", folder=tmp_path, bank_folder=bank_folder())
    assert not found.error
    assert not verified("denoisers/tiny", tmp_path).error
    card = verify_card(found.path)
    assert card["kind"] == "denoise"
    assert set(card["slots"]) == {"cross-0/h/rgb", "cross-0/h/rgn"}
    (number,) = card["headlines"].values()
    assert number["null"] > 0
    assert "denoise" in card["command"]
    with pytest.raises(PlantEduError, match="leave --at out"):
        add(store, run, "denoisers/x", at=1, folder=tmp_path, bank_folder=bank_folder())


def test_a_larger_side_begins_with_a_run_of_a_smaller_one(store, capsys):
    assert main([*WORDS, "--json"]) == 0
    first = json.loads(capsys.readouterr().out.splitlines()[-1])["run"]
    large = [{"16": "32", "2": "4"}.get(word, word) for word in WORDS[:2]]
    large += ["--channels", "16", "32", "--fold", "4", "--scale", "0.5", *WORDS[7:]]
    assert main([*large, "--start", f"run:{first}@last", "--json"]) == 0
    said = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert said["state"] == "done"
    assert store.run(said["run"]).request["start"] == f"run:{first}@2", "what is last is fixed"
    assert store.run(said["run"]).parent == first, "it is kept as long as this one is"
    with pytest.raises(PlantEduError, match="No run begins with '00000000'"):
        main([*large, "--start", "run:00000000@last"])
    places = [{"4": "2"}.get(word, word) for word in large]
    assert main([*places[:8], *large[8:], "--start", f"run:{first}@last", "--json"]) == 2
    assert "as many places inside: 16 px by 2 are not 32 px by 2" in capsys.readouterr().out
    wider = [*large[:4], "48", *large[5:], "--start", f"run:{first}@last", "--json"]
    assert main(wider) == 2
    assert "its own widths" in capsys.readouterr().out


def test_the_same_command_again_does_nothing_new(store, capsys):
    assert main(WORDS) == 0
    assert main(WORDS) == 0
    assert len(store.runs(kind="denoise")) == 1


def test_the_options_of_an_older_card_are_the_same_training(store):
    assert main(WORDS) == 0
    assert main([{"--conditions": "--told"}.get(word, word) for word in WORDS]) == 0
    assert len(store.runs(kind="denoise")) == 1


def test_a_worker_can_do_it():
    assert job_for("denoise").__name__ == "denoise"
