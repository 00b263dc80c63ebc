"""Centred kernel alignment: how alike the geometry of two representations of the same plants is.

    K_x = X X^T,  K_y = Y Y^T  (plants by plants)
    CKA = HSIC(K_x, K_y) / sqrt(HSIC(K_x, K_x) HSIC(K_y, K_y))

`linear_cka` centres both and takes HSIC = <K_x, K_y>. With more features than plants it is near 1
for *independent* noise: its expectation there is about 1 / sqrt((1 + n/p)(1 + n/q)). `debiased_cka`
sets the diagonals to 0 and centres what is left (U-centring), which makes HSIC unbiased: the
expectation for independent noise is 0, and the value may be slightly negative.

Both are unchanged by rotation, by a common scale and by a shift. Neither sees directions of little
variance, and a few far points can move both.

Source: centred alignment: Cortes et al. 2012 [cortes2012], after Cristianini et al. 2001
[cristianini2001]; of networks: Kornblith et al. 2019, arXiv:1905.00414 [kornblith2019];
U-centring: Szekely & Rizzo 2014 [szekely2014]; unbiased HSIC: Song et al. 2007 [song2007]; why
debiased: Murphy et al. 2024, arXiv:2405.01012 [murphy2024].
"""

import torch
from jaxtyping import Float
from torch import Tensor

from plantedu.errors import require

Rows = Float[Tensor, "plants dim"]
Gram = Float[Tensor, "plants plants"]


def linear_cka(x: Float[Tensor, "plants p"], y: Float[Tensor, "plants q"]) -> float:
    """The biased estimate, in [0, 1].

    Args:
        x: One representation.
        y: Another one of the same plants, in the same order.

    Raises:
        PlantEduError: for different plants, fewer than two, or a constant representation.
    """
    return _ratio(*(_centred(one) for one in _grams(x, y, least=2)))


def debiased_cka(x: Float[Tensor, "plants p"], y: Float[Tensor, "plants q"]) -> float:
    """The estimate whose expectation is 0 for independent noise; at most about 1.

    Args:
        x: One representation.
        y: Another one of the same plants, in the same order.

    Raises:
        PlantEduError: for different plants, fewer than four, or a constant representation.
    """
    return gram_cka(*_grams(x, y, least=4))


def gram_cka(kx: Gram, ky: Gram) -> float:
    """Debiased CKA from the two Gram matrices; a sub-sample of plants is a sub-matrix of each."""
    return _ratio(u_centred(kx), u_centred(ky))


def gram(x: Rows) -> Gram:
    """Inner products of all plants, float64; the common shift is taken off first, for precision."""
    x = x.double() - x.double().mean(0)
    return products(x)


def products(x: Rows) -> Gram:
    """x x^T; on a CPU through numpy, which knows that it is symmetric and works out one half."""
    if x.device.type != "cpu":
        return x @ x.T
    rows = x.detach().numpy()
    return torch.from_numpy(rows @ rows.T)


def u_centred(k: Gram) -> Gram:
    """Diagonal 0, and off the diagonal every row sums to 0."""
    n = len(k)
    k = k.clone().fill_diagonal_(0)
    rows = k.sum(1) / (n - 2)
    rows -= rows.sum() / (2 * (n - 1))
    k.sub_(rows[:, None]).sub_(rows)
    return k.fill_diagonal_(0)


def shuffled_cka(
    x: Float[Tensor, "plants p"],
    y: Float[Tensor, "plants q"],
    *,
    generator: torch.Generator,
    shuffles: int = 99,
) -> Float[Tensor, " shuffles"]:
    """Debiased CKA with the plants of `y` in other orders: what chance pairing gives.

    Args:
        x: One representation.
        y: Another one.
        generator: Draws the orders.
        shuffles: How many.
    """
    kx, ky = (u_centred(one) for one in _grams(x, y, least=4))
    orders = [torch.randperm(len(kx), generator=generator) for _ in range(shuffles)]
    size = (kx * kx).sum().sqrt() * (ky * ky).sum().sqrt()
    return torch.stack([(kx * ky[order][:, order]).sum() / size for order in orders])


def _grams(x: Tensor, y: Tensor, least: int) -> tuple[Tensor, Tensor]:
    require(
        len(x) == len(y) >= least,
        f"CKA compares the same plants, at least {least}; got {len(x)} and {len(y)} rows.",
    )
    return gram(x), gram(y)


def _centred(k: Tensor) -> Tensor:
    return k - k.mean(0, keepdim=True) - k.mean(1, keepdim=True) + k.mean()


def _ratio(kx: Tensor, ky: Tensor) -> float:
    kx, ky = kx.flatten(), ky.flatten()
    size = kx.dot(kx).sqrt() * ky.dot(ky).sqrt()
    require(
        bool(size > 0), "CKA of a representation that is the same for every plant is undefined."
    )
    return float(kx.dot(ky) / size)
