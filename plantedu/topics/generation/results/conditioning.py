"""Which representations a denoiser is conditioned on, in the settings of several methods.

Lesson: 05_generation.
"""

from dataclasses import dataclass

from plantedu.data.renderer.factors import SENSORS
from plantedu.errors import require


@dataclass(frozen=True)
class Conditioning:
    """What a denoiser is conditioned on: an encoder's layer, of the pictures of these sensors."""

    encoder: str = "cross-0"
    layer: str = "h"
    sensors: tuple[str, ...] = SENSORS

    def __post_init__(self) -> None:
        known = bool(self.sensors) and set(self.sensors) <= set(SENSORS)
        require(known, f"Sensors are rgb and rgn; got {self.sensors!r}.")

    @property
    def name(self) -> str:
        """Such as cross-0 h of rgb and rgn."""
        return f"{self.encoder} {self.layer} of {' and '.join(self.sensors)}"
