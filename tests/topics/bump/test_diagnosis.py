"""The clinic's evaluation: known answers, intervals over runs, nulls, the command."""

import json

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.statistics.intervals import count_interval
from plantedu.topics.bump.clinic.causes import KEYS
from plantedu.topics.bump.diagnosis import METHOD, bins_of, clinic, diagnosis_result, over_runs
from plantedu.topics.bump.results.diagnosis import DiagnosisResult, Settings

CAUSES = np.arange(48) % len(KEYS)


def scored(p: np.ndarray) -> DiagnosisResult:
    generator = np.random.default_rng(0)
    return diagnosis_result(
        p, CAUSES, np.arange(48) // 4, curve=p.argmax(1), log=p.argmax(1), null=0.1,
        temperature=1.0, reference_runs=3, generator=generator,
    )  # fmt: skip


def test_who_is_always_right_and_sure_scores_so():
    result = scored(np.eye(len(KEYS))[CAUSES])
    assert (result.accuracy.value, result.brier.value, result.ece.value) == (1, 0, 0)
    low, high = result.accuracy.interval or (0, 0)
    assert high == 1
    assert low < 0.8  # twelve runs, all right: the truth may be lower
    assert np.trace(np.array(result.counts)) == 48


def test_who_is_sure_and_always_wrong_is_told_so():
    result = scored(np.eye(len(KEYS))[(CAUSES + 1) % len(KEYS)])
    assert (result.accuracy.value, result.brier.value, result.ece.value) == (0, 2, 1)
    assert set(result.recall.values()) == {0.0}
    assert result.ece.null == 0


def test_bins_hold_their_cases():
    bins = bins_of(np.array([0.51, 0.59, 1.0]), np.array([True, False, True]))
    assert bins == [(0.55, 2, pytest.approx(0.55), 0.5), (0.95, 1, 1.0, 1.0)]


def test_cases_of_one_run_count_as_one_unit():
    values = np.repeat([1.0, 0.0, 1.0, 1.0], 25)
    few = over_runs(values, np.repeat(np.arange(4), 25))
    many = over_runs(values, np.arange(100))
    assert few[1] - few[0] > 3 * (many[1] - many[0])
    assert over_runs(np.ones(48, bool), np.repeat(np.arange(12), 4)) == count_interval(12, 12)


def test_an_interval_stays_where_a_score_can_be():
    """A Brier score had an interval that began below 0."""
    squares = np.array([0.0] * 40 + [0.004] * 6 + [1.9, 0.02])
    low, high = over_runs(squares, np.repeat(np.arange(12), 4), most=2.0)
    assert 0 <= low < squares.mean() < high <= 2


def test_fresh_cases_are_diagnosed_and_reach_the_target():
    result = clinic(Settings(60, 1))
    assert result.accuracy.value >= 0.85
    assert result.accuracy.null < 0.3
    assert result.curve_alone.value < result.log_alone.value < result.accuracy.value
    back = DiagnosisResult.from_json(json.loads(json.dumps(result.as_json())))
    assert back == result
    assert "by luck" in result.chart().alt
    assert "diagonal" in result.chart("reliability").alt
    with pytest.raises(PlantEduError, match="not 'pie'"):
        result.chart("pie")


def test_the_command_prints_a_row_a_cause_and_one_object(capsys):
    assert METHOD.main(["--cases", "24", "--seed", "2", "--json"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[:12]] == list(KEYS)
    found = json.loads(lines[-1])
    assert {"value", "null", "n", "seeds", "interval"} <= set(found["accuracy"])
    assert found["causes"] == list(KEYS)


@pytest.mark.parametrize(("cases", "seed"), [(5, 0), (24, -1)])
def test_too_few_cases_and_seeds_out_of_range_are_refused(cases, seed):
    with pytest.raises(PlantEduError, match="got"):
        Settings(cases, seed)
