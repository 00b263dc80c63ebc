"""Encoders that are known to omit factors, and whether a table of kept factors finds that out.

An encoder is shown each plant as it would be with some factors set to one value by do(). What it
says of two plants then cannot differ in them: it holds nothing of them, exactly, and the rest of
what it holds is what it held before. With B the variance of the samples between conditions, W
within, and B' the first again for the encoder that omits factor f,

    pinned_f = B / (B + W)            its null: B' / (B + W)

What is left of B' comes from elsewhere: readings of one factor answer to others, and a painter's
pictures have more in common than their factors. A factor that the input cannot hold at all (the
layers of the mesophyll, conditioned on X1) has pinned equal to its null.

The exam asks the table itself. Encoder e omits the factors F_e; its key K_e is what do() moves,
with 0 at F_e. The right table wins where table e agrees better with K_e than every
other table does.

Lesson: 05_generation.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import scipy.stats

from plantedu.data.renderer.factors import COLUMNS
from plantedu.errors import require
from plantedu.statistics.evidence import Evidence
from plantedu.statistics.intervals import count_interval
from plantedu.topics.generation.results.invariances import Exam

PARTS = 4  # an encoder omits every fourth factor


def middle(column: str) -> float | str:
    """The value that a factor is set to: the middle of its range, or a level that shows others."""
    if column == "disease":
        return "blast"  # a healthy leaf would hide the lesions' own factors
    known = COLUMNS[column]
    if known.levels:
        return known.levels[0]
    value = (known.low + known.high) / 2
    return round(value) if known.whole else value


def groups(rounds: int, *, seed: int, parts: int = PARTS) -> tuple[tuple[str, ...], ...]:
    """Sets of factors to omit: in each round every factor is in one of `parts` sets.

    Args:
        rounds: How often each factor is omitted, 1 or more.
        seed: Deals the factors to sets.
        parts: Sets of a round.

    Raises:
        PlantEduError: for no round.
    """
    require(rounds >= 1, f"Each factor is omitted once or more; got {rounds} rounds.")
    rng = np.random.default_rng((seed, 5))
    names = np.array(tuple(COLUMNS))
    orders = [rng.permutation(names) for _ in range(rounds)]
    return tuple(tuple(sorted(order[k::parts].tolist())) for order in orders for k in range(parts))


def setting(columns: Sequence[str]) -> dict[str, float | str]:
    """do() that sets each of some factors to its middle."""
    return {column: middle(column) for column in columns}


def examined(
    tables: Sequence[Mapping[str, float]],
    omitted: Sequence[Sequence[str]],
    effect: Mapping[str, float],
    kept: Sequence[str],
    *,
    what: str,
) -> Exam:
    """Does the right table win, and does it tell who holds a factor from who does not?

    Args:
        tables: By encoder, a number for each factor that can be read.
        omitted: What each encoder omits.
        effect: How far do() of each factor moves the encoder that omits none.
        kept: Factors that are pinned or partly pinned for it.
        what: The name of the numbers.

    Raises:
        PlantEduError: for tables and encoders that do not fit.
    """
    require(len(tables) == len(omitted) >= 2, "An exam needs a table for each of 2 encoders.")
    names = list(tables[0])
    values = np.array([[one[c] for c in names] for one in tables])
    keys = np.array([[0.0 if c in gone else effect[c] for c in names] for gone in omitted])
    found: Any = scipy.stats.spearmanr(np.concatenate([values, keys]), axis=1)
    score = np.asarray(found.statistic)
    k = len(tables)
    won = [int(column.argmax() == j) for j, column in enumerate(score[:k, k:].T)]
    wins = Evidence(
        question=f"How often does the right table of {what} agree best with what do() moves?",
        value=float(np.mean(won)),
        null=1 / k,
        control="a table at random",
        n=k,
        interval=count_interval(sum(won), k),
        truth=1.0,
    )
    each = [_apart(values[:, names.index(c)], [c in gone for gone in omitted]) for c in kept]
    known = [one for one in each if np.isfinite(one)]
    apart = Evidence(
        question=f"How often does {what} say more of a factor that is held than of one omitted?",
        value=float(np.mean(known)) if known else 0.5,
        null=0.5,
        control="a table at random",
        n=max(len(known), 1),
        truth=1.0,
    )
    return Exam(tuple(tuple(one) for one in omitted), wins, apart)


def _apart(values: np.ndarray, gone: Sequence[bool]) -> float:
    """Share of pairs of a holder and an omitter in which the holder has more; ties count half."""
    lost = np.array(gone)
    if lost.all() or not lost.any():
        return float("nan")
    one, other = values[~lost][:, None], values[lost][None]
    return float(np.mean((one > other) + 0.5 * (one == other)))
