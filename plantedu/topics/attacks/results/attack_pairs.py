"""The result of `attacks attack-pairs`: settings, what was found, the chart.

Lesson: 08_attacks.
"""

from dataclasses import dataclass, replace

from plantedu.charts.chart import Drawing
from plantedu.data.renderer.factors import factor
from plantedu.errors import require
from plantedu.serialization import AsJson
from plantedu.statistics.evidence import Evidence
from plantedu.topics.attacks.results.names import (
    ATTACKS,
    DEFENCES,
    EMBEDDING,
    GOALS,
    NORMS,
    UNBOUNDED,
    WHERE,
)
from plantedu.topics.attacks.results.robustness import robust_chart
from plantedu.zoo.recipes import ARMS, ENCODERS, READS

CLASSES = factor("disease").levels
AMPLIFIED = 8  # how many times larger than it is a change is drawn


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
class Example:
    """One plant before and after, as addresses of pictures that a page can show.

    Attributes:
        truth: Its disease.
        before, after: What the model says of it.
        pictures: By name: rgb, rgn, rgb attacked, rgn attacked, rgb change, rgn change
            (AMPLIFIED times as large, grey is none).
        size_255: Largest change of a value by sensor, grey levels.
    """

    plant: int
    truth: str
    before: str
    after: str
    pictures: dict[str, str]
    size_255: tuple[float, float]

    def caption(self, name: str) -> str:
        """What stands below a picture: of an attacked one its size, of a change how it is drawn."""
        size, (camera, _, what) = self.size_255[name.startswith("rgn")], name.partition(" ")
        if what in ("attacked", "change") and not size:
            return f"{camera}, not attacked"
        if name.endswith("attacked"):
            return f"{name}, at most {size:z.0f}/255"
        if not name.endswith("change"):
            return name
        cut = f", cut off above {128 // AMPLIFIED}/255" if size * AMPLIFIED > 128 else ""
        return f"{name} of at most {size:z.0f}/255, drawn {AMPLIFIED} times as large{cut}"


@dataclass(frozen=True)
class AttackResult(AsJson):
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

    @property
    def unbounded(self) -> bool:
        """Whether no radius bounds what was done: another light, or another scene."""
        return self.settings.attack in UNBOUNDED

    def chart(self, *, dark: bool = False) -> Drawing:
        """Share that stands against radius, clean first, noise in grey."""
        s, first = self.settings, self.standing[0]
        start = replace(first, value=self.clean, null=self.clean, interval=None)
        radii = zip((0.0, *self.radii_255), (start, *self.standing), strict=True)
        arm = f"{s.network}, {s.attack}, {s.goal}"
        cells = [(arm, s.where, radius, (e.value,), e) for radius, e in radii]
        return robust_chart(cells, chance=self.chance, dark=dark)
