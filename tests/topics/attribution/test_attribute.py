"""Maps of fresh pairs: the result, the terminal, and mistakes as sentences."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.attribution.attribute import METHOD, attribute
from plantedu.topics.attribution.results.attribute import AttributeResult, Settings
from plantedu.topics.attribution.results.names import BASELINES, CUES

FAST = {"steps": 4, "plants": 2}


@pytest.fixture(scope="module")
def result():
    return attribute(Settings(**FAST), bank_folder=None)


def test_a_map_stands_beside_its_controls(result):
    assert result.output == "class 1, diseased"
    assert set(result.mass) == set(CUES)
    assert list(result.mass["lesions"]) == ["ig", *BASELINES]
    assert result.effect["lesions"].value > 10 * result.effect["mark"].value
    assert result.strongest == "lesions"
    assert result.rgb.truth is not None
    assert result.delta is not None
    assert result.delta < result.span


def test_json_gives_the_result_back(result):
    found = AttributeResult.from_json(json.loads(json.dumps(result.as_json())))
    assert found == result
    assert "dashed: the best baseline" in found.chart().alt


def test_pictures_show_both_sensors_and_random_weights(result):
    (first, second) = result.shown
    assert first.plant != second.plant
    assert set(first.pictures) == {
        f"{sensor}{kind}" for sensor in ("rgb", "rgn") for kind in ("", " map", " random")
    }
    assert first.score > first.without["lesions"]


def test_terminal(capsys):
    words = ["--method", "gxi", "--plants", "2", "--json"]
    assert METHOD.main(words) == 0
    out = capsys.readouterr().out
    assert "do(mark away) moves the score" in out
    printed = json.loads(out.splitlines()[-1])
    assert {"value", "null", "n", "seeds", "interval"} <= set(printed["rgb"])


def test_the_chart_names_the_layer_that_was_asked_for():
    """It said layer2, whatever the layer."""
    found = attribute(Settings(method="gradcam", layer="layer4", plants=2), bank_folder=None)
    drawing = found.chart()
    assert "Grad-CAM at layer4" in drawing.alt
    assert "layer2" not in drawing.alt + drawing.csv()


def test_pictures_of_nothing_are_refused(tmp_path):
    """All-zero maps were reported as an RGB share of .50."""
    black = np.zeros((4, 3, 64, 64), np.uint8)
    np.savez(tmp_path / "black.npz", x1=black, x2=black)
    with pytest.raises(PlantEduError, match="on lesions-0 is 0 everywhere for 4 of 4 plants"):
        METHOD.main(["--pairs", str(tmp_path / "black.npz"), "--method", "gxi"])


def test_pairs_of_a_file_are_mapped_without_grades(tmp_path, capsys):
    saved, again = tmp_path / "maps.npz", tmp_path / "again.npz"
    plain = ["--method", "gxi"]
    assert METHOD.main([*plain, "--plants", "2", "--save", str(saved)]) == 0
    assert METHOD.main([*plain, "--pairs", str(saved), "--save", str(again), "--json"]) == 0
    printed = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert {"value", "null", "n", "seeds", "interval"} <= set(printed)
    with np.load(saved, allow_pickle=False) as one, np.load(again, allow_pickle=False) as other:
        assert np.allclose(one["signed"], other["signed"], atol=1e-5)
        assert np.array_equal(one["x2"], other["x2"])


def test_a_page_hears_how_far_it_is():
    steps = []
    work = SimpleNamespace(
        run=SimpleNamespace(id="x", request={"method": "gxi", "plants": 1}),
        store=SimpleNamespace(
            event=lambda *_: None, set_step=lambda run, done, of: steps.append((done, of))
        ),
        check=lambda: None,
    )
    assert METHOD.job(work)["rgb"]["n"] == 1
    assert steps[-1] == (3, 3)
