"""Numbers of several denoisers beside each other: means, intervals over seeds, what is left out."""

import json

import pytest

from experiments import generation_numbers
from experiments.generation_numbers import agreement, numbers_of_other, over_seeds
from plantedu.errors import PlantEduError
from plantedu.training.weights_spec import file_sha256


def test_every_number_is_over_seeds_and_words_are_left_out():
    found = [
        {"mrr": 0.4 + k / 10, "verdict": "pinned", "h": {"n": 3, "angle": None}, "alone": 1}
        for k in range(3)
    ]
    del found[1]["alone"]
    over = over_seeds(found)
    assert set(over) == {"mrr", "h"}
    assert over["h"] == {"n": {"each": [3.0] * 3, "mean": 3.0, "interval": (3.0, 3.0)}}
    assert over["mrr"]["each"] == [0.4, 0.5, pytest.approx(0.6)]
    low, high = over["mrr"]["interval"]
    assert (low, high) == pytest.approx(
        (0.5 - 4.303 * 0.1 / 3**0.5, 0.5 + 4.303 * 0.1 / 3**0.5), abs=1e-4
    )
    assert over_seeds([{"mrr": 0.5}])["mrr"]["interval"] is None, "one seed has no interval"


def test_seeds_agree_where_all_of_them_say_one_thing():
    def table(angle, bend, severity):
        said = {"angle": angle, "bend": bend, "severity": severity, "jpeg": ("cannot be read", 0)}
        said |= {"green": ("pinned", 0.9)}
        return {c: {"verdict": v, "pinned": p, "linear": 0.4} for c, (v, p) in said.items()}

    found = agreement(
        [
            table(("pinned", 0.8), ("free", 0.1), ("free", 0.2)),
            table(("pinned", 0.7), ("free", 0.1), ("partly", 0.3)),
        ]
    )
    assert (found["n"], found["same"]) == (4, 3)
    assert found["order"] == pytest.approx(1.0)
    assert found["free_but_read"] == {"n": 1, "names": ["bend"]}, "not what one seed calls partly"
    swapped = [table(("free", 0.1 * k), ("free", 0.1), ("free", 0.2)) for k in (0, 9)]
    assert agreement(swapped)["order"] < 0.5


@pytest.fixture
def painter(tmp_path, monkeypatch):
    """A denoiser's file, and where what was measured of it lies."""
    path, results = tmp_path / "leaf-9.safetensors", tmp_path / "measured"
    path.write_bytes(b"weights")
    results.mkdir()
    monkeypatch.setattr(generation_numbers, "results_of", lambda _: results)
    return path, results


def test_what_was_measured_again_stands_for_what_is_kept_and_the_rest_stays(painter):
    """A verdict was mended: three tables were measured again, and no judge."""
    path, results = painter
    kept = {"leaf-9": {"sha256": file_sha256(path), "projector_drop": 1.0, "chance": 0.5}}
    assert numbers_of_other(path, kept, ["chance"]) == kept["leaf-9"], "nothing measured here"
    layers = {"mean": 2.0, "factors": {}}
    (results / "05_layers.json").write_text(json.dumps(layers))
    found = numbers_of_other(path, kept, ["projector_drop", "chance"])
    assert (found["projector_drop"], found["chance"]) == (2.0, 0.5)


def test_numbers_of_other_weights_are_not_taken_for_these(painter):
    path, _ = painter
    other = {"leaf-9": {"sha256": "another", "chance": 0.5}}
    with pytest.raises(PlantEduError, match="chance of leaf-9 were not measured yet"):
        numbers_of_other(path, other, ["chance"])
