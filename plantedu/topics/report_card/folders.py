"""Trials on data: does the audit find the leak, and do() the sensor that sees a factor?

Folders have 24 plants, in half of the cases with a leak of one kind: a copy, a copy saved again, a
plant's two rows on both sides, one plant under two ids. Factors are drawn at random; some are seen
by one sensor alone.

Source: do(): Pearl 2009 [pearl2009]. Lesson: 01_pairs.
"""

import tempfile
from pathlib import Path

import numpy as np
import scipy.stats

from plantedu.data.challenge.audit import audit_folder
from plantedu.data.challenge.render_folder import write_folder
from plantedu.data.renderer.factors import FACTORS, SENSORS
from plantedu.data.renderer.pairs import render
from plantedu.data.renderer.worlds import World, draw_factors
from plantedu.topics.report_card.trial import Mark, drawn

PLANTS = 24
SAVED_AGAIN = ("near_both_sides", "near_duplicate")
EXACT = ("both_sides", "duplicate")


def _audited(seed: int, *, near: bool) -> list[Mark]:
    marks = []
    for leak in (True, False):
        world = World("folder", 2 * seed + leak)
        with tempfile.TemporaryDirectory() as place:
            write_folder(world, Path(place) / "x", pairs=PLANTS, size=48, leak=leak)
            counts = audit_folder(Path(place) / "x", near=near).counts()
        kinds = SAVED_AGAIN if near else EXACT
        marks.append(Mark(leak, any(kind in counts for kind in kinds)))
    return marks


def copies(seed: int) -> list[Mark]:
    """The audit for plants that stand twice, byte for byte."""
    return _audited(seed, near=False)


def near_copies(seed: int) -> list[Mark]:
    """The audit for plants that were compressed once more: nearly the same picture."""
    return _audited(seed, near=True)


def _asked(seed: int) -> list[tuple[str, str, bool]]:
    """A factor that the sensor sees, and one that it does not."""
    rng = drawn(seed, "sight")
    sensor = SENSORS[int(rng.integers(2))]
    hidden = {"rgb": "mesophyll", "rgn": "bloom"}[sensor]
    shown = [f.name for f in FACTORS if f.role == "shared" and f.kind == "number"]
    return [(sensor, shown[int(rng.integers(len(shown)))], True), (sensor, hidden, False)]


def by_do(seed: int) -> list[Mark]:
    """do() from one end of the factor to the other: some value moves by more than one level."""
    world, marks = World("seen", seed, fixed=(("disease", "brown"),)), []
    for sensor, name, there in _asked(seed):
        f = next(f for f in FACTORS if f.name == name)
        ends = [render(world, np.arange(8), size=48, do={name: end}) for end in (f.low, f.high)]
        one, other = ((p.x1 if sensor == "rgb" else p.x2).astype(int) for p in ends)
        marks.append(Mark(there, bool(np.abs(one - other).max() > 1)))
    return marks


def by_correlation(seed: int) -> list[Mark]:
    """The factor's strongest correlation with a mean colour over 64 plants, p <= .05 each."""
    world, plants = World("seen", seed, fixed=(("disease", "brown"),)), np.arange(64)
    shown, columns, marks = render(world, plants, size=48), draw_factors(world, plants), []
    for sensor, name, there in _asked(seed):
        means = (shown.x1 if sensor == "rgb" else shown.x2).astype(float).mean((2, 3))
        tests = [scipy.stats.pearsonr(m, columns[name]) for m in means.T]
        p = [float(test[1]) for test in tests]  # type: ignore[arg-type]
        marks.append(Mark(there, min(p) <= 0.05))
    return marks
