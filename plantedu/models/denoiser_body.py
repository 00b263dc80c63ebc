"""The condition of a denoiser, and its network: slots, what joins them, and a U-Net.

    c    = s_1 + s_2 (+ M(s_1, s_2))      s_1, s_2: sums over the slots of X1 and of X2
    s_k  = W_k n_k(r_k) + b_k             where representation k is given,  else  o_k

n_k brings each number of a representation, or each of its first principal components, to mean 0
and variance 1. What an encoder says of one picture by one layer is a *slot*. Read together
(`joint`), M has two layers, and a small picture A(s_1, s_2), A linear, stands beside x_t.

Source: Bordes et al. 2022, arXiv:2112.09164 [bordes2022]. Lesson: 05_generation.
"""

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from plantedu.models.detail import Detail

TIMES = 1000.0  # t = 1 as the network is given it
MAPS, MAP_SIDE = 16, 8  # channels and side of the small picture that is made of what is said


class Slot(nn.Module):
    """What one layer of one encoder says of one picture, as an addition to the embedding of t."""

    mean: Tensor
    basis: Tensor

    def __init__(self, dim: int, width: int, parts: int) -> None:
        super().__init__()
        self.parts = min(parts, dim) or dim
        self.told = nn.Linear(self.parts, width)  # told, untold: names in the weights that ship
        self.untold = nn.Parameter(torch.zeros(width))
        self.register_buffer("mean", torch.zeros(dim))
        basis = torch.eye(dim)[:, : self.parts] if parts else torch.ones(dim)
        self.register_buffer("basis", basis.clone())

    def measure(self, representations: Float[Tensor, "n dim"]) -> None:
        """Take n_k from training plants; a number that stands still is left out of it."""
        rows = representations.double()
        mean = rows.mean(0)
        if self.basis.ndim == 2:
            variances, directions = torch.linalg.eigh((rows - mean).T.cov(correction=0))
            largest = variances.flip(0)[: self.parts].clamp_min(1e-6 * variances[-1])
            basis = directions.flip(1)[:, : self.parts] / largest.sqrt()
        else:
            std = rows.std(0)
            basis = torch.where(std > 1e-6, 1 / std.clamp_min(1e-6), torch.zeros_like(std))
        self.mean.copy_(mean)
        self.basis.copy_(basis)

    def adopt(self, other: "Slot") -> None:
        """Say what another slot says of the same representation, as far as the basis allows."""
        mine, theirs = (s.basis if s.basis.ndim == 2 else s.basis.diag() for s in (self, other))
        back = torch.linalg.pinv(mine.double())  # from n_k(r) to r - mean
        moved = other.told.weight.double() @ theirs.double().T
        shift = moved @ (self.mean - other.mean).double()
        with torch.no_grad():
            self.told.weight.copy_(moved @ back.T)
            self.told.bias.copy_(other.told.bias + shift)
            self.untold.copy_(other.untold)

    def entering(self, r: Float[Tensor, "n dim"]) -> Float[Tensor, "n parts"]:
        """n_k(r): numbers of variance 1, before the slot's own weights."""
        moved = r - self.mean
        return moved @ self.basis if self.basis.ndim == 2 else moved * self.basis

    def forward(self, given: Tensor | None, kept: Tensor | None, batch: int) -> Tensor:
        if given is None:
            return self.untold.expand(batch, -1)
        said = self.told(self.entering(given))
        return said if kept is None else torch.where(kept[:, None], said, self.untold)


class Joint(nn.Module):
    """What is said of X1 and of X2, read together: M and A of the module's head."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.mixed = nn.Sequential(
            nn.Linear(2 * width, 2 * width), nn.SiLU(), nn.Linear(2 * width, width)
        )
        self.drawn = nn.Linear(2 * width, MAPS * MAP_SIDE**2)

    def forward(
        self, said: Float[Tensor, "n twice"]
    ) -> tuple[Float[Tensor, "n width"], Float[Tensor, "n maps side side"]]:
        return self.mixed(said), self.drawn(said).unflatten(1, (MAPS, MAP_SIDE, MAP_SIDE))


class Body(nn.Module):
    """The network, its slots and its detail: what is averaged over training, and what ships."""

    def __init__(
        self,
        unet: nn.Module,
        slots: Mapping[str, int],
        width: int,
        parts: int,
        joint: bool = False,
        detail: Detail | None = None,
    ) -> None:
        super().__init__()
        self.unet = unet
        self.slots = nn.ModuleDict({n: Slot(dim, width, parts) for n, dim in slots.items()})
        self.joint = Joint(width) if joint else None
        self.detail = detail

    def forward(
        self, x: Tensor, t: Tensor, given: Mapping[str, Tensor], kept: Mapping[str, Tensor]
    ) -> Tensor:
        said: dict[bool, Tensor | int] = {False: 0, True: 0}
        for name, slot in self.slots.items():
            second = name.endswith("/rgn")
            said[second] = said[second] + slot(given.get(name), kept.get(name), len(x))
        c = said[False] + said[True]
        if self.joint is not None:
            none = torch.zeros_like(c)  # type: ignore[arg-type]
            mixed, drawn = self.joint(torch.cat([none + said[False], none + said[True]], 1))
            drawn = F.interpolate(drawn.to(x.dtype), size=x.shape[-2:], mode="bilinear")
            c, x = c + mixed, torch.cat([x, drawn], 1)
        return self.unet(x, t * TIMES, class_labels=c, return_dict=False)[0]
