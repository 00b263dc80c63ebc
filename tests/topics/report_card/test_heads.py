"""The closed loop says yes to noise; the test with shuffled pairs does not."""

from plantedu.topics.report_card import heads


def test_the_closed_loop_is_always_one():
    assert all(mark.value > 0.99 for seed in range(4) for mark in heads.loop(seed))


def test_other_heads_are_not_called_copies():
    marks = [mark for seed in range(8) for mark in heads.named(seed)]
    assert sum(m.said for m in marks if m.there) >= 7
    assert sum(m.said for m in marks if not m.there) <= 1


def test_turns_are_missed_where_few_directions_carry_a_signal():
    """An instrument of ours that fails is shown failing: two planted turns of forty are named."""
    marks = [mark for seed in range(20) for mark in heads.turns(seed)]
    assert sum(m.said for m in marks if m.there) <= 4
    assert not any(m.said for m in marks if not m.there)


def test_noise_is_no_direction():
    marks = [mark for seed in range(8) for mark in heads.directions(seed)]
    assert all(m.said for m in marks if m.there)
    assert sum(m.said for m in marks if not m.there) <= 2
