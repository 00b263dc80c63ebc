"""Several processes, one batch: what has to be known of the whole batch, and batch norm over it.

Each process holds a slice of the global batch. Codes share out the whole batch over the
prototypes, the queue takes the whole batch, and batch norm standardises by the whole batch:

    n = sum_r n_r,   m = sum_r n_r m_r / n,   v = sum_r (M_r + n_r (m_r - m)^2) / n

with count n_r, mean m_r and sum of squared deviations M_r of process r. Combined so, in float64,
nothing cancels, as it would in sum x^2 - (sum x)^2 / n.

In one process nothing here is used.

Source: Chan, Golub & LeVeque 1983, The American Statistician 37(3) (how they combine) [chan1983].
Lesson: 04_family.
"""

from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from plantedu.errors import require
from plantedu.models.sinkhorn import in_float32


def together() -> bool:
    """Whether this process is one of several that train one model."""
    return dist.is_available() and dist.is_initialized() and dist.get_world_size() > 1


def gathered(mine: Tensor, dim: int = 0) -> Tensor:
    """The slices of all processes, in the order of their ranks along `dim`; no gradient."""
    mine = mine.detach().contiguous()
    slices = [torch.empty_like(mine) for _ in range(dist.get_world_size())]
    dist.all_gather(slices, mine)
    return torch.cat(slices, dim)


def own(everything: Tensor, dim: int = 0) -> Tensor:
    """This process's slice of what `gathered` gives."""
    return everything.chunk(dist.get_world_size(), dim)[dist.get_rank()]


class TogetherNorm(_BatchNorm):
    """Batch norm over the batches of all processes; evaluation mode is torch's own."""

    def _check_input_dim(self, input: Tensor) -> None:
        require(input.ndim >= 2, f"Batch norm needs (batch, channels, ...), got {input.shape}.")

    def forward(self, input: Tensor) -> Tensor:
        """Standardised by the whole batch; timm's fused norms go on with their activation."""
        y = self._standardised(input) if self.training else super().forward(input)
        for name in ("drop", "act"):
            part = getattr(self, name, None)
            y = part(y) if isinstance(part, nn.Module) else y
        return y

    def _standardised(self, x: Tensor) -> Tensor:
        y, mean, variance, count = _Standardise.apply(x, self.weight, self.bias, self.eps)
        if self.running_mean is not None and self.running_var is not None:
            assert self.num_batches_tracked is not None
            self.num_batches_tracked.add_(1)
            share = self.momentum or 1.0 / float(self.num_batches_tracked)
            unbiased = variance * count / (count - 1).clamp_min(1)
            self.running_mean.lerp_(mean.to(self.running_mean), share)
            self.running_var.lerp_(unbiased.to(self.running_var), share)
        return y


class _Standardise(torch.autograd.Function):
    """y = w (x - m) / sqrt(v + eps) + b with m and v of the whole batch, and its gradient."""

    @staticmethod
    def forward(  # type: ignore[override]
        ctx: Any, x: Tensor, weight: Tensor | None, bias: Tensor | None, eps: float
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        wide, over = in_float32(x), _but_channels(x)
        count = wide.new_tensor([x.numel() // x.shape[1]], dtype=torch.float64)
        mean_here = wide.mean(over)
        spread = (wide - _shaped(mean_here, x)).square_().sum(over)
        mean, variance, total = _combined(mean_here, spread, count)
        scale = (variance + eps).rsqrt().to(wide)
        x_hat = (wide - _shaped(mean.to(wide), x)) * _shaped(scale, x)
        ctx.save_for_backward(x_hat, scale, weight)
        ctx.total, ctx.dtype = float(total), x.dtype
        y = x_hat.clone() if weight is None else x_hat * _shaped(weight.to(wide), x)
        y = y if bias is None else y + _shaped(bias.to(wide), x)
        ctx.mark_non_differentiable(mean, variance, total)
        return y.to(x.dtype), mean, variance, total

    @staticmethod
    def backward(ctx: Any, slope: Tensor, *_: Any) -> tuple[Tensor | None, ...]:  # type: ignore[override]
        x_hat, scale, weight = ctx.saved_tensors
        over, slope = _but_channels(x_hat), slope.to(x_hat)
        of_bias, of_weight = slope.sum(over), (slope * x_hat).sum(over)
        sums = torch.stack([of_bias, of_weight])
        dist.all_reduce(sums)
        mean_slope, mean_product = sums / ctx.total
        slope = slope - _shaped(mean_slope, x_hat) - x_hat * _shaped(mean_product, x_hat)
        scale = scale if weight is None else scale * weight.to(scale)
        slope = (slope * _shaped(scale, x_hat)).to(ctx.dtype)
        if weight is None:
            return slope, None, None, None
        return slope, of_weight.to(weight), of_bias.to(weight), None


def _combined(mean: Tensor, spread: Tensor, count: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Mean, variance and count of the whole batch, float64, from those of each process."""
    all_of = gathered(torch.cat([mean.double(), spread.double(), count])[None])
    means, spreads = all_of[:, :-1].chunk(2, 1)
    counts = all_of[:, -1:]
    total = counts.sum()
    middle = (means * counts).sum(0) / total
    spread = (spreads + counts * (means - middle).square()).sum(0)
    return middle, spread / total, total


def _but_channels(x: Tensor) -> list[int]:
    return [0, *range(2, x.ndim)]


def _shaped(per_channel: Tensor, x: Tensor) -> Tensor:
    return per_channel.view(1, -1, *[1] * (x.ndim - 2))


def join_norms(model: nn.Module) -> None:
    """Let every batch norm of a model look at the whole batch, in place; names stay the same."""
    for part in model.modules():
        if isinstance(part, _BatchNorm):
            part.__class__ = TogetherNorm
