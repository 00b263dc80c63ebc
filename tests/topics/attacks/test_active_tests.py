"""Active tests on a shipped encoder: good attacks find all, the broken one and noise do not."""

import json

import pytest

from plantedu.topics.attacks.active_tests import BROKEN, METHOD, TESTED, active
from plantedu.topics.attacks.results.active_tests import ActiveResult, Settings
from plantedu.zoo import model_zoo
from plantedu.zoo.model_zoo import Plot
from tests.topics.works import work_of

FAST = {"where": ["both"], "norms": ["linf"], "plants": 4, "steps": 8}


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(model_zoo, "Plot", lambda folder: Plot(None, size=24, labelled=40))


@pytest.mark.slow
def test_all_that_is_planted_is_found_and_the_broken_attack_fails():
    found = active(Settings(where=("rgb", "shared"), plants=4, steps=8), bank_folder=None)
    for name in TESTED[1:]:
        assert found.found[name].value == 1.0
    assert found.found[BROKEN].value < 0.5
    assert found.found["pgd"].null < 0.5
    again = ActiveResult.from_json(json.loads(json.dumps(found.as_json())))
    assert again == found
    assert "random pictures" in again.chart().alt


@pytest.mark.slow
def test_page_and_terminal(capsys):
    METHOD.job(work_of(dict(FAST)))
    words = ["--where", "both", "--norms", "linf", "--plants", "2", "--steps", "4", "--json"]
    assert METHOD.main(words) == 0
    printed = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert {"value", "null", "n", "seeds", "interval"} <= set(printed["found"]["pgd"])
