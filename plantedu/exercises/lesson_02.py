"""Code exercises of lesson 02: Sinkhorn's codes, the swapped loss, an episodic probe.

Lesson: 02_training. The package's own versions are in models/sinkhorn.py, models/swav_loss.py and
training/episodic_probe.py.
"""

import torch
import torch.nn.functional as F

from plantedu.exercises import checks_02 as checks
from plantedu.exercises.exercise import Exercise

LESSON = "02_training"


def sinkhorn(scores: torch.Tensor, epsilon: float, rounds: int) -> torch.Tensor:
    """Codes that share a batch out over the prototypes as evenly as the scores allow.

        Q = exp(scores / epsilon), then `rounds` times:
            divide each prototype's column, so that it sums to N / K
            divide each sample's row, so that it sums to 1

    Work with logarithms: exp(1 / .001) is too large for any float.

    Args:
        scores: Cosines in [-1, 1], shape (N samples, K prototypes), floating.
        epsilon: Softness, above 0: the smaller, the closer to one-hot.
        rounds: How often both steps are done, 1 or more.

    Returns:
        Codes, shape (N, K), of the type of `scores`: every row sums to 1. Codes are targets, so
        they carry no gradient.

    Source: Cuturi 2013, arXiv:1306.0895 [cuturi2013]; Caron et al. 2020 [caron2020].
    """
    logs = scores.detach() / epsilon
    for _ in range(rounds):
        logs = logs - logs.logsumexp(0, keepdim=True)
        logs = logs - logs.logsumexp(1, keepdim=True)
    return logs.exp()


def swapped_loss(
    scores: tuple[torch.Tensor, torch.Tensor],
    codes: tuple[torch.Tensor, torch.Tensor],
    temperature: float,
) -> torch.Tensor:
    """SwAV's loss: the code of each picture is predicted from the *other* picture of the plant.

        log p = log softmax(scores / temperature)      over prototypes
        L = mean over plants of  -1/2 [ sum_k q1_k log p2_k  +  sum_k q2_k log p1_k ]

    Args:
        scores: Cosines of X1 and of X2, each of shape (N plants, K prototypes).
        codes: Codes q1 and q2, of the same shapes; rows sum to 1.
        temperature: Of the prediction, above 0; .1 is usual, and .01 must not give infinities.

    Returns:
        The loss in nats, a tensor of shape (). Its gradient goes to the scores and not to the
        codes.

    Source: Caron et al. 2020, arXiv:2006.09882, equation 2 [caron2020].
    """
    log_p1, log_p2 = [F.log_softmax(one / temperature, dim=1) for one in scores]
    q1, q2 = [one.detach() for one in codes]
    each = -(q1 * log_p2).sum(1) - (q2 * log_p1).sum(1)
    return each.mean() / 2


def probe_accuracy(
    encoder: torch.nn.Module,
    train: tuple[torch.Tensor, torch.Tensor],
    test: tuple[torch.Tensor, torch.Tensor],
    penalty: float,
) -> float:
    """How well a fresh linear reader tells classes from frozen features: one episode of a probe.

    A training goes on around it, so nothing of the encoder may change: no weight, no gradient, no
    statistic of a batch norm, and its mode (training or eval) is put back.

        h = features, from the encoder in eval mode, minus the mean of the *training* features
        Y = one-hot labels of the training plants, minus their mean
        W = (h^T h + penalty I)^-1 h^T Y           on the training plants
        answer = argmax over classes of (h W + mean of the one-hot labels)

    Args:
        encoder: Gives features of shape (plants, dim).
        train: Pictures and labels of training plants; labels are 0, 1, ..., each occurs.
        test: Pictures and labels of other plants.
        penalty: Of ridge regression, above 0.

    Returns:
        The share of test plants whose answer is their label, a number from 0 to 1.

    Source: Liang et al. 2022 [liang2022]; Alain & Bengio 2016 [alain2017].
    """
    mode = encoder.training
    encoder.eval()
    with torch.no_grad():
        h, h_test = encoder(train[0]), encoder(test[0])
    encoder.train(mode)
    middle, onehot = h.mean(0), F.one_hot(train[1]).to(h.dtype)
    h, h_test = h - middle, h_test - middle
    gram = h.T @ h + penalty * torch.eye(h.shape[1], dtype=h.dtype)
    weights = torch.linalg.solve(gram, h.T @ (onehot - onehot.mean(0)))
    answer = (h_test @ weights + onehot.mean(0)).argmax(1)
    return (answer == test[1]).double().mean().item()


EXERCISES = (
    Exercise(
        key="02.5",
        title="Sinkhorn's codes",
        lesson=LESSON,
        reference=sinkhorn,
        checks=(checks.all_prefer_one, checks.slow_twin, checks.no_overflow, checks.no_gradient),
        mistakes={
            "only the rows are normalised": (
                "That is a softmax. Nothing stops all samples from taking one prototype, and the "
                "encoder may then collapse to a single point."
            ),
            "the round ends on the prototypes": (
                "A code is a distribution over prototypes, so the last step must be the one that "
                "makes rows sum to 1. After three rounds the two orders still differ."
            ),
            "the codes of a row sum to 1/N": (
                "The published form shares a mass of 1 over the whole batch and multiplies by N at "
                "the end. Without that step the loss is N times too small."
            ),
            "epsilon multiplies": (
                "Scores are divided by epsilon: a small epsilon makes sharp codes. Multiplied, the "
                "knob works backwards, and the default of .02 gives nearly uniform codes."
            ),
            "exp before the logarithm": (
                "exp(score / epsilon) overflows for a small epsilon, infinity divided by infinity "
                "is NaN, and one NaN is in every weight after the next step. Take logsumexp."
            ),
            "the codes carry a gradient": (
                "Codes are targets. With a gradient through them the loss falls by moving the "
                "target to the prediction, which is one of the ways to collapse."
            ),
        },
    ),
    Exercise(
        key="02.6",
        title="The swapped loss",
        lesson=LESSON,
        reference=swapped_loss,
        checks=(
            checks.known_loss,
            checks.slow_loss,
            checks.low_temperature,
            checks.gradient_to_scores,
        ),
        mistakes={
            "not swapped": (
                "Each code is predicted from its own picture. The two cameras then never have to "
                "agree, and nothing is learned of what they share."
            ),
            "the temperature multiplies": (
                "Scores are divided by the temperature. Cosines lie between -1 and 1; multiplied "
                "by .1, every prediction stays near uniform and the loss near ln K."
            ),
            "softmax over the plants": (
                "Prototypes compete for a plant, so the softmax runs over dim 1. Over dim 0 plants "
                "compete for a prototype, and the loss depends on who else is in the batch."
            ),
            "a sum over the plants": (
                "The loss is a mean over plants. A sum grows with the batch, and with it the step "
                "that the same learning rate makes."
            ),
            "the half is left out": (
                "Two codes are predicted, and the loss is their mean. Twice as large, a collapsed "
                "run would stand at 2 ln K, and no line that you draw into the curve would fit."
            ),
            "log after softmax": (
                "softmax underflows to 0 and its logarithm is -infinity. log_softmax computes "
                "both at once and stays finite."
            ),
            "the codes get a gradient": (
                "With a gradient through the targets the loss can fall by making codes easy to "
                "predict: all the same."
            ),
        },
    ),
    Exercise(
        key="02.7",
        title="An episodic probe that touches nothing",
        lesson=LESSON,
        reference=probe_accuracy,
        checks=(
            checks.two_groups,
            checks.other_plants,
            checks.far_from_zero,
            checks.one_class_of_test_plants,
            checks.encoder_untouched,
        ),
        mistakes={
            "scored on the training plants": (
                "With as many features as plants a reader fits any labels. Only plants that had no "
                "part in the fit say what the encoder knows."
            ),
            "no intercept": (
                "Features after a ReLU are all positive, and classes are not equally frequent. "
                "Without centring, the reader spends its weights on the mean."
            ),
            "test plants are centred on their own mean": (
                "A reader must give one plant the same answer whoever is tested beside it. The "
                "mean belongs to the fit, and comes from training plants."
            ),
            "the encoder stays in eval mode": (
                "The training goes on with frozen batch norms from the first probe on, and "
                "nothing says so: the curve only bends."
            ),
            "batch norm saw the probe's plants": (
                "In training mode a forward pass moves the running statistics, also under "
                "no_grad, and each plant's features depend on its batch. Call eval() first."
            ),
            "a gradient reached the encoder": (
                "The labels of the probe then train the encoder at its next step. What was "
                "learned without labels is no longer so."
            ),
        },
    ),
)
