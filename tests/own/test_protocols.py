"""The four protocols: ours by them has the card's numbers, and wrong answers are refused."""

from dataclasses import replace

import numpy as np
import pytest
import torch

import plantedu as pe
from plantedu.errors import PlantEduError
from plantedu.statistics.cka import debiased_cka
from plantedu.topics.attacks.family import make
from plantedu.topics.attacks.threat_model import LEVELS, Budget
from plantedu.topics.attribution.methods import method
from plantedu.topics.attribution.pair import PairBatch
from plantedu.topics.bump.changepoints.curve import tidy
from plantedu.topics.bump.changepoints.finding import find_bumps
from plantedu.topics.report_card import attacks, maps, networks, similarity


@pytest.fixture
def few(monkeypatch):
    """Fewer shuffles than on the card, for all methods alike."""
    monkeypatch.setattr(similarity, "SHUFFLES", 19)


def ours_by_protocol():
    @pe.grade.changepoints
    def detector(steps, values, seed):
        found = find_bumps(tidy(steps, values), draws=99, most=2, seed=seed).bumps
        return [(b.step, *b.interval) for b in found]

    @pe.grade.similarity(cka=True)
    def cka(x, y):
        return debiased_cka(torch.from_numpy(x), torch.from_numpy(y))

    @pe.grade.attack
    def pgd(net, x, labels, radius, seed):
        budget, draws = Budget.on("both", radius), torch.Generator().manual_seed(seed)
        found = make("pgd", steps=20)(net, x, attacks.GOAL, budget, generator=draws)
        return found.views.astype(np.float32) / LEVELS

    return (
        (detector, "bump detector", "bump detector", 1),
        (cka, "CKA, debiased", "CKA, debiased", 2),
        (pgd, "PGD", "pgd", 5),
        (pgd, "PGD, hidden slope", "pgd", 2),
    )


@pytest.mark.parametrize("case", range(4))
def test_ours_by_the_protocol_has_the_card_s_numbers(few, case):
    own, trial, beside, worlds = ours_by_protocol()[case]
    exam = pe.grade(own, worlds, seed=2, beside=[beside]).result.of(trial)
    (ours,) = exam.beside
    assert replace(exam.own, name=ours.name) == ours
    assert [d.evidence.value for d in exam.differences] == [0.0] * (3 if worlds >= 5 else 0)
    assert all(d.verdict == "no difference" for d in exam.differences)


@pe.grade.attribution
def gxi(net, x1, x2, target):
    """captum's gradient x input, in four lines."""
    x1.requires_grad_()
    x2.requires_grad_()
    net(x1, x2)[:, target].sum().backward()
    return x1.detach() * x1.grad, x2.detach() * x2.grad


@pytest.fixture
def quick(monkeypatch):
    """The card's networks on fewer plants and steps."""
    for name, value in (("TRAIN", 96), ("POOL", 60), ("ASKED", 6)):
        monkeypatch.setattr(networks, name, value)
    short, networks.trained.__kwdefaults__ = networks.trained.__kwdefaults__, {"steps": 60}
    for kept in (networks.field_of, maps.map_of):
        kept.cache_clear()
    yield
    networks.trained.__kwdefaults__ = short
    for kept in (networks.field_of, maps.map_of):
        kept.cache_clear()


def test_maps_by_the_protocol_have_the_card_s_numbers(quick):
    exam = pe.grade(gxi, 1, beside="gradient x input").result.exams[0]
    assert replace(exam.own, name="") == replace(exam.beside[0], name="")
    assert exam.own.right.n == 6  # three networks, two cues


@pytest.mark.slow
def test_integrated_gradients_by_the_protocol_have_the_card_s_numbers():
    @pe.grade.attribution
    def ig(net, x1, x2, target, seed):
        draws = torch.Generator().manual_seed(seed)
        found = method("ig", against="blur")(net, PairBatch(x1, x2), target, generator=draws)
        return found.bands

    exam = pe.grade(ig, 2, beside=["ig blur"]).result.exams[0]
    assert replace(exam.own, name="") == replace(exam.beside[0], name="")


@pytest.mark.slow
def test_maps_that_know_the_network_beat_maps_that_know_none():
    def blind(net, x1, x2, target):
        return torch.rand(2, len(x1), *x1.shape[2:])

    knows, none = (pe.grade(f, 2, kind="attribution").result.exams[0].own for f in (gxi, blind))
    assert none.right.value == 0.5
    assert knows.right.value > 0.5


@pytest.mark.parametrize(
    ("kind", "own", "said"),
    [
        ("similarity", lambda x, y: float("nan"), "not finite"),
        ("similarity", lambda x, y: x, "expected a number"),
        ("similarity", lambda x, y: "alike", "gave a str"),
        ("attack", lambda net, x, labels, radius: x + 2 * radius, "left its ball"),
        ("attack", lambda net, x, labels, radius: x[:1], "shape"),
        ("changepoints", lambda steps, values: None, "a list of steps"),
        ("changepoints", lambda steps, values: [999], "go from 0 to 319"),
        ("changepoints", lambda steps, values: [(5, 9, 2)], "back to front"),
        ("changepoints", lambda steps, values: [(5, 9)], "shape"),
    ],
)
def test_a_wrong_answer_is_a_sentence_with_the_world(kind, own, said):
    with pytest.raises(PlantEduError, match=r"World 3: .*") as error:
        pe.grade(own, 1, kind=kind, seed=3)
    assert said in str(error.value)
