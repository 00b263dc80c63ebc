"""The four rules are fastai's, bend for bend; and they answer where there is nothing to answer."""

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.training.lr_finder.rules import (
    RULES,
    batch_noise,
    on_flat_curves,
    smoothed,
    suggestions,
)

RATES = 1e-7 * (10 / 1e-7) ** (np.arange(100) / 100)


def bowl(rates=RATES, *, best=1e-2, seed=0, noise=0.02):
    """A loss that falls towards `best` and rises steeply above it."""
    x = np.log10(rates / best)
    fall = 2.0 - 1.2 / (1 + np.exp(-2 * (x + 1)))
    rise = np.where(x > 0.3, (x - 0.3) ** 2 * 2, 0)
    return fall + rise + noise * np.random.default_rng(seed).standard_normal(len(rates))


def test_smoothing_is_the_loop_that_it_says():
    losses = np.random.default_rng(0).random(30)
    for k, value in enumerate(smoothed(losses), 1):
        weights = 0.98 ** np.arange(k)[::-1]
        assert value == pytest.approx(np.average(losses[:k], weights=weights))


@pytest.mark.filterwarnings(
    "ignore:__array_wrap__ must accept:DeprecationWarning"
)  # fastai's slide
@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("kind", ["bowl", "flat", "smooth", "diverged"])
def test_fastai_itself_agrees(kind, seed):
    schedule = pytest.importorskip("fastai.callback.schedule")
    torch = pytest.importorskip("torch")
    curve = {
        "bowl": lambda: smoothed(bowl(seed=seed)),
        "flat": lambda: smoothed(4 + 0.1 * np.random.default_rng(seed).standard_normal(100)),
        "smooth": lambda: bowl(seed=seed, noise=0.0, best=1.3 * 10.0 ** -(seed % 5)),
        "diverged": lambda: smoothed(bowl(seed=seed, best=1e-4))[:70],
    }[kind]()
    rates = RATES[: len(curve)]
    mine = suggestions(rates, curve, iterations=100)
    lrs, losses = (torch.tensor(x.tolist())[10:-5] for x in (rates, curve))
    for name in RULES:
        theirs, _ = getattr(schedule, name)(lrs, losses, 100)
        assert mine[name] == pytest.approx(theirs, rel=1e-4), name


def test_known_curves():
    falling = np.linspace(2, 1, 40)
    rates = np.geomspace(1e-5, 1, 40)
    assert RULES["minimum"](rates, falling) == pytest.approx(0.1)
    # The run of 40 ends at 39 and "starts" at -1: -1 + 13 + 6 = 18.
    assert RULES["valley"](rates, falling) == pytest.approx(rates[18])
    step = np.where(np.arange(40) < 25, 2.0, 1.0)
    assert RULES["steep"](rates, step) == pytest.approx(rates[24])
    assert RULES["slide"](rates, falling) == pytest.approx(rates[-16])  # no bend: stays right


def test_all_four_disagree_on_one_bowl():
    found = suggestions(RATES, smoothed(bowl()), iterations=100)
    assert len({f"{value:.3g}" for value in found.values()}) == 4


def test_every_rule_answers_on_a_flat_curve():
    null = on_flat_curves(
        RATES, level=4.0, noise=0.05, generator=np.random.default_rng(0), draws=40
    )
    for name, values in null.items():
        assert values.shape == (40,)
        assert np.isfinite(values).all()
        assert RATES[0] / 10 <= values.min() <= values.max() <= RATES[-1], name
    assert np.ptp(np.log10(null["steep"])) > 3  # it could be anything


def test_noise_is_what_was_planted_and_a_slope_adds_little():
    rng = np.random.default_rng(0)
    losses = np.linspace(5, 3, 2000) + 0.1 * rng.standard_normal(2000)
    assert batch_noise(losses) == pytest.approx(0.1, rel=0.06)
    assert batch_noise(np.full(50, 3.0)) == 0


def test_a_curve_too_short_is_refused():
    with pytest.raises(PlantEduError, match=r"15 finite points.*need 17"):
        suggestions(RATES[:30], RATES[:30], iterations=100)
    with pytest.raises(PlantEduError, match="finite"):
        suggestions(RATES, np.full(100, np.nan), iterations=100)
