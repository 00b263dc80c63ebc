"""Steering by name: files are found, what is not there is said, effects stand beside pushes."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.store.store import Store
from plantedu.topics.neurons.results.steer import Settings, SteerResult
from plantedu.topics.neurons.steer import METHOD, _effect, dictionary_file, steered

HERE = "cross-0"


def test_effects_stand_beside_pushes_elsewhere():
    pushed = np.array([1.0, 2, 3])
    elsewhere = np.array([[1.0, -1, 0], [0.5, 0.5, 0.5]])
    one = _effect("angle", pushed, elsewhere, Settings())
    assert (one.value, one.null, one.n) == (2, 0.25, 3)
    assert "2 pushes of equal length" in one.control
    result = SteerResult(Settings(feature=4), "cross-0", 0.5, {"angle": one})
    again = SteerResult.from_json(json.loads(json.dumps(result.as_json())))
    assert "angle +2.00 (pushes elsewhere 0.25)" in again.chart().alt
    assert "feature 4, 3 times" in again.chart(dark=True).alt


def test_files_are_found_or_named(plantedu_home):
    assert dictionary_file(HERE, plantedu_home).name == "cross-0.safetensors"
    with pytest.raises(PlantEduError, match="No dictionary 'nose' ships; there are cross-0"):
        dictionary_file("nose", plantedu_home)
    store = Store(plantedu_home / "plantedu.sqlite")
    run = store.submit("dictionary", {}, lane="analysis")
    with pytest.raises(PlantEduError, match="kept no dictionary"):
        dictionary_file(f"run:{run}", plantedu_home)


def test_a_denoiser_that_is_not_there_is_named(plantedu_home):
    with pytest.raises(PlantEduError, match="No denoiser is called 'nose'; there are leaf-0"):
        METHOD.main(["--denoiser", "nose"])


@pytest.mark.slow
def test_a_shipped_feature_is_pushed_and_drawn(plantedu_home):
    out = plantedu_home / "out"
    feature = _alive()
    asked = Settings(feature=feature, plants=2, samples=1, steps=2)
    found = steered(asked, folder=plantedu_home, out=out)
    assert found.length > 0
    assert {"disease: blast", "angle"} <= set(found.effects)
    assert (out / "x1.png").is_file()
    with pytest.raises(PlantEduError, match="features 0 to 511; got 512"):
        steered(SimpleNamespace(**(vars(asked) | {"feature": 512})), folder=plantedu_home)


def _alive() -> int:
    from app import session as shelf

    return int(shelf.results("10_dictionary")["topk"]["features"][0]["number"])
