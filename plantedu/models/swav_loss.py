"""Swapped prediction: the loss of SwAV from scores and codes alone.

    t_iv = mean_b -sum_k q_ibk log p_vbk,      p = softmax(s / tau)
    L    = mean_i mean_v t_iv  over the (code, view) pairs that count
         = H(q) + KL(q || p)

A view never predicts its own code. The functions know nothing of encoders or queues, so the same
embeddings can be scored again under another ruler (another epsilon, with or without a queue).

A loss that stays at ln K is collapse: every score the same, every code and every prediction
uniform. A lower H(q) is not by itself a better encoder: a smaller epsilon or a longer queue lowers
it at once, with the weights unchanged. That is why the two parts are kept apart.

Source: Caron et al. 2020, arXiv:2006.09882 [caron2020]. Lesson: 02_training.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from plantedu.shapes import Scalar

ViewScores = Float[Tensor, "views batch prototypes"]
ViewCodes = Float[Tensor, "coded batch prototypes"]
Terms = Float[Tensor, "coded views"]


@dataclass(frozen=True)
class Loss:
    """What `fit` asks for: the scalar, its named parts (detached), and what a schedule changed."""

    total: Tensor
    parts: Mapping[str, Tensor]
    events: tuple[tuple[str, str], ...] = ()


def cross_entropies(
    scores: ViewScores, codes: ViewCodes, *, temperature: float
) -> Float[Tensor, "coded views batch"]:
    """The terms of every plant, -sum_k q_ibk log softmax(s_vb / tau)_k, before their mean."""
    log_p = F.log_softmax(scores / temperature, dim=-1)
    # One product per code: a contraction over batch and prototypes at once loses two digits.
    return torch.stack([-(q * log_p).sum(-1) for q in codes])


def swapped_prediction(scores: ViewScores, codes: ViewCodes, *, temperature: float) -> Terms:
    """Cross-entropy of every code under every view's prediction.

    t_iv = mean_b -sum_k q_ibk log softmax(s_vb / tau)_k

    Args:
        scores: Cosines to each prototype, large crops first.
        codes: Codes of the large crops.
        temperature: tau.

    Returns:
        t, "coded views", in nats; its diagonal belongs in no loss.
    """
    return cross_entropies(scores, codes, temperature=temperature).mean(-1)


def entropy(codes: ViewCodes) -> Scalar:
    """H(q) = mean over codes of -sum_k q_k ln q_k, in nats."""
    return -torch.xlogy(codes, codes).sum(-1).mean()


def prototype_usage(codes: ViewCodes) -> Scalar:
    """Perplexity of the mean code over K, in (0, 1]: the share of prototypes in use.

    Sinkhorn shares mass out evenly, so a collapsed run has usage 1 as well: low usage is a
    fault, high usage is no proof of health.
    """
    mean = codes.flatten(0, 1).mean(0)
    return torch.exp(-torch.xlogy(mean, mean).sum()) / codes.shape[-1]


def term_weights(
    coded: tuple[int, ...], seen: tuple[int, ...], *, within_sensor: bool
) -> dict[str, Float[Tensor, "coded views"]]:
    """How much each term counts in the total and in its parts; each set of weights sums to 1.

    Args:
        coded: Sensor (1 or 2) of each large crop.
        seen: Sensor of each view, large crops first.
        within_sensor: Whether views predict the codes of their own sensor alone.

    Returns:
        Weights by name; a direction that this pairing does not have is left out.
    """
    code, view = torch.tensor(coded)[:, None], torch.tensor(seen)[None]
    used = ~torch.eye(len(coded), len(seen), dtype=torch.bool)
    if within_sensor:
        used &= code == view
    kinds = {
        "x1_to_x2": used & (code == 1) & (view == 2),
        "x2_to_x1": used & (code == 2) & (view == 1),
        "same_sensor": used & (code == view),
    }
    total = used.double() / used.sum(1, keepdim=True) / len(coded)
    return {"total": total} | {n: k.double() / k.sum() for n, k in kinds.items() if k.any()}


def swapped_loss(
    scores: ViewScores,
    codes: ViewCodes,
    *,
    coded: tuple[int, ...],
    seen: tuple[int, ...],
    temperature: float,
    within_sensor: bool = False,
) -> Loss:
    """Total and parts, from scores and codes.

    Args:
        scores: Cosines to each prototype, large crops first.
        codes: Codes of the large crops, without gradient.
        coded: Sensor (1 or 2) of each large crop.
        seen: Sensor of each view, large crops first.
        temperature: tau.
        within_sensor: Whether views predict the codes of their own sensor alone.

    Returns:
        Loss with parts entropy, divergence (their sum is the total), prototype_usage, and
        x1_to_x2 (X1's code, predicted from X2), x2_to_x1, same_sensor where they apply.
    """
    terms = swapped_prediction(scores, codes, temperature=temperature)
    weights = term_weights(coded, seen, within_sensor=within_sensor)
    sums = {name: (terms * weight.to(terms)).sum() for name, weight in weights.items()}
    total, h = sums.pop("total"), entropy(codes)
    parts = {"entropy": h, "divergence": total - h, "prototype_usage": prototype_usage(codes)}
    return Loss(total, {name: part.detach() for name, part in (parts | sums).items()})
