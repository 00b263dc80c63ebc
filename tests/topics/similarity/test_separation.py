"""Separation: plain loops, both ends of the scale, and pairs that share an encoder."""

import numpy as np
import pytest

from plantedu.topics.similarity.separation import auroc, floor, parts, specificity, spread


def similarities(seed=0, trained_on=6, not_trained_on=3, gap=0.0):
    """Encoders that are alike but for noise; pairs across the two kinds are less so by gap."""
    rng, k = np.random.default_rng(seed), trained_on + not_trained_on
    noise = rng.normal(size=(k, k)) * 0.1
    table = 1 + (noise + noise.T) / 2
    table[:trained_on, trained_on:] -= gap
    table[trained_on:, :trained_on] -= gap
    return table


def test_auroc_is_the_share_of_pairs_in_order():
    within, between = np.array([0.5, 0.7, 0.9]), np.array([0.1, 0.7])
    wins = [float(b < w) + 0.5 * float(b == w) for w in within for b in between]
    assert auroc(within, between) == pytest.approx(np.mean(wins))
    assert auroc(within, within) == pytest.approx(0.5)


def test_parts_are_pairs_of_told_ones_and_of_told_with_not_trained_on():
    table = np.arange(16.0).reshape(4, 4)
    within, between = parts(table, (2, 3))
    assert within.tolist() == [table[0, 1]]
    assert between.tolist() == [table[0, 2], table[0, 3], table[1, 2], table[1, 3]]


def test_a_gap_is_seen_and_none_is_not():
    apart, alike = similarities(gap=2.0), similarities()
    assert auroc(*parts(apart, range(6, 9))) == 1
    assert spread(apart, 6) == (1.0, 1.0)
    low, high = spread(alike, 6)
    assert low < auroc(*parts(alike, range(6, 9))) < high


def test_the_floor_leaves_out_the_encoder_that_is_judged():
    table = similarities(trained_on=6, not_trained_on=0)
    table[0, 1:] = table[1:, 0] = -5.0  # one odd encoder
    assert floor(table, 6, (0,)) > 0 > floor(table, 6, (1,))
    pairs = 15
    assert specificity(table) == pytest.approx((pairs - 5) / pairs, abs=0.2)
