"""A fitted way back scores 1 for anything: the trap, shown."""

import numpy as np
import pytest

from plantedu.topics.spectrum.closed_loop import closed_loop
from plantedu.topics.spectrum.planted import KINDS, looks, planted
from plantedu.topics.spectrum.score import copying_score, eigenvalues

DRAW = np.random.default_rng(0)
H = looks(80, 6, generator=DRAW, count=1)[0]


@pytest.mark.parametrize("kind", KINDS)
def test_the_loop_scores_one_whatever_the_head_does(kind):
    z = H @ planted(kind, 6, generator=DRAW).matrix + DRAW.normal(size=H.shape)
    values = eigenvalues(closed_loop(H, z))
    assert copying_score(values) == pytest.approx(1, abs=1e-9)


def test_even_for_pure_noise_and_a_narrow_head():
    for width in (6, 3):
        values = eigenvalues(closed_loop(H, DRAW.normal(size=(80, width))))
        assert copying_score(values) == pytest.approx(1, abs=1e-6)
        assert np.abs(values).max() < 0.5


def test_its_eigenvalues_are_squared_canonical_correlations():
    z = H[:, :4] @ DRAW.normal(size=(4, 4)) + DRAW.normal(size=(80, 4))
    q, _ = np.linalg.qr(H - H.mean(0))
    p, _ = np.linalg.qr(z - z.mean(0))
    wanted = np.linalg.svd(q.T @ p, compute_uv=False) ** 2
    assert eigenvalues(closed_loop(H, z)).real[:4] == pytest.approx(wanted, abs=1e-9)


def test_of_a_linear_head_it_is_a_projection():
    loop = closed_loop(H, H @ DRAW.normal(size=(6, 3)))
    assert loop @ loop == pytest.approx(loop, abs=1e-9)
    assert np.sort(eigenvalues(loop).real) == pytest.approx([0, 0, 0, 1, 1, 1], abs=1e-9)
