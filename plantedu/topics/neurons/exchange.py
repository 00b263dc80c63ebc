"""Interchange of activations: one plant's layer with a part of another plant's.

    x' = x + (d - x) B B^T

x is the layer of the base, d of the donor, and B an orthonormal basis of a subspace, "dim rank":
inside the subspace the plant now has what the donor has, outside it keeps its own. B = I exchanges
all; base and donor changed over, all but the subspace is exchanged. What the network answers to x'
is what it would answer if only that part were the donor's.

Subspaces:  found by means     span of the differences between the means of a factor's levels
            found by a reader  span of the weights of a linear reader of the factor
            at random             directions drawn with the covariance of the layer, equal rank
            anywhere           directions drawn from all directions alike, equal rank

Directions at random from the layer's own covariance are the harder null: in 512 dimensions of which
the activations fill sixteen, a direction from anywhere exchanges next to nothing.

Source: interchange interventions, Geiger et al. 2021, arXiv:2106.02997 [geiger2021]; of subspaces,
Geiger et al. 2024, arXiv:2303.02536 [geiger2024]; of parts of a network, Vig et al. 2020
[vig2020]. Lesson: 10_neurons.
"""

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from plantedu.errors import require

SMALL = 1e-5  # of the largest singular value: what is below is no direction


def exchanged(
    base: Float[Tensor, "n places dim"],
    donor: Float[Tensor, "n places dim"],
    basis: Float[Tensor, "dim rank"] | None,
) -> Float[Tensor, "n places dim"]:
    """The base's layer with the donor's part inside a subspace.

    Args:
        base: Activations of the plants that are changed; float, any unit.
        donor: Activations of the plants that give, row by row.
        basis: Orthonormal columns; None exchanges all.

    Raises:
        PlantEduError: for another shape, numbers that are not finite, or a basis that is not
            orthonormal.
    """
    fits = base.shape == donor.shape and base.ndim == 3
    got = f"got {tuple(base.shape)} and {tuple(donor.shape)}"
    require(fits, f"Base and donor are activations of one layer, plants by places by units; {got}.")
    finite = bool(torch.isfinite(base).all() and torch.isfinite(donor).all())
    require(finite, "Activations that are exchanged must be finite; these hold NaN or infinity.")
    if basis is None:
        return donor.clone()
    wide = basis.ndim == 2 and basis.shape[0] == base.shape[2] and basis.shape[1] >= 1
    got = f"The layer has {base.shape[2]} units, the basis {tuple(basis.shape)}."
    require(wide, f"A basis has a row a unit and a column a direction. {got}")
    off = basis.T @ basis - torch.eye(basis.shape[1], dtype=basis.dtype)
    require(float(off.abs().max()) < 1e-3, "The basis is not orthonormal; use `orthonormal`.")
    return base + (donor - base) @ basis @ basis.T


def orthonormal(directions: Float[Tensor, "many dim"]) -> Float[Tensor, "dim rank"]:
    """A basis of what some directions span; those that add nothing are dropped.

    Raises:
        PlantEduError: where none of them points anywhere.
    """
    _, size, rows = torch.linalg.svd(directions.double(), full_matrices=False)
    kept = size > SMALL * size.max().clamp_min(1e-30)
    require(
        bool((size > 1e-12).any()) and bool(torch.isfinite(size).all()),
        "These directions are all 0 or not finite: the layer says the same at every level.",
    )
    return rows[kept].T.to(directions.dtype)


def mean_subspace(
    h: Float[Tensor, "n dim"], levels: Tensor, *, many: int
) -> Float[Tensor, "dim rank"]:
    """Span of the differences between the means of the levels, rank many - 1 at most.

    Args:
        h: The layer's mean over its places.
        levels: Code of each row's level, 0 to many - 1.
        many: How many levels there are.

    Raises:
        PlantEduError: where a level has no row, or all means are the same.
    """
    means = []
    for level in range(many):
        rows = h[levels == level]
        require(len(rows) > 0, f"No plant has level {level} of {many}; its mean is nothing.")
        means.append(rows.mean(dim=0))
    found = torch.stack(means)
    return orthonormal(found[1:] - found[:1])


def random_subspace(
    h: Float[Tensor, "n dim"], rank: int, generator: Generator
) -> Float[Tensor, "dim rank"]:
    """Directions at random with the covariance of the layer: Gaussian sums of its centred rows.

    Raises:
        PlantEduError: for activations that do not vary, or a rank that is not there.
    """
    away = h - h.mean(dim=0)
    require(
        bool((away != 0).any()), "This layer says the same of every plant; it has no direction."
    )
    most = min(away.shape)
    require(1 <= rank <= most, f"A subspace of this layer has rank 1 to {most}; got {rank}.")
    weights = torch.randn(rank, len(away), generator=generator, dtype=away.dtype)
    return orthonormal(weights @ away)


def any_subspace(dim: int, rank: int, generator: Generator) -> Float[Tensor, "dim rank"]:
    """Directions from all directions alike.

    Raises:
        PlantEduError: for a rank that is not there.
    """
    require(1 <= rank <= dim, f"A subspace of this layer has rank 1 to {dim}; got {rank}.")
    return orthonormal(torch.randn(rank, dim, generator=generator))
