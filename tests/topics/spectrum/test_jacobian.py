"""Singular values of a head, and the directions it shares between the sensors."""

import json

import numpy as np
import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.topics.spectrum.jacobian import METHOD, Heard, heard, jacobian
from plantedu.topics.spectrum.planted_head import planted_head
from plantedu.topics.spectrum.results.jacobian import JacobianResult, Settings

FAST = Settings(plants=12, directions=3, shuffles=19)


@pytest.fixture(scope="module")
def result(tiny_stages):
    return jacobian(tiny_stages / "off-12.safetensors", FAST, bank_folder=tiny_stages / "bank")


def test_it_is_rectangular_and_has_its_nulls(result):
    assert result.shape == (8, 512)
    assert result.at_random == pytest.approx(3 / 512)
    assert 0 <= result.overlap.null <= 1
    assert result.overlap.control == "another plant's partner"
    assert 1 <= result.heard.value <= 8
    assert set(result.singular) == {"at X1", "at X2"}
    assert result.singular["at X1"][0] == 1


def test_a_planted_head_hears_alike_at_every_plant():
    head = planted_head(torch.diag(torch.tensor([3.0, 2.0, 1.0, 0.5])))
    h = [np.random.default_rng(k).normal(size=(6, 4)) for k in range(2)]
    found = heard(head, h, 1)
    assert found.vectors[0].shape == (6, 1, 4)
    own = Heard(found.values, [found.vectors[0], found.vectors[0]])
    assert own.overlap() == pytest.approx(np.ones(6))


def test_more_directions_than_outputs_are_refused():
    head = planted_head(torch.eye(4))
    with pytest.raises(PlantEduError, match="below the head's 4 outputs"):
        heard(head, [np.ones((4, 4)), np.ones((4, 4))], 4)


def test_json_gives_the_result_back_and_the_chart_shows_the_null(result):
    found = JacobianResult.from_json(json.loads(json.dumps(result.as_json())))
    assert found == result
    drawing = found.chart()
    assert "random init" in drawing.alt
    assert "random-init head" in set(drawing.rows["name"])


def test_terminal_says_that_there_are_no_eigenvalues(tiny_stages, plantedu_home, capsys):
    plantedu_home.mkdir(parents=True)
    (plantedu_home / "bank").symlink_to(tiny_stages / "bank")
    words = [str(tiny_stages / "off-12.safetensors"), "--plants", "12", "--directions", "3"]
    assert METHOD.main([*words, "--shuffles", "19", "--json"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert "no eigenvalues" in printed[0]
    assert {"value", "null", "n", "seeds", "interval"} <= set(json.loads(printed[-1])["overlap"])
