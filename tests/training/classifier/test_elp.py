"""ELP-SR against its closed form and loops in float64, and what its gradients must not reach."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from plantedu.errors import PlantEduError
from plantedu.training.classifier.elp import (
    REGULARISERS,
    elp_sr,
    elp_weights,
    make_regulariser,
    matched_smoothing,
)

LABELS = torch.tensor([0, 2, 1, 1, 0, 2, 2, 0])


def logits_of(p):
    """Two classes with probability p of the first."""
    return torch.tensor([[math.log(p), math.log1p(-p)]], dtype=torch.float64)


def some_logits(seed, n=8, classes=3, scale=2.0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(n, classes, dtype=torch.float64, generator=generator) * scale


@settings(deadline=None)
@given(p=st.floats(1e-6, 1 - 1e-6), q=st.floats(1e-6, 1 - 1e-6))
def test_the_gap_weight_is_its_closed_form(p, q):
    weight = elp_weights(logits_of(p), logits_of(q), torch.tensor([0]))
    expected = min(max(2 * (p - q) / (p + q), 0), 1) ** 2
    assert float(weight) == pytest.approx(expected, abs=1e-9)


@settings(deadline=None)
@given(p=st.floats(1e-6, 1 - 1e-6), q=st.floats(1e-6, 1 - 1e-6))
def test_the_published_weight_is_high_where_both_are_unsure(p, q):
    weight = elp_weights(logits_of(p), logits_of(q), torch.tensor([0]), ratio="published")
    expected = min(max((2 - p - 3 * q) / (p + q), 0), 1) ** 2
    assert float(weight) == pytest.approx(expected, abs=1e-8)


def test_known_weights():
    zero = torch.tensor([0])
    for p, q, gap, published in (
        (0.9, 0.3, 1.0, (0.2 / 1.2) ** 2),  # fitted, not yet separable
        (0.9, 0.9, 0.0, 0.0),  # both sure
        (0.3, 0.9, 0.0, 0.0),  # the probe is ahead
        (0.2, 0.2, 0.0, 1.0),  # both at a loss: here the two ratios disagree most
        (0.6, 0.4, 0.16, 0.04),
    ):
        given_ = logits_of(p), logits_of(q), zero
        assert float(elp_weights(*given_)) == pytest.approx(gap, abs=1e-9)
        assert float(elp_weights(*given_, ratio="published")) == pytest.approx(published, abs=1e-9)


def test_probabilities_that_vanish_in_float32_still_have_their_ratio():
    far = torch.tensor([[-400.0, 0.0], [-401.0, 0.0]])
    near = torch.tensor([[-401.0, 0.0], [-400.0, 0.0]])
    weights = elp_weights(far, near, torch.tensor([0, 0]))
    assert float(weights[0]) == pytest.approx(min(2 * math.tanh(0.5), 1) ** 2, rel=1e-4)
    assert float(weights[1]) == 0
    assert float(elp_weights(far, near, torch.tensor([0, 0]), ratio="published")[0]) == 1


@pytest.mark.parametrize("variant", ["target_only", "repo"])
@pytest.mark.parametrize("ratio", ["gap", "published"])
@pytest.mark.parametrize(("alpha", "gamma"), [(0.5, 2.0), (0.3, 1.0), (0.8, 3.5)])
def test_a_loop_agrees(variant, ratio, alpha, gamma):
    main, probe = some_logits(0), some_logits(1)
    knobs = {"variant": variant, "ratio": ratio, "alpha": alpha, "gamma": gamma}
    term, weights = elp_sr(main, probe, LABELS, **knobs)
    total, count = 0.0, 0
    for b, y in enumerate(LABELS.tolist()):
        ps = [math.exp(v) for v in main[b]]
        qs = [math.exp(v) for v in probe[b]]
        p, q = ps[y] / sum(ps), qs[y] / sum(qs)
        above = alpha * (3 * q - p) if ratio == "gap" else p - 1 + 2 * q
        r = min(max(above / (alpha * p + (1 - alpha) * q), 0.0), 1.0)
        assert float(weights[b]) == pytest.approx((1 - r) ** gamma, abs=1e-12)
        for c in [y] if variant == "target_only" else range(3):
            total -= (1 - r) ** gamma * math.log(ps[c] / sum(ps))
            count += 1
    assert float(term) == pytest.approx(total / count, abs=1e-12)


@pytest.mark.parametrize("variant", ["target_only", "repo"])
def test_the_gradient_is_that_of_a_constant_weight(variant):
    main, probe = some_logits(2).requires_grad_(), some_logits(3).requires_grad_()
    term, weights = elp_sr(main, probe, LABELS, variant=variant)
    assert not weights.requires_grad
    term.backward()
    assert probe.grad is None
    goal = torch.nn.functional.one_hot(LABELS, 3).double()
    if variant == "repo":
        goal = torch.full_like(goal, 1 / 3)
    share = weights[:, None] * (main.detach().softmax(1) - goal) / len(LABELS)
    torch.testing.assert_close(main.grad, share)


def test_repo_pulls_to_uniform_and_target_only_to_the_label():
    main = torch.tensor([[4.0, 0.0, 0.0]]).requires_grad_()
    probe = torch.zeros(1, 3)
    for variant, sign in (("target_only", -1), ("repo", 1)):
        main.grad = None
        elp_sr(main, probe, torch.tensor([0]), variant=variant)[0].backward()
        assert sign * float(main.grad[0, 0]) > 0


def test_smoothing_matches_a_repo_term_of_constant_weight():
    main, w = some_logits(4), 0.25
    cross = torch.nn.functional.cross_entropy
    both = cross(main, LABELS) - (w * main.log_softmax(1)).mean()
    smooth = cross(main, LABELS, label_smoothing=matched_smoothing(w))
    assert float(both) == pytest.approx(float((1 + w) * smooth))


def toy(name, seed=0):
    torch.manual_seed(0)
    made = make_regulariser(name, dim=5, classes=3, steps_per_epoch=2, seed=seed)
    return nn.Linear(4, 5), nn.Linear(5, 3), torch.randn(8, 4), made


@pytest.mark.parametrize("name", [n for n in REGULARISERS if n.startswith("elp")])
def test_every_arm_learns_by_itself_and_reaches_only_head_and_encoder(name):
    encoder, head, x, regulariser = toy(name)
    before = regulariser.probe.weight2.clone()
    h = encoder(x)
    term, parts = regulariser.term(h, head(h), LABELS, 0)
    assert set(parts) == {"elp_accuracy", "elp_gap", "elp_weight", "elp_skipped"}
    assert not any(value.requires_grad for value in parts.values())
    assert int(regulariser.probe.updates) == 1
    assert not torch.equal(before, regulariser.probe.weight2)
    if name == "elp_monitor":
        assert float(term) == 0
        assert not term.requires_grad
    else:
        term.backward()
        assert head.weight.grad.abs().sum() > 0
    assert not regulariser.probe.weight1.requires_grad


def test_features_that_are_not_finite_weigh_nothing_and_are_counted():
    encoder, head, x, regulariser = toy("elp_sr_target")
    h = encoder(x).detach()
    poisoned = h.clone()
    poisoned[2, 1] = torch.inf
    term, parts = regulariser.term(poisoned, head(h), LABELS, 0)
    assert term.isfinite()
    assert all(value.isfinite() for value in parts.values())
    assert float(parts["elp_skipped"]) == 1
    clean, _ = toy("elp_sr_target")[3].term(h, head(h), LABELS, 0)
    assert float(term.detach()) <= float(clean.detach()) + 1e-6
    assert float(regulariser.term(h, head(h), LABELS, 1)[1]["elp_skipped"]) == 1


def test_parts_are_what_they_say():
    encoder, head, x, regulariser = toy("elp_monitor")
    h = encoder(x)
    q = regulariser.probe(h).softmax(1)
    p = head(h).softmax(1)
    _, parts = regulariser.term(h, head(h), LABELS, 0)
    rows = torch.arange(8)
    assert float(parts["elp_gap"]) == pytest.approx(
        float((p - q)[rows, LABELS].mean().detach()), abs=1e-6
    )
    assert float(parts["elp_accuracy"]) == float((q.argmax(1) == LABELS).float().mean())


def test_shuffled_gives_the_same_weights_to_other_samples():
    _, head, _, right = toy("elp_sr_target")
    wrong = make_regulariser("elp_sr_shuffled", dim=5, classes=3, steps_per_epoch=2, seed=0)
    h = torch.randn(8, 5) * 3
    terms = {float(wrong.eval().term(h, head(h), LABELS, step)[0].detach()) for step in range(6)}
    straight, parts = right.eval().term(h, head(h), LABELS, 0)
    assert len(terms) > 1  # another order every step
    assert float(straight.detach()) not in terms
    _, shuffled_parts = wrong.term(h, head(h), LABELS, 0)
    assert float(parts["elp_weight"]) == float(shuffled_parts["elp_weight"])
    again = {float(wrong.term(h, head(h), LABELS, step)[0].detach()) for step in range(6)}
    assert terms == again  # the step decides, nothing else; and eval() does not learn
    assert int(wrong.probe.updates) == 0


def test_the_probe_starts_anew_every_second_pass_or_never():
    stds = {}
    for name in ("elp_sr_target", "elp_sr_no_reset"):
        encoder, head, x, regulariser = toy(name)
        for step in range(4):
            h = encoder(x)
            regulariser.term(h, head(h), LABELS, step)
        stds[name] = float(regulariser.probe.weight1.std())
    assert stds["elp_sr_target"] < 0.012 < 0.1 < stds["elp_sr_no_reset"]


def test_names_that_watch_nothing_and_names_that_do_not_exist():
    for name in ("none", "smoothing_matched"):
        assert make_regulariser(name, dim=5, classes=3, steps_per_epoch=2, seed=0) is None
    with pytest.raises(PlantEduError, match="elp_monitor"):
        make_regulariser("elp", dim=5, classes=3, steps_per_epoch=2, seed=0)
    with pytest.raises(PlantEduError, match="An episode needs"):
        make_regulariser("elp_monitor", dim=5, classes=3, steps_per_epoch=0, seed=0)
    with pytest.raises(PlantEduError, match="negative"):
        matched_smoothing(-0.1)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"probe_logits": torch.zeros(8, 4)}, "one shape"),
        ({"labels": LABELS[:5]}, "one shape"),
        ({"labels": LABELS + 1}, "from 0 to 2"),
        ({"labels": LABELS - 1}, "from 0 to 2"),
        ({"labels": LABELS.double()}, "whole numbers"),
        ({"alpha": 1.0}, "between 0 and 1"),
        ({"gamma": 0.0}, "above 0"),
        ({"ratio": "focal"}, "gap or published"),
        ({"variant": "sum"}, "target_only, repo"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(change, said):
    given_ = {"logits": some_logits(0), "probe_logits": some_logits(1), "labels": LABELS}
    with pytest.raises(PlantEduError, match=said):
        elp_sr(**(given_ | {"variant": "repo"} | change))
