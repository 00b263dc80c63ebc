"""Recall and precision by hand; the control is at the settings that it speaks for."""

from dataclasses import replace

import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.topics.neurons.recovery import FITTING, duplicates, near, recovery
from plantedu.topics.neurons.sparse_autoencoder import RULES, Sparse


def test_near_and_double_by_hand():
    known = torch.eye(4)[:3]
    found = torch.tensor([[1.0, 0.1, 0, 0], [1, 0, 0.2, 0], [0, 0, 0, 2], [1, 1, 1, 0]])
    assert near(known, found) == pytest.approx(1 / 3)  # only the first has one near
    assert near(found, known) == pytest.approx(2 / 4)  # two of four, both near the same one
    assert duplicates(found) == pytest.approx(2 / 4)
    slow = sum(
        any(
            float(torch.cosine_similarity(a, b, dim=0)) >= 0.9
            for j, b in enumerate(found)
            if j != k
        )
        for k, a in enumerate(found)
    )
    assert duplicates(found) == slow / 4
    assert duplicates(found[:1]) == 0
    with pytest.raises(PlantEduError, match="One side has no direction"):
        near(known, found[:0])


@pytest.mark.parametrize("rule", RULES)
def test_a_dictionary_made_for_them_finds_them_and_finds_little_else(rule):
    """Known answer; five runs of other seeds lie at .99 to 1 and .74 to .86."""
    found = recovery(replace(FITTING, rule=rule), "made for it", rows=6000)
    assert found.recall >= 0.95
    assert found.found >= 0.9
    assert found.precision >= 0.6
    assert found.at_random < 0.7
    assert found.luck <= 0.02
    assert (found.width, found.k, found.seeds) == (72, 3, 1)


def test_at_the_lessons_settings_hardly_a_direction_is_one_of_the_known():
    """The old control was never run at these settings, and had no precision to fail by."""
    found = recovery(Sparse(width=512, k=8, steps=200), "the lesson's", rows=6000)
    assert found.recall > found.at_random + 0.03
    assert found.precision <= 0.1  # at most 48 of some 500 can be near without doubles
    assert (found.width, found.k) == (512, 8)


def test_frozen_directions_are_luck():
    found = recovery(Sparse(width=64, k=3, steps=3, frozen=True), "frozen", rows=500)
    assert found.precision <= 0.05
    assert abs(found.recall - found.at_random) < 0.1


def test_too_few_rows_are_refused():
    with pytest.raises(PlantEduError, match="2 activations or more; got 1"):
        recovery(Sparse(width=8, k=2, steps=1), "few", rows=1)
