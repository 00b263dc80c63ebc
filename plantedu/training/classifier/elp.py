"""ELP-SR: a probe beside the classifier says which samples are fitted but not yet separable.

    p = softmax(head),  q = softmax(probe), both at the label y;  neither ratio has a gradient

    gap        r = alpha (3 q - p) / (alpha p + (1 - alpha) q)
    published  r = (p - 1 + 2 q)  / (alpha p + (1 - alpha) q)

    w = (1 - clamp(r, 0, 1))^gamma
    target_only = mean_b -w log p_y        repo = mean_b,c -w log p_c

With alpha = 1/2 and gamma = 2 the gap weight is clamp(2 (p - q) / (p + q), 0, 1)^2: nothing where
the probe is at least as sure as the head, 1 once p >= 3 q. The course describes ELP-SR by it. The
authors' public code has the published ratio, which is another thing: its weight is 1 where
p + 2 q <= 1 and 0 where p + 3 q >= 2, so it picks samples that are hard for both, like a focal
loss. Both are here, under names of their own. `repo` averages over every class, as that code
does: a w-weighted pull of p towards the uniform distribution, not towards the label.

Source: Liang et al. 2022 [liang2022]; github.com/akira-l/ELP, utils/train_model.py.
Lesson: 04_family.
"""

from typing import Literal, get_args

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from plantedu.errors import require
from plantedu.training.episodic_probe import EpisodicProbe
from plantedu.training.seeding import generator_for

Variant = Literal["target_only", "repo"]
Ratio = Literal["gap", "published"]
Parts = dict[str, Tensor]

# What each name adds to the loss: variant (None for nothing), ratio, w shuffled, probe reset.
_ARMS: dict[str, tuple[Variant | None, Ratio, bool, bool]] = {
    "elp_sr_target": ("target_only", "gap", False, True),
    "elp_sr_repo": ("repo", "gap", False, True),
    "elp_sr_published": ("repo", "published", False, True),
    "elp_sr_shuffled": ("target_only", "gap", True, True),
    "elp_sr_no_reset": ("target_only", "gap", False, False),
    "elp_monitor": (None, "gap", False, True),
}
REGULARISERS = ("none", *_ARMS, "smoothing_matched")


def elp_weights(
    logits: Tensor,
    probe_logits: Tensor,
    labels: Tensor,
    *,
    ratio: Ratio = "gap",
    alpha: float = 0.5,
    gamma: float = 2.0,
) -> Tensor:
    """Weight w of every sample, "batch", in [0, 1], without gradient.

    Args:
        logits: The head's, "batch classes".
        probe_logits: The probe's, same shape.
        labels: Whole numbers 0..classes-1, "batch".
        ratio: Which r; see the module's first lines.
        alpha: Share of p in the denominator, in (0, 1).
        gamma: Exponent, above 0.

    Raises:
        PlantEduError: for shapes that do not fit, labels out of range, or a knob out of range.
    """
    _check(logits, probe_logits, labels)
    require(ratio in get_args(Ratio), f"ratio must be gap or published, got {ratio!r}.")
    require(0 < alpha < 1, f"alpha must lie between 0 and 1, got {alpha}.")
    require(gamma > 0, f"gamma must be above 0, got {gamma}.")
    with torch.no_grad():
        log_p, log_q = (_at_label(x, labels) for x in (logits, probe_logits))
        largest = torch.maximum(log_p, log_q) if ratio == "gap" else torch.zeros_like(log_p)
        p, q = (log_p - largest).exp(), (log_q - largest).exp()  # the gap ratio knows no scale
        above = alpha * (3 * q - p) if ratio == "gap" else p - 1 + 2 * q
        below = (alpha * p + (1 - alpha) * q).clamp_min(torch.finfo(p.dtype).tiny)
        return (1 - (above / below).clamp(0, 1)) ** gamma


def weighted_term(logits: Tensor, labels: Tensor, weights: Tensor, *, variant: Variant) -> Tensor:
    """The term to add to the loss, 0-d; its gradient reaches `logits` alone.

    Raises:
        PlantEduError: for a variant that does not exist.
    """
    require(
        variant in get_args(Variant),
        f"variant must be one of {', '.join(get_args(Variant))}; got {variant!r}.",
    )
    if variant == "target_only":
        return -(weights.detach() * _at_label(logits, labels)).mean()
    return -(weights.detach()[:, None] * _log_softmax(logits)).mean()


def elp_sr(
    logits: Tensor,
    probe_logits: Tensor,
    labels: Tensor,
    *,
    variant: Variant,
    ratio: Ratio = "gap",
    alpha: float = 0.5,
    gamma: float = 2.0,
) -> tuple[Tensor, Tensor]:
    """ELP-SR's term, 0-d, and the weights in it, "batch"; arguments as in `elp_weights`."""
    weights = elp_weights(logits, probe_logits, labels, ratio=ratio, alpha=alpha, gamma=gamma)
    return weighted_term(logits, labels, weights, variant=variant), weights


def matched_smoothing(mean_weight: float) -> float:
    """Label smoothing that pulls to uniform as hard as `repo` with this mean weight, for all alike.

    CE + w CE(uniform) = (1 + w) times CE with labels smoothed by w / (1 + w).
    """
    require(mean_weight >= 0, f"A mean weight cannot be negative, got {mean_weight}.")
    return mean_weight / (1 + mean_weight)


class Regulariser(nn.Module):
    """A probe that watches a classifier train, and the term that its arm adds to the loss."""

    def __init__(
        self,
        probe: EpisodicProbe,
        *,
        variant: Variant | None,
        ratio: Ratio = "gap",
        shuffled: bool = False,
        seed: int = 0,
    ) -> None:
        """Add `variant` to the loss (None: only watch); `shuffled` gives w to the wrong samples."""
        super().__init__()
        self.probe = probe
        self.variant: Variant | None = variant
        self.ratio: Ratio = ratio
        self.shuffled, self.seed = shuffled, seed

    def term(
        self, features: Tensor, logits: Tensor, labels: Tensor, step: int
    ) -> tuple[Tensor, Parts]:
        """What to add to the loss of this batch, 0-d, and what to log; then the probe learns.

        Args:
            features: h that the head reads, "batch dim"; no gradient flows into it from here.
            logits: The head's, "batch classes".
            labels: Whole numbers, "batch".
            step: Step of the run; decides how w is shuffled.

        Returns:
            The term, and `elp_accuracy` of the probe before it saw this batch's labels,
            `elp_gap` = mean p_y - q_y, `elp_weight` = mean w, `elp_skipped` = batches so far whose
            features were not finite. Samples with such features weigh nothing, and the means are
            over the others (NaN where there is none).
        """
        probed = self.probe(features)
        said = probed.isfinite().all(1)
        weights = elp_weights(logits, probed, labels, ratio=self.ratio)
        weights = torch.where(said, weights, torch.zeros_like(weights))
        p, q = (_at_label(x.detach(), labels).exp() for x in (logits, probed))
        parts = {
            "elp_accuracy": (probed.argmax(1) == labels)[said].float().mean(),
            "elp_gap": (p - q)[said].mean(),
            "elp_weight": weights[said].mean(),
        }
        if self.shuffled:
            order = torch.randperm(
                len(weights), generator=generator_for(self.seed, "elp shuffle", step)
            )
            weights = weights[order.to(weights.device)]
        term = logits.new_zeros(())
        if self.variant is not None:
            term = weighted_term(logits, labels, weights, variant=self.variant)
        if self.training:
            self.probe.update(features, labels)
        return term, parts | {"elp_skipped": self.probe.skipped.float()}


def make_regulariser(
    name: str, *, dim: int, classes: int, steps_per_epoch: int, seed: int, init: int = 2
) -> Regulariser | None:
    """The regulariser of an arm; None where nothing watches ("none", "smoothing_matched").

    The controls (shuffled, no_reset) are of target_only, where it matters *which* sample has the
    weight; `repo` without regard to the sample is label smoothing, see `matched_smoothing`.

    Args:
        name: One of REGULARISERS.
        dim: Width of the features.
        classes: How many labels.
        steps_per_epoch: Updates in one pass over the data.
        seed: Seed of the run.
        init: Passes between two fresh starts of the probe.

    Raises:
        PlantEduError: for a name that does not exist, or an epoch without steps.
    """
    require(
        name in REGULARISERS, f"regulariser must be one of {', '.join(REGULARISERS)}; got {name!r}."
    )
    require(
        steps_per_epoch >= 1 and init >= 1,
        f"An episode needs a step or more, got {init} passes of {steps_per_epoch} steps.",
    )
    if name not in _ARMS:
        return None
    variant, ratio, shuffled, reset = _ARMS[name]
    probe = EpisodicProbe(dim, classes, episode=init * steps_per_epoch * reset, seed=seed)
    return Regulariser(probe, variant=variant, ratio=ratio, shuffled=shuffled, seed=seed)


def _log_softmax(logits: Tensor) -> Tensor:
    """At least float32, whatever autocast says."""
    with torch.autocast(logits.device.type, enabled=False):
        wide = logits if logits.dtype == torch.float64 else logits.float()
        return F.log_softmax(wide, dim=1)


def _at_label(logits: Tensor, labels: Tensor) -> Tensor:
    """log softmax at the label, "batch"."""
    return _log_softmax(logits).gather(1, labels[:, None])[:, 0]


def _check(logits: Tensor, probe_logits: Tensor, labels: Tensor) -> None:
    shapes = tuple(logits.shape), tuple(probe_logits.shape), tuple(labels.shape)
    require(
        logits.ndim == 2 and shapes[0] == shapes[1] and shapes[2] == shapes[0][:1] != (0,),
        'Need logits and probe logits of one shape "batch classes" and labels "batch", got '
        f"{shapes[0]}, {shapes[1]} and {shapes[2]}.",
    )
    require(
        not labels.is_floating_point()
        and 0 <= int(labels.min()) <= int(labels.max()) < shapes[0][1],
        f"Labels must be whole numbers from 0 to {shapes[0][1] - 1}, one for each class.",
    )
