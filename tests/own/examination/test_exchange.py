"""Exchanges: who gives to whom, and that a head which reads a place follows it and no other."""

import numpy as np

from plantedu.own.examination.cues import regions
from plantedu.own.examination.exchange import exchanged, moved, planned
from plantedu.own.examination.heads import Head


def test_givers_are_of_the_class_that_is_said():
    labels = np.array([0] * 9 + [1] * 5 + [2] * 20)
    plan = planned(labels, 12)
    assert (np.bincount(labels[plan.rows]) == 4).all()
    assert len(set(plan.rows)) == 12
    assert (labels[plan.other] == plan.wanted).all()
    assert (plan.wanted != labels[plan.rows]).all()
    assert (labels[plan.same] == labels[plan.rows]).all()
    assert (plan.same != plan.rows).all()


def test_outside_the_place_every_byte_is_kept():
    x = np.random.default_rng(0).integers(0, 256, (2, 3, 32, 32), dtype=np.uint8)
    one = regions()[0]
    found, mask = exchanged(one, x, x[::-1]), one.mask((32, 32))
    assert (found[:, :, ~mask] == x[:, :, ~mask]).all()
    assert (found[:, :, mask] == x[::-1][:, :, mask]).all()


def test_a_head_follows_the_place_that_it_reads():
    rng = np.random.default_rng(1)
    labels = np.arange(40) % 2
    x = rng.integers(0, 100, (40, 3, 32, 32), dtype=np.uint8)
    x[labels == 1, :, :4, :4] = 255
    reads = lambda p, rows: (p[:, 0, 0, 0] == 255)[:, None] * np.array([[-1, 1]])  # noqa: E731
    head = Head("reads the corner", reads)
    places = {one.name: one for one in regions()}
    plan = planned(labels, 40)
    assert moved(places["cell top, left"], head, x, plan).mean() == 1
    assert (moved(places["cell bottom, right"], head, x, plan) == 0).all()
