"""FGSM and PGD: optimal on a linear model, a slow twin, and never weaker with more steps."""

import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.topics.attacks.criteria import CrossEntropy, Margin
from plantedu.topics.attacks.gradient import FGSM, PGD
from plantedu.topics.attacks.threat_model import Budget


def two_classes(linear, views):
    """The linear model with two classes: the margin is linear, so its best change is known."""
    linear.weight.data = linear.weight.data[:2]
    labels = linear(views.float() / 255).argmax(1)
    w = linear.weight[1] - linear.weight[0]
    return labels, w


@pytest.mark.parametrize("where", ["rgb", "rgn", "both", "shared"])
@pytest.mark.parametrize("attack", [FGSM(thorough=True), PGD(thorough=True)])
def test_the_best_change_of_a_linear_model_in_linf(linear, views, draw, where, attack):
    labels, w = two_classes(linear, views)
    found = attack(linear, views, Margin(labels), Budget.on(where, 6 / 255), generator=draw())
    if where == "shared":
        gain = w.sum(0)[:2].abs().sum()
    else:
        gain = w[{"rgb": [0], "rgn": [1], "both": [0, 1]}[where]].abs().sum()
    risen = torch.from_numpy(found.loss - found.clean_loss)
    torch.testing.assert_close(
        risen, torch.full_like(risen, 6 / 255 * float(gain)), atol=1e-2, rtol=0
    )


def test_the_best_change_of_a_linear_model_in_l2(linear, views, draw):
    labels, w = two_classes(linear, views)
    budget = Budget.on("rgb", 12 / 255, norm="l2", eight_bit=False)
    found = PGD(thorough=True, steps=60, step=0.2)(
        linear, views, Margin(labels), budget, generator=draw()
    )
    reach = 12 / 255 * 192**0.5 * float(w[0].square().sum().sqrt())
    assert found.loss - found.clean_loss == pytest.approx(reach, rel=0.01)


def pgd_slowly(model, views, labels, radius, steps, step):
    """Cross entropy, no random start, float64, one plant and one value at a time."""
    x = views.double() / 255
    out = []
    for n in range(x.shape[1]):
        d = torch.zeros_like(x[:, n])
        for _ in range(steps):
            seen = ((x[:, n] + d) * 255).round() / 255
            seen = seen.requires_grad_()
            logits = torch.einsum("schw,kschw->k", seen - 0.5, model.weight.double())
            loss = torch.logsumexp(logits, 0) - logits[labels[n]]
            (slope,) = torch.autograd.grad(loss, seen)
            for place in torch.cartesian_prod(*map(torch.arange, d.shape)).tolist():
                s, c, h, w = place
                moved = float(d[s, c, h, w]) + step * radius * float(slope[s, c, h, w].sign())
                moved = max(-radius, min(radius, moved))
                here = float(x[s, n, c, h, w])
                d[s, c, h, w] = max(0.0, min(1.0, here + moved)) - here
        out.append(((x[:, n] + d) * 255).round())
    return torch.stack(out, 1)


def test_pgd_equals_its_slow_twin(linear, views, said, draw):
    views = views[:, :2]
    attack = PGD(steps=3, step=0.4, random_start=False, thorough=True)
    found = attack(
        linear, views, CrossEntropy(said[:2]), Budget.on("both", 8 / 255), generator=draw()
    )
    slow = pgd_slowly(linear, views, said, 8 / 255, 3, 0.4)
    assert (torch.from_numpy(found.views).double() - slow).abs().max() == 0


def test_more_steps_and_restarts_are_never_weaker(bent, views, draw):
    labels = bent(views.float() / 255).argmax(1)
    budget = Budget.on("both", 6 / 255)

    def broken(**knobs):
        attack = PGD(step=0.15, **knobs)
        return attack(bent, views, Margin(labels), budget, generator=draw()).reached

    few, many, again = broken(steps=2), broken(steps=20), broken(steps=20, restarts=3)
    assert (many >= few).all()
    assert (again >= many).all()


def test_at_radius_one_nothing_stands(bent, views, draw):
    labels = bent(views.float() / 255).argmax(1)
    found = PGD()(bent, views, Margin(labels), Budget.on("both", 1.0), generator=draw())
    assert found.reached.all()


def test_a_radius_of_zero_changes_nothing(linear, views, goal, draw):
    found = PGD(steps=2)(linear, views, goal, Budget.on("both", 0.0), generator=draw())
    assert (found.views == found.clean).all()


def test_a_knob_out_of_range_is_refused():
    for knobs in ({"steps": 0}, {"restarts": 0}):
        with pytest.raises(PlantEduError, match="1 or more"):
            PGD(**knobs)
