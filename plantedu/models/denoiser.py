"""A denoiser that draws both pictures of a plant, conditioned on an encoder's representation.

Flow matching, t from 0 (a picture) to 1 (noise), noise e of N(0, 1):

    x_t = (1 - t) x_0 + t e        target  e - x_0             ("flow")

v-prediction, with a_t^2 + s_t^2 = 1 of diffusers' cosine schedule:

    x_t = a_t x_0 + s_t e          target  a_t e - s_t x_0     ("v")

    loss = mean | u(x_t, t, c) - target |^2
    c    = sum over slots of   W_k n_k(r_k) + b_k  where representation k is given,  else  o_k

What an encoder says of one picture by one layer is a *slot*: n_k brings each of its numbers, or
each of its first principal components, to mean 0 and variance 1. c is added to the embedding of t,
from which every block takes its scale and shift, as the RCDM code does. With the learned o_k in
every slot nothing is said, and the picture is drawn freely. So one network serves many encoders:
none of them gets a better painter.

Inside, two by two pixels are one pixel with four times the channels (`fold`); a picture of a lower
resolution may stand beside x_t (`low`), which makes the upper stage of a cascade.

Source: Bordes et al. 2022, arXiv:2112.09164 [bordes2022]; Lipman et al. 2023, arXiv:2210.02747
[lipman2023]; Salimans and Ho 2022, arXiv:2202.00512 [salimans2022]. Lesson: 05_generation.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from plantedu.errors import require
from plantedu.models.unet import cosine_shares, unet

PREDICTIONS = ("flow", "v")
SENSORS: dict[str, int] = {"both": 6, "rgb": 3, "rgn": 3}  # channels of what is drawn
TIMES = 1000.0  # t = 1 as the network is given it


@dataclass(frozen=True)
class Noised:
    """A batch to learn from; noise and times are drawn outside, so a step can be done again.

    Attributes:
        images: In [0, 1].
        given: Representations by slot.
        kept: Which plants are given that slot; the others get its o_k.
        times: In (0, 1).
        noise: Of N(0, 1).
        low: Pictures of a lower resolution at the same side; None for a denoiser without.
    """

    images: Float[Tensor, "batch channels side side"]
    given: Mapping[str, Float[Tensor, "batch _"]]
    kept: Mapping[str, Bool[Tensor, " batch"]]
    times: Float[Tensor, " batch"]
    noise: Float[Tensor, "batch channels side side"]
    low: Float[Tensor, "batch channels side side"] | None = None


@dataclass(frozen=True)
class DenoiserLoss:
    """Total, named parts (0-d) and the events of a step."""

    total: Tensor
    parts: Mapping[str, Tensor] = field(default_factory=dict)
    events: tuple[tuple[str, str], ...] = ()


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


class Body(nn.Module):
    """The network and its slots: what is averaged over training, and what ships."""

    def __init__(self, unet: nn.Module, slots: Mapping[str, int], width: int, parts: int) -> None:
        super().__init__()
        self.unet = unet
        self.slots = nn.ModuleDict({n: Slot(dim, width, parts) for n, dim in slots.items()})

    def forward(
        self, x: Tensor, t: Tensor, given: Mapping[str, Tensor], kept: Mapping[str, Tensor]
    ) -> Tensor:
        c = sum(slot(given.get(name), kept.get(name), len(x)) for name, slot in self.slots.items())
        return self.unet(x, t * TIMES, class_labels=c, return_dict=False)[0]


class Denoiser(nn.Module):
    """The network, its loss, and the moving average of its weights that samples are drawn with.

    Attributes:
        slots: Width of each representation by the slot's name, such as cross-0/h/rgb.
        side, sensors, prediction: As given.
        body: What is trained.
        average: What draws; moves at the start of `loss`, None in a denoiser that only draws.
    """

    mean: Tensor
    std: Tensor
    step: Tensor
    kept_share: Tensor

    def __init__(
        self,
        *,
        side: int,
        slots: Mapping[str, int],
        sensors: str = "both",
        channels: tuple[int, ...] = (64, 96, 128),
        fold: int = 2,
        low: bool = False,
        parts: int = 0,
        prediction: str = "flow",
        decay: float | None = 0.999,
        seed: int,
    ) -> None:
        """Fresh weights; global random state is left as it was.

        Args:
            side: Pixels a side.
            slots: Width of each representation.
            sensors: A key of SENSORS.
            channels: Width of the U-Net at each resolution, multiples of 16.
            fold: Pixels a side that become one.
            low: Whether a picture of a lower resolution stands beside x_t.
            parts: Principal components of each representation that are given, each at variance 1;
                0 gives every number, each at variance 1.
            prediction: One of PREDICTIONS.
            decay: Of the moving average; None for a denoiser that is not trained.
            seed: Of the weights.

        Raises:
            PlantEduError: for a knob that cannot be.
        """
        super().__init__()
        known = ", ".join(PREDICTIONS)
        require(prediction in PREDICTIONS, f"prediction is one of {known}; got {prediction!r}.")
        require(sensors in SENSORS, f"sensors is one of {', '.join(SENSORS)}; got {sensors!r}.")
        step = fold * 2 ** (len(channels) - 1)
        require(
            side % step == 0 and all(c % 16 == 0 for c in channels),
            f"{len(channels)} widths folded by {fold} need a side that {step} divides and widths "
            f"that 16 divides; got side {side}, widths {channels}.",
        )
        self.side, self.sensors, self.slots = side, sensors, dict(slots)
        self.fold, self.low, self.parts = fold, low, parts
        self.prediction, self.decay = prediction, decay
        inside = SENSORS[sensors] * fold**2
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(seed)
            drawn = unet(side // fold, inside * (1 + low), inside, channels)
            self.body = Body(drawn, slots, 4 * channels[0], parts)
        self.average = None if decay is None else AveragedModel(self.body, avg_fn=self._averaged)
        self.register_buffer("mean", torch.full((SENSORS[sensors], 1, 1), 0.5))
        self.register_buffer("std", torch.full((SENSORS[sensors], 1, 1), 0.25))
        self.register_buffer("step", torch.zeros((), dtype=torch.long))
        self.register_buffer("kept_share", cosine_shares(), persistent=False)  # a_t^2

    def measure(self, images: Tensor, given: Mapping[str, Tensor]) -> None:
        """Take means and standard deviations of training plants, of pictures and of every slot."""
        with torch.no_grad():
            self.mean.copy_(images.mean((0, 2, 3))[:, None, None])
            self.std.copy_(images.std((0, 2, 3))[:, None, None])
            for part in (self.body, self._drawing()):
                for name, slot in part.slots.items():
                    slot.measure(given[name])  # type: ignore[operator]

    def adopt(self, other: "Denoiser") -> None:
        """Begin where another one draws: its network, and its slots that this one has too.

        Raises:
            PlantEduError: if the networks differ.
        """
        mine, theirs = self.body, other._drawing()
        same = {n: t.shape for n, t in mine.unet.state_dict().items()} == {
            n: t.shape for n, t in theirs.unet.state_dict().items()
        }
        require(same, "A denoiser begins with one of its own widths, side and sensors.")
        mine.unet.load_state_dict(theirs.unet.state_dict())
        for name, slot in mine.slots.items():
            if name in theirs.slots:
                slot.adopt(theirs.slots[name])  # type: ignore[operator]
        if self.average is not None:
            self.average.module.load_state_dict(mine.state_dict())

    def inward(self, images: Tensor) -> Tensor:
        """Pictures in [0, 1] as the network sees them, mean 0 and variance 1."""
        return (images - self.mean) / self.std

    def outward(self, x: Tensor) -> Tensor:
        """Back to pictures, clipped to [0, 1]."""
        return (x * self.std + self.mean).clamp(0, 1)

    def loss(self, batch: Noised) -> DenoiserLoss:
        """Loss of one training step; the average first takes in the step before.

        In evaluation mode nothing moves, and the loss is the average's.
        """
        if self.training and self.average is not None:
            if self.step > 0:
                self.average.update_parameters(self.body)
            self.step += 1
        x_t, target = self.noised(self.inward(batch.images), batch.times, batch.noise)
        low = None if batch.low is None else self.inward(batch.low)
        body = self.body if self.training else self._drawing()
        found = self._run(body, x_t, batch.times, batch.given, batch.kept, low)
        errors = (found.float() - target).square().mean((1, 2, 3))
        conditional = torch.stack(list(batch.kept.values())).any(0) if batch.kept else None
        parts = {} if conditional is None else {
            name: errors[rows].mean().detach()
            # the names of recorded curves
            for name, rows in (("error/told", conditional), ("error/untold", ~conditional))
            if rows.any()
        }  # fmt: skip
        return DenoiserLoss(errors.mean(), parts)

    def noised(self, x_0: Tensor, times: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        """x_t and the target at times in (0, 1)."""
        t = times[:, None, None, None]
        if self.prediction == "flow":
            return (1 - t) * x_0 + t * noise, noise - x_0
        share = self.kept_share[(times * TIMES).long().clamp(0, 999)][:, None, None, None]
        a, s = share.sqrt(), (1 - share).sqrt()
        return a * x_0 + s * noise, a * noise - s * x_0

    def velocity(
        self,
        x_t: Float[Tensor, "batch channels side side"],
        times: Float[Tensor, " batch"],
        given: Mapping[str, Float[Tensor, "batch _"]],
        low: Float[Tensor, "batch channels side side"] | None = None,
    ) -> Float[Tensor, "batch channels side side"]:
        """What the averaged network predicts at times in [0, 1]; slots that are not given have o_k.

        Raises:
            PlantEduError: for a slot that is not there, another width, or a number that is none.
        """
        check_given(given, self.slots)
        return self._run(self._drawing(), x_t, times, given, {}, low)

    def _drawing(self) -> Body:
        return self.body if self.average is None else self.average.module  # type: ignore[return-value]

    def _run(
        self,
        body: Body,
        x_t: Tensor,
        times: Tensor,
        given: Mapping[str, Tensor],
        kept: Mapping[str, Tensor],
        low: Tensor | None,
    ) -> Tensor:
        both = x_t if low is None else torch.cat([x_t, low], 1)
        return F.pixel_shuffle(
            body(F.pixel_unshuffle(both, self.fold), times, given, kept), self.fold
        )

    def _averaged(self, old: Tensor, new: Tensor, count: Tensor | int) -> Tensor:
        """The moving average; early on it forgets faster, so that the start does not linger."""
        decay = min(self.decay or 0.0, (1 + int(count)) / (10 + int(count)))
        return old.lerp(new, 1 - decay)


def check_given(given: Mapping[str, Tensor], slots: Mapping[str, int]) -> None:
    """Raise PlantEduError unless every representation has a slot, its width, and numbers."""
    for name, rows in given.items():
        require(
            name in slots,
            f"This denoiser has no slot {name!r}; it was trained on {', '.join(slots) or 'none'}.",
        )
        require(
            rows.ndim == 2 and rows.shape[1] == slots[name],
            f"{name} has {slots[name]} numbers a picture; got a shape of {tuple(rows.shape)}.",
        )
        require(
            bool(torch.isfinite(rows).all()),
            f"The representation for {name} holds NaN or infinity: nothing is drawn from it.",
        )
