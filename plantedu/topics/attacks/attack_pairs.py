"""Attack pairs: one network, one goal, one budget, beside noise of the same size.

    x' = x + d,   d in the budget's ball,   8 bits,   the best picture that was tried

For a classifier the number is the share of plants that are still classified correctly; for an
encoder the share whose goal was not reached. Its null is the same share under random noise of the
same size. `curve` repeats it at eight radii. The attacked pairs come back: as pictures on the page,
and as a file with `--save`, so that anything else can be fed with them.

    goals of a classifier     margin, ce, dlr (any wrong name), or one wrong name with `target`
    goals of an encoder       away, assignment, breakaway (another plant's partner is nearer),
                              parting (a pair looks like two plants), pairing (two look like one)

A plant that stands has not been shown to be safe: only this attack failed. Notes and alarms say
when a failure says nothing at all.

Source: Madry et al. 2018, arXiv:1706.06083 [madry2018]; Croce & Hein 2020, arXiv:2003.01690
[croce2020]. Lesson: 08_attacks.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from plantedu.charts.chart import Drawing
from plantedu.data.renderer.factors import factor
from plantedu.errors import require
from plantedu.serialization import revived
from plantedu.statistics.evidence import Evidence
from plantedu.statistics.intervals import share_interval
from plantedu.topics.attacks.names import (
    ATTACKS,
    DEFENCES,
    EMBEDDING,
    GOALS,
    NAMING,
    NORMS,
    RADII_255,
    WHERE,
)
from plantedu.topics.attacks.pictures import Example, example, save_pairs
from plantedu.topics.attacks.results.robustness_chart import robust_chart
from plantedu.topics.method import Context, Method
from plantedu.zoo.recipes import ARMS, ENCODERS, READS

CLASSES = factor("disease").levels
SHOWN = 3  # plants whose pictures a result carries
Told = Callable[[int, int], None]


@dataclass(frozen=True)
class Settings:
    """What is attacked, and how.

    Attributes:
        network: A network of the line-up.
        reads: What its classifier reads: both, late (two fused), rgb or rgn.
        attack: A member of the family.
        goal: margin, ce, dlr; or away, assignment, breakaway, parting, pairing of an encoder.
        target: The class that every plant is to be called; "" is any wrong one.
        where: Attacked sensors: rgb, rgn, both (each by itself), shared (one change for both).
        radius: Share of the full range; eight grey levels are 8/255 = 0.0314.
        norm: linf, l2 or l2_pair.
        defence: none, rounded (a masked slope) or noisy.
        plants: Fresh plants.
        steps: How long the attack searches; 0 is its own default.
        curve: Attack at eight radii in place of one.
        alarms: Count the signs of an attack that failed, too.
        seed: Draws starts and noise.
    """

    network: str = "cross-0"
    reads: str = "both"
    attack: str = "pgd"
    goal: str = "margin"
    target: str = ""
    where: str = "both"
    radius: float = 4 / 255
    norm: str = "linf"
    defence: str = "none"
    plants: int = 32
    steps: int = 0
    curve: bool = False
    alarms: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        for name, known in (
            ("network", tuple(ARMS)),
            ("reads", READS),
            ("attack", ATTACKS),
            ("goal", GOALS),
            ("target", ("", *CLASSES)),
            ("where", WHERE),
            ("norm", NORMS),
            ("defence", DEFENCES),
        ):
            value = getattr(self, name)
            words = ", ".join(word for word in known if word)
            require(value in known, f"{name} is one of {words}; got {value!r}.")
        require(
            0 <= self.radius <= 1,
            f"radius is a share of the full range, 0 to 1; got {self.radius!r}. Eight grey levels "
            "are 8/255 = 0.0314.",
        )
        require(1 <= self.plants <= 1024, f"plants must be from 1 to 1,024, got {self.plants}.")
        require(self.steps >= 0, f"steps must be 0 (its own default) or more, got {self.steps}.")
        pair = self.norm != "l2_pair" or self.where in ("both", "shared")
        require(pair, f"l2_pair is one ball over both pictures, with one radius; got {self.where}.")
        encoder = self.goal not in EMBEDDING or self.network in ENCODERS
        require(encoder, f"{self.network} has no embedding; goal {self.goal} needs an encoder.")
        plain = not self.target or self.goal in ("margin", "ce")
        require(plain, f"A target needs the goal margin or ce, not {self.goal}.")


@dataclass(frozen=True)
class Sign:
    """An alarm: whether it rings, and what was counted."""

    name: str
    rings: bool
    says: str


@dataclass(frozen=True)
class AttackResult:
    """What an attack did.

    Attributes:
        clean: Share of plants that stand before any attack.
        chance: Share of the largest class.
        standing: Share that stands after it, at each radius asked for, beside noise.
        radii_255: Those radii in grey levels.
        examples: Some plants before and after.
        notes: What to know before trusting a failure.
        signs: The alarms, if asked for.
        seconds: How long the attack took.
        forwards, backwards: Passes of one plant through the model; 0 where a curve was asked for.
    """

    settings: Settings
    clean: float
    chance: float
    standing: tuple[Evidence, ...]
    radii_255: tuple[float, ...]
    examples: tuple[Example, ...]
    notes: tuple[str, ...]
    signs: tuple[Sign, ...]
    seconds: float
    forwards: int
    backwards: int

    def as_json(self) -> dict[str, Any]:
        """Plain values; `AttackResult.from_json` reads them back."""
        return asdict(self)

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> "AttackResult":
        """Read a result that a run or a file holds."""
        return revived(cls, found)

    def chart(self, *, dark: bool = False) -> Drawing:
        """Share that stands against radius, clean first, noise in grey."""
        s, first = self.settings, self.standing[0]
        start = replace(first, value=self.clean, null=self.clean, interval=None)
        told = zip((0.0, *self.radii_255), (start, *self.standing), strict=True)
        arm = f"{s.network}, {s.attack}, {s.goal}"
        cells = [(arm, s.where, radius, (e.value,), e) for radius, e in told]
        return robust_chart(cells, chance=self.chance, dark=dark)


def attack(
    settings: Settings,
    *,
    bank_folder: Path | None,
    check: Callable[[], None] = lambda: None,
    told: Told = lambda done, of: None,
    save: Path | None = None,
) -> AttackResult:
    """Attack fresh plants.

    Args:
        settings: What, and how.
        bank_folder: Where rendered pairs are kept.
        check: Called between passes; may raise to stop.
        told: Called with the number of radii done, and of how many.
        save: Where the attacked pairs are written, with the clean ones (.npz).

    Raises:
        PlantEduError: for settings that cannot be, and what the attack refuses.
    """
    from plantedu.topics.attacks.robustness_curve import curve
    from plantedu.topics.attacks.setup import Scene

    scene = Scene.of(settings, bank_folder)
    radii = RADII_255 if settings.curve else (settings.radius * 255,)
    began = time.perf_counter()
    found = curve(
        scene.attack,
        scene.model,
        scene.views,
        scene.goal_of,
        scene.budget,
        radii,
        generator=scene.generator,
        check=check,
        told=lambda done: told(done, len(radii)),
    )
    seconds = time.perf_counter() - began
    standing = tuple(_evidence(settings, found, k, r) for k, r in enumerate(radii))
    signs = scene.signs(check) if settings.alarms else ()
    if save is not None:
        save_pairs(save, scene, found.pictures)
    return AttackResult(
        settings,
        float(found.robust(0.0).mean()),
        scene.chance,
        standing,
        tuple(radii),
        tuple(example(scene, found.pictures, k) for k in range(min(SHOWN, settings.plants))),
        found.notes,
        tuple(Sign(one.name, one.rings, one.says) for one in signs),
        seconds,
        found.forwards,
        found.backwards,
    )


def _evidence(settings: Settings, found: Any, place: int, radius: float) -> Evidence:
    stands = found.robust(radius)
    right = settings.goal in NAMING
    what = "classified correctly" if right else f"safe from the goal {settings.goal}"
    return Evidence(
        question=f"Which share of plants is {what} by {settings.network} at radius "
        f"{radius:.3g}/255, attacked: {settings.where}?",
        value=float(stands.mean()),
        null=float(found.under_noise(place).mean()),
        control="random noise of the same size",
        n=len(stands),
        interval=share_interval(stands) if len(stands) > 1 else None,
    )


def _run(asked: Settings, context: Context) -> AttackResult:
    how = {"check": context.check, "told": context.step, "save": context.save}
    return attack(asked, bank_folder=context.bank, **how)


def tell(result: AttackResult) -> None:
    """Print a result."""
    print(f"clean {result.clean:.3f}   chance {result.chance:.3f}   {result.seconds:.1f} s")
    for radius, e in zip(result.radii_255, result.standing, strict=True):
        low, high = e.interval or (e.value, e.value)
        print(
            f"radius {radius:5.2f}/255   stand {e.value:.3f} [{low:.3f}, {high:.3f}]   "
            f"noise {e.null:.3f}"
        )
    for note in result.notes:
        print(f"NOTE   {note}")
    for one in result.signs:
        print(f"{'ALARM ' if one.rings else 'quiet '} {one.name:<22}{one.says}")
    print(result.standing[0].caption())


METHOD = Method(Settings, _run, tell, saves="attack.npz")
