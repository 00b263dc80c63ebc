"""Scores of maps whose eigenvalues are known, and against a second implementation."""

import numpy as np
import pytest
import scipy.linalg
import torch

from plantedu.errors import PlantEduError
from plantedu.topics.spectrum.nulls import rotation
from plantedu.topics.spectrum.score import (
    copying_score,
    copying_scores,
    departure,
    eigenvalues,
    read,
    verdict,
)

DRAW = np.random.default_rng(0)
QUARTER = np.kron(np.eye(3), [[0, 1], [-1, 0]])


@pytest.mark.parametrize(
    ("matrix", "score", "gain", "turn", "says"),
    [
        (np.eye(6), 1, 1, 0, "copies"),
        (0.3 * np.eye(6), 1, 0.3, 0, "attenuates"),
        (-np.eye(6), -1, 1, 180, "inverts"),
        (QUARTER, 0, 1, 90, "rotates"),
        (np.diag([1.0, 1, 1, -1, -1, -1]), 0, 1, 90, "mixed"),
        (np.diag([1.0, 1, 1, 1, 1, -1]), 2 / 3, 1, 30, "partly copies"),
    ],
)
def test_known_maps_are_read(matrix, score, gain, turn, says):
    found = read(matrix)
    assert (found.score, found.gain, found.turn) == pytest.approx((score, gain, turn), abs=1e-9)
    assert found.departure == pytest.approx(0, abs=1e-7)
    assert verdict(found) == says


def test_a_gain_that_noise_made_small_is_judged_as_corrected():
    assert verdict(read(0.5 * np.eye(4)), gain=0.99) == "copies"


def test_eigenvalues_agree_with_scipy_and_torch_in_float64():
    for _ in range(5):
        matrix = DRAW.normal(size=(24, 24))
        own = np.sort_complex(eigenvalues(matrix))
        scipys = np.sort_complex(scipy.linalg.eig(matrix)[0])
        torchs = np.sort_complex(torch.linalg.eigvals(torch.from_numpy(matrix)).numpy())
        assert np.abs(own - scipys).max() < 1e-10
        assert np.abs(own - torchs).max() < 1e-10
        assert copying_score(own) == pytest.approx(
            np.trace(matrix) / np.abs(torchs).sum(), abs=1e-10
        )


def test_the_sum_is_the_trace_and_many_are_as_one():
    many = DRAW.normal(size=(7, 9, 9))
    scores, values = copying_scores(many)
    assert values.real.sum(1) == pytest.approx(np.trace(many, axis1=1, axis2=2))
    assert scores == pytest.approx([copying_score(eigenvalues(one)) for one in many])


def test_s_does_not_hang_on_a_common_basis_and_the_departure_does():
    a = DRAW.normal(size=(8, 8))
    turn, stretch = rotation(8, DRAW), np.diag(np.arange(1.0, 9.0))
    for basis in (turn, stretch):
        moved = np.linalg.inv(basis) @ a @ basis
        assert read(moved).score == pytest.approx(read(a).score, abs=1e-9)
    assert read(turn.T @ a @ turn).departure == pytest.approx(read(a).departure)
    assert read(np.linalg.inv(stretch) @ a @ stretch).departure > read(a).departure + 0.05


def test_departure_of_a_jordan_block_is_that_of_its_ones():
    jordan = 2 * np.eye(3) + np.diag([1.0, 1.0], 1)
    assert departure(jordan, eigenvalues(jordan)) == pytest.approx(np.sqrt(2 / 14), abs=1e-6)


def test_positive_matrices_score_one_whatever_they_are():
    for _ in range(3):
        root = DRAW.normal(size=(6, 6))
        assert read(root @ root.T).score == pytest.approx(1)


def test_a_rectangular_head_has_no_eigenvalues_and_zeros_have_no_score():
    with pytest.raises(PlantEduError, match="64 x 512"):
        eigenvalues(np.ones((64, 512)))
    with pytest.raises(PlantEduError, match="undefined"):
        copying_score(np.zeros(3))
