"""Attribution methods, all of them captum's, as one family over pairs, or over one camera.

    gxi         x * ds/dx
    ig          (x - x') * integral of ds/dx from x' to x;  sum = s(x) - s(x')   (completeness)
    smoothgrad  mean of ds/dx at x + noise
    gradshap    mean of (x - x') * ds/dx at random points of paths from random x'
    occlusion   s(x) - s(x with a window filled from x'), windows averaged where they overlap
    gradcam     relu(sum_k mean(ds/dA_k) A_k) of a layer's maps A, enlarged
    guided      ds/dx with negative slopes cut off at every ReLU; known to be bad, kept as such

A map has the sign of the attribution, summed over the three bands. What is graded is
`Attribution.relevance`: |attribution| summed over bands, so that plus and minus do not cancel.

Source: captum [kokhlikyan2020]; Sundararajan et al. 2017, arXiv:1703.01365 [sundararajan2017];
Smilkov et al. 2017, arXiv:1706.03825 [smilkov2017]; Lundberg & Lee 2017, arXiv:1705.07874
[lundberg2017]; Zeiler & Fergus 2013, arXiv:1311.2901 [zeiler2014]; Selvaraju et al. 2016,
arXiv:1610.02391 [selvaraju2017]; Springenberg et al. 2014, arXiv:1412.6806 [springenberg2015].
Lesson: 09_attribution.
"""

import copy
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from captum import attr
from torch import Tensor, nn

from plantedu.errors import require
from plantedu.topics.attribution.layers import layer_of
from plantedu.topics.attribution.pair import Batch, reference
from plantedu.topics.attribution.targets import Scored

Check = Callable[[], None]
Both = tuple[Tensor, ...]  # a picture a camera
Parts = tuple[Any, Tensor | None]  # captum's own types leave the number of inputs open
CHUNK = 8  # plants at once


@dataclass(frozen=True, eq=False)
class Attribution:
    """What a method says of some pairs.

    Attributes:
        signed: Attribution summed over bands, "2 plants height width" (1 for one camera).
        relevance: |attribution| summed over bands, the same shape, never negative.
        delta: Sum of the map less s(x) - s(x'), by plant; None where nothing says they are equal.
        bands: Attribution of every value of both pictures, "plants 3 height width" each.
    """

    signed: np.ndarray
    relevance: np.ndarray
    delta: np.ndarray | None
    bands: Both

    @property
    def sensor_share(self) -> np.ndarray:
        """RGB's share of each plant's relevance; NaN where the map is 0 everywhere."""
        mass = self.relevance.sum((2, 3))
        total = mass.sum(0)
        return np.where(total > 0, mass[0] / np.where(total > 0, total, 1), np.nan)

    def require_some(self, what: str) -> None:
        """Refuse maps that are 0 everywhere: they have no share of anything.

        Args:
            what: What was mapped, in words.

        Raises:
            PlantEduError: naming the plants, by row.
        """
        bare = np.flatnonzero(~np.isfinite(self.sensor_share))
        require(
            bare.size == 0,
            f"The map of {what} is 0 everywhere for {bare.size} of {self.relevance.shape[1]} "
            f"plants, rows {bare[:8].tolist()}: nothing in their pictures moves the score, as in a "
            "black picture. There is no share to report; leave these plants out.",
        )


@dataclass(frozen=True, kw_only=True)
class Method:
    """One of the family; `_of` is left to be written.

    Attributes:
        draws: The method draws at random: plants are then taken one at a time, each with the same
            draws, so that no plant's map depends on its neighbours.
        against: Reference picture, where the method has one: black, blur, mean.
    """

    name: ClassVar[str]
    draws: ClassVar[bool] = False
    against: str = "black"

    def __call__(
        self,
        scored: Scored,
        pair: Batch,
        target: int,
        *,
        generator: torch.Generator,
        check: Check = lambda: None,
    ) -> Attribution:
        """Attribute one score of some pairs to their pixels.

        Args:
            scored: The network, in evaluation mode.
            pair: The pictures.
            target: Which score.
            generator: Draws noise and paths, where a method does.
            check: Called between chunks of plants; may raise to stop.

        Raises:
            PlantEduError: for a target out of range, or a network that the method does not fit.
        """
        scored.target(target)
        kept: list[Parts] = []
        seed, size = _seed(generator), 1 if self.draws else CHUNK
        for start in range(0, len(pair), size):
            check()
            with _seeded(seed):
                kept.append(self._of(scored, pair.rows(slice(start, start + size)), target))
        cameras = range(len(pair.both))
        maps = [torch.cat([one[0][s] for one in kept]).detach().contiguous() for s in cameras]
        both = torch.stack(maps).double().numpy()
        require(bool(np.isfinite(both).all()), f"{self.name} gave values that are not finite.")
        deltas = [one[1] for one in kept if one[1] is not None]
        delta = torch.cat(deltas).detach().double().numpy() if deltas else None
        return Attribution(both.sum(2), np.abs(both).sum(2), delta, tuple(maps))

    def _of(self, scored: Scored, pair: Batch, target: int) -> Parts:
        """Attributions "plants bands height width" of a camera's pictures each, and the delta."""
        raise NotImplementedError


def _seed(generator: torch.Generator) -> int:
    return int(torch.randint(2**31, (1,), generator=generator))


def seeded(generator: torch.Generator) -> AbstractContextManager[None]:
    """captum draws from global random states: set them from a generator, and put them back."""
    return _seeded(_seed(generator))


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """The same from a number."""
    state = np.random.get_state()  # noqa: NPY002
    with torch.random.fork_rng(devices=[]), warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        torch.default_generator.manual_seed(seed)
        np.random.seed(seed % 2**32)  # noqa: NPY002
        try:
            yield
        finally:
            np.random.set_state(state)  # noqa: NPY002


@dataclass(frozen=True, kw_only=True)
class GradientXInput(Method):
    """captum.attr.InputXGradient."""

    name: ClassVar[str] = "gxi"

    def _of(self, scored: Scored, pair: Batch, target: int) -> Parts:
        return attr.InputXGradient(scored).attribute(pair.both, target=target), None


@dataclass(frozen=True, kw_only=True)
class Integrated(Method):
    """captum.attr.IntegratedGradients, Gauss-Legendre.

    Attributes:
        steps: Points of the path.
    """

    name: ClassVar[str] = "ig"
    steps: int = 32

    def __post_init__(self) -> None:
        require(self.steps >= 1, f"steps must be 1 or more, got {self.steps}.")

    def _of(self, scored: Scored, pair: Batch, target: int) -> Parts:
        return attr.IntegratedGradients(scored).attribute(
            pair.both,
            baselines=reference(pair, self.against),
            target=target,
            n_steps=self.steps,
            internal_batch_size=128,
            return_convergence_delta=True,
        )


@dataclass(frozen=True, kw_only=True)
class SmoothGrad(Method):
    """captum.attr.NoiseTunnel over Saliency, signs kept.

    Attributes:
        samples: Noisy copies.
        noise: Standard deviation of the noise, in [0, 1] units.
    """

    name: ClassVar[str] = "smoothgrad"
    draws: ClassVar[bool] = True
    samples: int = 16
    noise: float = 0.1

    def _of(self, scored: Scored, pair: Batch, target: int) -> Parts:
        tunnel = attr.NoiseTunnel(attr.Saliency(scored))
        found = tunnel.attribute(
            pair.both,
            nt_type="smoothgrad",
            nt_samples=self.samples,
            stdevs=self.noise,
            target=target,
            abs=False,
        )
        return found, None


@dataclass(frozen=True, kw_only=True)
class GradientShap(Method):
    """captum.attr.GradientShap; random x' are the three references of the plant itself.

    Attributes:
        samples: Random paths.
        noise: Standard deviation of noise added to x.
    """

    name: ClassVar[str] = "gradshap"
    draws: ClassVar[bool] = True
    samples: int = 16
    noise: float = 0.02

    def _of(self, scored: Scored, pair: Batch, target: int) -> Parts:
        kinds = [reference(pair, kind) for kind in ("black", "blur", "mean")]
        starts = tuple(torch.cat([kind[s] for kind in kinds]) for s in range(len(pair.both)))
        shap = attr.GradientShap(scored)
        found = shap.attribute(
            pair.both, starts, n_samples=self.samples, stdevs=self.noise, target=target
        )
        return found, None


@dataclass(frozen=True, kw_only=True)
class Occlude(Method):
    """captum.attr.Occlusion, one sensor's picture at a time.

    Attributes:
        window: Side of the window, in pixels.
        stride: Pixels between windows.
    """

    name: ClassVar[str] = "occlusion"
    window: int = 8
    stride: int = 4

    def __post_init__(self) -> None:
        fits = 1 <= self.stride <= self.window
        require(fits, f"Windows of {self.window} pixels need a stride from 1 to that side.")

    def _of(self, scored: Scored, pair: Batch, target: int) -> Parts:
        side = pair.x1.shape[-1]
        require(self.window <= side, f"A window of {self.window} is larger than {side} pixels.")
        with torch.no_grad():
            found = attr.Occlusion(scored).attribute(
                pair.both,
                sliding_window_shapes=((3, self.window, self.window),) * len(pair.both),
                strides=((3, self.stride, self.stride),) * len(pair.both),
                baselines=reference(pair, self.against),
                target=target,
                perturbations_per_eval=16,
            )
        return found, None


@dataclass(frozen=True, kw_only=True)
class GradCam(Method):
    """captum.attr.LayerGradCam, enlarged by LayerAttribution.interpolate.

    Attributes:
        layer: A stage of the encoder with spatial extent.
    """

    name: ClassVar[str] = "gradcam"
    layer: str = "layer2"

    def _of(self, scored: Scored, pair: Batch, target: int) -> Parts:
        layer = layer_of(scored, self.layer, pair)
        cam = attr.LayerGradCam(scored, layer)
        found: Any = cam.attribute(pair.both, target=target, relu_attributions=True)
        size = tuple(pair.x1.shape[-2:])
        enlarged: Any = attr.LayerAttribution.interpolate(found, size, "bilinear")
        bands = (enlarged / 3).expand(-1, 3, -1, -1)  # a third to each band
        return bands.chunk(len(pair.both)), None


@dataclass(frozen=True, kw_only=True)
class Guided(Method):
    """captum.attr.GuidedBackprop, on a copy whose ReLUs do not work in place."""

    name: ClassVar[str] = "guided"

    def _of(self, scored: Scored, pair: Batch, target: int) -> Parts:
        twin = copy.deepcopy(scored)
        relus = [m for m in twin.modules() if isinstance(m, nn.ReLU)]
        require(bool(relus), "Guided backprop changes ReLUs, and this network has none.")
        for one in relus:
            one.inplace = False
        return attr.GuidedBackprop(twin).attribute(pair.both, target=target), None


FAMILY: tuple[type[Method], ...] = (
    GradientXInput,
    Integrated,
    SmoothGrad,
    GradientShap,
    Occlude,
    GradCam,
    Guided,
)


def method(name: str, **knobs: Any) -> Method:
    """A member by name.

    Raises:
        PlantEduError: for a name or a knob that is not there.
    """
    known = {one.name: one for one in FAMILY}
    require(name in known, f"No method {name!r}; there are {', '.join(known)}.")
    kind = known[name]
    strange = sorted(set(knobs) - set(kind.__dataclass_fields__))
    require(not strange, f"{name} has no knob {', '.join(strange)}.")
    return kind(**knobs)
