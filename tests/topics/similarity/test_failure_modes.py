"""Two traps: the formulas hold, what is moved is still there, a result reads back."""

import json

import numpy as np
import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.statistics.cka import linear_cka
from plantedu.topics.similarity.failure_modes import (
    METHOD,
    failure_modes,
    moved_away,
    translation_limit,
)
from plantedu.topics.similarity.results.failure_modes import FailureModesResult, Settings

SMALL = Settings(n=30, columns=(4, 60), draws=4, encoder="random:0", plants=60, far=(0.1, 100.0))


def test_cka_goes_to_the_limit_as_points_go_away():
    """Worked out by hand, and by moving them a million lengths away."""
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(40, 6, generator=generator).double() * torch.tensor([3, 2, 1, 1, 1, 0.5])
    stays = torch.arange(40) < 25
    v = torch.randn(6, generator=generator)
    value = linear_cka(x, moved_away(x, ~stays, 1e6 * v))
    assert translation_limit(x, stays) == pytest.approx(value, rel=1e-5)


def test_only_the_rows_outside_move():
    x = torch.zeros(4, 2)
    y = moved_away(x, torch.tensor([True, False, False, True]), torch.tensor([1.0, 2.0]))
    assert y.tolist() == [[1, 2], [0, 0], [0, 0], [1, 2]]


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    return failure_modes(SMALL, folder=tmp_path_factory.mktemp("home"))


def test_noise_scores_what_the_formula_says_and_the_truth_is_nothing(found):
    for d, one in found.biased.items():
        assert one.value == pytest.approx(found.formula[d], abs=0.05)
        assert abs(one.null) < 0.12
        assert one.truth == 0
    assert found.formula[60] > 0.6 > 0.2 > found.formula[4]


def test_far_points_end_likeness_and_not_what_is_known(found):
    assert found.moved["cka"][0] > 0.9
    # the limit is of biased CKA; at 60 plants debiasing takes about .05 off
    assert found.moved["cka"][1] == pytest.approx(found.limit, abs=0.1)
    assert found.reader[-1] >= found.reader[0]
    assert set(found.moved) == {"cka", "nbs", "rsa", "knn", "ridge"}


def test_a_result_reads_back_and_says_n_and_null(found):
    again = FailureModesResult.from_json(json.loads(json.dumps(found.as_json())))
    assert again.chart().alt == found.chart().alt
    assert "debiased CKA of the same noise" in found.chart().alt
    assert "n = 60" in again.moved_chart(dark=True).alt
    assert np.isfinite(again.limit)


def test_an_unknown_class_is_said(tmp_path):
    with pytest.raises(PlantEduError, match=r"moved is one of.*got 'rust'"):
        failure_modes(Settings(moved="rust"), folder=tmp_path)


def test_the_command_prints_one_object(capsys):
    words = ["--n", "20", "--columns", "4", "--draws", "3", "--encoder", "random:0", "--json"]
    assert METHOD.main([*words, "--plants", "40", "--far", "1.0"]) == 0
    printed = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert printed["biased"]["4"]["control"] == "debiased CKA of the same noise"
