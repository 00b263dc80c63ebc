"""The detector: AUC in plain loops, thresholds, and an adaptive attack beside the blind one."""

import json

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.statistics.auroc import placements
from plantedu.topics.attacks.agreement import METHOD, POINTS, _roc, agreement
from plantedu.topics.attacks.results.agreement import AgreementResult, Settings
from plantedu.zoo import model_zoo
from plantedu.zoo.model_zoo import Plot
from tests.topics.works import work_of

FAST = Settings(networks=("cross-0",), where=("rgb", "both"), plants=4, calm=20, steps=2)


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(model_zoo, "Plot", lambda folder: Plot(None, size=16, labelled=40))


@pytest.fixture(scope="module")
def result():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(model_zoo, "Plot", lambda folder: Plot(None, size=16, labelled=40))
        return agreement(FAST, bank_folder=None)


def test_the_auc_is_that_of_plain_loops():
    generator = np.random.default_rng(0)
    clean, attacked = generator.normal(1, 1, 30).round(1), generator.normal(0, 1, 20).round(1)
    slow = np.mean([(c > a) + 0.5 * (c == a) for c in clean for a in attacked])
    assert placements(attacked, clean).mean() == pytest.approx(slow)
    assert placements(clean, clean).mean() == pytest.approx(0.5)


def test_a_roc_rises_from_nought_to_one_where_attacks_agree_less():
    clean = np.linspace(0, 1, 50)
    curve = _roc(clean, clean - 2)
    assert len(curve) == POINTS
    assert (curve == 1).all()
    assert _roc(clean, clean + 2)[:-1].max() == 0


def test_nulls_stand_beside_every_number(result):
    for one in result.notices:
        assert one.adaptive.null == one.blind.value
        assert one.adaptive.control == "the blind attack"
        assert "noise" in one.auc.control
        assert 0 <= one.auc.value <= 1
    assert result.thresholds[0] < 1


def test_json_gives_the_result_back_and_the_chart_shows_noise_and_chance(result):
    found = AgreementResult.from_json(json.loads(json.dumps(result.as_json())))
    assert found == result
    assert {"roc", "noise", "chance"} == set(found.chart().rows["kind"])


def test_mistakes_are_sentences():
    for knobs, said in (
        ({"networks": ("supervised_both-0",)}, "Unknown"),
        ({"refused": 0.9}, "refused"),
        ({"calm": 3}, "calm"),
    ):
        with pytest.raises(PlantEduError, match=said):
            Settings(**knobs)


def test_page_and_terminal(capsys):
    request = {"networks": ["cross-0"], "where": ["rgb"], "plants": 2, "calm": 20, "steps": 2}
    found = METHOD.job(work_of(request))
    assert AgreementResult.from_json(json.loads(json.dumps(found))).of("rgb").where == "rgb"
    words = ["--networks", "cross-0", "--where", "rgb", "--plants", "2", "--calm", "20"]
    assert METHOD.main([*words, "--steps", "2", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert {"value", "null", "n", "seeds", "interval"} <= set(printed["notices"][0]["auc"])
