"""Activations made of known directions: the only place where a dictionary can be marked.

    x = sum_f s_f d_f + noise,    |d_f| = 1,    s_f > 0 with probability p, else 0

with more features than dimensions, drawn at random. A dictionary that finds them has a direction
near each of the d_f:

    mean max cosine = mean_f max_k cos(d_f, w_k)

Random directions score well above 0, the more the fewer the dimensions: the chance level is
measured beside it. What a dictionary finds in Gaussian numbers of the same mean and covariance
(`gaussian_like`) is no direction of the data: there is none but their axes.

Source: toy models of superposition, Elhage et al. 2022, arXiv:2209.10652 [elhage2022].
Lesson: 10_neurons.
"""

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Generator, Tensor

from plantedu.errors import require


@dataclass(frozen=True, eq=False)
class Superposition:
    """Activations whose parts are known.

    Attributes:
        x: "n dim".
        directions: d, "features dim", unit rows.
        strengths: s, "n features", >= 0.
    """

    x: Float[Tensor, "n dim"]
    directions: Float[Tensor, "features dim"]
    strengths: Float[Tensor, "n features"]


def superposition(
    n: int,
    *,
    features: int,
    dim: int,
    active: float,
    generator: Generator,
    noise: float = 0.01,
) -> Superposition:
    """Draw n activations.

    Args:
        n: How many.
        features: Known directions.
        dim: Dimensions, fewer than features for superposition.
        active: Expected number of features in one activation.
        generator: Draws all.
        noise: Standard deviation of the noise of each dimension.

    Raises:
        PlantEduError: unless 0 < active <= features.
    """
    good = 0 < active <= features
    require(good, f"active is above 0 and up to features = {features}; got {active}.")
    directions = F.normalize(torch.randn(features, dim, generator=generator), dim=1)
    on = torch.rand(n, features, generator=generator) < active / features
    strengths = on * (0.5 + torch.rand(n, features, generator=generator))
    x = strengths @ directions + noise * torch.randn(n, dim, generator=generator)
    return Superposition(x, directions, strengths)


def gaussian_like(
    x: Float[Tensor, "n dim"], generator: np.random.Generator
) -> Float[Tensor, "n dim"]:
    """As many Gaussian rows of the same mean and covariance.

    Raises:
        PlantEduError: for fewer than two rows, or numbers that are not finite.
    """
    known = x.numpy().astype(float)
    require(len(known) >= 2, f"A covariance needs 2 rows or more; got {len(known)}.")
    require(bool(np.isfinite(known).all()), "These activations hold NaN or infinity.")
    drawn = generator.multivariate_normal(known.mean(0), np.cov(known.T), size=len(known))
    return torch.from_numpy(drawn).float()


def mean_max_cosine(known: Tensor, found: Tensor) -> float:
    """Mean over known directions of the largest cosine with a found one; rows of 0 do not count.

    Raises:
        PlantEduError: where one side has no direction.
    """
    sides = [F.normalize(w[w.norm(dim=1) > 0].float(), dim=1) for w in (known, found)]
    require(min(len(w) for w in sides) > 0, "One side has no direction that is not 0.")
    return float((sides[0] @ sides[1].T).max(dim=1).values.mean())
