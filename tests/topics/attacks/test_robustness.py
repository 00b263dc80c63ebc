"""The report: every arm on every sensor, falling with the radius, beside noise."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.attacks.results.robustness import RobustnessResult, Settings
from plantedu.topics.attacks.robustness import LATE, METHOD, arms, robustness, summarised
from plantedu.topics.attacks.robustness_curve import Curve
from plantedu.zoo import model_zoo
from plantedu.zoo.model_zoo import Plot

FAST = Settings(
    networks=("cross-0", "random-0"), where=("rgb", "shared"), plants=4, radii_255=(2.0, 30.0),
    steps=2, ring=2,
)  # fmt: skip


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(model_zoo, "Plot", lambda folder: Plot(None, size=16, labelled=40))


@pytest.fixture(scope="module")
def result():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(model_zoo, "Plot", lambda folder: Plot(None, size=16, labelled=40))
        return robustness(FAST, bank_folder=None)


def test_every_cell_is_there_with_its_null(result):
    assert result.arms == ("SwAV cross", "random init", LATE)
    assert len(result.cells) == 3 * 2 * 3
    clean = result.of("SwAV cross", "rgb", 0.0).evidence
    assert clean.value == clean.null
    for arm in result.arms:
        shares = [result.of(arm, "rgb", r).evidence.value for r in (0.0, 2.0, 30.0)]
        assert shares == sorted(shares, reverse=True)
    assert {one.arm for one in result.alarms} == set(result.arms)


def test_seeds_are_averaged_by_plant_and_half_is_a_median():
    curve = lambda first: Curve((1.0, 2.0), np.array(first), np.zeros((2, 2), bool))  # noqa: E731
    made = {("SwAV cross", "rgb"): [curve([0.0, 1.0]), curve([2.0, np.inf])]}
    found = summarised(Settings(), np.array([0, 1]), made)
    cell = found.of("SwAV cross", "rgb", 1.0)
    assert cell.seeds == (0.0, 1.0)
    assert cell.evidence.value == 0.5
    assert cell.evidence.seeds == 2
    assert found.halves[0].radius_255 == 2.0
    assert found.chance == 0.5


def test_json_gives_the_result_back_and_the_chart_shows_noise(result):
    found = RobustnessResult.from_json(json.loads(json.dumps(result.as_json())))
    assert found == result
    drawing = found.chart()
    assert {"arm", "noise", "chance"} == set(drawing.rows["kind"])
    assert "noise" in drawing.alt


def test_late_fusion_is_of_the_cross_networks_alone():
    found = arms(Settings())
    assert [name for _, name, reads in found if reads == "late"] == [
        "cross-0",
        "cross-1",
        "cross-2",
    ]


def test_unknown_words_are_refused():
    with pytest.raises(PlantEduError, match="alexnet"):
        Settings(networks=("alexnet",))
    with pytest.raises(PlantEduError, match="plants"):
        Settings(plants=1)


def test_a_page_sees_how_far_it_is():
    seen = []
    store = SimpleNamespace(
        event=lambda *_: None, set_step=lambda run, step, steps: seen.append((step, steps))
    )
    request = {"networks": ["random-0"], "where": ["rgb"], "plants": 2, "radii_255": [2.0],
               "steps": 2, "ring": 0, "late": False}  # fmt: skip
    run = SimpleNamespace(id="1", request=request)
    METHOD.job(SimpleNamespace(run=run, store=store, check=lambda: None))
    assert seen == [(0, 1)]


def test_terminal_prints_one_object_last(capsys):
    words = ["--networks", "random-0", "--where", "rgb", "--plants", "2", "--radii-255", "2",
             "--steps", "2", "--ring", "0", "--no-late", "--json"]  # fmt: skip
    assert METHOD.main(words) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert {"value", "null", "n", "seeds", "interval"} <= set(found["cells"][0]["evidence"])
