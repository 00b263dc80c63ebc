"""Wrong versions of lesson 09's functions, by the name under which a check must know them."""

import copy

import pytest
import torch
from captum.attr import IntegratedGradients

from plantedu.exercises import check
from plantedu.exercises.checks_09 import network
from plantedu.exercises.lesson_09 import integrated_gradients, randomised_likeness
from plantedu.topics.attribution.randomisation import rank_correlation


def _slope(score, point):
    point = point.detach().requires_grad_()
    return torch.autograd.grad(score(point).sum(), point)[0]


def _middles(steps):
    return [(k + 0.5) / steps for k in range(steps)]


def _mean_slope(score, x, reference, places):
    return sum(_slope(score, reference + t * (x - reference)) for t in places) / len(places)


def not_divided(score, x, reference, *, steps):
    return integrated_gradients(score, x, reference, steps=steps) * steps


def slope_alone(score, x, reference, *, steps):
    return _mean_slope(score, x, reference, _middles(steps))


def sign_lost(score, x, reference, *, steps):
    return integrated_gradients(score, x, reference, steps=steps).abs()


def sign_lost_on_the_way(score, x, reference, *, steps):
    slopes = [_slope(score, reference + t * (x - reference)).abs() for t in _middles(steps)]
    return (x - reference) * sum(slopes) / steps


def slope_at_the_input(score, x, reference, *, steps):
    return (x - reference) * _slope(score, x)


def times_the_input(score, x, reference, *, steps):
    return x * _mean_slope(score, x, reference, _middles(steps))


def path_from_zero(score, x, reference, *, steps):
    return (x - reference) * sum(_slope(score, t * x) for t in _middles(steps)) / steps


def _ends(places):
    def wrong(score, x, reference, *, steps):
        return (x - reference) * _mean_slope(score, x, reference, places(steps))

    return wrong


def through_the_path(score, x, reference, *, steps):
    x = x.detach().requires_grad_()
    total = 0
    for t in _middles(steps):
        total = total + torch.autograd.grad(score(reference + t * (x - reference)).sum(), x)[0]
    return (x - reference).detach() * total / steps


def slopes_pile_up(score, x, reference, *, steps):
    point, total = x.detach().clone().requires_grad_(), torch.zeros_like(x)
    for t in _middles(steps):
        point.data = reference + t * (x - reference)
        score(point).sum().backward()
        total += point.grad
    return (x - reference) * total / steps


def slopes_pile_up_through_the_path(score, x, reference, *, steps):
    x, total = x.detach().clone().requires_grad_(), torch.zeros_like(x)
    for t in _middles(steps):
        score(reference + t * (x - reference)).sum().backward()
        total += x.grad
    return (x - reference).detach() * total / steps


def mean_over_plants(score, x, reference, *, steps):
    return integrated_gradients(lambda x: score(x) / len(x), x, reference, steps=steps)


def _ranks(maps):
    flat = maps.detach().abs().flatten(1).double()
    return torch.sign(flat[:, :, None] - flat[:, None, :]).sum(2)


def _cascade(order=reversed, *, keep=True, whole=True, ranks=_ranks, chain=False):
    """The exercise with a part replaced."""

    def wrong(explain, trained, fresh, x):
        twin, before, rows = copy.deepcopy(trained), ranks(explain(trained, x)), []
        for name in order([name for name, _ in trained.named_children()]):
            twin = twin if keep else copy.deepcopy(trained)
            mine, other = getattr(twin, name), getattr(fresh, name)
            new = dict(other.state_dict() if whole else other.named_parameters())
            mine.load_state_dict(new, strict=False)
            after = ranks(explain(twin, x))
            rows.append(torch.cosine_similarity(before, after, dim=1))
            before = after if chain else before
        return torch.stack(rows)

    return wrong


def _centred_sizes(maps):
    flat = maps.detach().abs().flatten(1)
    return flat - flat.mean(1, keepdim=True)


def _signed_ranks(maps):
    flat = maps.detach().flatten(1).double()
    return torch.sign(flat[:, :, None] - flat[:, None, :]).sum(2)


def _ranks_by_place(maps):
    ranks = maps.detach().abs().flatten(1).argsort(dim=1, stable=True).argsort(dim=1).double()
    return ranks - ranks.mean(1, keepdim=True)


def flat_is_nan(explain, trained, fresh, x):
    twin, before, rows = copy.deepcopy(trained), _ranks(explain(trained, x)), []
    for name, stage in reversed(list(twin.named_children())):
        stage.load_state_dict(getattr(fresh, name).state_dict())
        after = _ranks(explain(twin, x))
        rows.append((before * after).sum(1) / (before.norm(dim=1) * after.norm(dim=1)))
    return torch.stack(rows)


def in_place(explain, trained, fresh, x):
    before, rows = _ranks(explain(trained, x)), []
    for name, stage in reversed(list(trained.named_children())):
        stage.load_state_dict(getattr(fresh, name).state_dict())
        rows.append(torch.cosine_similarity(before, _ranks(explain(trained, x)), dim=1))
    return torch.stack(rows)


WRONG = {
    "09.5": {
        "not divided": not_divided,
        "the slope alone": slope_alone,
        "sign lost": sign_lost,
        "slope at the input alone": slope_at_the_input,
        "times the input": times_the_input,
        "path from zero": path_from_zero,
        "ends, not middles": _ends(lambda steps: [(k + 1) / steps for k in range(steps)]),
        "slope through the path": through_the_path,
        "slopes pile up": slopes_pile_up,
        "mean over the plants": mean_over_plants,
    },
    "09.6": {
        "the trained network is changed": in_place,
        "from the bottom up": _cascade(list),
        "one stage at a time": _cascade(keep=False),
        "statistics stay": _cascade(whole=False),
        "Pearson's correlation": _cascade(ranks=_centred_sizes),
        "sign kept": _cascade(ranks=_signed_ranks),
        "the stage before": _cascade(chain=True),
        "flat maps are NaN": flat_is_nan,
        "ties by place": _cascade(ranks=_ranks_by_place),
    },
}
ALSO = (
    ("09.5", "sign lost", sign_lost_on_the_way),
    ("09.5", "ends, not middles", _ends(lambda steps: [k / steps for k in range(steps)])),
    ("09.5", "ends, not middles", _ends(lambda steps: torch.linspace(0, 1, steps).tolist())),
    ("09.5", "slopes pile up", slopes_pile_up_through_the_path),
)
EVERY = [(key, name, wrong) for key in WRONG for name, wrong in WRONG[key].items()]


@pytest.mark.parametrize(("key", "name", "wrong"), [*EVERY, *ALSO])
def test_a_mistake_is_called_by_its_own_name_and_no_other(key, name, wrong):
    report = check(key, wrong)
    assert report.mistakes == (name,), str(report)


def _bent(x):
    return torch.tanh(x.flatten(1)).sum(1) ** 2


def test_integrated_gradients_are_captum_s():
    x, start = torch.randn(2, 3, 2, 4, generator=torch.Generator().manual_seed(0)).double()
    found = integrated_gradients(_bent, x, start, steps=400)
    package = IntegratedGradients(_bent).attribute(x, start, n_steps=100)
    assert found == pytest.approx(package, abs=1e-4)


def test_likeness_is_the_package_s():
    x = torch.rand(3, 3, 8, 8, generator=torch.Generator().manual_seed(1))

    def explain(model, x):
        return model.stem(x).sum(1).relu() * float(model.head.bias.detach())

    found = randomised_likeness(explain, network(1), network(2), x)
    maps = [explain(model, x).detach()[None].numpy() for model in (network(1), network(2))]
    assert found[-1].numpy() == pytest.approx(rank_correlation(*maps), abs=1e-9)
    assert found[0].tolist() == pytest.approx([1, 1, 1])
