"""Modular addition in a network of one hidden layer: embed a and b, add, ReLU, read off a + b.

    logits(a, b) = relu((E_a + E_b) W + w) U,      answer = (a + b) mod p

The embeddings are added, so (a, b) and (b, a) are one question to the network. Splits are drawn
over unordered pairs for that reason: with ordered ones the mirror image of a test pair stands in
the training set, and test accuracy rises to the share of mirrors before anything is understood.

    fourier = share of the embedding's power in its `TOP` strongest frequencies

of E over a = 0..p-1, mean removed. A rotation by 2 pi k a / p needs one frequency only, and that is
how such networks come to add.

Source: Nanda et al. 2023, arXiv:2301.05217 [nanda2023]. Lesson: 03_bump.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from plantedu.errors import require

TOP = 5


@dataclass(frozen=True)
class Sums:
    """Questions a + b and what is taken for their answer."""

    a: Int[Tensor, " pairs"]
    b: Int[Tensor, " pairs"]
    answers: Int[Tensor, " pairs"]

    def __len__(self) -> int:
        return len(self.answers)

    def __getitem__(self, which: Tensor) -> "Sums":
        return Sums(self.a[which], self.b[which], self.answers[which])


@dataclass(frozen=True)
class SumsLoss:
    """What `fit` asks for: total, named parts (0-d), events."""

    total: Tensor
    parts: Mapping[str, Tensor] = field(default_factory=dict)
    events: tuple[tuple[str, str], ...] = ()


class ModularAdder(nn.Module):
    """Embedding, one hidden layer, and a logit for each answer.

    Attributes:
        embedding: E, "prime width".
        hidden: W and w.
        answers: U.
    """

    def __init__(self, prime: int, *, width: int = 64, hidden: int = 256, seed: int) -> None:
        """Fresh weights, N(0, 1 / rows that feed in).

        Args:
            prime: p, the modulus.
            width: Width of the embedding.
            hidden: Width of the hidden layer.
            seed: Seed of the weights; global random state is left as it was.

        Raises:
            PlantEduError: for a modulus below 3 or a width below 1.
        """
        super().__init__()
        require(prime >= 3, f"prime must be 3 or more, got {prime}.")
        require(min(width, hidden) >= 1, f"width and hidden must be 1 or more: {width}, {hidden}.")
        self.prime = prime
        drawn = torch.Generator().manual_seed(seed)

        def normal(rows: int, columns: int, fed: int) -> nn.Parameter:
            return nn.Parameter(torch.randn(rows, columns, generator=drawn) / math.sqrt(fed))

        self.embedding = normal(prime, width, width)
        self.hidden = nn.ParameterDict(
            {"weight": normal(width, hidden, width), "bias": nn.Parameter(torch.zeros(hidden))}
        )
        self.answers = normal(hidden, prime, hidden)

    def forward(self, sums: Sums) -> Float[Tensor, "pairs prime"]:
        """Logits of every answer."""
        summed = self.embedding[sums.a] + self.embedding[sums.b]
        return (summed @ self.hidden["weight"] + self.hidden["bias"]).relu() @ self.answers

    def loss(self, sums: Sums) -> SumsLoss:
        """Cross-entropy, and the share of right answers."""
        logits = self(sums)
        right = (logits.argmax(1) == sums.answers).float().mean()
        return SumsLoss(F.cross_entropy(logits, sums.answers), {"accuracy": right})

    @torch.no_grad()
    def fourier(self, top: int = TOP) -> float:
        """Share of the embedding's power in its `top` strongest frequencies, in (0, 1]."""
        centred = self.embedding - self.embedding.mean(0)
        power = torch.fft.rfft(centred, dim=0).abs().square().sum(1)[1:]
        return float(power.topk(min(top, len(power))).values.sum() / power.sum())

    @torch.no_grad()
    def norm(self) -> float:
        """Length of all weights together."""
        return math.sqrt(sum(float(weight.square().sum()) for weight in self.parameters()))


def all_sums(prime: int) -> Sums:
    """Every unordered pair once, "prime (prime + 1) / 2", with its right answer."""
    a, b = torch.triu_indices(prime, prime)
    return Sums(a, b, (a + b) % prime)
