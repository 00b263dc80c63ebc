"""What is checked in the code exercises of lesson 02."""

from collections.abc import Callable

import torch

from plantedu.exercises.comparing import expect, same


def _slow_sinkhorn(scores: torch.Tensor, epsilon: float, rounds: int) -> torch.Tensor:
    """The formula, entry by entry, in float64."""
    samples, prototypes = scores.shape
    q = (scores.double() / epsilon).exp()
    for _ in range(rounds):
        for k in range(prototypes):
            q[:, k] *= samples / prototypes / sum(q[n, k].item() for n in range(samples))
        for n in range(samples):
            q[n] /= sum(q[n, k].item() for k in range(prototypes))
    return q


def all_prefer_one(f: Callable) -> None:
    """where all samples prefer one prototype alike, the codes are even"""
    scores = torch.tensor([[0.9, 0.1], [0.9, 0.1], [0.9, 0.1]])
    same(
        f(scores, 0.5, 3),
        torch.full((3, 2), 0.5),
        of="three samples with the scores (.9, .1) and epsilon .5",
        mistakes={"only the rows are normalised": (scores / 0.5).softmax(1)},
    )


def slow_twin(f: Callable) -> None:
    """it agrees with plain loops in float64, after two rounds"""
    scores = torch.rand((5, 3), generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    known = _slow_sinkhorn(scores, 0.2, 2)
    same(
        f(scores, 0.2, 2),
        known,
        of="5 random samples, 3 prototypes, epsilon .2, two rounds",
        mistakes={
            "only the rows are normalised": (scores / 0.2).softmax(1),
            "the round ends on the prototypes": _columns_last(scores, 0.2, 2),
            "the codes of a row sum to 1/N": known / 5,
            "epsilon multiplies": _slow_sinkhorn(scores, 1 / 0.2, 2),
        },
    )


def _columns_last(scores: torch.Tensor, epsilon: float, rounds: int) -> torch.Tensor:
    """Rows first, prototypes last: the same for the transposed problem."""
    samples, prototypes = scores.shape
    return _slow_sinkhorn(scores.T, epsilon, rounds).T * samples / prototypes


def no_overflow(f: Callable) -> None:
    """a small epsilon gives one-hot codes and no overflow"""
    got = f(torch.tensor([[1.0, 0.0], [0.0, 1.0]]), 0.001, 3)
    expect(
        isinstance(got, torch.Tensor) and bool(torch.isfinite(got).all()),
        "With epsilon .001 the codes hold NaN: exp(1 / .001) is infinite.",
        mistake="exp before the logarithm",
    )
    same(got, torch.eye(2), of="two samples, one prototype each, epsilon .001")


def no_gradient(f: Callable) -> None:
    """no gradient flows through the codes"""
    scores = torch.tensor([[0.2, 0.1], [0.0, 0.3]], requires_grad=True)
    expect(
        not f(scores, 0.1, 3).requires_grad,
        "The codes carry a gradient (requires_grad is True).",
        mistake="the codes carry a gradient",
    )


def known_loss(f: Callable) -> None:
    """one plant whose loss can be worked out by hand"""
    ln3 = torch.tensor(3.0).log()
    scores = (torch.stack([ln3, 0 * ln3])[None] * 0.5, torch.zeros(1, 2))
    codes = (torch.tensor([[1.0, 0.0]]), torch.tensor([[0.5, 0.5]]))
    p = torch.tensor([0.75, 0.25])  # of X1, at temperature .5; X2's is even
    known = (2 * torch.tensor(2.0).log() - p.log().sum()) / 4
    warm = (scores[0][0] * 0.5).softmax(0)
    same(
        f(scores, codes, 0.5),
        known,
        of="a plant with p1 = (.75, .25), p2 = (.5, .5), q1 = (1, 0), q2 = (.5, .5)",
        mistakes={
            "not swapped": (-p[0].log() + torch.tensor(2.0).log()) / 2,
            "the temperature multiplies": (2 * torch.tensor(2.0).log() - warm.log().sum()) / 4,
            "softmax over the plants": 0 * known,
            "the half is left out": 2 * known,
        },
    )


def _slow_loss(scores: tuple, codes: tuple, temperature: float) -> torch.Tensor:
    """The formula, plant by plant and prototype by prototype, in float64."""
    total = 0.0
    for coded, other in ((0, 1), (1, 0)):
        for q, s in zip(codes[coded].double(), scores[other].double(), strict=True):
            parts = (s / temperature).exp()
            total -= sum((q[k] * (parts[k] / parts.sum()).log()).item() for k in range(len(q)))
    return torch.tensor(total / 2 / len(codes[0]), dtype=torch.float64)


def _random_batch() -> tuple[tuple[torch.Tensor, torch.Tensor], tuple[torch.Tensor, torch.Tensor]]:
    """Scores and codes of five plants and four prototypes."""
    generator = torch.Generator().manual_seed(2)
    draw = torch.rand((4, 5, 4), generator=generator, dtype=torch.float64)
    return (draw[0], draw[1]), ((draw[2] * 3).softmax(1), (draw[3] * 3).softmax(1))


def slow_loss(f: Callable) -> None:
    """it agrees with plain loops in float64"""
    scores, codes = _random_batch()
    known = _slow_loss(scores, codes, 0.1)
    turned = [(one / 0.1).log_softmax(0) for one in scores]
    over_plants = -(codes[0] * turned[1] + codes[1] * turned[0]).sum(1).mean() / 2
    same(
        f(scores, codes, 0.1),
        known,
        of="five random plants, four prototypes, temperature .1",
        mistakes={
            "not swapped": _slow_loss(scores, codes[::-1], 0.1),
            "the temperature multiplies": _slow_loss(scores, codes, 10.0),
            "softmax over the plants": over_plants,
            "a sum over the plants": 5 * known,
            "the half is left out": 2 * known,
        },
    )


def low_temperature(f: Callable) -> None:
    """a low temperature gives a large loss and no infinity"""
    scores, codes = torch.tensor([[1.0, -1.0]]), torch.tensor([[0.0, 1.0]])
    got = f((scores, scores), (codes, codes), 0.01)
    expect(
        bool(torch.isfinite(got).all()),
        "Both scores are (1, -1), both codes (0, 1), the temperature .01: the loss is 200 nats; "
        f"got {got.item()}.",
        mistake="log after softmax",
    )


def gradient_to_scores(f: Callable) -> None:
    """the gradient goes to the scores and not to the codes"""
    scores, codes = _random_batch()
    leaves = [one.clone().requires_grad_() for one in (*scores, *codes)]
    loss = f((leaves[0], leaves[1]), (leaves[2], leaves[3]), 0.1)
    expect(loss.requires_grad, "The loss has no gradient, so nothing can learn from it.")
    loss.backward()
    expect(leaves[0].grad is not None and leaves[1].grad is not None, "A picture gets no gradient.")
    expect(
        leaves[2].grad is None and leaves[3].grad is None,
        "The codes got a gradient.",
        mistake="the codes get a gradient",
    )


class _Encoder(torch.nn.Module):
    """Scales and shifts its input, with a batch norm that has seen nothing before, or none."""

    def __init__(self, *, norm: bool = False) -> None:
        super().__init__()
        self.scale = torch.nn.Parameter(torch.ones(1))
        self.norm = torch.nn.BatchNorm1d(2) if norm else torch.nn.Identity()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.norm(self.scale * x)


def _groups(plants: int, seed: int, *, shift: float = 0.0) -> tuple[torch.Tensor, torch.Tensor]:
    """Plants of two classes, two features: the first is -1 or 1 by class, the second is noise."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(plants) % 2
    x = 0.1 * torch.randn((plants, 2), generator=generator)
    x[:, 0] += 2.0 * labels - 1
    return x + shift, labels


def two_groups(f: Callable) -> None:
    """two clear groups are read, and swapped labels of the test plants are all wrong"""
    train, test = _groups(20, 0), _groups(10, 1)
    same(f(_Encoder(), train, test, 0.1), 1.0, of="two clear groups")
    got = f(_Encoder(), train, (test[0], 1 - test[1]), 0.1)
    same(
        got,
        0.0,
        of="two clear groups with the labels of all test plants swapped",
        mistakes={"scored on the training plants": 1.0},
    )


def other_plants(f: Callable) -> None:
    """labels at random are not read, though 12 plants with 11 features can be fitted"""
    generator = torch.Generator().manual_seed(3)
    x, y = torch.randn((212, 11), generator=generator), torch.arange(212) % 2
    got = f(torch.nn.Identity(), (x[:12], y[:12]), (x[12:], y[12:]), 1e-6)
    same(float(0 <= got <= 1), 1.0, of=f"an accuracy (got {got:.3g}) between 0 and 1")
    expect(
        got < 0.7,
        f"Labels at random are read with an accuracy of {got:.2f}; luck gives about .5.",
        mistake="scored on the training plants",
    )


def far_from_zero(f: Callable) -> None:
    """features far from zero, and one class three times as frequent"""
    generator = torch.Generator().manual_seed(4)
    y = (torch.arange(40) % 4 == 0).long()
    x = 10.0 + 0.1 * torch.randn((40, 1), generator=generator) + y[:, None]
    got = f(torch.nn.Identity(), (x[:20], y[:20]), (x[20:], y[20:]), 0.1)
    expect(
        got > 0.95,
        f"One feature is 10 or 11 by class; the accuracy is {got:.2f}, where 1.00 is easy.",
        mistake="no intercept" if abs(got - 0.75) < 0.02 else "",
    )


def one_class_of_test_plants(f: Callable) -> None:
    """test plants of one class are read as those of two were"""
    x, y = _groups(20, 5)
    x_test, y_test = _groups(40, 6)
    ones = y_test == 1
    got = f(_Encoder(), (x, y), (x_test[ones], y_test[ones]), 0.1)
    expect(
        got > 0.95,
        f"All test plants are of class 1, well apart from 0; the accuracy is {got:.2f}.",
        mistake="test plants are centred on their own mean",
    )


def encoder_untouched(f: Callable) -> None:
    """the encoder is as it was: mode, batch norm, weights, gradients"""
    encoder = _Encoder(norm=True).train()
    before = {name: one.clone() for name, one in encoder.state_dict().items()}
    f(encoder, _groups(20, 7), _groups(10, 8), 0.1)
    moved = [n for n, one in encoder.state_dict().items() if not torch.equal(one, before[n])]
    expect(
        not [name for name in moved if name.startswith("norm.running")],
        f"These changed: {', '.join(moved)}.",
        mistake="batch norm saw the probe's plants",
    )
    expect(
        all(one.grad is None for one in encoder.parameters()) and not moved,
        "A weight of the encoder has a gradient, or was changed.",
        mistake="a gradient reached the encoder",
    )
    expect(
        encoder.training,
        "The encoder was in training mode and is in eval mode now.",
        mistake="the encoder stays in eval mode",
    )
    f(encoder.eval(), _groups(20, 7), _groups(10, 8), 0.1)
    expect(not encoder.training, "The encoder was in eval mode and is in training mode now.")
