"""A copy of an encoder for reading: batch norms folded into the convolutions before them.

    norm(w * x + b) = (g w) * x + (g (b - m) + beta),     g = gamma / sqrt(v + eps)

In evaluation mode a batch norm is a fixed scale and shift of each channel, so it can be part of the
convolution's own weights, and a pass saves what the norm would read and write. The features are
those of the encoder up to rounding (tested). The copy is for reading alone: it holds no gradients,
and takes in the encoder's weights anew when it is told to.
"""

from copy import deepcopy

import torch
from jaxtyping import Float
from torch import Tensor, nn

from plantedu.models.encoders import Encoder

TOLERANCE = 1e-4  # of the largest feature


class Folded:
    """Reads as an encoder in evaluation mode does."""

    def __init__(self, encoder: Encoder, pairs: dict[str, str]) -> None:
        """Make the copy; `pairs` names the convolution before each norm."""
        self.pairs = pairs
        self.body = deepcopy(encoder.body).eval().requires_grad_(False)
        for norm, conv in pairs.items():
            layer = self.body.get_submodule(conv)
            layer.bias = nn.Parameter(torch.zeros(layer.out_channels), requires_grad=False)  # type: ignore[arg-type]
            parent, _, leaf = norm.rpartition(".")
            self.body.get_submodule(parent)._modules[leaf] = nn.Identity()
        self.take(encoder)

    @torch.no_grad()
    def take(self, encoder: Encoder) -> None:
        """Take in the weights of an encoder of the same architecture."""
        weights = encoder.body.state_dict()
        for name, tensor in self.body.state_dict().items():
            if name in weights:
                tensor.copy_(weights[name])
        for norm, conv in self.pairs.items():
            mine, layer = self.body.get_submodule(conv), encoder.body.get_submodule(norm)
            g = layer.weight / (layer.running_var + layer.eps).sqrt()  # type: ignore[operator]
            b = weights.get(f"{conv}.bias", torch.zeros_like(g))
            mine.weight.mul_(g[:, None, None, None])  # type: ignore[union-attr, operator]
            mine.bias.copy_(layer.bias + g * (b - layer.running_mean))  # type: ignore[union-attr, operator]

    @torch.no_grad()
    def read(
        self, normalised: Float[Tensor, "n 3 side side"], *, batch: int = 128
    ) -> Float[Tensor, "n dim"]:
        """Features of images that `Encoder.normalised` has seen."""
        return torch.cat([self.body(part) for part in normalised.split(batch)])


def folded(encoder: nn.Module, example: Float[Tensor, "n 3 side side"]) -> Folded | None:
    """A copy for reading, or None where folding would not give the encoder's own features.

    Args:
        encoder: On a CPU, not compiled; else None comes back.
        example: Some images in [0, 1], on which the copy is checked.
    """
    if not isinstance(encoder, Encoder) or not _plain(encoder):
        return None
    modes = [(part, part.training) for part in encoder.modules()]
    encoder.eval()
    try:
        pairs, expected = _pairs(encoder, example)
        copy = Folded(encoder, pairs) if pairs else None
    finally:
        for part, training in modes:
            part.training = training
    if copy is None:
        return None
    off = (copy.read(encoder.normalised(example)) - expected).abs().max()
    return copy if bool(off <= TOLERANCE * expected.abs().max()) else None


def _plain(encoder: Encoder) -> bool:
    compiled = getattr(encoder.body, "_compiled_call_impl", None) is not None
    return next(encoder.parameters()).device.type == "cpu" and not compiled


@torch.no_grad()
def _pairs(encoder: Encoder, example: Tensor) -> tuple[dict[str, str], Tensor]:
    """The convolution whose output each batch norm takes, by name, and the features."""
    made: list[tuple[Tensor, str]] = []
    pairs: dict[str, str] = {}

    def after(name: str):
        return lambda _module, _inputs, output: made.append((output, name))

    def before(name: str):
        def look(_module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
            for output, conv in made:
                if output is inputs[0]:
                    pairs[name] = conv

        return look

    hooks = []
    for name, part in encoder.body.named_modules():
        if type(part) is nn.Conv2d:
            hooks.append(part.register_forward_hook(after(name)))
        if type(part) is nn.BatchNorm2d and part.affine and part.track_running_stats:
            hooks.append(part.register_forward_pre_hook(before(name)))
    try:
        features = encoder(example)
    finally:
        for hook in hooks:
            hook.remove()
    return pairs, features
