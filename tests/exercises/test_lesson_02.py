"""Wrong versions of lesson 02's functions, by the name under which a check must know them."""

import pytest
import torch

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


WRONG = {
    "02.5": {
        "only the rows are normalised": only_rows,
        "the round ends on the prototypes": ends_on_prototypes,
        "the codes of a row sum to 1/N": rows_hold_one_nth,
        "epsilon multiplies": epsilon_multiplies,
        "exp before the logarithm": exp_first,
        "the codes carry a gradient": with_gradient,
    },
}


@pytest.mark.parametrize(("key", "name"), [(key, name) for key in WRONG for name in WRONG[key]])
def test_a_mistake_is_called_by_its_own_name_and_no_other(key, name):
    report = check(key, WRONG[key][name])
    assert report.mistakes == (name,), str(report)
