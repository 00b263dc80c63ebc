"""A denoiser that draws both pictures of a plant, conditioned on an encoder's representation.

Flow matching, t from 0 (a picture) to 1 (noise), noise e of N(0, 1):

    x_t = (1 - t) x_0 + t e        target  e - x_0             ("flow")

v-prediction, with a_t^2 + s_t^2 = 1 of diffusers' cosine schedule:

    x_t = a_t x_0 + s_t e          target  a_t e - s_t x_0     ("v")

    loss = mean | u(x_t, t, c) - target |^2

c is what the slots say of one plant (`denoiser_body.py`), added to the embedding of t, from which
every block takes its scale and shift, as the RCDM code does. With the learned o_k in every slot
nothing is said, and the picture is drawn freely. So one network serves many encoders: none of them
gets a better painter.

The network's output F may be the target itself, or the picture (`output`). Then, for flow matching,

    x = k x_t + F      k = (1 - t) d^2 / ((1 - t)^2 d^2 + t^2)      u = (x_t - x) / t

A picture has fewer dimensions than noise, so a narrow network with large patches learns it sooner;
k is Karras' skip for what a pixel has by itself, of standard deviation d. Detail that large patches
leave out may be added to x by a small network (`detail.py`).

Inside, some pixels a side are one pixel with more channels (`fold`); a picture of a lower
resolution may stand beside x_t (`low`), which makes the upper stage of a cascade. The same noise
hides less of a picture of more pixels, for neighbours average it out: so larger pictures enter with
a smaller standard deviation (`scale`), and t means the same at every side.

Source: Bordes et al. 2022, arXiv:2112.09164 [bordes2022]; Lipman et al. 2023, arXiv:2210.02747
[lipman2023]; Salimans and Ho 2022, arXiv:2202.00512 [salimans2022]; Karras et al. 2022,
arXiv:2206.00364 [karras2022]; Chen 2023, arXiv:2301.10972 [chen2023]; Li and He 2025,
arXiv:2511.13720 [li2025]. Lesson: 05_generation.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from plantedu.errors import require
from plantedu.models.denoiser_body import MAPS, TIMES, Body
from plantedu.models.detail import Detail
from plantedu.models.unet import cosine_shares, unet

PREDICTIONS = ("flow", "v")
OUTPUTS = ("target", "picture")  # what the network's output is
SENSORS: dict[str, int] = {"both": 6, "rgb": 3, "rgn": 3}  # channels of what is drawn
ALONE = 0.25  # d: what a pixel has by itself (texture, sensor noise), of a picture of variance 1
LEAST_TIME = 0.05  # an error in the picture is divided by t


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
        crop: Top, left and side of the part that is learned from; None for all of it.
    """

    images: Float[Tensor, "batch channels side side"]
    given: Mapping[str, Float[Tensor, "batch _"]]
    kept: Mapping[str, Bool[Tensor, " batch"]]
    times: Float[Tensor, " batch"]
    noise: Float[Tensor, "batch channels side side"]
    low: Float[Tensor, "batch channels side side"] | None = None
    crop: tuple[int, int, int] | None = None


@dataclass(frozen=True)
class DenoiserLoss:
    """Total, named parts (0-d) and the events of a step."""

    total: Tensor
    parts: Mapping[str, Tensor] = field(default_factory=dict)
    events: tuple[tuple[str, str], ...] = ()


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
        output: str = "target",
        joint: bool = False,
        detail: bool = False,
        scale: float = 1.0,
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
            output: One of OUTPUTS; the picture for flow matching alone.
            joint: Whether what is said of X1 and of X2 is read together.
            detail: Whether a small network adds what the patches leave out (`detail.py`).
            scale: Standard deviation of pictures as they enter; the noise has 1.
            decay: Of the moving average; None for a denoiser that is not trained.
            seed: Of the weights.

        Raises:
            PlantEduError: for a knob that cannot be.
        """
        super().__init__()
        known = ", ".join(PREDICTIONS)
        require(prediction in PREDICTIONS, f"prediction is one of {known}; got {prediction!r}.")
        require(output in OUTPUTS, f"output is one of {', '.join(OUTPUTS)}; got {output!r}.")
        require(
            output == "target" or prediction == "flow",
            f"A network that puts out the picture is for flow matching; got {prediction!r}.",
        )
        require(
            output == "picture" or not detail,
            f"Detail is added where the network puts out the picture; got output {output!r}.",
        )
        require(sensors in SENSORS, f"sensors is one of {', '.join(SENSORS)}; got {sensors!r}.")
        step = fold * 2 ** (len(channels) - 1)
        require(
            side % step == 0 and all(c % 16 == 0 for c in channels),
            f"{len(channels)} widths folded by {fold} need a side that {step} divides and widths "
            f"that 16 divides; got side {side}, widths {channels}.",
        )
        self.side, self.sensors, self.slots = side, sensors, dict(slots)
        self.fold, self.low, self.parts = fold, low, parts
        self.prediction, self.output, self.decay = prediction, output, decay
        self.scale = scale
        inside = SENSORS[sensors] * fold**2
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(seed)
            into = inside * (1 + low) + MAPS * joint
            drawn = unet(side // fold, into, inside, channels)
            adds = Detail(SENSORS[sensors], scale) if detail else None
            self.body = Body(drawn, slots, 4 * channels[0], parts, joint, adds)
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
            for part in (self.body, self.drawing()):
                for name, slot in part.slots.items():
                    slot.measure(given[name])  # type: ignore[operator]

    def freeze(self) -> None:
        """Detail alone has gradients from here."""
        assert self.body.detail is not None
        self.body.requires_grad_(False)
        self.body.detail.requires_grad_(True)

    def inward(self, images: Tensor) -> Tensor:
        """Pictures in [0, 1] as the network sees them, mean 0, standard deviation `scale`."""
        return (images - self.mean) * (self.scale / self.std)

    def outward(self, x: Tensor) -> Tensor:
        """Back to pictures, clipped to [0, 1]."""
        return (x * (self.std / self.scale) + self.mean).clamp(0, 1)

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
        body = self.body if self.training else self.drawing()
        found = self._run(body, x_t, batch.times, batch.given, batch.kept, low, batch.crop)
        target = _cut(target, batch.crop)
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
        return self._run(self.drawing(), x_t, times, given, {}, low)

    def drawing(self) -> Body:
        """What draws: the averaged network, or the network where nothing is averaged."""
        return self.body if self.average is None else self.average.module  # type: ignore[return-value]

    def _run(
        self,
        body: Body,
        x_t: Tensor,
        times: Tensor,
        given: Mapping[str, Tensor],
        kept: Mapping[str, Tensor],
        low: Tensor | None,
        crop: tuple[int, int, int] | None = None,
    ) -> Tensor:
        both = x_t if low is None else torch.cat([x_t, low], 1)
        found = F.pixel_shuffle(
            body(F.pixel_unshuffle(both, self.fold), times, given, kept), self.fold
        )
        if self.output == "target":
            return found
        x = _pictured(x_t, found.float(), times, self.scale * ALONE)
        if body.detail is not None:
            x_t, x = _cut(x_t, crop), _cut(x, crop)
            x = x + body.detail(x_t, x, times)
        return (x_t - x) / times.clamp_min(LEAST_TIME)[:, None, None, None]

    def _averaged(self, old: Tensor, new: Tensor, count: Tensor | int) -> Tensor:
        """The moving average; early on it forgets faster, so that the start does not linger."""
        decay = min(self.decay or 0.0, (1 + int(count)) / (10 + int(count)))
        return old.lerp(new, 1 - decay)


def _pictured(x_t: Tensor, found: Tensor, times: Tensor, d: float) -> Tensor:
    """x where the network puts out the picture; u is then (x_t - x) / t."""
    t = times[:, None, None, None]
    alone = (1 - t) * d**2
    kept = alone / ((1 - t) * alone + t**2)
    return kept * x_t + found


def _cut(pictures: Tensor, crop: tuple[int, int, int] | None) -> Tensor:
    """The part of pictures that is learned from."""
    if crop is None:
        return pictures
    top, left, side = crop
    return pictures[..., top : top + side, left : left + side]


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
