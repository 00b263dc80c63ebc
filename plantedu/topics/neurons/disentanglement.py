"""One unit for one factor? Disentanglement, completeness, informativeness (DCI), and the MI gap.

    R_if   importance of unit i for factor f: |w_if| of a lasso on standardised units
    D      = sum_i rho_i (1 - H_F(R_i. / sum R_i.)),      rho_i = share of all importance
    C      = sum_f rho_f (1 - H_U(R_.f / sum R_.f)),      entropies to the base of what is shared
    over I      = R2 of the same lasso on plants that it has not seen, mean over factors
    MIG    = mean_f (I(u1; f) - I(u2; f)) / H(f)          the best unit of f, and the second best

D asks whether a unit serves one factor, C whether a factor needs one unit. MIG falls when two units
say the same: many units of one meaning are redundant, not polysemantic, so read it beside D.

The papers take importances from a lasso or a forest; a lasso here, its penalty chosen for each
factor on a quarter of the plants. Only what is linear in the units is seen.

Source: DCI, Eastwood & Williams 2018 [eastwood2018], as in Eastwood et al. 2023 [eastwood2023];
MIG: Chen et al. 2018, arXiv:1802.04942 [chen2018]. Lesson: 10_neurons.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from plantedu.errors import require
from plantedu.topics.neurons.discretised import DiscreteTarget, checked_units, dead, named

PENALTIES = (0.5, 0.25, 0.12, 0.06, 0.03, 0.015)  # shares of the smallest that silences all


@dataclass(frozen=True, eq=False)
class Dci:
    """Importances and what follows from them.

    Attributes:
        names: The factors.
        importance: R, "units factors".
        disentanglement, completeness: D and C, 0 to 1; NaN where nothing was important.
        informativeness: R2 of each factor on unseen plants, "factors".
    """

    names: tuple[str, ...]
    importance: np.ndarray
    disentanglement: float
    completeness: float
    informativeness: np.ndarray


def dci(
    units: np.ndarray,
    targets: Sequence[DiscreteTarget],
    *,
    generator: np.random.Generator,
    check: Callable[[], None] = lambda: None,
) -> Dci:
    """DCI: half of the plants fit the lasso, a quarter choose its penalty, a quarter score.

    Args:
        units: Activations, "plants units".
        targets: The factors.
        generator: Deals the plants.
        check: Called between factors; may raise to stop.

    Raises:
        PlantEduError: for fewer than 32 plants, or a factor with one value.
    """
    units, names = checked_units(units), named(targets)
    require(len(units) >= 32, f"DCI needs 32 plants or more; got {len(units)}.")
    order = generator.permutation(len(units))
    turn = np.empty(len(units), int)
    turn[order] = np.arange(len(units)) * 4 // len(units)  # quarters: 0, 1 fit, 2 choose, 3 score
    importance, scores = np.zeros((units.shape[1], len(names))), np.zeros(len(names))
    for rows, places in _together(targets).values():
        check()
        weights, found = _read(units, [targets[k] for k in places], np.frombuffer(rows, int), turn)
        importance[:, places], scores[places] = weights, found
    return Dci(names, importance, *disentangled(importance), scores)


def disentangled(importance: np.ndarray) -> tuple[float, float]:
    """D and C of importances, "units factors"."""
    return _pure(importance), _pure(importance.T)


def mig(information: np.ndarray, entropy: np.ndarray) -> float:
    """The mutual information gap, 0 to 1.

    Args:
        information: I(u; f) in nats, "units factors".
        entropy: H(f) in nats, "factors".

    Raises:
        PlantEduError: for fewer than two units.
    """
    require(len(information) >= 2, "A gap needs two units or more.")
    best = np.sort(information, axis=0)
    return float(((best[-1] - best[-2]) / entropy).mean())


def lasso(
    x: np.ndarray,
    y: np.ndarray,
    penalty: np.ndarray | float,
    *,
    steps: int = 200,
    start: np.ndarray | None = None,
) -> np.ndarray:
    """argmin_w |y - x w|^2 / 2n + penalty |w|_1 by accelerated proximal steps, "units columns".

    Args:
        x: Standardised units, "plants units".
        y: Centred targets, "plants columns".
        penalty: Weight of |w|_1, one or one a column.
        steps: How many.
        start: Where to begin; None for 0.
    """
    gram, slope = x.T @ x / len(x), x.T @ y / len(x)
    length = 1 / max(float(np.linalg.norm(x, 2)) ** 2 / len(x), 1e-12)
    w = ahead = np.zeros_like(slope) if start is None else start
    t = 1.0
    for _ in range(steps):
        moved = ahead - length * (gram @ ahead - slope)
        new = np.sign(moved) * np.maximum(np.abs(moved) - length * penalty, 0)
        later = (1 + np.sqrt(1 + 4 * t * t)) / 2
        ahead = new + (t - 1) / later * (new - w)
        w, t = new, later
    return w


def _together(targets: Sequence[DiscreteTarget]) -> dict[bytes, tuple[bytes, list[int]]]:
    """Factors that show on the same plants, by those plants."""
    found: dict[bytes, tuple[bytes, list[int]]] = {}
    for k, one in enumerate(targets):
        key = one.rows.astype(int).tobytes()
        found.setdefault(key, (key, []))[1].append(k)
    return found


def _read(
    units: np.ndarray, targets: list[DiscreteTarget], rows: np.ndarray, turn: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """|w| of the lasso that predicts best, "units factors", and its R2 on the last quarter."""
    parts = [rows[np.isin(turn[rows], of)] for of in ((0, 1), (2,), (3,))]
    mean, spread = units[parts[0]].mean(axis=0), units[parts[0]].std(axis=0)
    live = np.flatnonzero(~dead(units) & (spread > 0))
    x = [(units[p][:, live] - mean[live]) / spread[live] for p in parts]
    wide = [one.wide() for one in targets]
    of = np.repeat(np.arange(len(targets)), [w.shape[1] for w in wide])
    whole = np.concatenate(wide, axis=1)
    y = [whole[p] - whole[parts[0]].mean(axis=0) for p in parts]
    most = np.abs(x[0].T @ y[0]).max(axis=0) / len(x[0])
    most = np.array([most[of == k].max() for k in range(len(targets))])[of]
    tried, w = [], None
    for share in PENALTIES:
        w = lasso(x[0], y[0], share * most, start=w)
        tried.append(w)
    weights, scores = np.zeros((units.shape[1], len(targets))), np.zeros(len(targets))
    for k in range(len(targets)):
        best = max(tried, key=lambda w: _r2(y[1][:, of == k], x[1] @ w[:, of == k]))[:, of == k]
        size = float(np.sqrt((y[0][:, of == k] ** 2).sum(axis=1).mean()))
        weights[live, k] = np.abs(best).sum(axis=1) / size
        scores[k] = _r2(y[2][:, of == k], x[2] @ best)
    return weights, scores


def _r2(y: np.ndarray, answers: np.ndarray) -> float:
    return float(1 - ((y - answers) ** 2).sum() / max(((y - y.mean(axis=0)) ** 2).sum(), 1e-12))


def _pure(rows: np.ndarray) -> float:
    """Mean over rows, weighted by their size, of 1 - entropy of what a row is shared over."""
    size = rows.sum(axis=1)
    if size.sum() <= 0 or rows.shape[1] < 2:
        return float("nan")
    p = rows[size > 0] / size[size > 0, None]
    entropy = -(p * np.log(np.where(p > 0, p, 1))).sum(axis=1) / np.log(rows.shape[1])
    return float(((1 - entropy) * size[size > 0]).sum() / size.sum())
