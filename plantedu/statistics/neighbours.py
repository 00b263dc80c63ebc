"""Neighbours among points, and what they have in common."""

import numpy as np
import scipy.spatial


def nearest(points: np.ndarray, k: int) -> np.ndarray:
    """Indices of the k nearest other rows of each row, "plants k"; ties go to the lower index."""
    far = scipy.spatial.distance.cdist(points, points)
    np.fill_diagonal(far, np.inf)
    return np.argsort(far, axis=1, kind="stable")[:, :k]


def agreement(near: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Share of each plant's neighbours that have its label, "plants"."""
    return (labels[near] == labels[:, None]).mean(1)


def kept(near: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Share of each plant's neighbours that are its neighbours in the other place too."""
    pairs = zip(near, other, strict=True)
    return np.array([len(set(a) & set(b)) / len(a) for a, b in pairs])
