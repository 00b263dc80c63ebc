"""Adders side by side: each ends where it would alone; splits by unordered pair; bad settings."""

import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.topics.bump.modular_training import split_sums, start_adders, train_adders
from plantedu.topics.bump.results.grokking import ARMS, Adding
from plantedu.training.fit import Observer

SMALL = Adding(prime=7, width=4, hidden=8, steps=12, every=4)


class End(Observer):
    def on_end(self, state):
        self.weights = {n: w.detach().clone() for n, w in state.objective.named_parameters()}


def trained(arms):
    end = End()
    assert train_adders(SMALL, observers=[end], arms=arms) == "done"
    return end.weights


def test_arms_side_by_side_end_where_each_would_alone():
    together = trained(ARMS)
    for arm in ARMS:
        for name, weight in trained((arm,)).items():
            assert torch.equal(weight, together[name])
    decayed, plain = (together[f"arms.{arm}.embedding"] for arm in ("decay", "no_decay"))
    assert not torch.equal(decayed, plain)


def test_training_and_test_pairs_share_no_pair_in_either_order():
    train, test = split_sums(SMALL)
    seen, asked = ({(int(a), int(b)) for a, b in zip(s.a, s.b, strict=True)} for s in (train, test))
    assert not seen & asked
    assert not {(b, a) for a, b in seen} & asked
    assert len(train) == 14
    assert len(train) + len(test) == 28


def test_answers_dealt_anew_keep_pairs_and_counts_but_not_sums():
    real, shuffled = (split_sums(SMALL, shuffled=s)[0] for s in (False, True))
    assert torch.equal(real.a, shuffled.a)
    assert not torch.equal(real.answers, shuffled.answers)
    whole = [torch.cat([part.answers for part in split_sums(SMALL, shuffled=s)]) for s in (0, 1)]
    assert torch.equal(whole[0].sort().values, whole[1].sort().values)


def test_the_rate_rises_for_ten_steps_and_stays():
    assert SMALL.rate(0) == pytest.approx(5e-4)
    assert SMALL.rate(9) == SMALL.rate(500) == 5e-3


def test_decay_is_off_in_one_arm_only():
    groups = start_adders(SMALL).optimizer.param_groups
    assert [group["weight_decay"] for group in groups] == [1.0, 0.0, 1.0]


@pytest.mark.parametrize(
    ("knob", "said"),
    [({"prime": 9}, "prime number"), ({"share": 1.0}, "share"), ({"steps": 0}, "steps must be")],
)
def test_settings_out_of_range_are_refused(knob, said):
    with pytest.raises(PlantEduError, match=said):
        Adding(**knob)
