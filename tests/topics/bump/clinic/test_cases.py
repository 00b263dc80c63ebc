"""Cases: the same seed the same case, causes alike often, windows cut, nothing tells the cause."""

import json
from collections import Counter

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.bump.clinic.cases import SETTLED, draw_case
from plantedu.topics.bump.clinic.causes import KEYS
from plantedu.topics.bump.clinic.orders import NAMES


def test_the_same_seed_gives_the_same_case_and_another_seed_another(small_bank):
    one, same, other = (draw_case(seed, source=small_bank) for seed in (3, 3, 4))
    assert np.array_equal(one.seen.shown, same.seen.shown)
    assert one._truth == same._truth
    assert not np.array_equal(one.seen.shown, other.seen.shown)


def test_every_cause_is_as_frequent_as_nothing(small_bank):
    counts = Counter(draw_case(seed, source=small_bank)._truth for seed in range(1200))
    assert set(counts) == set(KEYS)
    assert max(abs(n - 100) for n in counts.values()) < 40  # four standard deviations


def test_windows_begin_at_zero_and_hold_the_moment(small_bank):
    for seed in range(60):
        case = draw_case(seed, source=small_bank)
        seen = case.seen
        assert seen.rows["step"][0] == 0
        assert {len(v) for v in seen.rows.values()} == {len(seen.shown)}
        assert 60 <= len(seen.shown) <= 320 - SETTLED
        assert {len(v) for v in seen.looks.values()} == {len(seen.looks["row"])}
        at = seen.looks["row"].astype(int)
        assert np.array_equal(seen.rows["step"][at], seen.looks["step"])


def test_one_recording_does_not_look_the_same_twice(small_bank):
    drawn = [draw_case(seed, source=small_bank) for seed in range(400)]
    twins = [c for c in drawn if c._truth == "queue_switch"]
    assert len({c._run for c in twins}) == 1
    assert len({len(c.seen.shown) for c in twins}) > 5


def test_artefacts_change_the_record_and_not_the_raw_loss(small_bank):
    drawn = [draw_case(seed, source=small_bank) for seed in range(300)]
    for case in drawn:
        pace = np.diff(case.seen.rows["step"])
        assert (pace.max() > 1) == (case._truth == "logging_gap")


@pytest.mark.parametrize("half", ["reference", "held out"])
def test_a_half_draws_from_its_own_runs(small_bank, half):
    drawn = [draw_case(seed, half=half, source=small_bank) for seed in range(40)]
    assert {small_bank.entries[c._run].half for c in drawn} == {half}


def test_nothing_that_a_page_gets_names_the_cause():
    for seed in range(36):
        case = draw_case(seed)
        texts = [case.title, repr(case)]
        for drawing in (case.curve(), *(case.order(name) for name in NAMES)):
            texts += [drawing.alt, json.dumps(drawing.spec), drawing.csv()]
        text = " ".join(texts).lower()
        words = [key for key in KEYS if key != "nothing"] + ["grok", "queue", "leak", "gap", "swav"]
        assert not [word for word in words if word in text]


@pytest.mark.parametrize(
    ("given", "said"), [({"half": "all"}, "half must be"), ({"seed": -1}, "0 or more")]
)
def test_what_cannot_be_drawn_is_refused(small_bank, given, said):
    with pytest.raises(PlantEduError, match=said):
        draw_case(**{"seed": 0, "source": small_bank, **given})
