"""Goals of a classifier: plain loops, no matter the scale, and targets that are refused."""

import math

import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.topics.attacks.criteria import DLR, GOALS, CrossEntropy, Margin

LABELS = torch.tensor([0, 2, 1, 1])
LOGITS = torch.tensor(
    [[2.0, 1.0, -1.0], [0.5, 0.0, 0.4], [1.0, 3.0, 2.5], [-2.0, -1.0, 4.0]], dtype=torch.float64
)
ROWS = torch.arange(4)


def slow(name, s, y):
    others = [v for k, v in enumerate(s) if k != y]
    if name == "ce":
        return math.log(sum(math.exp(v) for v in s)) - s[y]
    margin = max(others) - s[y]
    ordered = sorted(s, reverse=True)
    return margin if name == "margin" else margin / (ordered[0] - ordered[2])


@pytest.mark.parametrize("name", list(GOALS))
def test_losses_equal_plain_loops(name):
    losses = GOALS[name](LABELS).loss(LOGITS, ROWS)
    wanted = [slow(name, s, y) for s, y in zip(LOGITS.tolist(), LABELS.tolist(), strict=True)]
    assert losses.tolist() == pytest.approx(wanted)


@pytest.mark.parametrize("name", list(GOALS))
def test_a_wrong_name_is_what_is_wanted(name):
    assert GOALS[name](LABELS).reached(LOGITS, ROWS).tolist() == [False, True, False, True]


def test_dlr_does_not_mind_the_scale_and_cross_entropy_goes_flat():
    big = (1e4 * LOGITS[:1].float()).requires_grad_()
    row, label = torch.tensor([0]), torch.tensor([0])
    torch.testing.assert_close(DLR(label).loss(big, row), DLR(label).loss(LOGITS[:1].float(), row))
    (slope,) = torch.autograd.grad(CrossEntropy(label).loss(big, row).sum(), big)
    assert not slope.any()
    (slope,) = torch.autograd.grad(Margin(label).loss(big, row).sum(), big)
    assert slope.any()


@pytest.mark.parametrize("kind", [Margin, CrossEntropy])
def test_a_target_is_reached_only_by_its_own_name(kind):
    goal = kind(LABELS, torch.tensor([1, 0, 2, 2]))
    assert goal.reached(LOGITS, ROWS).tolist() == [False, True, False, True]
    nearer = LOGITS.clone()
    nearer[0, 1] += 0.5
    assert goal.loss(nearer, ROWS)[0] > goal.loss(LOGITS, ROWS)[0]


def test_a_target_that_equals_the_label_is_refused():
    with pytest.raises(PlantEduError, match=r"equals the label \(plants \[1\]\)"):
        Margin(LABELS, torch.tensor([1, 2, 0, 0]))
    with pytest.raises(PlantEduError, match="four classes"):
        DLR(LABELS, torch.tensor([1, 0, 2, 2]))
    with pytest.raises(PlantEduError, match="three classes, got 2"):
        DLR(LABELS[:1]).loss(LOGITS[:1, :2], torch.tensor([0]))


def test_rows_say_whose_answers_they_are():
    rows = torch.tensor([3, 1])
    whole, part = (Margin(LABELS).loss(LOGITS[r], r) for r in (ROWS, rows))
    assert part.tolist() == whole[rows].tolist()
