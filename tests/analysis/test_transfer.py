"""Transfer: the diagonal is the attack itself; a twin network sees what was made on its twin."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from plantedu.analysis import transfer as passing
from plantedu.analysis.transfer import Settings, TransferResult, job, main, transfer
from plantedu.attacks import lineup
from plantedu.attacks.lineup import Plot
from plantedu.errors import PlantEduError

FAST = Settings(networks=("cross-0", "random-0"), plants=6, radius_255=12.0, steps=4)


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(lineup, "Plot", lambda folder: Plot(None, size=16, labelled=40))


@pytest.fixture(scope="module")
def result():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lineup, "Plot", lambda folder: Plot(None, size=16, labelled=40))
        return transfer(FAST, bank_folder=None)


def test_no_network_is_fooled_more_than_the_one_attacked(result):
    own = result.of("cross-0", "cross-0").value
    assert own >= result.of("random-0", "cross-0").value
    assert len(result.networks) == 4
    assert [(p.made_on, p.seen_by) for p in result.sensors] == [("rgb", "rgn"), ("rgn", "rgb")]


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
    run = SimpleNamespace(request={"networks": ["random-0"], "plants": 6, "steps": 2})
    found = job(SimpleNamespace(run=run, check=lambda: None))
    assert len(TransferResult.from_json(json.loads(json.dumps(found))).networks) == 1
    assert main(["--networks", "random-0", "--plants", "6", "--steps", "2", "--json"]) == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert {"value", "null", "n", "seeds", "interval"} <= set(told["networks"][0]["evidence"])
