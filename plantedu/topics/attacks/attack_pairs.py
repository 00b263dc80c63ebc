"""Attack pairs: one network, one goal, one budget, beside noise of the same size.

    x' = x + d,   d in the budget's ball,   8 bits,   the best picture that was tried

For a classifier the number is the share of plants that are still classified correctly; for an
encoder the share whose goal was not reached. Its null is the same share under random noise of the
same size; for another light or scene, which no radius bounds, under one drawn at random. `curve`
repeats it at eight radii. The attacked pairs come back: as pictures on the page, and as a file with
`--save`, so that anything else can be fed with them.

    goals of a classifier     margin, ce, dlr (any wrong name), or one wrong name with `target`
    goals of an encoder       away, assignment, breakaway (another plant's partner is nearer),
                              parting (a pair looks like two plants), pairing (two look like one)

A plant that stands has not been shown to be safe: only this attack failed. Notes and alarms say
when a failure says nothing at all.

Source: Madry et al. 2018, arXiv:1706.06083 [madry2018]; Croce & Hein 2020, arXiv:2003.01690
[croce2020]. Lesson: 08_attacks.
"""

import time
from collections.abc import Callable
from pathlib import Path

from plantedu.statistics.evidence import Evidence
from plantedu.statistics.intervals import share_interval
from plantedu.topics.attacks.diagnostics import AS_GOOD, as_good
from plantedu.topics.attacks.pictures import example, save_pairs
from plantedu.topics.attacks.results.attack_pairs import AttackResult, Settings, Sign
from plantedu.topics.attacks.results.names import (
    NAMING,
    RADII_255,
    UNBOUNDED,
)
from plantedu.topics.attacks.robustness_curve import Curve, curve
from plantedu.topics.attacks.setup import Setup
from plantedu.topics.method import Context, Method

NOTHING = "it has shown nothing about this network"
SHOWN = 3  # plants whose pictures a result carries
Step = Callable[[int, int], None]


def attack(
    settings: Settings,
    *,
    bank_folder: Path | None,
    check: Callable[[], None] = lambda: None,
    step: Step = lambda done, of: None,
    save: Path | None = None,
) -> AttackResult:
    """Attack fresh plants.

    Args:
        settings: What, and how.
        bank_folder: Where rendered pairs are kept.
        check: Called between passes; may raise to stop.
        step: Called with the number of radii done, and of how many.
        save: Where the attacked pairs are written, with the clean ones (.npz).

    Raises:
        PlantEduError: for settings that cannot be, and what the attack refuses.
    """
    setup = Setup.of(settings, bank_folder)
    radii = RADII_255 if settings.curve else (settings.radius * 255,)
    began = time.perf_counter()
    found = curve(
        setup.attack,
        setup.model,
        setup.views,
        setup.goal_of,
        setup.budget,
        radii,
        generator=setup.generator,
        check=check,
        step=lambda done: step(done, len(radii)),
    )
    seconds = time.perf_counter() - began
    control = setup.attack.control
    standing = tuple(_evidence(settings, found, k, control) for k in range(len(radii)))
    null = "noise" if setup.attack.bounded else control
    own = as_good(*found.broken(), int((found.first > 0).sum()), null)
    signs = setup.signs(check) if settings.alarms and setup.attack.bounded else ()
    signs = (*(one for one in signs if one.name != AS_GOOD), own) if settings.alarms else ()
    notes = (*found.notes, *([f"{own.says}: {NOTHING}"] if own.rings and not signs else ()))
    if save is not None:
        save_pairs(save, setup, found.pictures)
    return AttackResult(
        settings=settings,
        clean=float(found.robust(0.0).mean()),
        chance=setup.chance,
        standing=standing,
        radii_255=tuple(radii),
        examples=tuple(
            example(setup, found.pictures, k) for k in range(min(SHOWN, settings.plants))
        ),
        notes=notes,
        signs=tuple(Sign(one.name, one.rings, one.says) for one in signs),
        seconds=seconds,
        forwards=found.forwards,
        backwards=found.backwards,
    )


def _evidence(settings: Settings, found: Curve, place: int, control: str) -> Evidence:
    radius = found.radii_255[place]
    stands = found.robust(radius)
    where = "" if settings.attack in UNBOUNDED else f" at radius {radius:.3g}/255"
    right = settings.goal in NAMING
    what = "classified correctly" if right else f"safe from the goal {settings.goal}"
    return Evidence(
        question=f"Which share of plants is {what} by {settings.network}{where}, "
        f"attacked: {settings.where}?",
        value=float(stands.mean()),
        null=float(found.under_noise(place).mean()),
        control=control,
        n=len(stands),
        interval=share_interval(stands) if len(stands) > 1 else None,
    )


def _run(asked: Settings, context: Context) -> AttackResult:
    how = {"check": context.check, "step": context.step, "save": context.save}
    return attack(asked, bank_folder=context.bank, **how)


def tell(result: AttackResult) -> None:
    """Print a result."""
    print(f"clean {result.clean:.3f}   chance {result.chance:.3f}   {result.seconds:.1f} s")
    for radius, e in zip(result.radii_255, result.standing, strict=True):
        low, high = e.interval or (e.value, e.value)
        print(
            f"{'' if result.unbounded else f'radius {radius:5.2f}/255   '}stand {e.value:.3f} "
            f"[{low:.3f}, {high:.3f}]   {e.control} {e.null:.3f}"
        )
    for note in result.notes:
        print(f"NOTE   {note}")
    for one in result.signs:
        print(f"{'ALARM ' if one.rings else 'quiet '} {one.name:<22}{one.says}")
    print(result.standing[0].caption())


METHOD = Method(Settings, _run, tell, saves="attack.npz")
