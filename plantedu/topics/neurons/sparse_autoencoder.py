"""A sparse autoencoder: activations as sums of few directions out of many.

    a     = keep_k(relu(W_e (x - b) + c))     k codes a row (TopK); k n in n rows (BatchTopK)
    x_hat = b + W_d^T a                       rows of W_d of length 1: the directions
    loss  = |x - x_hat|^2 / |x - mean x|^2  +  |e - e_hat|^2 / (32 |e|^2)

where e = x - x_hat is rebuilt by the strongest of those codes alone that have not fired for a while
(dead ones get a way back). x is brought to mean 0 and mean square 1 over all numbers first. After
training, BatchTopK keeps what lies above one threshold, the mean of the smallest kept code of a
batch, so that a row's codes do not depend on its neighbours.

Random directions with a trained reader (`frozen`) are a baseline: what sparsity does by itself.

Source: Gao et al. 2024, arXiv:2406.04093 (TopK, dead codes) [gao2024]; Bussmann et al. 2024,
arXiv:2412.06410 (BatchTopK) [bussmann2024]. Lesson: 10_neurons.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Generator, Tensor, nn

from plantedu.errors import require

RULES = ("topk", "batchtopk")
ASLEEP = 50  # steps without firing after which a code counts as dead
REVIVED = 32  # dead codes that rebuild the error


@dataclass(frozen=True, kw_only=True)
class Sparse:
    """How a dictionary is trained.

    Attributes:
        width: Directions.
        k: Codes that are kept of a row (on average, for batchtopk).
        rule: topk or batchtopk.
        steps, batch, learning_rate: Adam, falling to 0 over the last fifth.
        frozen: Directions stay as they were drawn.
        seed: Of the directions and of the batches.
    """

    width: int = 512
    k: int = 8
    rule: str = "topk"
    steps: int = 600
    batch: int = 512
    learning_rate: float = 2e-3
    frozen: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        require(self.rule in RULES, f"rule is topk or batchtopk; got {self.rule!r}.")
        require(
            1 <= self.k <= self.width,
            f"k is 1 to the width of the dictionary, {self.width}; got {self.k}.",
        )
        require(self.steps >= 1 and self.batch >= 2, "steps must be >= 1 and batch >= 2.")
        require(0 < self.learning_rate < 1, f"learning_rate in (0, 1); got {self.learning_rate}.")


class Dictionary(nn.Module):
    """Encoder and directions.

    Attributes:
        directions: W_d, "width dim", unit rows, in units of x brought to size 1.
        centre, size: What x is brought to mean 0 and mean square 1 with.
        threshold: What codes of batchtopk must pass after training.
        sleeping: Steps since each code fired.
    """

    centre: Tensor
    size: Tensor
    threshold: Tensor
    sleeping: Tensor

    def __init__(self, x: Float[Tensor, "n dim"], how: Sparse, generator: Generator) -> None:
        """Directions at random; the reader begins as their transpose.

        Raises:
            PlantEduError: for activations that are not finite, or do not vary.
        """
        super().__init__()
        wrong = int((~torch.isfinite(x)).any(dim=1).sum())
        require(
            wrong == 0,
            f"{wrong} of {len(x)} activations are not finite (NaN or infinity): the encoder "
            "diverged, or its pictures were not in [0, 1].",
        )
        size = (x - x.mean(0)).square().mean().sqrt()
        require(float(size) > 0, "All activations are the same; there is nothing to take apart.")
        self.how = how
        self.register_buffer("centre", x.mean(0))
        self.register_buffer("size", size)
        self.register_buffer("threshold", torch.zeros(()))
        self.register_buffer("sleeping", torch.zeros(how.width, dtype=torch.long))
        drawn = F.normalize(torch.randn(how.width, x.shape[1], generator=generator), dim=1)
        self.directions = nn.Parameter(drawn, requires_grad=not how.frozen)
        self.reader = nn.Parameter(drawn.T.clone())
        self.shift = nn.Parameter(torch.zeros(how.width))
        self.middle = nn.Parameter(torch.zeros(x.shape[1]))

    def scaled(self, x: Tensor) -> Tensor:
        """x at mean 0 and mean square 1."""
        return (x - self.centre) / self.size

    def strengths(self, scaled: Tensor) -> Float[Tensor, "n width"]:
        """Codes before any is dropped."""
        return F.relu((scaled - self.middle) @ self.reader + self.shift)

    def codes(self, x: Float[Tensor, "n dim"]) -> Float[Tensor, "n width"]:
        """Codes of activations, most of them 0."""
        codes = self.strengths(self.scaled(x))
        if self.how.rule == "topk":
            return kept(codes, self.how.k)
        return codes * (codes > self.threshold)

    def rebuilt(self, codes: Float[Tensor, "n width"]) -> Float[Tensor, "n dim"]:
        """Activations from codes."""
        return (codes @ self.directions + self.middle) * self.size + self.centre

    def loss(self, scaled: Float[Tensor, "n dim"]) -> tuple[Tensor, dict[str, float]]:
        """Loss of a batch at size 1, with FVU and the share of dead codes."""
        codes = self.strengths(scaled)
        batch = self.how.rule == "batchtopk"
        few = kept(codes.flatten()[None], self.how.k * len(codes)).view_as(codes) if batch else (
            kept(codes, self.how.k)
        )  # fmt: skip
        error = scaled - few @ self.directions - self.middle
        fvu = error.square().sum() / (scaled - scaled.mean(0)).square().sum().clamp_min(1e-12)
        fired = (few > 0).any(dim=0)
        self.sleeping += 1
        self.sleeping[fired] = 0
        if batch and bool(fired.any()):
            lowest = few[few > 0].min().detach()
            self.threshold.lerp_(lowest, 0.05 if float(self.threshold) else 1.0)
        asleep = self.sleeping > ASLEEP
        losses = {"fvu": float(fvu.detach()), "dead": float(asleep.float().mean())}
        return fvu + self._revival(codes, asleep, error.detach()), losses

    def _revival(self, codes: Tensor, asleep: Tensor, error: Tensor) -> Tensor:
        """What dead codes leave of the error, in 1/32 of its size."""
        many = int(asleep.sum())
        if not many or self.how.frozen:
            return codes.new_zeros(())
        few = kept(codes[:, asleep], min(REVIVED, many))
        left = (error - few @ self.directions[asleep]).square().sum()
        return left / error.square().sum().clamp_min(1e-12) / 32

    @torch.no_grad()
    def normalised(self) -> None:
        """Directions back to length 1."""
        self.directions.copy_(F.normalize(self.directions, dim=1))


def kept(codes: Float[Tensor, "n width"], k: int) -> Float[Tensor, "n width"]:
    """The k largest codes of each row, the others 0."""
    top = codes.topk(min(k, codes.shape[1]), dim=1)
    return torch.zeros_like(codes).scatter(1, top.indices, top.values)


def trained(
    x: Float[Tensor, "n dim"],
    how: Sparse,
    *,
    generator: Generator,
    check: Callable[[], None] = lambda: None,
    step: Callable[[int, dict[str, float]], None] = lambda done, losses: None,
) -> Dictionary:
    """A dictionary of activations.

    Args:
        x: Activations, "n dim", finite.
        how: How it is trained.
        generator: Draws directions and batches.
        check: Called before each step; may raise to stop.
        step: Called after each step with its number, FVU of the batch and the share of dead codes.

    Raises:
        PlantEduError: for activations that are not finite or do not vary.
    """
    model = Dictionary(x, how, generator)
    scaled = model.scaled(x)
    weights = [p for p in model.parameters() if p.requires_grad]
    adam = torch.optim.Adam(weights, lr=how.learning_rate, betas=(0.9, 0.99))
    for done in range(1, how.steps + 1):
        check()
        rows = torch.randint(len(x), (min(how.batch, len(x)),), generator=generator)
        falling = min(1.0, 5 * (how.steps - done + 1) / how.steps)
        for group in adam.param_groups:
            group["lr"] = how.learning_rate * falling
        loss, losses = model.loss(scaled[rows])
        adam.zero_grad()
        loss.backward()
        adam.step()
        model.normalised()
        step(done, losses)
    return model.eval()


def too_wide(rows: int, width: int, k: int) -> str:
    """A warning where the data cannot support so many directions; "" where it can.

    Each direction is drawn from the rows in which its code fires: k rows / width on average.
    """
    each = rows * k / width
    if each >= 100:
        return ""
    return (
        f"This dictionary is wider than its data supports: {width} directions share {rows} "
        f"activations with {k} codes each, {each:.0f} for a direction, and 100 are wanted. Take "
        f"{max(int(rows * k / 100), k)} directions or fewer, or more plants."
    )
