"""The graded table on few plants: what do() says decides what is a hit."""

from types import SimpleNamespace

import pytest

from plantedu.attribution.names import BASELINES, CUES
from plantedu.attribution.report import Report


@pytest.fixture(scope="module")
def made():
    settings = SimpleNamespace(
        arms=("lesions",), seeds=1, rows=("gxi", "guided"), plants=6, deep=0, seed=0
    )
    steps = []
    report = Report(settings, None, told=lambda done, of: steps.append((done, of)))
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
    assert steps == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert report.deep([]) == []


def test_arms_of_one_world_share_the_maps_of_random_weights(made):
    report, steps = made[0], made[4]
    before = len(steps)
    assert report.random("mark") is report.random("lesions")
    assert len(steps) == before + 2, "counted as done, not made again"
    one, other = (report.subjects.scored(f"{arm}-0", fresh=True) for arm in ("lesions", "mark"))
    batch = report.plants("lesions").batch
    assert (one(*batch.both) == other(*batch.both)).all()
