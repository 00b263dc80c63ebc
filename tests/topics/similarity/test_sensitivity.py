"""Grounding: a planted difference is noticed, two seeds are not distinguished, chance is a half."""

import json

import numpy as np
import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.statistics.evidence import Evidence
from plantedu.topics.similarity.multitask_features import kept_features
from plantedu.topics.similarity.results.sensitivity import Noticed, SensitivityResult
from plantedu.topics.similarity.sensitivity import ENCODERS, METHOD, sensitivity, tell
from plantedu.topics.similarity.separation import auroc

N, D = 60, 80


def scores(seed, drop=None):
    """Features of three factors, mixed and blurred by the seed; a dropped factor is noise."""
    generator = torch.Generator().manual_seed(1000 + seed)
    factors = torch.randn(N, 3, generator=torch.Generator().manual_seed(7))
    if drop is not None:
        factors = factors.clone()
        factors[:, drop] = 0
    return factors @ torch.randn(3, D, generator=generator) + 0.3 * torch.randn(
        N, D, generator=generator
    )


@pytest.fixture(scope="module")
def found():
    left_out = {
        "first": [scores(20 + k, 0) for k in range(3)],
        "nothing": [scores(30 + k) for k in range(3)],
    }
    probes = {"first": (0.9, 0.1), "nothing": (0.9, 0.9)}
    names = ("cka", "procrustes", "cca")
    return sensitivity(
        [scores(k) for k in range(6)], left_out, names=names, probes=probes, moves=probes
    )


def test_a_dropped_factor_is_noticed_and_another_seed_is_not(found):
    for name in ("cka", "procrustes"):
        assert found.table[name]["first"].p <= 0.05
        assert found.table[name]["first"].auroc.value > 0.9
        assert found.table[name]["nothing"].p > 0.05
        assert found.table[name]["first"].sensitivity > 0.6


def test_values_of_distances_are_turned_so_that_less_is_less_alike(found):
    one = found.table["procrustes"]["first"]
    assert one.between < one.within <= 0


def test_specificity_is_a_share(found):
    assert all(0.5 <= share <= 1 for share in found.specificity.values())


def test_the_smallest_p_is_one_of_all_ways_to_choose(found):
    ways = 84  # 3 of 9 encoders
    p = min(row["first"].p for row in found.table.values())
    assert p == pytest.approx(1 / ways)


def test_p_values_are_corrected_within_the_named_measure_and_within_the_others(found):
    """By hand: Holm over two cells of CKA, and over four cells of the two other measures."""
    corrected = found.corrected()
    first, nothing = (found.table["cka"][name].p for name in ("first", "nothing"))
    assert corrected["cka"]["first"] == pytest.approx(min(2 * min(first, nothing), 1))
    assert corrected["cka"]["nothing"] == pytest.approx(max(nothing, 2 * first))
    assert corrected["procrustes"]["first"] == pytest.approx(
        4 * found.table["procrustes"]["first"].p
    )
    assert found.least == pytest.approx(1 / 84)


def test_two_untold_encoders_notice_nothing_over_four_factors():
    """What the first version called noticed: every p the smallest that there was, 1 in 45."""
    p = 1 / 45
    one = Noticed(
        Evidence(question="?", value=1.0, null=0.5, control="seeds", n=10), p, 0.9, 0.5, 1.0
    )
    factors = ("disease", "angle", "chlorophyll", "bloom")
    table = {name: dict.fromkeys(factors, one) for name in ("cka", "nbs")}
    found = SensitivityResult(
        n=512, table=table, specificity={}, labels={}, probes={}, moves={}, encoders=(8, 2)
    )
    assert found.least == pytest.approx(p)
    assert all(p > 0.05 for row in found.corrected().values() for p in row.values())


def test_auroc_by_hand():
    assert auroc(np.array([0.9, 0.8]), np.array([0.7, 0.8])) == pytest.approx(3.5 / 4)
    assert auroc(np.ones(3), np.ones(2)) == 0.5


def test_a_result_reads_back_and_prints(found, capsys):
    again = SensitivityResult.from_json(json.loads(json.dumps(found.as_json())))
    assert again.chart().alt == found.chart().alt
    assert "first noticed by CKA, debiased" in found.chart(dark=True).alt
    tell(again)
    assert "0.90 to 0.10" in capsys.readouterr().out


def test_too_few_encoders_are_said():
    with pytest.raises(PlantEduError, match="5 encoders or more; got 4"):
        sensitivity([scores(k) for k in range(4)], {"first": [scores(9), scores(8)]})
    with pytest.raises(PlantEduError, match="two encoders or more for each"):
        sensitivity([scores(k) for k in range(5)], {"first": [scores(9)]})


def test_kept_features_are_read_and_missing_ones_said(tmp_path, plantedu_home, capsys):
    with pytest.raises(PlantEduError, match=r"--encoders 2"):
        kept_features(tmp_path, 8)
    folder = plantedu_home / ENCODERS
    folder.mkdir(parents=True)
    for arm, seed in [("none", k) for k in range(5)] + [("angle", 9), ("angle", 10)]:
        facts = {"probe angle": 0.9 if arm == "none" else 0.2, "do angle": 0.5}
        np.savez(folder / f"{arm}-{seed}.npz", h=scores(seed).numpy(), **facts)
    given = kept_features(folder, 40)
    assert len(given.complete) == 5
    assert given.reduced["angle"][0].shape == (40, D)
    assert given.probes["angle"] == (pytest.approx(0.9), pytest.approx(0.2))
    assert METHOD.main(["--plants", "40", "--measures", "cka", "--json"]) == 0
    assert "totals" in json.loads(capsys.readouterr().out.splitlines()[-1])


@pytest.mark.parametrize(
    "words", [{"measures": ("noses",)}, {"plants": 3}, {"plants": 1025}, {"encoders": -1}]
)
def test_what_cannot_be_asked_is_refused(words):
    with pytest.raises(PlantEduError):
        METHOD.request(words)
