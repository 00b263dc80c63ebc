"""The graded table on few plants: what do() says decides what is a hit."""

from types import SimpleNamespace

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.attribution.baselines import baseline
from plantedu.topics.attribution.metrics import grade
from plantedu.topics.attribution.report import Report, shares_of
from plantedu.topics.attribution.results.names import BASELINES, CUES


@pytest.fixture(scope="module")
def made():
    settings = SimpleNamespace(
        arms=("lesions",), seeds=1, rows=("gxi", "guided"), plants=6, deep=0, seed=0, controls=2
    )
    steps = []
    report = Report(settings, None, counted=lambda done, of: steps.append((done, of)))
    truths = report.truths("lesions")
    trained, fresh = report.maps("lesions")
    return report, truths, report.table("lesions", trained, fresh), trained, steps


def test_do_says_which_cue_is_used(made):
    (learned, missed) = made[1]
    assert [one.cue for one in learned] == ["lesions"]
    assert learned[0].moved.value > 0.5
    assert [(one.cue, one.moved.value) for one in missed] == [("mark", 0.0)]
    assert learned[0].moved.control == "do(soil)"


def test_every_method_and_baseline_on_both_cues(made):
    lines = made[2]
    rows = ("gxi", "guided", *BASELINES)
    assert [(g.cue, g.row) for g in lines] == [(cue, row) for cue in CUES for row in rows]
    uniform = next(g for g in lines if g.row == "uniform")
    assert uniform.grades["mass"].value == pytest.approx(uniform.grades["mass"].null)
    assert uniform.accuses.value == 0


def test_the_best_baseline_beats_itself_by_nothing(made):
    for cue in CUES:
        beats = [g.beats.value for g in made[2] if g.cue == cue and g.row in BASELINES]
        assert max(beats) == pytest.approx(0)
        assert min(beats) < 0


def test_shares_and_progress(made):
    report, _, _, trained, steps = made
    (first, _) = report.shares("lesions", trained)
    assert first.rgb.truth is not None
    assert 0 <= first.rgb.truth <= 1
    assert -1 <= first.ranks.value <= 1
    assert steps == [(k, 6) for k in range(1, 7)]
    assert report.deep([]) == []


def test_the_null_of_accusations_is_of_every_control(made):
    report = made[0]
    fresh, mask = report.random("lesions")["gxi"], report.plants("lesions").masks["lesions"]
    assert len(fresh) == report.settings.controls == 2
    assert not np.allclose(fresh[0].relevance, fresh[1].relevance)
    plants = report.plants("lesions")
    known = [grade("mass", baseline(n, plants.views, plants.leaf), mask) for n in BASELINES]
    each = [grade("mass", one.relevance, mask) > np.max(known, 0) for one in fresh]
    line = next(g for g in made[2] if (g.row, g.cue) == ("gxi", "lesions"))
    assert line.accuses.null == pytest.approx(np.mean(each))


def test_shares_leave_out_maps_that_are_nothing():
    def of(*shares):
        return SimpleNamespace(sensor_share=np.array(shares))

    nothing = float("nan")
    assert shares_of([of(0.2, nothing, 0.4), of(0.4, nothing, nothing)]).tolist() == [
        pytest.approx(0.3),
        0.4,
    ]
    with pytest.raises(PlantEduError, match="0 everywhere"):
        shares_of([of(nothing, nothing, 0.4)])


def test_arms_of_one_world_share_the_maps_of_random_weights(made):
    report, steps = made[0], made[4]
    before = len(steps)
    assert report.random("mark") is report.random("lesions")
    assert len(steps) == before + 2, "counted as done, not made again"
    assert steps[-1][0] == steps[before - 1][0] + 2 * 4
    one, other = (report.scorers.scored(f"{arm}-0", control=1) for arm in ("lesions", "mark"))
    batch = report.plants("lesions").batch
    assert (one(*batch.both) == other(*batch.both)).all()
