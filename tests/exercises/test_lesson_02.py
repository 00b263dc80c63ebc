"""Wrong versions of lesson 02's functions, by the name under which a check must know them."""

import pytest
import torch
import torch.nn.functional as F

from plantedu.exercises import check


def only_rows(scores, epsilon, rounds):
    return (scores.detach() / epsilon).softmax(1)


def ends_on_prototypes(scores, epsilon, rounds):
    logs = scores.detach() / epsilon
    for _ in range(rounds):
        logs = logs - logs.logsumexp(1, keepdim=True)
        logs = logs - logs.logsumexp(0, keepdim=True)
    return logs.exp() * logs.shape[0] / logs.shape[1]


def rows_hold_one_nth(scores, epsilon, rounds):
    q = scores.detach() / epsilon
    for _ in range(rounds):
        q = q - q.logsumexp(0, keepdim=True)
        q = q - q.logsumexp(1, keepdim=True)
    return q.exp() / len(q)


def epsilon_multiplies(scores, epsilon, rounds):
    logs = scores.detach() * epsilon
    for _ in range(rounds):
        logs = logs - logs.logsumexp(0, keepdim=True)
        logs = logs - logs.logsumexp(1, keepdim=True)
    return logs.exp()


def exp_first(scores, epsilon, rounds):
    q = (scores.detach() / epsilon).exp()
    for _ in range(rounds):
        q = q / q.sum(0, keepdim=True)
        q = q / q.sum(1, keepdim=True)
    return q


def with_gradient(scores, epsilon, rounds):
    logs = scores / epsilon
    for _ in range(rounds):
        logs = torch.log_softmax(logs, 0)
        logs = torch.log_softmax(logs, 1)
    return logs.exp()


def _loss(scores, codes, *, dim=1, own=False):
    log_p = [F.log_softmax(one, dim=dim) for one in scores]
    log_p = log_p if own else log_p[::-1]
    return -sum((q.detach() * p).sum(1) for q, p in zip(codes, log_p, strict=True))


def _over(scores, temperature):
    return [one / temperature for one in scores]


def log_after_softmax(scores, codes, temperature):
    p1, p2 = [one.softmax(1) for one in _over(scores, temperature)]
    q1, q2 = [one.detach() for one in codes]
    return -((q1 * p2.log()).sum(1) + (q2 * p1.log()).sum(1)).mean() / 2


def codes_get_gradient(scores, codes, temperature):
    log_p = [F.log_softmax(one, dim=1) for one in _over(scores, temperature)]
    return -((codes[0] * log_p[1]).sum(1) + (codes[1] * log_p[0]).sum(1)).mean() / 2


def _probe(encoder, train, test, penalty, *, mode="eval", centre="train", score="test", grad=False):
    was = encoder.training
    if mode != "train":
        encoder.eval()
    with torch.set_grad_enabled(grad):
        h, h_test = encoder(train[0]), encoder(test[0])
    if mode == "eval":
        encoder.train(was)
    onehot = F.one_hot(train[1]).to(h.dtype)
    shift = 0 if centre == "no" else h.mean(0)
    shift_test = h_test.mean(0) if centre == "own" else shift
    base = 0 if centre == "no" else onehot.mean(0)
    h, h_test = h - shift, h_test - shift_test
    gram = h.T @ h + penalty * torch.eye(h.shape[1])
    weights = torch.linalg.solve(gram, h.T @ (onehot - base))
    if grad and weights.requires_grad:
        (h @ weights - onehot).square().mean().backward()
    if score == "train":
        return ((h @ weights + base).argmax(1) == train[1]).double().mean().item()
    return ((h_test @ weights + base).argmax(1) == test[1]).double().mean().item()


def _probe_with(**changed):
    return lambda encoder, train, test, penalty: _probe(encoder, train, test, penalty, **changed)


WRONG = {
    "02.5": {
        "only the rows are normalised": only_rows,
        "the round ends on the prototypes": ends_on_prototypes,
        "the codes of a row sum to 1/N": rows_hold_one_nth,
        "epsilon multiplies": epsilon_multiplies,
        "exp before the logarithm": exp_first,
        "the codes carry a gradient": with_gradient,
    },
    "02.6": {
        "not swapped": lambda s, q, t: _loss(_over(s, t), q, own=True).mean() / 2,
        "the temperature multiplies": lambda s, q, t: _loss(_over(s, 1 / t), q).mean() / 2,
        "softmax over the plants": lambda s, q, t: _loss(_over(s, t), q, dim=0).mean() / 2,
        "a sum over the plants": lambda s, q, t: _loss(_over(s, t), q).sum() / 2,
        "the half is left out": lambda s, q, t: _loss(_over(s, t), q).mean(),
        "log after softmax": log_after_softmax,
        "the codes get a gradient": codes_get_gradient,
    },
    "02.7": {
        "scored on the training plants": _probe_with(score="train"),
        "no intercept": _probe_with(centre="no"),
        "test plants are centred on their own mean": _probe_with(centre="own"),
        "the encoder stays in eval mode": _probe_with(mode="left"),
        "batch norm saw the probe's plants": _probe_with(mode="train"),
        "a gradient reached the encoder": _probe_with(grad=True),
    },
}


@pytest.mark.parametrize(("key", "name"), [(key, name) for key in WRONG for name in WRONG[key]])
def test_a_mistake_is_called_by_its_own_name_and_no_other(key, name):
    report = check(key, WRONG[key][name])
    assert report.mistakes == (name,), str(report)
