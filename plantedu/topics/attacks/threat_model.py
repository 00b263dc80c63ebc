"""How far a pair may be changed: a radius for each sensor, a norm, a mask, and what is tied.

    linf      |d_s| <= r_s                      every value of sensor s
    l2        ||d_s||_2 <= r_s sqrt(D)          D = 3 height width, so r_s is a root mean square
    l2_pair   ||(d_1, d_2)||_2 <= r sqrt(2 D)   one budget, spent where it pays

r is a share of the full range, in [0, 1], before any normalisation; with r = 1 every picture is
inside the ball. A *tied* change is the same in both sensors. It exists only on the bands that both
have: slots 0 and 1 are red and green in either file (RGB stores red, green, blue, the second file
red, green, near infrared), so slot 2 stays as it is. Each sensor then clips at its own ends.

Pictures are stored with 8 bits. `rounded` puts a change on that grid and still inside its ball, and
`fits` is the check afterwards, by other code than the projection's.

Source: Madry et al. 2018, arXiv:1706.06083 [madry2018]. Lesson: 08_attacks.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from plantedu.data.renderer.factors import SENSORS
from plantedu.errors import require
from plantedu.topics.attacks.results.names import NORMS, WHERE

TIED_BANDS = 2  # slots 0 and 1 of either file: red, green
LEVELS = 255
_SLACK = 1e-3  # of one grey level: float32 is not exact
_SHRINK = (0.99, 0.97, 0.94, 0.9, 0.8)


@dataclass(frozen=True, eq=False)
class Budget:
    """What an attacker may change.

    Attributes:
        radius: Of sensor 1 (RGB) and 2 (RGN), shares of the full range; 0 leaves a sensor alone.
        norm: One of NORMS.
        tied: Whether both sensors get the same change, on red and green alone.
        mask: Where values may move: 1 or 0, anything that broadcasts to "2 batch 3 height width";
            None is everywhere.
        eight_bit: Whether changes lie on the grid of 8-bit files.
    """

    radius: tuple[float, float]
    norm: str = "linf"
    tied: bool = False
    mask: Tensor | None = None
    eight_bit: bool = True

    def __post_init__(self) -> None:
        for sensor, r in zip(SENSORS, self.radius, strict=True):
            require(
                isinstance(r, int | float) and 0 <= r <= 1,
                f"A radius is a share of the full range, 0 to 1; got {r!r} for {sensor}. "
                "Eight grey levels are 8/255 = 0.0314.",
            )
        require(self.norm in NORMS, f"norm is one of {', '.join(NORMS)}; got {self.norm!r}.")
        even = self.radius[0] == self.radius[1]
        one = even or not (self.tied or self.norm == "l2_pair")
        require(one, f"A tied change and l2_pair have one radius; got two, {self.radius}.")

    @classmethod
    def on(cls, sensors: str, radius: float, **knobs: object) -> "Budget":
        """The same radius on "rgb", on "rgn", on "both", or tied between both ("shared").

        Raises:
            PlantEduError: for another word, or a radius that is not in [0, 1].
        """
        require(sensors in WHERE, f"Sensors are one of {', '.join(WHERE)}; got {sensors!r}.")
        pair = tuple(radius if sensors in (s, "both", "shared") else 0.0 for s in SENSORS)
        return cls(pair, tied=sensors == "shared", **knobs)  # type: ignore[arg-type]

    def scaled(self, share: float) -> "Budget":
        """A share of this budget."""
        return replace(self, radius=(self.radius[0] * share, self.radius[1] * share))

    def allowed(self, like: Tensor) -> Tensor:
        """1 where a value may move, 0 elsewhere, of the shape of `like`."""
        open_ = like.new_ones(like.shape) * like.new_tensor(self.radius).gt(0).view(2, 1, 1, 1, 1)
        if self.mask is not None:
            open_ = open_ * self.mask.to(like)
        if self.tied:
            open_ = open_.prod(0, keepdim=True).expand_as(like).clone()
            open_[:, :, TIED_BANDS:] = 0
        return open_

    def limits(self, like: Tensor, scale: Tensor | float = 1.0) -> Tensor:
        """r_s, times a scale for each plant, "2 batch 1 1 1"."""
        scale = torch.as_tensor(scale, dtype=like.dtype).expand(like.shape[1])
        return (like.new_tensor(self.radius)[:, None] * scale)[:, :, None, None, None]

    def project(self, delta: Tensor, scale: Tensor | float = 1.0) -> Tensor:
        """The nearest change inside the ball (not yet inside [0, 1])."""
        limit = self.limits(delta, scale)
        if self.norm == "linf":
            return delta.clamp(-limit, limit)
        length, reach = self._length(delta), self._reach(limit, delta)
        return delta * (reach / length.clamp_min(1e-12)).clamp_max(1.0)

    def steepest(self, slope: Tensor) -> Tensor:
        """The change of size 1 (in units of the radius) that follows a slope furthest."""
        if self.norm == "linf":
            return slope.sign() * self.limits(slope)
        reach = self._reach(self.limits(slope), slope)
        return slope * reach / self._length(slope).clamp_min(1e-12)

    def pull(self, slope: Tensor) -> Tensor:
        """A slope on pictures as a slope on changes: what is tied adds up."""
        return slope.sum(0, keepdim=True).expand_as(slope) if self.tied else slope

    def rounded(self, delta: Tensor, scale: Tensor | float = 1.0) -> Tensor:
        """The change in grey levels: whole ones where files have 8 bits, and inside the ball."""
        levels = delta * LEVELS
        if not self.eight_bit:
            return levels
        whole = levels.round()
        if self.norm == "linf":
            most = (self.limits(delta, scale) * LEVELS + _SLACK).floor()
            return whole.clamp(-most, most)
        reach = self._reach(self.limits(delta, scale), delta) * LEVELS + _SLACK
        for share in _SHRINK:
            if not bool((over := self._length(whole) > reach).any()):
                return whole
            whole = torch.where(over, (share * levels).round(), whole)
        return torch.where(self._length(whole) > reach, levels.trunc(), whole)

    def draw(self, like: Tensor, generator: torch.Generator) -> Tensor:
        """A change drawn evenly from the cube, or from the sphere, before masks."""
        shape = (1, *like.shape[1:]) if self.tied else like.shape
        if self.norm == "linf":
            noise = 2 * torch.rand(shape, generator=generator) - 1
            return noise.to(like) * self.limits(like)
        noise = torch.randn(shape, generator=generator).to(like).expand_as(like)
        return self.steepest(noise * self.allowed(like))

    def fits(self, clean: Tensor, views: Tensor) -> bool:
        """Whether 8-bit views lie inside the ball around 8-bit clean ones, counted in levels."""
        moved = (views.double() - clean.double()).flatten(2)
        radius, D = torch.tensor(self.radius, dtype=torch.float64) * LEVELS, moved.shape[2]
        if self.norm == "linf":
            inside = (moved.abs().amax(2) <= radius[:, None] + 0.01).all()
        elif self.norm == "l2":
            inside = (moved.square().sum(2).sqrt() <= radius[:, None] * D**0.5 + 0.01).all()
        else:
            spent = moved.square().sum((0, 2)).sqrt()
            inside = (spent <= radius[0] * (2 * D) ** 0.5 + 0.01).all()
        closed = self.allowed(clean.double()).flatten(2) == 0
        return bool(inside) and not bool((moved * closed).any())

    def _length(self, delta: Tensor) -> Tensor:
        inside: Sequence[int] = (0, 2, 3, 4) if self.norm == "l2_pair" else (2, 3, 4)
        return delta.square().sum(tuple(inside), keepdim=True).sqrt()

    def _reach(self, limit: Tensor, like: Tensor) -> Tensor:
        """Largest length of a change: r sqrt(D) for each sensor, or of the pair."""
        D = like[0, 0].numel()
        return limit[:1] * (2 * D) ** 0.5 if self.norm == "l2_pair" else limit * D**0.5
