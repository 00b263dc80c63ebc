"""Where a loss curve is flat: on curves whose answer is known, and on a steady slope, nowhere."""

import numpy as np
import pytest
from scipy import stats

from plantedu.errors import PlantEduError
from plantedu.store import plateau
from plantedu.store.plateau import plateau_checkpoint, stretches

STEPS = np.arange(1, 1001)
CHECKPOINTS = list(range(100, 1001, 100))


def noisy(losses, seed, spread=0.05):
    return losses + spread * np.random.default_rng(seed).standard_normal(len(losses))


def staircase():
    """Falls to 3, stays from 200 to 450, falls to 2, stays from 600 to 800, then climbs again."""
    knots = ([1, 200, 450, 600, 800, 1000], [5.0, 3.0, 3.0, 2.0, 2.0, 4.0])
    return np.interp(STEPS, *knots)


@pytest.mark.parametrize("seed", range(8))
def test_flat_stretches_are_found_where_they_are_and_the_lower_one_is_chosen(seed):
    losses = noisy(staircase(), seed)
    found = {one.step for one in stretches(STEPS, losses, CHECKPOINTS) if one.flat}
    assert found == {300, 400, 700}
    assert plateau_checkpoint(STEPS, losses, CHECKPOINTS) == 700
    assert plateau_checkpoint(STEPS, losses, [300, 500, 900]) == 300


@pytest.mark.parametrize("spread", [0.0, 0.02, 0.2, 2.0])
@pytest.mark.parametrize("seed", range(8))
def test_a_steady_slope_has_no_plateau_however_noisy(seed, spread):
    losses = noisy(np.linspace(5.0, 2.0, 1000), seed, spread)
    with pytest.raises(PlantEduError, match="None of the 10 checkpoints lies on a plateau"):
        plateau_checkpoint(STEPS, losses, CHECKPOINTS)


@pytest.mark.parametrize("seed", range(8))
def test_losses_that_resemble_their_neighbours_make_no_plateau_of_a_slope(seed):
    white = np.random.default_rng(seed).standard_normal(1000)
    red = np.zeros(1000)
    for k in range(1, 1000):
        red[k] = 0.8 * red[k - 1] + 0.05 * white[k]
    found = stretches(STEPS, np.linspace(5.0, 2.0, 1000) + red, CHECKPOINTS)
    assert not any(one.flat for one in found)


def test_a_constant_loss_is_flat_everywhere():
    found = stretches(STEPS, np.full(1000, 4.16), CHECKPOINTS)
    assert all(one.flat for one in found)
    assert found[0].smoothed == pytest.approx(4.16)


def test_the_smoothed_loss_is_the_mean_of_the_window():
    losses = noisy(staircase(), 0)
    (one,) = stretches(STEPS, losses, [300])
    window = np.abs(STEPS - 300) <= 60
    assert losses[window].min() < one.smoothed < losses[window].max()
    assert one.smoothed == pytest.approx(float(np.mean(losses[249:349])))
    (last,) = stretches(STEPS, losses, [1000])
    assert last.smoothed == pytest.approx(float(np.mean(losses[-100:])))


def test_losses_that_are_no_numbers_are_passed_over():
    losses = noisy(staircase(), 0)
    losses[320] = np.nan
    assert plateau_checkpoint(STEPS, losses, [300, 500]) == 300


def test_a_run_too_short_to_tell_is_said():
    with pytest.raises(PlantEduError, match="99 steps are too few"):
        plateau_checkpoint(STEPS[:99], np.ones(99), [50])


def test_the_quantile_is_students():
    assert pytest.approx(stats.t.ppf(0.975, plateau.BLOCKS - 2)) == plateau.QUANTILE
