"""The shipped bank: every cause in both halves, few megabytes, finite, halves by training seed."""

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.bump.clinic.cases import ARTEFACTS
from plantedu.topics.bump.clinic.causes import KEYS
from plantedu.topics.bump.clinic.recorded import FOLDER, HALVES, Entry, bank


def test_every_cause_has_six_runs_and_runs_in_both_halves():
    runs = bank()
    for key in KEYS:
        if key not in ARTEFACTS:  # those are made from plain runs
            halves = [len(runs.of(key, half)) for half in HALVES]
            assert min(halves) >= 3, (key, halves)
    seeds = [{one.seed for one in runs.entries if one.half == half} for half in HALVES]
    assert not seeds[0] & seeds[1]


def test_it_is_small():
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 8_000_000


def test_columns_are_as_long_as_their_steps_and_finite_where_they_must_be():
    runs = bank()
    for one in runs.entries:
        rows, looks = runs.columns(one)
        assert {len(v) for v in rows.values()} == {len(rows["step"])}
        assert {len(v) for v in looks.values()} == {len(looks["step"])}
        assert all(np.isfinite(v).all() for v in rows.values())
        assert all(np.isfinite(v).all() for n, v in looks.items() if n != "last")
        assert rows["step"][0] < one.moment < rows["step"][-1]


def test_an_even_seed_is_reference_and_an_odd_one_held_out():
    assert [Entry(0, "nothing", "swav", seed, 1).half for seed in (4, 5)] == list(HALVES)


def test_a_missing_bank_is_said_with_the_command_that_makes_it(tmp_path):
    with pytest.raises(PlantEduError, match=r"experiments\.clinic\.cases"):
        bank(tmp_path)
