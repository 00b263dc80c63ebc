"""What a map is asked for: network, method and knobs, checked; and how they are said in words.

No torch here, so that pages can read it.

Lesson: 09_attribution.
"""

from dataclasses import asdict, dataclass
from typing import Any

from plantedu.errors import require
from plantedu.topics.attribution.names import BASELINES, METHODS, NETWORKS, REFERENCES, TARGETS


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
