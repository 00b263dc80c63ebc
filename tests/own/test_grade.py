"""One's own method on the card: known answers, ours by the protocol, the same again, refusals."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

import plantedu as pe
from plantedu.errors import PlantEduError
from plantedu.own.grade import OwnGrade
from plantedu.topics.report_card import curves, similarity
from plantedu.topics.report_card.results.own_method import OwnMethodResult
from plantedu.topics.report_card.results.report_card import Grade


@pytest.fixture
def few(monkeypatch):
    """Fewer shuffles than on the card, for all methods alike."""
    monkeypatch.setattr(similarity, "SHUFFLES", 19)


@pytest.fixture
def planted(monkeypatch, few):
    """What is planted, for a method that cheats."""
    known: list = []
    two, curve = similarity.two, curves.planted_curve

    def two_(rng, *, shared):
        known[:] = [shared]
        return two(rng, shared=shared)

    def curve_(rng, *, step):
        values, at = curve(rng, step=step)
        known[:] = [at]
        return values, at

    monkeypatch.setattr(similarity, "two", two_)
    monkeypatch.setattr(curves, "planted_curve", curve_)
    return known


def ends(grade: Grade) -> tuple[float, float, float]:
    return grade.right.value, grade.hits.value, grade.alarms.value


def test_who_knows_what_is_planted_is_at_the_top(planted):
    calls = []

    def steps(steps, values):
        (at,) = planted
        return [] if np.isnan(at) else [(at, at - 1, at + 1)]

    def alike(x, y):
        (shared,) = planted
        calls.append(1)
        return float(shared and len(calls) % 20 == 1)  # the pairing comes first, then 19 shuffles

    def fast_slope(net, x, labels, radius):
        x.requires_grad_()
        torch.nn.functional.cross_entropy(net(x), labels).backward()
        return x.detach() + radius * x.grad.sign()  # exact for a linear model

    step = pe.grade(steps, 3, kind="changepoints").result.of("bump detector").own
    two = pe.grade(alike, 3, kind="similarity").result.exams[0].own
    attack = pe.grade(fast_slope, 3, kind="attack").result.of("PGD").own
    for found in (step, two, attack):
        assert ends(found) == (1.0, 1.0, 0.0)
    assert step.coverage is not None
    assert step.coverage.value == 1.0


def test_who_knows_nothing_is_at_the_null(few):
    def coin(steps, values):
        return [10.0] if np.random.random() < 0.5 else []  # noqa: NPY002

    idle = pe.grade(lambda net, x, labels, radius: x, 3, kind="attack").result
    chance = pe.grade(lambda x, y, seed: float(seed), 3, kind="similarity").result
    for exam in (*idle.exams, *chance.exams):
        assert ends(exam.own) == (0.5, 0.0, 0.0)
    tossed = pe.grade(coin, 20, kind="changepoints").result.of("bump detector").own
    assert tossed.right.value == 0.5  # a coin that is tossed once a world says the same of both
    assert 0 < tossed.hits.value == tossed.alarms.value < 1


def test_the_same_seeds_the_same_numbers_and_no_state_is_left(few):
    @pe.grade.similarity
    def noisy(x, y):
        extra = torch.rand(1).item() + np.random.random()  # noqa: NPY002
        return float(abs(np.corrcoef(x.mean(1), y.mean(1))[0, 1]) + 0.1 * extra)

    before = torch.get_rng_state()
    one = pe.grade(noisy, 5, beside="CKA, biased, above .5")
    torch.rand(3)
    assert not torch.equal(before, torch.get_rng_state())
    two = pe.grade(noisy, 5, beside="CKA, biased, above .5")
    assert replace(one.result, seconds=0.0) == replace(two.result, seconds=0.0)


def test_a_grade_shows_and_saves_itself(few, tmp_path):
    found = pe.grade(lambda x, y: 1.0, 5, kind="similarity", beside=["CKA, debiased"])
    assert isinstance(found, OwnGrade)
    path = found.save(tmp_path / "mine.json")
    again = OwnMethodResult.from_json(json.loads(path.read_text()))
    assert again == found.result
    frame = found.to_frame()
    assert {"value", "null", "low", "high"} <= set(frame)
    assert len(frame) == 9
    assert "Null: a coin" in found.chart().alt
    assert again.differences_chart() is not None
    assert "text/html" in found._repr_mimebundle_()
    assert "null 0.500 (a coin" in repr(found)


def test_fewer_than_five_worlds_are_not_paired(few):
    found = pe.grade(lambda x, y: 1.0, 2, kind="similarity", beside=["CKA, debiased"]).result
    assert found.exams[0].differences == ()
    assert "5 worlds" in found.notes[0]


@pytest.mark.parametrize(
    ("own", "knobs", "said"),
    [
        (lambda x, y: 1.0, {}, "@grade.attribution"),
        (lambda x, y: 1.0, {"kind": "maps"}, "attribution, similarity"),
        (lambda x, y: 1.0, {"kind": "similarity", "beside": ["rsa2"]}, "there are CKA, debiased"),
        ("f", {"kind": "similarity"}, "a function; got str"),
        (lambda x, y: 1.0, {"kind": "similarity", "worlds": 0}, "from 1 to 1000"),
    ],
)
def test_what_cannot_be_graded_is_refused(own, knobs, said):
    with pytest.raises(PlantEduError, match=said):
        pe.grade(own, **knobs)
