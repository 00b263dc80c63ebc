"""What is checked in the code exercises of lesson 08."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from plantedu.exercises.comparing import expect, formed, same

LEVEL = 1 / 255  # one grey level


def first_step(f: Callable) -> None:
    """one step goes up, equally far in steep and in flat places"""
    clean, weights = pictures(), slopes()
    delta, picture = _stepped(f, _linear(weights), clean, radius=8, step=3)
    known = 3 * weights.sign()
    length = weights.flatten(1).norm(dim=1).view(-1, 1, 1, 1)
    wrong = {
        "down the slope": -known,
        "the slope itself": (3 * weights).clamp(-8, 8),
        "divided by the length": 3 * weights / length,
    }
    same(255 * delta, known, of="one step of 3 levels, the change in levels", mistakes=wrong,
         tolerance=1e-4)  # fmt: skip
    same(255 * picture, 255 * clean + known, of="one step of 3 levels, the picture in levels")


def stays_in_the_ball(f: Callable) -> None:
    """ten steps of one level in a ball of 2.6 levels"""
    clean, weights = pictures(), slopes()
    delta, picture = _stepped(f, _linear(weights), clean, radius=2.6, step=1, many=10)
    gone = float(delta.abs().max()) / LEVEL
    expect(
        gone < 2.61,
        f"After ten steps the change is {gone:.2f} levels large; the ball has 2.6.",
        mistake="ball around the last point" if gone > 3.5 else "rounded out of the ball",
    )
    stored = float((picture - clean).abs().max()) / LEVEL
    expect(
        stored < 2.61,
        f"The picture differs from the clean one by {stored:.2f} levels; the ball has 2.6.",
        mistake="rounded out of the ball",
    )
    same(255 * delta, 2.6 * weights.sign(), of="ten steps, the change in levels", tolerance=1e-4)
    known = 255 * clean + 2 * weights.sign()
    same(255 * picture, known, of="ten steps, the picture in levels")


def black_and_white_places(f: Callable) -> None:
    """black and white places stay in [0, 1]"""
    clean, weights = pictures(), slopes()
    clean[:, 0], clean[:, 1] = 0.0, 1.0
    delta, picture = _stepped(f, _linear(weights), clean, radius=8, step=3, many=3)
    low, high = float(picture.min()), float(picture.max())
    expect(
        low >= 0 and high <= 1,
        f"The picture holds values from {low:.3f} to {high:.3f}.",
        mistake="leaves [0, 1]",
    )
    known = (clean + 8 * LEVEL * weights.sign()).clamp(0, 1)
    same(255 * picture, 255 * known, of="places that are 0 or 1, the picture in levels")
    of = "places that are 0 or 1, the change in levels"
    same(255 * delta, 255 * (known - clean), of=of, tolerance=1e-4)


def small_steps_add_up(f: Callable) -> None:
    """ten steps of .47 levels move a picture by five levels"""
    clean, weights = pictures(), slopes()
    delta, picture = _stepped(f, _linear(weights), clean, radius=8, step=0.47, many=10)
    moved = float(delta.abs().max()) / LEVEL
    named = {0.0: "the change is rounded", 0.47: "begins anew"}
    expect(
        moved > 0.5,
        f"After ten steps of .47 levels the change is {moved:.2f} levels large; 4.7 are expected.",
        mistake=named.get(round(moved, 2), ""),
    )
    start, up = 255 * clean, weights.sign()
    of = "ten steps of .47 levels, the picture in levels"
    same(255 * picture, start + 5 * up, of=of, mistakes={"cut off": start + 4 * up})


def slope_is_taken_here(f: Callable) -> None:
    """below the top of a hill a step goes up, and beyond it back"""
    clean = pictures()
    top, here = clean + LEVEL, torch.full_like(clean, 4 * LEVEL)

    def hill(x: Tensor) -> Tensor:
        return -((x - top) ** 2).flatten(1).sum(1)

    below, _ = _stepped(f, hill, clean, radius=8, step=1)
    beyond, _ = _stepped(f, hill, clean, start=here, radius=8, step=1)
    four, rose = torch.full_like(clean, 4), bool((below > 0).all())
    wrong = {"slope at the clean picture": four + 1} if rose else {}
    of = "a step of one level from a change of 4 levels, with the hill's top at 1, in levels"
    same(255 * beyond, four - 1, of=of, mistakes=wrong, tolerance=1e-4)


def slope_is_fresh(f: Callable) -> None:
    """a second call with the same pictures and another loss follows the other loss"""
    clean, start, weights = pictures(), torch.zeros_like(pictures()), slopes()
    first = f(_linear(weights), clean, start, radius=8 * LEVEL, step=LEVEL)
    got = f(_linear(-0.5 * weights), clean, start, radius=8 * LEVEL, step=LEVEL)
    for one in (first, got):
        formed(one, (clean, clean), of="a step")
    before, after, up = 255 * first[0].detach(), 255 * got[0].detach(), weights.sign()
    rose = bool(torch.allclose(before, up, atol=1e-3))
    wrong = {"slopes pile up": up} if rose else {}
    same(after, 0 - up, of="the second call, the change in levels", mistakes=wrong, tolerance=1e-4)


def pictures() -> Tensor:
    """Two pictures on the grid of 8-bit files, neither dark nor bright, "2 3 4 4"."""
    drawn = np.random.default_rng(0).integers(60, 190, size=(2, 3, 4, 4))
    return torch.tensor(drawn, dtype=torch.float32) / 255


def slopes() -> Tensor:
    """Slopes of very different size and either sign, some of them 0, "2 3 4 4"."""
    rng = np.random.default_rng(1)
    drawn = rng.choice([-1, 1], size=(2, 3, 4, 4)) * 10 ** rng.uniform(-3, 1, size=(2, 3, 4, 4))
    drawn[:, :, 0, 0] = 0
    return torch.tensor(drawn, dtype=torch.float32)


def _linear(weights: Tensor) -> Callable[[Tensor], Tensor]:
    return lambda x: (weights * x).flatten(1).sum(1)


def _stepped(
    f: Callable,
    loss: Callable,
    clean: Tensor,
    *,
    radius: float,
    step: float,
    many: int = 1,
    start: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """Change and picture after some steps; radius and step in grey levels."""
    delta, picture = torch.zeros_like(clean) if start is None else start, clean
    for _ in range(many):
        args = clean.clone(), delta.detach().clone()
        got = f(loss, *args, radius=radius * LEVEL, step=step * LEVEL)
        formed(got, (clean, clean), of="a step")
        delta, picture = (one.detach() for one in got)
    return delta, picture


def climbing_and_falling(f: Callable) -> None:
    """a plant that climbs keeps its step, one that falls has it halved"""
    step, losses = np.array([2.0, 2.0]), np.array([[1.0, 2, 3, 4, 5], [1, 0, -1, -2, -3]])
    got = f(step, losses, np.array([1.0, 1.0]), np.array([False, False]))
    known = np.array([2.0, 1.0]), np.array([5.0, 1.0]), np.array([False, True])
    same(got, known, of="losses that climb from 1 to 5, and that fall from 1 to -3")


def case_by_case(f: Callable) -> None:
    """eight plants, each another case"""
    _beside_the_loop(f, *cases(), of="eight plants")


def many_plants(f: Callable) -> None:
    """two hundred plants, beside a loop over plants and steps"""
    rng = np.random.default_rng(3)
    losses = np.round(rng.normal(size=(200, 9)).cumsum(1) + np.linspace(0, 4, 9), 1)
    step, best = 2.0 ** rng.integers(-3, 2, 200), losses[:, 0] + rng.choice([0, 0, 3], 200)
    _beside_the_loop(f, step, losses, best, rng.random(200) < 0.5, of="200 plants")


def cases() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Step, losses, best and whether it was halved, of eight plants."""
    rows = [
        (2.0, [1, 2, 3, 4, 5], 1, False),  # always climbs
        (2.0, [1, 0, 3, 2, 6], 1, False),  # climbs half of the time, to a new best
        (1.0, [1, 2, 3, 2.5, 4], 1, False),  # climbs in 3 of 4
        (1.0, [1, -9, -8, -7, -6], 1, False),  # climbs in 3 of 4, after a fall: no new best
        (0.5, [1, -9, -8, -7, -6], 1, True),  # the same, halved the last time
        (2.0, [1, 1, 1, 1, 2], 1, False),  # stands still, then climbs
        (2.0, [1, 2, 3, 4, 5], 9, False),  # climbs below an older best
        (0.25, [1, 2, 3, 4, 5], 9, True),  # the same, halved the last time
    ]
    step, losses, best, halved = zip(*rows, strict=True)
    return np.array(step), np.array(losses), np.array(best, dtype=float), np.array(halved)


def _beside_the_loop(
    f: Callable,
    step: np.ndarray,
    losses: np.ndarray,
    best: np.ndarray,
    halved: np.ndarray,
    *,
    of: str,
) -> None:
    given = step, losses, best, halved
    right, wrong = halved_slowly(*given), {}
    wrong["at most three quarters"] = halved_slowly(*given, also_equal=True)
    wrong["standing still is climbing"] = halved_slowly(*given, still=True)
    wrong["climbs counted from the start"] = halved_slowly(*given, before=lambda row, k: row[0])
    wrong["climbs counted from the best"] = halved_slowly(
        *given, before=lambda row, k: max(row[:k])
    )
    wrong["the best alone"] = halved_slowly(*given, rule=lambda rare, stalled: stalled)
    wrong["climbs alone"] = halved_slowly(*given, rule=lambda rare, stalled: rare)
    wrong["both at once"] = halved_slowly(*given, rule=lambda rare, stalled: rare and stalled)
    wrong["the last halving forgotten"] = halved_slowly(*given[:3], np.zeros_like(halved))
    wrong["an older best forgotten"] = halved_slowly(step, losses, losses[:, 0], halved)
    wrong["halved for good"] = (*right[:2], right[2] | halved)
    for together in (np.any, np.all):
        one = np.full(len(step), together(right[2]))
        if (one != right[2]).any():
            wrong["one step for all"] = np.where(one, step / 2, step), right[1], one
            break
    same(f(*given), right, of=of, mistakes=wrong)


def halved_slowly(
    step: np.ndarray,
    losses: np.ndarray,
    best: np.ndarray,
    halved: np.ndarray,
    *,
    also_equal: bool = False,
    still: bool = False,
    before: Callable = lambda row, k: row[k - 1],
    rule: Callable = lambda rare, stalled: rare or stalled,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The rule, plant by plant and step by step, with parts that can be changed."""
    steps, now, flags = step.copy(), best.copy(), np.zeros(len(step), bool)
    for i, row in enumerate(losses):
        many, climbs = len(row) - 1, 0
        for k in range(1, len(row)):
            climbs += row[k] > before(row, k) or (still and row[k] == before(row, k))
            now[i] = max(now[i], row[k])
        rare = climbs < 0.75 * many or (also_equal and climbs == 0.75 * many)
        flags[i] = rule(rare, now[i] <= best[i] and not halved[i])
        steps[i] /= 2 if flags[i] else 1
    return steps, now, flags
