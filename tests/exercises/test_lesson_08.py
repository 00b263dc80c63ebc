"""Wrong versions of lesson 08's functions, by the name under which a check must know them."""

import math

import numpy as np
import pytest
import torch

from plantedu.exercises import check
from plantedu.exercises.lesson_08 import halve_steps, pgd_step
from plantedu.topics.attacks.apgd import Climb
from plantedu.topics.attacks.threat_model import Budget


def _slope(loss, x):
    x = x.detach().requires_grad_()
    return torch.autograd.grad(loss(x).sum(), x)[0]


def _stored(clean, delta, radius):
    most = math.floor(255 * radius + 1e-3)
    return (clean + (255 * delta).round().clamp(-most, most) / 255).clamp(0, 1)


def _with(direction):
    def wrong(loss, clean, delta, *, radius, step):
        delta = delta + step * direction(_slope(loss, clean + delta))
        delta = (clean + delta.clamp(-radius, radius)).clamp(0, 1) - clean
        return delta, _stored(clean, delta, radius)

    return wrong


def _length(slope):
    return slope.flatten(1).norm(dim=1).view(-1, 1, 1, 1)


def ball_around_the_last_point(loss, clean, delta, *, radius, step):
    here = clean + delta
    there = here + step * _slope(loss, here).sign()
    there = torch.minimum(torch.maximum(there, here - radius), here + radius).clamp(0, 1)
    return there - clean, (255 * there).round() / 255


def rounded_out(loss, clean, delta, *, radius, step):
    delta = (delta + step * _slope(loss, clean + delta).sign()).clamp(-radius, radius)
    delta = (clean + delta).clamp(0, 1) - clean
    return delta, (255 * (clean + delta)).round() / 255


def leaves_the_range(loss, clean, delta, *, radius, step):
    delta = (delta + step * _slope(loss, clean + delta).sign()).clamp(-radius, radius)
    most = math.floor(255 * radius + 1e-3)
    return delta, clean + (255 * delta).round().clamp(-most, most) / 255


def change_is_rounded(loss, clean, delta, *, radius, step):
    _, picture = pgd_step(loss, clean, delta, radius=radius, step=step)
    return picture - clean, picture


def begins_anew(loss, clean, delta, *, radius, step):
    delta = (step * _slope(loss, clean + delta).sign()).clamp(-radius, radius)
    delta = (clean + delta).clamp(0, 1) - clean
    return delta, _stored(clean, delta, radius)


def cut_off(loss, clean, delta, *, radius, step):
    delta, _ = pgd_step(loss, clean, delta, radius=radius, step=step)
    return delta, clean + (255 * delta).int() / 255


def slope_at_the_clean_picture(loss, clean, delta, *, radius, step):
    delta = (delta + step * _slope(loss, clean).sign()).clamp(-radius, radius)
    delta = (clean + delta).clamp(0, 1) - clean
    return delta, _stored(clean, delta, radius)


def slopes_pile_up(loss, clean, delta, *, radius, step):
    delta.requires_grad_()
    loss(clean + delta).sum().backward()
    moved = (delta + step * delta.grad.sign()).clamp(-radius, radius).detach()
    moved = (clean + moved).clamp(0, 1) - clean
    return moved, _stored(clean, moved, radius)


def _judged(rare_of=None, *, rule=lambda rare, stalled: rare | stalled, forget=False, all_=None):
    """The rule with a part replaced."""

    def wrong(step, losses, best, halved):
        steps = losses.shape[1] - 1
        rare = (losses[:, 1:] > losses[:, :-1]).sum(1) < 0.75 * steps
        rare = rare if rare_of is None else rare_of(losses, steps)
        now = np.maximum(best, losses.max(1))
        halve = rule(rare, (now <= best) & (True if forget else ~halved))
        halve = halve if all_ is None else np.full(len(step), all_(halve))
        return np.where(halve, step / 2, step), now, halve

    return wrong


def _from_the_best(losses, steps):
    best = np.maximum.accumulate(losses, axis=1)
    return (losses[:, 1:] > best[:, :-1]).sum(1) < 0.75 * steps


def older_best_forgotten(step, losses, best, halved):
    return halve_steps(step, losses, losses[:, 0], halved)


def halved_for_good(step, losses, best, halved):
    step, best, now = halve_steps(step, losses, best, halved)
    return step, best, now | halved


WRONG = {
    "08.5": {
        "down the slope": _with(lambda slope: -slope.sign()),
        "the slope itself": _with(lambda slope: slope),
        "divided by the length": _with(lambda slope: slope / _length(slope)),
        "ball around the last point": ball_around_the_last_point,
        "rounded out of the ball": rounded_out,
        "leaves [0, 1]": leaves_the_range,
        "the change is rounded": change_is_rounded,
        "begins anew": begins_anew,
        "cut off": cut_off,
        "slope at the clean picture": slope_at_the_clean_picture,
        "slopes pile up": slopes_pile_up,
    },
    "08.6": {
        "at most three quarters": _judged(
            lambda losses, steps: (losses[:, 1:] > losses[:, :-1]).sum(1) <= 0.75 * steps
        ),
        "standing still is climbing": _judged(
            lambda losses, steps: (losses[:, 1:] >= losses[:, :-1]).sum(1) < 0.75 * steps
        ),
        "climbs counted from the start": _judged(
            lambda losses, steps: (losses[:, 1:] > losses[:, :1]).sum(1) < 0.75 * steps
        ),
        "climbs counted from the best": _judged(_from_the_best),
        "the best alone": _judged(rule=lambda rare, stalled: stalled),
        "climbs alone": _judged(rule=lambda rare, stalled: rare),
        "both at once": _judged(rule=lambda rare, stalled: rare & stalled),
        "the last halving forgotten": _judged(forget=True),
        "an older best forgotten": older_best_forgotten,
        "halved for good": halved_for_good,
        "one step for all": _judged(all_=np.any),
    },
}
EVERY = [(key, name, wrong) for key in WRONG for name, wrong in WRONG[key].items()]


@pytest.mark.parametrize(("key", "name", "wrong"), EVERY)
def test_a_mistake_is_called_by_its_own_name_and_no_other(key, name, wrong):
    report = check(key, wrong)
    assert report.mistakes == (name,), str(report)


def test_two_mistakes_at_once_are_both_named():
    def rounded_and_kept(loss, clean, delta, *, radius, step):
        delta, picture = rounded_out(loss, clean, delta, radius=radius, step=step)
        return picture - clean, picture

    assert check("08.5", rounded_and_kept).mistakes == (
        "rounded out of the ball",
        "the change is rounded",
    )


def test_the_picture_is_the_package_s():
    rng = np.random.default_rng(0)
    clean = torch.tensor(rng.integers(0, 256, (5, 3, 4, 4)), dtype=torch.float32) / 255
    weights = torch.tensor(rng.normal(size=clean.shape), dtype=torch.float32)
    delta = torch.zeros_like(clean)
    for _ in range(7):
        delta, picture = pgd_step(
            lambda x: (x * weights).flatten(1).sum(1), clean, delta, radius=0.011, step=0.0023
        )
    budget = Budget((0.011, 0.011))
    both = delta[None].expand(2, -1, -1, -1, -1)
    stored = (255 * clean + budget.rounded(both)[0]).clamp(0, 255)
    assert (255 * picture - stored).abs().max() < 1e-3
    files = [torch.stack([one, one]).round() for one in (255 * clean, 255 * picture)]
    assert budget.fits(*files)


def test_halving_is_the_package_s():
    rng = np.random.default_rng(1)
    losses = rng.normal(size=(60, 6)).cumsum(1)
    halved, best = rng.random(60) < 0.5, losses[:, 0] + rng.choice([0, 1.5], 60)
    step, now, halve = halve_steps(np.full(60, 2.0), losses, best, halved)
    d = torch.zeros(2, 60, 3, 1, 1)
    first = torch.tensor(losses[:, 0])
    then = torch.tensor(best)
    at = Climb(
        rows=torch.arange(60), d=d, before=d, slope=d, loss=first, best=d, best_slope=d,
        best_loss=then, step=torch.full((60,), 2.0), rises=torch.zeros(60), best_then=then,
        halved_then=torch.tensor(halved),
    )  # fmt: skip
    for k in range(1, 6):
        at.moved(torch.tensor(losses[:, k]), d)
    at.judge(5)
    assert at.step.tolist() == step.tolist()
    assert at.halved_then.tolist() == halve.tolist()
    assert at.best_then.numpy() == pytest.approx(now)
