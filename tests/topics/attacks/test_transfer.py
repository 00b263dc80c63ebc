"""Transfer: the diagonal is the attack itself; a twin network sees what was made on its twin."""

import json

import numpy as np
import pytest
import scipy.stats
import torch

from plantedu.errors import PlantEduError
from plantedu.statistics.evidence import Evidence
from plantedu.topics.attacks import transfer as passing
from plantedu.topics.attacks.results.transfer import Pass, Settings, TransferResult, between_recipes
from plantedu.topics.attacks.transfer import METHOD, transfer
from plantedu.zoo import model_zoo
from plantedu.zoo.model_zoo import Plot
from tests.topics.works import work_of

FAST = Settings(networks=("cross-0", "random-0"), plants=24, radius_255=12.0, steps=4)


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(model_zoo, "Plot", lambda folder: Plot(None, size=16, labelled=40))


@pytest.fixture(scope="module")
def result():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(model_zoo, "Plot", lambda folder: Plot(None, size=16, labelled=40))
        return transfer(FAST, bank_folder=None)


def test_no_network_is_fooled_more_than_the_one_attacked(result):
    own = result.of("cross-0", "cross-0").value
    assert own >= result.of("random-0", "cross-0").value
    assert len(result.networks) == 4
    assert [(p.made_on, p.seen_by) for p in result.sensors] == [("rgb", "rgn"), ("rgn", "rgb")]


def pass_of(made_on, seen_by, value):
    evidence = Evidence(question="?", value=value, null=0.1, control="noise", n=9)
    return Pass(made_on, seen_by, evidence)


def test_recipes_are_means_over_networks_without_the_diagonal():
    names = ("cross-0", "cross-1", "cross-2", "supervised_both-0", "supervised_both-1")
    shares = {"cross": {"cross": 0.8, "supervised_both": 0.1}}
    passes = [
        pass_of(
            a, b, 1.0 if a == b else shares.get(a[:-2], {}).get(b[:-2], 0.0) + 0.01 * int(a[-1])
        )
        for a in names
        for b in names
    ]
    found = {(one.made_on, one.seen_by): one.evidence for one in between_recipes(passes)}
    own = found["SwAV cross", "SwAV cross"]
    assert own.value == pytest.approx(0.81)
    assert (own.n, own.null) == (3, pytest.approx(0.1))
    half = 0.01 * scipy.stats.t.ppf(0.975, 2) / 3**0.5
    assert own.interval == pytest.approx((0.81 - half, 0.81 + half))
    assert found["SwAV cross", "supervised"].value == pytest.approx(0.11)
    assert found["supervised", "supervised"].n == 2


def test_json_gives_the_result_back_and_the_chart_names_noise(result):
    found = TransferResult.from_json(json.loads(json.dumps(result.as_json())))
    assert found == result
    assert "noise" in found.chart(dark=True).alt


def test_only_red_and_green_are_carried_over(monkeypatch):
    views = torch.full((2, 3, 3, 4, 4), 100, dtype=torch.uint8)
    seen = []

    def attacked(name, model, given, *rest):
        new = given.clone()
        new[0] = 107
        return new

    def right(model, pictures, labels):
        seen.append(pictures.clone())
        return np.array([True, True, False])

    monkeypatch.setattr(passing, "_attacked", attacked)
    monkeypatch.setattr(passing, "_right", right)
    passing._between({"rgb": 0, "rgn": 1}, views, torch.zeros(3), FAST, lambda: None)
    carried = seen[1]
    assert (carried[0] == 100).all()
    assert (carried[1, :, :2] == 107).all()
    assert (carried[1, :, 2] == 100).all()


def test_unknown_words_are_refused():
    with pytest.raises(PlantEduError, match="alexnet"):
        Settings(networks=("alexnet",))
    with pytest.raises(PlantEduError, match="sideways"):
        Settings(where="sideways")


@pytest.mark.slow
def test_page_and_terminal(capsys):
    found = METHOD.job(work_of({"networks": ["cross-0"], "plants": 6, "steps": 2}))
    assert len(TransferResult.from_json(json.loads(json.dumps(found))).networks) == 1
    assert METHOD.main(["--networks", "cross-0", "--plants", "6", "--steps", "2", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert {"value", "null", "n", "seeds", "interval"} <= set(printed["networks"][0]["evidence"])
