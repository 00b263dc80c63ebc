"""Kinds of encoder: means by Student, differences by Welch, units through two cameras."""

import json

import numpy as np
import pytest
import scipy.stats

from plantedu.errors import PlantEduError
from plantedu.statistics.evidence import Evidence
from plantedu.topics.neurons.discretised import DiscreteTarget
from plantedu.topics.neurons.polysemy import METHOD, polysemy, same_through_both, summed
from plantedu.topics.neurons.results.polysemy import Measured, PolysemyResult, Settings
from plantedu.topics.neurons.unit_report import Way, unit_report

VALUES = {"cross": (5.0, 6.0, 7.0), "rgb_only": (3.0, 4.0, 4.5), "random": (9.0,)}


def one(value):
    return Evidence(question="How many?", value=value, null=0.2, control="luck", n=64)


class Every(dict):
    def __missing__(self, name):
        return self["index"]


@pytest.fixture(scope="module")
def found():
    return [
        Measured(f"{kind}-{k}", kind, 0, Every(index=one(value)), one(value))
        for kind, values in VALUES.items()
        for k, value in enumerate(values)
    ]


def test_means_and_differences_are_students_and_welchs(found):
    means, apart = summed(found)
    mean = means["index"]["cross"]
    assert (mean.value, mean.seeds) == (6, 3)
    assert mean.interval == pytest.approx(
        scipy.stats.t.interval(0.95, 2, 6, scipy.stats.sem(VALUES["cross"]))
    )
    gap = apart["index"]["rgb_only"]
    assert gap.value == pytest.approx(6 - np.mean(VALUES["rgb_only"]))
    a, b = (np.var(VALUES[k], ddof=1) / 3 for k in ("cross", "rgb_only"))
    df = (a + b) ** 2 / (a**2 / 2 + b**2 / 2)
    half = scipy.stats.t.ppf(0.975, df) * np.sqrt(a + b)
    assert gap.interval == pytest.approx((gap.value - half, gap.value + half))
    assert means["index"]["random"].interval is None
    assert apart["index"]["random"].interval is None


def test_the_chart_says_seeds_and_null(found):
    result = PolysemyResult(Settings(), tuple(found), *summed(found))
    assert "random 9.000, null 0.200, 1 seed." in result.chart("index").alt
    assert "rgb_only 3.833" in result.chart("same", dark=True).alt


def test_units_that_mean_the_same_through_both_cameras_are_found():
    rng = np.random.default_rng(0)
    n = 200
    factors = rng.random((n, 4))
    asked = [DiscreteTarget(name, factors[:, k]) for k, name in enumerate("abcd")]
    asked = [DiscreteTarget("disease", rng.integers(0, 3, n), levels=3), *asked]
    way = Way(bins=5, shuffles=100)
    portrayed = unit_report(factors, asked, rng.random((n, 3)), np.arange(n), way=way)
    same = same_through_both(portrayed, factors, factors + 0.01 * rng.random((n, 4)), asked, way)
    other = same_through_both(portrayed, factors, factors[:, [1, 2, 3, 0]], asked, way)
    assert same.value > 0.9 > same.null
    assert other.value < 0.2


def test_the_command_prints_every_number_with_its_interval(capsys, monkeypatch, plantedu_home):
    def quick(one_, kind, plot, settings, check):
        return Measured(one_.name, kind, 0, Every(index=one(len(one_.name))), one(0.5))

    monkeypatch.setattr("plantedu.topics.neurons.polysemy.measured", quick)
    words = ["--cross", "random:3", "random:44", "--rgb-only", "random:5", "--supervised"]
    assert METHOD.main([*words, "random:6", "--random", "random:7", "--json"]) == 0
    *text, last = capsys.readouterr().out.splitlines()
    printed = PolysemyResult.from_json(json.loads(last))
    assert {m.kind for m in printed.encoders} == {"cross", "rgb_only", "supervised", "random"}
    assert printed.means["index"]["cross"].seeds == 2
    assert any("95 % over seeds" in line for line in text)
    assert any(line.startswith("same") and "0.500" in line for line in text)


@pytest.mark.slow
def test_two_encoders_are_asked_through_both_cameras(plantedu_home):
    asked = Settings(
        cross=("random:3",), rgb_only=("random:5",), supervised=(), random=(), plants=64, first=0
    )
    found = polysemy(asked, folder=plantedu_home)
    assert [one.encoder for one in found.encoders] == ["random:3", "random:5"]
    assert all(one.dead == 0 for one in found.encoders)  # settled batch norms leave no unit dead
    assert found.differences["same"]["rgb_only"].seeds == 2


def test_no_encoder_is_refused(tmp_path):
    with pytest.raises(PlantEduError, match="one cross-sensor encoder or more"):
        polysemy(Settings(cross=()), folder=tmp_path)
