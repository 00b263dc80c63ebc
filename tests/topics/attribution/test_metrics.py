"""Mass, rank and pointing: plain loops, known answers."""

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.attribution.metrics import grade
from plantedu.topics.attribution.results.names import GRADES

GENERATOR = np.random.default_rng(0)
R = GENERATOR.random((2, 5, 6, 6))
MASK = GENERATOR.random((2, 5, 6, 6)) < 0.3


def slow(name, r, m):
    found = []
    for p in range(r.shape[1]):
        pixels = [
            (r[s, p, i, j], m[s, p, i, j]) for s in (0, 1) for i in range(6) for j in range(6)
        ]
        if name == "mass":
            found.append(sum(a for a, b in pixels if b) / sum(a for a, _ in pixels))
        else:
            k = sum(b for _, b in pixels) if name == "rank" else 1
            top = sorted(pixels, key=lambda one: -one[0])[:k]
            found.append(sum(b for _, b in top) / k)
    return np.array(found)


@pytest.mark.parametrize("name", GRADES)
def test_against_a_plain_loop(name):
    assert np.allclose(grade(name, R, MASK), slow(name, R, MASK))


@pytest.mark.parametrize("name", GRADES)
def test_the_mask_itself_is_perfect_and_a_uniform_map_is_its_area(name):
    assert np.allclose(grade(name, MASK.astype(float), MASK), 1)
    assert np.allclose(grade(name, np.ones_like(R), MASK), MASK.mean((0, 2, 3)))
    assert np.allclose(grade(name, (~MASK).astype(float), MASK), 0)


@pytest.mark.parametrize("name", GRADES)
def test_scale_does_not_matter_and_nothing_is_uniform(name):
    assert np.allclose(grade(name, R, MASK), grade(name, 1e6 * R, MASK))
    assert np.allclose(grade(name, 0 * R, MASK), MASK.mean((0, 2, 3)))


def test_all_on_one_sensor_wins_half_of_the_mask():
    mask = np.ones((2, 1, 4, 4), bool)
    mask[:, :, 2:] = False
    one = mask.astype(float)
    one[1] = 0
    assert grade("mass", one, mask)[0] == 1
    assert grade("rank", one, mask)[0] == pytest.approx(0.5 + 0.5 * 8 / 24)


def test_what_cannot_be_graded():
    with pytest.raises(PlantEduError, match="never negative"):
        grade("mass", -R, MASK)
    with pytest.raises(PlantEduError, match="must fit"):
        grade("mass", R[:, :2], MASK)
    with pytest.raises(PlantEduError, match="there are mass"):
        grade("beauty", R, MASK)
    empty = MASK.copy()
    empty[:, 3] = False
    with pytest.raises(PlantEduError, match=r"plants \[3\]"):
        grade("rank", R, empty)
