"""Trials on spectra: is something copied, is something carried, is it more than noise?

Heads are planted: they copy, attenuate, rotate, invert or do half of each, in 16 to 24 dimensions,
seen through 200 plants (`topics/spectrum/planted.py`). Turns are also tried where few directions
carry the signal and noise is white, as in a trained layer. Tables are noise at random, in half of
the cases with one direction planted in them.

Source: the copying score: Elhage et al. 2021 [elhage2021]; edges of noise: Marchenko & Pastur 1967
[marchenko1967]; parallel analysis: Horn 1965 [horn1965]. Lesson: 07_spectrum.
"""

import numpy as np

from plantedu.statistics.ridge_map import Ridge
from plantedu.topics.report_card.trial import Mark, drawn
from plantedu.topics.spectrum.attenuation import dilution
from plantedu.topics.spectrum.closed_loop import closed_loop
from plantedu.topics.spectrum.marchenko_pastur import marchenko_pastur, parallel_analysis
from plantedu.topics.spectrum.nulls import p_value, shuffled
from plantedu.topics.spectrum.planted import looks, looks_like, planted
from plantedu.topics.spectrum.score import read, verdict

TRAIN, FALL = 200, 0.6  # plants; each direction's variance over the last, where few carry it
OTHERS = ("attenuate", "rotate", "invert", "mixed")


def _head(rng: np.random.Generator, kind: str) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Two looks of sensor 1, one of sensor 2 behind the head, and the true S."""
    dim = 2 * int(rng.integers(8, 13))
    head = planted(kind, dim, generator=rng)
    first, again, other = looks(TRAIN, dim, generator=rng, reliability=rng.uniform(0.5, 0.9))
    return first, again, other @ head.matrix, head.score


def named(seed: int) -> list[Mark]:
    """What lesson 07 calls the map: does it say "copies" of a copy, and of nothing else?"""
    rng, marks = drawn(seed, "heads"), []
    for kind in ("copy", OTHERS[seed % len(OTHERS)]):
        first, again, out, score = _head(rng, kind)
        corrected = dilution(first, again, out)
        said = verdict(corrected.cross, corrected.gain) == "copies"
        marks.append(Mark(kind == "copy", said, score, corrected.cross.score))
    return marks


def turns(seed: int) -> list[Mark]:
    """Does it say "rotates" of a turn, and of no other head, where few directions carry much?"""
    rng, marks = drawn(seed, "turns"), []
    for there in (True, False):
        dim = 2 * int(rng.integers(8, 13))
        size = float(rng.uniform(30, 150))
        kind = "rotate" if there else ("copy", "attenuate", "invert", "mixed")[seed % 4]
        head = planted(kind, dim, generator=rng, size=size if there else None)
        signal = np.diag(FALL ** np.arange(dim))
        noise = np.eye(dim) * np.trace(signal) / dim * rng.uniform(0.1, 0.4)
        first, again, other = looks_like(TRAIN, signal, noise, generator=rng)
        corrected = dilution(first, again, other @ head.matrix)
        said = verdict(corrected.cross, corrected.gain) == "rotates"
        marks.append(Mark(there, said, head.turn, corrected.cross.turn))
    return marks


def shuffled_pairs(seed: int) -> list[Mark]:
    """S above that of shuffled pairs, p <= .05; nothing is carried in half of the cases."""
    rng, marks = drawn(seed, "carried"), []
    for there in (True, False):
        first, _, out, score = _head(rng, "copy")
        out = out if there else out[rng.permutation(len(out))]
        ridge = Ridge(first)
        null = shuffled(ridge, out, (first, out), generator=rng, draws=39)
        value = read(ridge.fit(out).matrix).score
        said = p_value(value, null.scores) <= 0.05
        marks.append(Mark(there, said, score if there else 0.0, value))
    return marks


def loop(seed: int) -> list[Mark]:
    """S of the way there and back above .5: a copy, or noise of the same size?"""
    rng, marks = drawn(seed, "loop"), []
    for there in (True, False):
        first, _, out, _ = _head(rng, "copy")
        out = out if there else rng.normal(size=out.shape)
        value = read(closed_loop(first, out)).score
        marks.append(Mark(there, value > 0.5, float(there), value))
    return marks


def _table(rng: np.random.Generator, *, there: bool) -> np.ndarray:
    """Noise, "120 dim"; with a direction of two to four times the upper edge's excess."""
    dim = int(rng.integers(30, 81))
    table = rng.normal(size=(120, dim))
    if there:
        strength = np.sqrt(dim / 120) * rng.uniform(2, 4)
        along = rng.normal(size=dim)
        along *= np.sqrt(strength) / np.linalg.norm(along)
        table += rng.normal(size=(120, 1)) * along
    return table


def directions(seed: int) -> list[Mark]:
    """Parallel analysis: does the table have a direction that is more than noise?"""
    rng, marks = drawn(seed, "tables"), []
    for there in (True, False):
        found = parallel_analysis(_table(rng, there=there), generator=rng, shuffles=39)
        marks.append(Mark(there, found.count > 0))
    return marks


def edge(seed: int) -> list[Mark]:
    """The largest eigenvalue above the Marchenko-Pastur edge, taken as if it were a test."""
    rng, marks = drawn(seed, "tables"), []
    for there in (True, False):
        table = _table(rng, there=there)
        top = float(np.linalg.eigvalsh(np.cov(table.T))[-1])
        marks.append(Mark(there, top > marchenko_pastur(table.shape[1], len(table))[1]))
    return marks
