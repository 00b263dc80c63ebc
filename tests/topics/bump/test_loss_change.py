"""Shifts: an even one is uniform, a few plants' is concentrated; the rulers decide who moved."""

from dataclasses import replace

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.statistics.evidence import Evidence
from plantedu.topics.bump.loss_change import moved, shift, sign_test, top_share, who_moved

N = 400


def draws(seed, spread=0.3):
    return np.random.default_rng(seed).normal(0, spread, N)


def described(change, control=None):
    control = draws(9) if control is None else control
    return shift("test", change, control, against="a control", seed=1)


def test_known_shares():
    assert top_share(np.full(N, -2.0)) == pytest.approx(0.1)
    few = np.zeros(N)
    few[:40] = 1
    assert top_share(np.zeros(N)) == 0.1
    assert top_share(few) == top_share(-few) == pytest.approx(1)


def test_an_even_shift_with_the_controls_noise_is_uniform():
    verdicts = [described(-1 + draws(k), draws(100 + k)).verdict for k in range(20)]
    assert verdicts.count("uniform") >= 16
    assert "none" not in verdicts


def test_a_few_plants_are_found():
    change = draws(0)
    change[:40] -= 6
    found = described(change)
    assert found.verdict == "concentrated"
    assert found.share.value > found.even[1] > found.share.null > 0.1


def test_a_little_more_in_some_is_uneven_not_concentrated():
    change = -1 + draws(0, 0.1)
    change[:40] -= 1
    found = described(change, draws(9, 0.1))
    assert found.verdict == "uneven"
    assert 0.15 < found.share.value < 0.25


def test_what_is_no_more_than_the_control_is_none():
    verdicts = [described(draws(k), draws(100 + k)).verdict for k in range(40)]
    assert verdicts.count("none") >= 33  # 5 % false alarms are meant, 8 of 40 are too many


def test_sign_test_knows_coins():
    assert sign_test(np.array([-1.0] * 10 + [1.0] * 10)) == pytest.approx(1)
    assert sign_test(-np.ones(10)) == pytest.approx(2 / 2**10)
    assert sign_test(np.zeros(5)) == 1


def test_classes_are_told_apart():
    rows = np.arange(N) < 100
    found = shift(
        "x", np.where(rows, -2.0, -1.0), draws(0), against="c",
        classes={"few": rows, "rest": ~rows},
    )  # fmt: skip
    assert found.by_class == {"few": -2.0, "rest": -1.0}
    assert found.fell == N


def test_other_plants_are_refused():
    with pytest.raises(PlantEduError, match="same >= 20 plants"):
        shift("x", draws(0), draws(1)[:-1], against="c")


def seen(value, null=0.0, wide=0.1):
    return Evidence(
        question="?", value=value, null=null, control="c", n=9,
        interval=(value - wide, value + wide),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("first", "who"),
    [(-0.9, "model"), (-0.5, "model"), (-0.3, "both"), (-0.05, "ruler"), (0.5, "ruler")],
)
def test_the_first_ruler_decides(first, who):
    verdict = who_moved(
        seen(-1.0), seen(first), jump=seen(-0.4), followed=seen(0.7), age=seen(-1.3)
    )
    assert verdict.who == who
    assert verdict.seen == pytest.approx(-first)
    for said in ("fell by 1.00", f"sees {first:+.2f}", "makes -0.40", "+0.70", "-1.30"):
        assert said in verdict.why


def test_without_a_change_nobody_moved_and_without_a_switch_it_was_the_model():
    assert who_moved(seen(-0.05), seen(0.0), jump=seen(-0.4)).who == "nobody"
    assert who_moved(seen(-1.0), seen(-1.0)).who == "model"


def test_moved_reads_the_interval_against_the_null():
    assert [moved(seen(v)) for v in (-0.2, 0.05, 0.2)] == [-1, 0, 1]
    assert moved(replace(seen(0.5), null=0.55)) == 0
