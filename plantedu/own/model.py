"""One's own network, ready to be examined: any `nn.Module`, or words that name an encoder.

    me = model(net, layer="layer4", mean=.5, std=.25)
    you = model("timm:resnet18", weights="mine.safetensors")
    ours = model("cross-0")

Lesson: 06_similarity.
"""

import copy
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from plantedu.errors import PlantEduError, require
from plantedu.models.encoders import Encoder
from plantedu.own.images import Images
from plantedu.zoo.foreign_network import H, Reader
from plantedu.zoo.named_networks import Named, named_network, of_module, with_weights
from plantedu.zoo.random_init import CONTROL_SEEDS, field_pictures, random_encoder
from plantedu.zoo.random_twin import SETTLED_OWN, random_twin

Pictures = np.ndarray | Tensor | Images
BATCH = 32


@dataclass(frozen=True, eq=False, kw_only=True)
class Model:
    """A frozen copy of a network in evaluation mode, and how it takes pictures.

    Attributes:
        name: What it is called in tables and charts.
        network: Takes one normalised picture, "batch 3 side side", or two.
        layer: What is read: "h" (what its head reads), a module's name, or "input:NAME".
        side: Side in pixels of the pictures that it takes.
        mean, std: What pictures in [0, 1] are normalised by, red, green, blue.
        cameras: How many pictures it takes, 1 or 2.
        origin: How it was named, and where size and normalisation are from.
    """

    name: str
    network: nn.Module
    layer: str = H
    side: int = 224
    mean: tuple[float, float, float] = (0.0, 0.0, 0.0)
    std: tuple[float, float, float] = (1.0, 1.0, 1.0)
    cameras: int = 1
    origin: str = ""

    def __post_init__(self) -> None:
        bad = [k for k, v in self.network.state_dict().items()
               if v.is_floating_point() and not bool(v.isfinite().all())]  # fmt: skip
        require(
            not bad,
            f"Weights of {self.name} are not finite (NaN or infinite), first in {bad[:1]}: nothing "
            "that it says of a picture means anything.",
        )
        require(all(s > 0 for s in self.std), f"std must be above 0; got {self.std}.")
        assert self.reader.cameras == self.cameras  # and the layer has been tried

    @cached_property
    def reader(self) -> Reader:
        """The network with its normalisation, from pictures in [0, 1] to features."""
        return Reader(
            self.network, layer=self.layer, side=self.side, mean=self.mean, std=self.std
        ).eval()

    def features(self, pictures: Pictures, *, batch: int = BATCH) -> Tensor:
        """What the layer says, "pictures dim", float32 on the CPU, without gradients.

        Args:
            pictures: uint8, or floats in [0, 1]; "n 3 height width" or "n height width 3"; for two
                cameras "2 n 3 height width". Any size: they are resized to `side`.
            batch: Pictures per pass.

        Raises:
            PlantEduError: for another shape, numbers outside [0, 1], or features that are not
                finite.
        """
        with torch.inference_mode():
            parts = [self.differentiable(part) for part in self._batches(pictures, batch)]
        return finite(torch.cat(parts).float().cpu(), self.name).clone()

    def logits(self, pictures: Pictures, *, batch: int = BATCH) -> Tensor | None:
        """What the network's own head answers, "pictures classes"; None where it has none."""
        if not self.has_head:
            return None
        with torch.inference_mode():
            parts = [self.differentiable_logits(x) for x in self._batches(pictures, batch)]
        return torch.cat(parts).float().cpu().clone()

    def differentiable(self, pictures: Pictures) -> Tensor:
        """As `features`, of one batch, with gradients to the pictures, for attacks and maps."""
        return self.reader(*self._views(pictures))

    def differentiable_logits(self, pictures: Pictures) -> Tensor:
        """As `logits`, of one batch, with gradients to the pictures."""
        return self.reader.logits(*self._views(pictures))

    @property
    def has_head(self) -> bool:
        """Whether the network has a head of its own, whose answer `logits` gives."""
        return self.reader.has_head

    @cached_property
    def dim(self) -> int:
        """Width of what the layer says."""
        shape = (1, 3, self.side, self.side)
        return self.features(np.zeros(shape if self.cameras == 1 else (2, *shape), np.uint8)).shape[
            1
        ]

    def random_twin(
        self, seed: int = CONTROL_SEEDS[0], *, pictures: Pictures | None = None
    ) -> "Model":
        """The random-init control: the same architecture drawn anew, its batch norms settled.

        Args:
            seed: Of the weights.
            pictures: What batch norms are settled on, 64 of them, evenly chosen; None is plants
                of the course's `field`.
        """
        name, origin = f"random {self.name}", f"random-init of {self.origin}, seed {seed}"
        network: nn.Module
        if isinstance(self.network, Encoder) and pictures is None:
            network = random_encoder(self.network.name, side=self.side, seed=seed)
            network.requires_grad_(False)
        else:
            seen = self._views(self._settling(pictures))
            normal = tuple(self.reader.normalised(view) for view in seen)
            network = random_twin(self.network, seed=seed, pictures=normal)
        return replace(self, name=name, network=network, origin=origin)

    def at(self, layer: str) -> "Model":
        """The same network read at another layer."""
        return replace(self, layer=layer)

    def _settling(self, pictures: Pictures | None) -> Tensor:
        if pictures is None:
            x1, x2 = field_pictures(side=min(self.side, 64), plants=SETTLED_OWN)
            return x1 if self.cameras == 1 else torch.stack([x1, x2])
        whole = as_batch(pictures, self.cameras)
        n = whole.shape[-4]
        rows = torch.linspace(0, n - 1, min(SETTLED_OWN, n)).round().long()
        return whole.index_select(whole.ndim - 4, rows)  # evenly: folders are sorted by class

    def _batches(self, pictures: Pictures, size: int):
        """Batches of pictures; a memory map is read part by part."""
        whole = as_batch(pictures, self.cameras)
        n = whole.shape[-4]
        require(n > 0, "There is no picture.")
        for start in range(0, n, size):
            yield whole[..., start : start + size, :, :, :]

    def _views(self, pictures: Pictures) -> tuple[Tensor, ...]:
        """Pictures in [0, 1] at the network's side, one tensor a camera."""
        whole = in_unit(as_batch(pictures, self.cameras))
        return self.fitted(*([whole] if self.cameras == 1 else whole))

    def fitted(self, *views: Tensor) -> tuple[Tensor, ...]:
        """One tensor a camera, resized to the network's side, on its device."""
        device, size = self.reader.mean.device, (self.side, self.side)
        return tuple(_resized(view, size).to(device) for view in views)

    def __repr__(self) -> str:
        says = f"{self.side} px, mean {_short(self.mean)}, std {_short(self.std)}"
        return f"Model({self.name}, layer {self.layer}, {self.dim} numbers, {says}; {self.origin})"


def model(
    what: "str | nn.Module | Model",
    *,
    layer: str | nn.Module | None = None,
    weights: str | Path | None = None,
    mean: float | tuple[float, ...] | None = None,
    std: float | tuple[float, ...] | None = None,
    size: int | None = None,
) -> Model:
    """A network to examine.

    Args:
        what: An `nn.Module` of one picture or of two, or words: NAME (shipped), run:ID[@WHEN],
            file:PATH, timm:NAME[@FILE], py:MODULE:FUNCTION, random:SEED. The module is copied:
            yours stays as it is, in training mode or not.
        layer: What to read: None for h (what its head reads), a module or its name (pooled over
            places), "input:NAME".
        weights: A safetensors file or a state dict of torch (read with weights_only).
        mean, std: What pictures in [0, 1] are normalised by; by default as timm's configuration
            says, and for a module without one not at all.
        size: Side in pixels; by default timm's, and 224 for a module without a configuration.

    Raises:
        PlantEduError: for words or files that mean nothing here, three inputs, a layer that is not
            there or gives a tuple, a size that the network cannot take, or NaN weights.

    Lesson: 06_similarity.
    """
    if isinstance(what, Model):
        return what if layer is None else what.at(str(layer))
    named = named_network(what, code=True) if isinstance(what, str) else _copied(what)
    if weights is not None:
        named = with_weights(named, Path(weights))
    place = named.layer if layer is None else _place(layer, what, named)
    network = named.network.eval().requires_grad_(False)
    side = named.side if size is None else size
    require(isinstance(side, int) and 8 <= side <= 1024, f"size is 8 to 1024 pixels; got {size!r}.")
    return Model(
        name=named.name,
        network=network,
        layer=place,
        side=side,
        mean=named.mean if mean is None else triple("mean", mean),
        std=named.std if std is None else triple("std", std),
        cameras=named.cameras,
        origin=named.origin,
    )


def _copied(what: nn.Module) -> Named:
    require(isinstance(what, nn.Module), f"A model is words or an nn.Module; got {type(what)}.")
    try:
        return of_module(copy.deepcopy(what))
    except (RuntimeError, TypeError) as error:
        raise PlantEduError(
            f"{type(what).__name__} cannot be copied ({error}), and a network that still trains "
            "would change while it is examined. Give a copy of it that you made."
        ) from error


def _place(layer: str | nn.Module, what: "str | nn.Module | Model", named: Named) -> str:
    """A layer's name, from its name or from the module itself."""
    if isinstance(layer, str):
        return layer
    inside = what if isinstance(what, nn.Module) else named.network
    found = [name for name, part in inside.named_modules() if part is layer]  # type: ignore[union-attr]
    require(bool(found), f"This {type(layer).__name__} is no part of {named.name}.")
    return found[0]


def triple(name: str, value: float | tuple[float, ...]) -> tuple[float, float, float]:
    """A number for each band, from one or three.

    Raises:
        PlantEduError: for two or four.
    """
    values = np.atleast_1d(np.asarray(value, float)).ravel()
    require(
        len(values) in (1, 3) and bool(np.isfinite(values).all()),
        f"{name} is one number or three; got {value!r}.",
    )
    return tuple((values.tolist() * 3)[:3])  # type: ignore[return-value]


def finite(found: Tensor, name: str) -> Tensor:
    """Features, "pictures dim", as they are.

    Raises:
        PlantEduError: where some are not finite; says of how many pictures.
    """
    bad = int((~found.isfinite().all(1)).sum())
    require(not bad, f"Features of {bad} of {len(found)} pictures by {name} are not finite.")
    return found


def as_batch(pictures: Pictures, cameras: int = 1) -> Tensor:
    """Pictures as "n 3 height width" (two cameras: "2 n 3 height width"), in their own numbers.

    Raises:
        PlantEduError: for another shape; says what was expected.
    """
    ours = isinstance(pictures, Images)
    whole = pictures.views(cameras) if ours else torch.as_tensor(pictures)
    wanted = 4 if cameras == 1 else 5
    if whole.ndim == wanted and whole.shape[-3] != 3 and whole.shape[-1] == 3:
        whole = whole.movedim(-1, -3)
    fits = whole.ndim == wanted and whole.shape[-3] == 3 and (cameras == 1 or len(whole) == 2)
    like = "(n, 3, height, width)" if cameras == 1 else "(2, n, 3, height, width), one a camera"
    require(fits, f"Pictures of {cameras} camera(s) are {like}; got {tuple(whole.shape)}.")
    return whole


def in_unit(whole: Tensor) -> Tensor:
    """Pictures in [0, 1], from bytes or from [0, 1].

    Raises:
        PlantEduError: for other numbers.
    """
    if whole.dtype == torch.uint8:
        return whole.float() / 255
    plain = whole.detach()
    low, high = (float(plain.min()), float(plain.max())) if whole.numel() else (0.0, 0.0)
    require(
        whole.is_floating_point() and low >= 0 and high <= 1,
        f"Pictures are bytes, or lie in [0, 1] before any normalisation; got {whole.dtype} from "
        f"{low:.3g} to {high:.3g}. The model normalises for itself: see mean and std.",
    )
    return whole.float()


def _resized(view: Tensor, size: tuple[int, int]) -> Tensor:
    if tuple(view.shape[-2:]) == size:
        return view
    return F.interpolate(view, size=size, mode="bilinear", antialias=True)


def _short(values: tuple[float, ...]) -> str:
    return f"{values[0]:g}" if len(set(values)) == 1 else "/".join(f"{v:.3g}" for v in values)
