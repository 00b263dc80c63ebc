"""Angles between noisy directions, from their inner products.

    together = mean_i   P_abii / sqrt(P_aaii P_bbii)            the same batch i under a and b
    apart    = mean_i!=j P_aaij / sqrt(P_aaii P_aajj)           two batches under a
    angle    = <P_ab> / sqrt(<P_aa> <P_bb>),  <P> = mean over i != j

A gradient of one batch is signal and noise. `together` shares the noise of its batch and flatters;
`angle` is that of the expected gradients, for products of two different batches hold no noise on
average. It can come out above 1, and has no meaning where a signal is not told from 0.

    noise scale = B (mean_i P_ii - <P>) / <P>

is the batch size at which noise and signal are equally long, with B the plants of a batch.

Source: the noise scale: McCandlish et al. 2018, arXiv:1812.06162 [mccandlish2018].
"""

import math

import numpy as np


def together(p: np.ndarray, a: int, b: int) -> np.ndarray:
    """Cosine of a's and b's direction on each batch, "batches"."""
    size = np.sqrt(np.diagonal(p[a, a]) * np.diagonal(p[b, b]))
    return np.diagonal(p[a, b]) / size


def apart(p: np.ndarray, a: int, b: int) -> np.ndarray:
    """Cosine of a's direction on each batch with b's on the others, their mean, "batches"."""
    size = np.sqrt(np.outer(np.diagonal(p[a, a]), np.diagonal(p[b, b])))
    cosines = p[a, b] / size
    n = len(cosines)
    return (cosines.sum(1) - np.diagonal(cosines)) / (n - 1)


def signal(p: np.ndarray, a: int, b: int, rows: np.ndarray | None = None) -> float:
    """Mean inner product of two different batches: that of the expected directions."""
    product = p[a, b] if rows is None else p[a, b][np.ix_(rows, rows)]
    n = len(product)
    return float((product.sum() - np.trace(product)) / (n * (n - 1)))


def angle(p: np.ndarray, a: int, b: int, rows: np.ndarray | None = None) -> float:
    """Cosine of the expected directions; nan where one of them is not told from 0.

    Args:
        p: Inner products, "objectives objectives batches batches".
        a: One objective.
        b: The other one.
        rows: Which batches; None for all.
    """
    sizes = signal(p, a, a, rows) * signal(p, b, b, rows)
    if signal(p, a, a, rows) <= 0 or signal(p, b, b, rows) <= 0:
        return math.nan
    return signal(p, a, b, rows) / math.sqrt(sizes)


def noise_scale(p: np.ndarray, a: int, batch: int) -> float:
    """Plants in a batch whose noise is as long as the signal; inf where there is no signal."""
    whole = signal(p, a, a)
    if whole <= 0:
        return math.inf
    return batch * (float(np.trace(p[a, a])) / len(p[a, a]) - whole) / whole
