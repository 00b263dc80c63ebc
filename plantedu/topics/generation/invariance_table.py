"""The table of kept factors, from what was read off samples; see `invariances`.

Lesson: 05_generation.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from plantedu.data.renderer.factors import COLUMNS
from plantedu.models.factor_regressor import view_of
from plantedu.statistics.evidence import Evidence
from plantedu.topics.generation.interventional_effects import Effects
from plantedu.topics.generation.omission import examined
from plantedu.topics.generation.results.invariances import BLIND, Exam, Grades, Kept
from plantedu.topics.generation.variance_components import (
    Ground,
    explained,
    settled,
    showing,
    withins,
)
from plantedu.topics.generation.verdicts import (
    READABLE,
    effect_evidence,
    explained_evidence,
    graded,
    less,
    narrow_evidence,
    settled_evidence,
    verdict,
)

Readings = Mapping[str, Tensor]
PROBED = (
    "Does a linear probe read best what moves the representation most?",
    "Do samples pin most what a linear probe reads best?",
    "Does the table of random weights pin most what a linear probe of this encoder reads best?",
)


@dataclass(frozen=True, eq=False)
class Read:
    """All that was read and moved.

    Attributes:
        own, random: Readings of samples by the encoder, and by the one with random weights.
        omitted: Factors that encoders omit, and the readings of their samples.
        truth: The sources' factors.
        nothing: Spread of pictures drawn from nothing.
        real: The reader's spreads over real pictures.
        moved: What do() moves.
        names: Of the encoder and of the random one, as in `moved`.
        linear: What a linear probe reads off the encoder's representation; {} without one.
    """

    own: Readings
    random: Readings
    omitted: Sequence[tuple[tuple[str, ...], Readings]]
    truth: Mapping[str, np.ndarray]
    nothing: Mapping[str, float]
    real: Ground
    moved: Effects
    names: tuple[str, str]
    linear: Mapping[str, Evidence]

    @property
    def disease(self) -> Tensor:
        """Code of each source's disease."""
        return torch.from_numpy(self.truth["disease"])

    @property
    def seen(self) -> list[str]:
        """Factors that the reader can read."""
        return [c for c in COLUMNS if self.real.readable(c) >= READABLE]

    def shown(self, column: str) -> Tensor:
        """Which sources show a factor."""
        return showing(column, self.disease)


def table(read: Read, *, seed: int) -> tuple[Kept, ...]:
    """A line for each factor, most pinned first."""
    spread = withins(read.own, read.disease)
    rows = []
    for column in COLUMNS:
        rng = np.random.default_rng((seed, len(rows)))
        shown = read.shown(column)
        mine, others = read.own[column][shown], read.random[column][shown]
        without = [one[column][shown] for gone, one in read.omitted if column in gone]
        alpha = 0.05 / (2 * max(len(read.seen), 1))  # two tests of each factor
        pinned, above, lot = settled_evidence(column, mine, without, rng, alpha=alpha)
        readable = read.real.readable(column)
        r2, p = explained_evidence(column, mine, read.truth[column][shown.numpy()], rng)
        rows.append(
            Kept(
                column,
                view_of(column),
                pinned,
                above,
                lot,
                settled(others),
                narrow_evidence(column, spread[column], read.nothing[column], read.real),
                readable,
                r2,
                p,
                effect_evidence(column, read.moved, read.names[0]),
                read.moved.total(read.names[1], column),
                verdict(pinned, above, p, readable, alpha=alpha),
                read.linear.get(column),
            )
        )
    return tuple(sorted(rows, key=lambda k: (k.verdict == BLIND, -k.pinned.value)))


def grades(rows: Sequence[Kept], *, seed: int) -> Grades:
    """The table against do(), and beside random weights.

    Raises:
        PlantEduError: for fewer than 4 factors that can be read.
    """
    seen = [k for k in rows if k.verdict != BLIND]
    own = [k.pinned.value for k in seen], [k.effect.value for k in seen]
    other = [k.random_init for k in seen], [k.effect_random_init for k in seen]
    linear = [k.linear.value for k in seen if k.linear]
    pairs = (linear, own[1]), (own[0], linear), (other[0], linear)
    probes = [
        graded(*pair, seed=seed, question=asked)[0] if linear else None
        for pair, asked in zip(pairs, PROBED, strict=True)
    ]
    grade, p = graded(*own, seed=seed)
    return Grades(
        grade,
        p,
        graded(*other, seed=seed)[0],
        less(own, other, seed=seed),
        graded(other[0], own[1], seed=seed)[0],
        graded([k.narrow.value for k in seen], own[1], seed=seed)[0],
        *probes,
    )


def exams(read: Read, rows: Sequence[Kept]) -> dict[str, Exam]:
    """Whether tables of encoders that are known to omit factors are distinguished."""
    every: list[tuple[tuple[str, ...], Readings]] = [((), read.own), *read.omitted]
    effect = {k.column: k.effect.value for k in rows}
    kept = [k.column for k in rows if k.verdict in ("pinned", "partly")]
    measured = {"pinned": [], "R2": []}
    for _, readings in every:
        mine = {c: readings[c][read.shown(c)] for c in read.seen}
        measured["pinned"].append({c: settled(x) for c, x in mine.items()})
        own = {c: read.truth[c][read.shown(c).numpy()] for c in mine}
        measured["R2"].append({c: explained(c, x, own[c]) for c, x in mine.items()})
    gone = [one for one, _ in every]
    return {
        name: examined(tables, gone, effect, kept, what=name) for name, tables in measured.items()
    }
