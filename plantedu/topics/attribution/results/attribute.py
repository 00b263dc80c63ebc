"""The result of `attribution attribute`: settings and how they are called, maps beside their nulls.

Lesson: 09_attribution.
"""

from dataclasses import asdict, dataclass
from typing import Any

from plantedu.charts.chart import Drawing
from plantedu.errors import require
from plantedu.serialization import AsJson
from plantedu.statistics.evidence import Evidence
from plantedu.topics.attribution.results.attribution_chart import grades_chart
from plantedu.topics.attribution.results.names import (
    BASELINES,
    CUES,
    METHODS,
    NETWORKS,
    REFERENCES,
    TARGETS,
)


@dataclass(frozen=True)
class MappedPlant:
    """One plant, as addresses of pictures that a page can show.

    Attributes:
        plant: Its id.
        score: What is explained, before any change.
        without: The score after do(cue away), by cue.
        pictures: rgb, rgn, and each one's map, and the map of random weights.
    """

    plant: str
    score: float
    without: dict[str, float]
    pictures: dict[str, str]


@dataclass(frozen=True)
class Settings:
    """What is explained, and how.

    Attributes:
        network: Whose score.
        method: A member of the family.
        target: class, prototype or similarity.
        output: Which class or prototype; -1 is the cue, blast, or the first plant's nearest
            prototype.
        reference: What integrated gradients and occlusion compare with: black, blur or mean.
        steps: Points of the path of integrated gradients.
        layer: Stage that Grad-CAM explains.
        window, stride: Of occlusion, in pixels.
        plants: Fresh plants.
        seed: Draws noise and paths.
    """

    network: str = "lesions-0"
    method: str = "ig"
    target: str = "class"
    output: int = -1
    reference: str = "blur"
    steps: int = 32
    layer: str = "layer2"
    window: int = 8
    stride: int = 8
    plants: int = 16
    seed: int = 0

    def __post_init__(self) -> None:
        for name, known in (
            ("network", NETWORKS),
            ("method", tuple(METHODS)),
            ("target", TARGETS),
            ("reference", REFERENCES),
        ):
            value = getattr(self, name)
            require(value in known, f"{name} is one of {', '.join(known)}; got {value!r}.")
        require(1 <= self.plants <= 256, f"plants must be from 1 to 256, got {self.plants}.")
        require(1 <= self.steps <= 512, f"steps must be from 1 to 512, got {self.steps}.")
        require(self.output >= -1, f"output must be -1 or a number from 0 on, got {self.output}.")

    @property
    def label(self) -> str:
        """The method with the knob that its map depends on most."""
        also = {
            "ig": f" from {self.reference}",
            "occlusion": f" by {self.reference}",
            "gradcam": f" at {self.layer}",
        }
        return METHODS[self.method] + also.get(self.method, "")

    @property
    def says(self) -> str:
        """What is mapped, in words."""
        return f"{self.label} on {self.network}"

    def row(self, name: str) -> str:
        """What a line of the result is called: the method as it was asked for, or a baseline."""
        return self.label if name == self.method else BASELINES[name]

    @property
    def command(self) -> str:
        """The command that makes this result."""
        plain = asdict(Settings())
        given = {k: v for k, v in asdict(self).items() if k in plain and v != plain[k]}
        words = [f"--{k} {v}" for k, v in given.items()]
        return " ".join(("python -m plantedu attribution attribute", *words))

    @property
    def knobs(self) -> dict[str, Any]:
        """What the method takes of them."""
        return {
            "ig": {"against": self.reference, "steps": self.steps},
            "occlusion": {
                "against": self.reference,
                "window": self.window,
                "stride": self.stride,
            },
            "gradcam": {"layer": self.layer},
        }.get(self.method, {})


@dataclass(frozen=True)
class AttributeResult(AsJson):
    """What a method says, and what speaks for or against it.

    Attributes:
        output: What the explained score is called.
        rgb: RGB's share of relevance; null: random weights; truth: of do() on the cue that moves
            the score most.
        mass: Share in each cue's mask by cue and line (the method, then baselines); null: random.
        effect: Mean |effect| of do(cue away) on the score; null: do(soil).
        delta: Largest |sum of the map - (s(x) - s(x'))|, where the method promises 0; else None.
        span: Mean |s(x) - s(x')| beside it.
        seconds: Of the maps.
    """

    settings: Settings
    output: str
    rgb: Evidence
    mass: dict[str, dict[str, Evidence]]
    effect: dict[str, Evidence]
    delta: float | None
    span: float | None
    shown: tuple[MappedPlant, ...]
    seconds: float

    @property
    def strongest(self) -> str:
        """The cue whose absence moves the score most."""
        return max(CUES, key=lambda cue: self.effect[cue].value)

    def chart(self, *, dark: bool = False) -> Drawing:
        """Mass in the mask of the strongest cue, beside the baselines."""
        cue = self.strongest
        lines = [
            (self.settings.row(name), name not in BASELINES, e, (e.value,))
            for name, e in self.mass[cue].items()
        ]
        used = self.effect[cue].value > self.effect[cue].null
        return grades_chart(lines, used=used, cue=cue, dark=dark)
