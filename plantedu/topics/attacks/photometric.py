"""Another light on the same scene: gain, warmth and a shadow, within what a sensor can record.

    x' = tone(g_s w_sb (1 - k m(u)) tone^-1(x))

tone is the camera's own curve, so light is multiplied where light adds up, before the curve. g_s is
the gain of sensor s, w_sb tilts its bands, m is a soft half-plane: the edge of a shadow. The radius
is a share of the largest change: at 1 the gain goes down to 0.59 and up to 1.71, which is the range
of light in the planted worlds about its middle. What leaves [0, 1] clips, as in a sensor.

This is no ball in pixel values: changes are large and smooth. `size_255` says how large.

Source: physical changes as attacks: Eykholt et al. 2018, arXiv:1707.08945 [eykholt2018].
Lesson: 08_attacks.
"""

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from plantedu.errors import require
from plantedu.topics.attacks.attack import Attack, Search
from plantedu.topics.attacks.threat_model import LEVELS

KINDS = ("gain", "light", "shadow", "all")
GAIN = 0.534  # ln: half of the range of `light` in the worlds, ln(1.6 / 0.55) / 2
WARMTH = 0.25  # ln: between the outer bands of a file
DEPTH = 0.6  # share of the light that a shadow takes
EDGE = 0.05  # softness of its edge, shares of the picture
KNOBS = 5  # of each sensor: gain, warmth, depth, turn and place of the shadow


@dataclass(frozen=True, kw_only=True)
class Physical(Attack):
    """Random search over a few numbers of light.

    Attributes:
        kind: gain alone, gain and warmth (light), shadow alone, or all.
        tries: Lights that are tried; the second half near the best of the first.
    """

    kind: str = "all"
    tries: int = 60
    bounded = False
    control = "one light drawn at random"

    def __post_init__(self) -> None:
        require(self.kind in KINDS, f"kind is one of {', '.join(KINDS)}; got {self.kind!r}.")
        require(self.tries >= 1, f"tries must be 1 or more, got {self.tries}.")

    def search(self, search: Search) -> None:
        n = search.clean.shape[1]
        best, loss = torch.zeros(2, n, KNOBS), search.loss.clone()
        for k in range(self.tries):
            if not len(rows := search.open):
                return
            knobs = self._drawn(search, len(rows))
            if k and k >= self.tries // 2:
                knobs = (best[:, rows] + 0.2 * knobs).clamp(-1, 1)
            new_loss = search.look(self._lit(search, knobs, rows), rows)
            better = new_loss > loss[rows]
            best[:, rows[better]], loss[rows[better]] = knobs[:, better], new_loss[better]

    def null(self) -> "Physical":
        """One light, drawn as the search draws its first."""
        return replace(self, tries=1)

    def _drawn(self, search: Search, n: int) -> Tensor:
        """Knobs in [-1, 1], the same for both sensors where the change is tied."""
        sensors = 1 if search.budget.tied else 2
        drawn = 2 * torch.rand(sensors, n, KNOBS, generator=search.generator) - 1
        used = {"gain": (0,), "light": (0, 1), "shadow": (2, 3, 4), "all": range(KNOBS)}[self.kind]
        kept = torch.zeros(KNOBS)
        kept[list(used)] = 1
        return (drawn * kept).expand(2, n, KNOBS)

    def _lit(self, search: Search, knobs: Tensor, rows: Tensor) -> Tensor:
        """Grey levels of the rows under that light; a sensor of radius 0 stays as it is."""
        clean = search.clean[:, rows]
        radius = search.budget.limits(clean, search.scale[rows])
        new = (relit(clean / LEVELS, knobs, radius) * LEVELS).round().clamp(0, LEVELS)
        return torch.where(radius > 0, new, clean)


def relit(x: Tensor, knobs: Tensor, radius: Tensor) -> Tensor:
    """Pictures in [0, 1] under another light.

    Args:
        x: "2 batch 3 height width".
        knobs: "2 batch 5" in [-1, 1]; 0 changes nothing.
        radius: Broadcasts to x; share of the largest change.
    """
    gain, warm, depth, turn, place = (knobs[..., k, None, None, None] for k in range(KNOBS))
    tilt = torch.tensor([1.0, 0.0, -1.0]).view(3, 1, 1)
    log = radius * (GAIN * gain + WARMTH * warm * tilt)
    shade = 1 - radius * DEPTH * depth.clamp_min(0) * _half(x, turn, place)
    return tone(linear(x) * log.exp() * shade)


def _half(x: Tensor, turn: Tensor, place: Tensor) -> Tensor:
    """A soft half-plane, 1 in the shadow."""
    rows, columns = (torch.linspace(-1, 1, side) for side in x.shape[-2:])
    angle = torch.pi * turn
    across = angle.cos() * columns + angle.sin() * rows[:, None]
    return ((across - place) / EDGE).sigmoid()


def linear(y: Tensor) -> Tensor:
    """Linear light of display values: the cameras' sRGB curve and soft shoulder, undone."""
    soft = torch.where(y <= 0.04045, y / 12.92, ((y + 0.055) / 1.055).clamp_min(0) ** 2.4)
    shoulder = 0.7 - 0.3 * ((1 - soft) / 0.3).clamp_min(1e-4).log()
    return torch.where(soft < 0.7, soft, shoulder)


def tone(x: Tensor) -> Tensor:
    """Display values of linear light, as `renderer.cameras.tone` has them in a table."""
    soft = torch.where(x < 0.7, x, 1 - 0.3 * torch.exp(-(x - 0.7) / 0.3))
    curve = 1.055 * soft.clamp_min(1e-12) ** (1 / 2.4) - 0.055
    return torch.where(soft < 0.0031308, 12.92 * soft, curve)
