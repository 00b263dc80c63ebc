"""The table of kept factors from readings with known answers, beside encoders that omit."""

import numpy as np
import pytest
import torch

from plantedu.data.renderer.factors import COLUMNS
from plantedu.statistics.evidence import Evidence
from plantedu.topics.generation.interventional_effects import Effects
from plantedu.topics.generation.invariance_table import Read, exams, grades, table
from plantedu.topics.generation.omission import groups
from plantedu.topics.generation.variance_components import Ground

PLANTS, SAMPLES = 24, 4
HELD = tuple(COLUMNS)[::2]  # what the planted encoder holds of the source
SPILL = "mesophyll"  # read off samples by what another factor does: consistent, and not held


def readings(truth, gone, seed):
    """Samples that show the held factors of their source, but for those that are omitted."""
    rng = np.random.default_rng(seed)
    found = {}
    for column, factor in COLUMNS.items():
        width = max(len(factor.levels), 1)
        noise = rng.normal(size=(PLANTS, SAMPLES, width))
        own = np.eye(width)[truth[column]] if factor.levels else truth[column][:, None]
        signal = own[:, None] * 3 if column in HELD and column not in gone else 0.0
        if column == SPILL:
            signal = truth["angle"][:, None, None] * 2.0
        found[column] = torch.from_numpy(signal + 0.5 * noise)
    return found


@pytest.fixture(scope="module")
def read():
    rng = np.random.default_rng(0)
    truth = {
        name: rng.integers(0, len(f.levels), PLANTS) if f.levels else rng.normal(size=PLANTS)
        for name, f in COLUMNS.items()
    }
    truth["disease"] = np.arange(PLANTS) % 2 + 1  # all of them show lesions
    omitted = [(gone, readings(truth, gone, k)) for k, gone in enumerate(groups(2, seed=0), 1)]
    moved = {
        c: np.full(PLANTS, 0.3 if c in HELD else 0.0) + 0.01 * k for k, c in enumerate(COLUMNS)
    }
    still = dict.fromkeys(COLUMNS, 0.0)
    effects = Effects({"own": moved, "random": moved}, {"own": still, "random": still})
    ground = Ground(dict.fromkeys(COLUMNS, 1.0), dict.fromkeys(COLUMNS, 0.2))
    random = readings(truth, tuple(COLUMNS), 99)
    nothing = dict.fromkeys(COLUMNS, 1.0)
    names = ("own", "random")
    linear = {
        c: Evidence(question="?", value=0.9 * (c in HELD), null=0.0, control="shuffled", n=9)
        for c in COLUMNS
    }
    own = readings(truth, (), 0)
    return Read(own, random, omitted, truth, nothing, ground, effects, names, linear)


@pytest.fixture(scope="module")
def lines(read):
    return table(read, seed=0)


def test_what_is_held_is_pinned_and_what_spills_is_free(lines):
    rows = {k.column: k for k in lines}
    assert set(rows) == set(COLUMNS)
    numbers = [c for c in HELD if not COLUMNS[c].levels and c != SPILL]
    assert all(rows[c].verdict == "pinned" for c in numbers)
    assert all(rows[c].r2.value > 0.8 for c in numbers)
    assert all(abs(rows[c].pinned.null) < 0.2 for c in numbers)
    spill = rows[SPILL]
    assert spill.pinned.interval[0] > 0.5, "as consistent as what is held"
    assert abs(spill.at_random) < 0.15, "its first null saw nothing"
    assert spill.pinned.null > 0.5
    assert spill.r2.value < 0.3
    assert spill.verdict == "free"
    others = [c for c in COLUMNS if c not in HELD and c != SPILL]
    assert all(rows[c].verdict == "free" for c in others)


def test_grades_stand_beside_random_weights(lines):
    found = grades(lines, seed=0)
    assert found.grade.value > 0.5
    assert found.less.interval[0] > 0, "a random table agrees with nothing here"
    assert found.grade.interval[0] < found.grade.value < found.grade.interval[1]
    assert found.crossed.value == pytest.approx(found.random_init.value), "the same do() in both"
    assert found.probe.value > found.probe_crossed.value + 0.3, "the probe reads what is held"
    assert found.linear.value > 0.5, "what is held is what do() moves here"


def test_tables_of_omitting_encoders_are_told_apart(read, lines):
    sat = exams(read, lines)
    assert sat["R2"].apart.value > 0.95
    assert sat["pinned"].apart.value > 0.95
    assert sat["R2"].wins.value > sat["R2"].wins.null
