"""A planted shortcut: one sensor carries a decoy. Do attacks find it, and does do() confirm it?

Two networks of both sensors learn healthy or diseased from scratch. In the world of the first, a
mark in the corner of the *RGN* picture goes with disease; in its twin's world the same mark is
assigned at random. Both are then asked about the same fresh plants:

    do(mark)    share of plants whose name changes when the mark of RGN is set or taken away
    patch       share misnamed by an attack that may only touch the marked corner of RGN; beside it
                the same patch in the opposite corner of RGN, and in the same corner of RGB
    energy      share of a l2_pair change, which is free to go anywhere, that lies in that corner
    sensor      share of that change that is spent on RGN

do() is the truth, since the plants are planted; the attacks are graded against it. The null of each
number is the twin's.

Two networks of one recipe differ by more than the plants do: trained with another seed, or with
another number of threads, the same number moved by .1. So several pairs of networks are trained,
and the interval is the wider of the one over plants and of Student's over pairs of networks.

Source: Geirhos et al. 2020, arXiv:2004.07780 [geirhos2020]. Lesson: 08_attacks.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn

from plantedu.data.evaluation_set import held_out_rows
from plantedu.models.pair_models import Namer
from plantedu.statistics.evidence import Evidence, mean_over_plants, t_interval
from plantedu.topics.attacks.apgd import APGD
from plantedu.topics.attacks.attack import Check
from plantedu.topics.attacks.criteria import Margin
from plantedu.topics.attacks.results.shortcut import SAYS, Settings, ShortcutResult
from plantedu.topics.attacks.shortcut_training import (
    CORNER,
    SIDE,
    SIZE,
    diseased,
    shortcut_views,
    shortcut_world,
    train_with_shortcut,
)
from plantedu.topics.attacks.threat_model import LEVELS, Budget
from plantedu.topics.method import Context, Method
from plantedu.training.seeding import generator_for


def shortcut(
    settings: Settings,
    *,
    check: Callable[[], None] = lambda: None,
    progress: Callable[[str], None] = lambda doing: None,
) -> ShortcutResult:
    """Train both networks, attack them, and intervene.

    Args:
        settings: How.
        check: Called between steps and passes; may raise to stop.
        progress: Called with what is being done.

    Raises:
        PlantEduError: for too few plants.
    """
    own, twins = [], []
    for seed in range(settings.seed, settings.seed + settings.seeds):
        one = replace(settings, seed=seed)
        for strength, kept in ((settings.strength, own), (0.0, twins)):
            progress(f"seed {seed}: training where the mark has strength {strength:g}")
            knobs = {"plants": settings.train, "steps": settings.steps, "seed": seed}
            model = Namer(train_with_shortcut(strength, check=check, **knobs), side=SIDE)
            progress("attacking it")
            kept.append(_measured(model, strength, one, check))
    found = {
        name: _evidence(name, *(np.stack([one[name] for one in arm]) for arm in (own, twins)))
        for name in SAYS
    }
    return ShortcutResult(settings, CORNER**2 / (2 * SIZE**2), found)


def _measured(
    model: nn.Module, strength: float, settings: Settings, check: Check
) -> dict[str, np.ndarray]:
    """Every number of one network, by plant."""
    plants = held_out_rows(settings.plants)
    world = shortcut_world(settings.strength)
    labels = diseased(world, plants)
    bare, marked = (shortcut_views(world, plants, mark=m) for m in ("absent", "present"))
    views, at_random, home = (
        shortcut_views(shortcut_world(s), plants) for s in (settings.strength, 0.0, strength)
    )

    def named(pictures: Tensor) -> Tensor:
        check()
        with torch.no_grad():
            return model(pictures.float() / 255).argmax(1)

    found = {
        "own world": (named(home) == labels).numpy(),
        "mark at random": (named(at_random) == labels).numpy(),
        "do": (named(bare) != named(marked)).numpy(),
    }
    patches = {"corner": (1, "low"), "opposite": (1, "high"), "rgb corner": (0, "low")}
    for name, (sensor, corner) in patches.items():
        found[name] = _patched(model, views, labels, sensor, corner, settings, check)
    return found | _free(model, views, labels, settings, check)


def _corner(sensor: int, corner: str) -> Tensor:
    """1 in one corner of one sensor's picture."""
    mask = torch.zeros(2, 1, 1, SIZE, SIZE)
    place = slice(SIZE - CORNER, SIZE) if corner == "low" else slice(0, CORNER)
    mask[sensor, :, :, place, place] = 1
    return mask


def _patched(
    model: nn.Module,
    views: Tensor,
    labels: Tensor,
    sensor: int,
    corner: str,
    settings: Settings,
    check: Check,
) -> np.ndarray:
    """Plants classified correctly that a patch misnames."""
    budget = Budget.on(
        ("rgb", "rgn")[sensor], settings.patch_255 / LEVELS, mask=_corner(sensor, corner)
    )
    attack = APGD(steps=settings.slopes)
    generator = generator_for(settings.seed, f"patch {sensor} {corner}")
    found = attack(model, views, Margin(labels), budget, generator=generator, check=check)
    return found.reached & ~found.at_start


def _free(
    model: nn.Module, views: Tensor, labels: Tensor, settings: Settings, check: Check
) -> dict[str, np.ndarray]:
    """Where a change that may go anywhere in either picture is spent."""
    budget = Budget.on("both", settings.radius_255 / LEVELS, norm="l2_pair")
    attack = APGD(steps=settings.slopes, thorough=True)
    generator = generator_for(settings.seed, "free")
    found = attack(model, views, Margin(labels), budget, generator=generator, check=check)
    spent = np.square(found.views.astype(np.float64) - found.clean)
    whole = spent.sum((0, 2, 3, 4)).clip(1e-9)
    inside = spent * _corner(1, "low").numpy()
    return {
        "energy": inside.sum((0, 2, 3, 4)) / whole,
        "sensor": spent[1].sum((1, 2, 3)) / whole,
    }


def _evidence(name: str, own: np.ndarray, twin: np.ndarray) -> Evidence:
    """Of "seeds plants" numbers; the interval over plants or over networks, whichever is wider."""
    question = f"Network with the planted shortcut: {SAYS[name]}?"
    control = "its twin, trained where the mark is assigned at random"
    found = mean_over_plants(
        question, own.mean(0), float(twin.mean()), control, seeds=len(own), kind="share"
    )
    over_plants, over_networks = found.interval, t_interval(own.mean(1))
    if not over_plants or not over_networks:
        return found
    ends = (
        (over_plants[0], max(over_networks[0], 0.0)),
        (over_plants[1], min(over_networks[1], 1.0)),
    )
    return replace(found, interval=(min(ends[0]), max(ends[1])))


def _run(asked: Settings, context: Context) -> ShortcutResult:
    return shortcut(asked, check=context.check, progress=context.progress)


def tell(result: ShortcutResult) -> None:
    """Print a result."""
    for name, e in result.found.items():
        low, high = e.interval or (e.value, e.value)
        print(f"{SAYS[name]:<42}{e.value:6.2f} [{low:.2f}, {high:.2f}]   twin {e.null:.2f}")
    seeds = "1 seed" if result.settings.seeds == 1 else f"{result.settings.seeds} seeds"
    print(
        f"the corner is {result.area:.3f} of both pictures; n = {result.settings.plants}, {seeds}"
    )


METHOD = Method(Settings, _run, tell)
