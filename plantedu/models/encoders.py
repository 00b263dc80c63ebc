"""Encoders: timm networks that take images in [0, 1] and give one vector per image.

Any timm name works. The family at the foot is the course's own ladder, made from the arguments
of timm's `res2next50` alone, so that a checkpoint of any rung is a plain timm network. Weights
always start at random, and nothing is downloaded.

Source: Gao et al. 2021, arXiv:1904.01169 (Res2Net) [gao2021]; timm [wightman2019].
"""

import difflib
from typing import Any

import timm
import torch
from jaxtyping import Float
from torch import Tensor, nn

from plantedu.errors import PlantEduError, require
from plantedu.models.pooling import channels_first

# Arguments of timm's res2next50. Forward and backward of 256 images of 40 px on one EPYC core:
# tiny .30 s (.50 s without channels_last), small .67 s (.91 s); most of tiny's is memory traffic of
# the stem, the split convolutions about a tenth. Again: benchmarks/swav_step.py.
FAMILY: dict[str, dict[str, Any]] = {
    "res2next_tiny": {"layers": (1, 1, 1, 1), "channels": (16, 32, 64, 128)},
    "res2next_small": {"layers": (1, 1, 1, 1), "channels": (32, 64, 128, 256)},
    "res2next50": {},
}
ENCODERS: tuple[str, ...] = tuple(FAMILY)


class Encoder(nn.Module):
    """A timm network without its classifier, normalising for itself.

    Attributes:
        name: What `make_encoder` was asked for.
        dim: Width of the pooled feature h.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, body: nn.Module, name: str) -> None:
        super().__init__()
        self.name = name
        # Some heads widen after pooling (MobileNetV3); h is what leaves them.
        self.dim = int(getattr(body, "head_hidden_size", body.num_features))  # type: ignore[arg-type]
        # 1.3 to 1.7 times as fast on a CPU, and what tensor cores want.
        self.body = body.to(memory_format=torch.channels_last)
        config: Any = getattr(body, "default_cfg", {})
        for key in ("mean", "std"):
            self.register_buffer(key, torch.tensor(config[key]).view(1, 3, 1, 1), persistent=False)

    def forward(self, images: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch dim"]:
        """Pooled features h of images in [0, 1]."""
        return self.body(self.normalised(images))

    def maps(self, images: Float[Tensor, "batch 3 height width"]) -> Tensor:
        """Features before pooling, "batch dim rows columns" (tokens for a transformer)."""
        found = self.body.forward_features(self.normalised(images))  # type: ignore[operator]
        return channels_first(found, int(self.body.num_features)) if found.ndim == 4 else found  # type: ignore[arg-type]

    def normalised(self, images: Tensor) -> Tensor:
        """Images in [0, 1] as the body takes them: mean 0, variance 1, channels last."""
        images = images.contiguous(memory_format=torch.channels_last)
        return (images - self.mean) / self.std


def make_encoder(name: str, *, seed: int, side: int | None = None) -> Encoder:
    """A fresh encoder; the same name and seed give the same weights.

    Args:
        name: One of ENCODERS, or any timm network.
        seed: Seed of the weights; global random state is left as it was.
        side: Side in pixels of the images that it will see; None to leave that unchecked.

    Raises:
        PlantEduError: if timm has no network of that name, or it cannot take images of that side.
    """
    known = name in FAMILY or timm.is_model(name)
    require(known, f"No encoder is called {name!r}. {_like(name)}")
    encoder = _build(name, seed)
    if side is not None:
        _try_out(encoder, side)
    return encoder


def _build(name: str, seed: int) -> Encoder:
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        try:
            body = timm.create_model(
                "res2next50" if name in FAMILY else name,
                pretrained=False,
                num_classes=0,
                **FAMILY.get(name, {}),
            )
        except (TypeError, RuntimeError, AssertionError) as error:
            raise PlantEduError(f"timm could not build {name!r}: {error}") from error
    return Encoder(body, name)


@torch.no_grad()
def _try_out(encoder: Encoder, side: int) -> None:
    """Raise PlantEduError unless an image of this side passes."""
    encoder.eval()
    try:
        encoder(torch.zeros(1, 3, side, side))
    except (AssertionError, RuntimeError, ValueError) as error:
        raise PlantEduError(
            f"Encoder {encoder.name!r} cannot take images of {side} x {side} pixels ({error}); "
            "choose another crop size or another encoder."
        ) from error
    finally:
        encoder.train()


def _like(name: str) -> str:
    """What the user may have meant."""
    close = difflib.get_close_matches(name, [*FAMILY, *timm.list_models()], n=3, cutoff=0.6)
    known = f"The course's own are {', '.join(ENCODERS)}; any timm name works too."
    return f"Did you mean {' or '.join(close)}? {known}" if close else known
