"""SwAV: predict the prototype code of one view of a plant from another view of it.

    z = g(f(x)) / |g(f(x))|,   s = z C^T,   p = softmax(s / tau),   q = sinkhorn(s, epsilon)

    L = mean over large crops i of mean over crops v != i of  -sum_k q_ik log p_vk
      = H(q) + KL(q || p)

Only large crops make codes, and no gradient flows through q. With `pairing="cross"` the two large
crops come from two sensors, so a code of X1 is predicted from X2 and the other way round; with
`within_both` each sensor predicts its own codes.

A loss that stays at ln K is collapse: every score the same, every code uniform. A lower H(q) is
not by itself a better encoder: a smaller epsilon or a longer queue lowers it at once, with the
weights unchanged. That is why the two parts are logged apart.

Crops of one size pass through the encoder together, both sensors in one batch, so they share
batch-norm statistics (as in the authors' code; a peer that forwards each crop alone differs).

Source: Caron et al. 2020, arXiv:2006.09882 [caron2020]. Lesson: 02_training.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor, nn

from plantedu.data.crops import CropBatch, check_pairing
from plantedu.errors import require
from plantedu.models.encoders import Encoder
from plantedu.models.queue import Queue
from plantedu.models.sinkhorn import in_float32, sinkhorn
from plantedu.shapes import Embeddings, Scores

ViewScores = Float[Tensor, "views batch prototypes"]
ViewCodes = Float[Tensor, "coded batch prototypes"]
Terms = Float[Tensor, "coded views"]


@dataclass(frozen=True)
class Loss:
    """What `fit` asks for: the scalar, its named parts, and what a schedule changed."""

    total: Tensor
    parts: Mapping[str, Tensor]
    events: tuple[tuple[str, str], ...] = ()


def swapped_prediction(scores: ViewScores, codes: ViewCodes, *, temperature: float) -> Terms:
    """Cross-entropy of every code under every view's prediction, mean over the batch.

    t_iv = mean_b -sum_k q_ibk log softmax(s_vb / tau)_k

    Args:
        scores: Cosines to each prototype, large crops first.
        codes: Codes of the large crops.
        temperature: tau.

    Returns:
        t, "coded views"; the diagonal, a view predicting its own code, belongs in no loss.
    """
    log_p = F.log_softmax(scores / temperature, dim=-1)
    return -torch.einsum("ibk,vbk->iv", codes, log_p) / scores.shape[1]


def entropy(codes: ViewCodes) -> Float[Tensor, ""]:
    """H(q) = mean over codes of -sum_k q_k ln q_k, in nats."""
    return -torch.xlogy(codes, codes).sum(-1).mean()


def prototype_usage(codes: ViewCodes) -> Float[Tensor, ""]:
    """Perplexity of the mean code over K, in (0, 1]: the share of prototypes in use.

    Sinkhorn shares mass out evenly, so a collapsed run has usage 1 as well: low usage is a
    fault, high usage is no proof of health.
    """
    mean = codes.flatten(0, 1).mean(0)
    return torch.exp(-torch.xlogy(mean, mean).sum()) / codes.shape[-1]


class SwAV(nn.Module):
    """Encoder, projector, prototypes, queue, and the loss that trains them."""

    step: Tensor
    queue_used: Tensor

    def __init__(
        self,
        encoder: Encoder,
        *,
        prototypes: int = 64,
        temperature: float = 0.1,
        epsilon: float = 0.02,
        sinkhorn_iterations: int = 3,
        projection_dim: int = 64,
        hidden_dim: int = 512,
        pairing: str = "cross",
        queue_length: int = 0,
        queue_start_step: int = 0,
        freeze_prototypes_steps: int = 0,
        seed: int,
    ) -> None:
        """Put a head on an encoder.

        Args:
            encoder: Images in [0, 1] to features h.
            prototypes: K.
            temperature: tau of the predictions.
            epsilon: Softness of the codes.
            sinkhorn_iterations: Rounds of Sinkhorn.
            projection_dim: Width of z.
            hidden_dim: Width of the projector's hidden layer.
            pairing: Which views predict each other's codes: a key of PAIRINGS.
            queue_length: Past embeddings per sensor in Sinkhorn; 0 is no queue.
            queue_start_step: First step that may use the queue; it must be full as well.
            freeze_prototypes_steps: First steps in which the prototypes do not move.
            seed: Seed of projector and prototypes; global random state is left as it was.

        Raises:
            PlantEduError: for a knob out of range.
        """
        super().__init__()
        check_pairing(pairing)
        require(prototypes >= 2, f"prototypes (K) must be 2 or more, got {prototypes}.")
        require(temperature > 0, f"temperature must be above 0, got {temperature}; .1 is usual.")
        require(0.005 <= epsilon <= 10, f"epsilon must be from .005 to 10, got {epsilon}; try .02.")
        require(min(projection_dim, hidden_dim) >= 2, "projection_dim and hidden_dim must be >= 2.")
        require(
            min(queue_start_step, freeze_prototypes_steps) >= 0,
            "queue_start_step and freeze_prototypes_steps count steps: 0 or more.",
        )
        self.temperature, self.epsilon = temperature, epsilon
        self.sinkhorn_iterations, self.pairing = sinkhorn_iterations, pairing
        self.queue_start_step = queue_start_step
        self.freeze_prototypes_steps = freeze_prototypes_steps
        self.encoder = encoder
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(seed)
            self.projector = nn.Sequential(
                nn.Linear(encoder.dim, hidden_dim),
                nn.BatchNorm1d(hidden_dim),
                nn.ReLU(inplace=True),
                nn.Linear(hidden_dim, projection_dim),
            )
            start = torch.randn(prototypes, projection_dim)
        self.prototypes = nn.Parameter(F.normalize(start, dim=1))
        self.queue = Queue(queue_length, projection_dim)
        self.register_buffer("step", torch.zeros((), dtype=torch.long))
        self.register_buffer("queue_used", torch.zeros((), dtype=torch.bool))

    def features(self, images: Tensor) -> Tensor:
        """Backbone features h, "batch dim", of images in [0, 1]."""
        return self.encoder(images)

    def project(self, images: Tensor) -> Embeddings:
        """Unit embeddings z, "batch projection_dim", of images in [0, 1]."""
        return self._unit(self.encoder(images))

    def assign(self, images: Tensor) -> Scores:
        """Cosines to each prototype, "batch prototypes", of images in [0, 1]."""
        return self.project(images) @ F.normalize(self.prototypes, dim=1).T

    def loss(self, crops: CropBatch) -> Loss:
        """Loss of one training step; moves the step counter and the queue.

        Args:
            crops: Views of a batch of plants, as `make_crops` gives them for this pairing.

        Returns:
            Loss: total, its parts (0-d, detached) and this step's events.
        """
        step = int(self.step)
        events = self._start_step(step)
        z = self._embed(crops)
        queue_on = self._queue_on(step, crops.large_sensors)
        if queue_on and not self.queue_used:
            events += (("queue on", f"{self.queue.length} embeddings per sensor"),)
            self.queue_used.fill_(True)
        past = {s: self.queue.read(s) for s in set(crops.large_sensors)} if queue_on else {}
        prototypes = self.prototypes
        if step < self.freeze_prototypes_steps:
            prototypes = prototypes.detach()
        loss = self._measure(z, prototypes, crops, past, self.epsilon)
        for view, sensor in reversed(list(enumerate(crops.large_sensors))):
            if crops.large_sensors.index(sensor) == view:
                self.queue.insert(sensor, z[view])
        self.step += 1
        return Loss(loss.total, loss.parts, events)

    @torch.no_grad()
    def score(
        self,
        crops: CropBatch,
        *,
        queue: Mapping[int, Embeddings] | None = None,
        epsilon: float | None = None,
    ) -> Loss:
        """The same loss under a stated ruler, changing nothing (in evaluation mode).

        Args:
            crops: Views of a batch of plants.
            queue: Past embeddings by sensor that take part in Sinkhorn; None for no queue.
            epsilon: Softness of the codes; None for the objective's own.
        """
        prototypes = F.normalize(self.prototypes, dim=1)
        chosen = self.epsilon if epsilon is None else epsilon
        return self._measure(self._embed(crops), prototypes, crops, queue or {}, chosen)

    def _start_step(self, step: int) -> tuple[tuple[str, str], ...]:
        """Unit prototypes, unless they are frozen; the event of their release."""
        if step < self.freeze_prototypes_steps:
            return ()
        with torch.no_grad():
            self.prototypes.copy_(F.normalize(self.prototypes, dim=1))
        released = self.freeze_prototypes_steps and step == self.freeze_prototypes_steps
        return (("prototypes released", f"frozen for {step} steps"),) if released else ()

    def _queue_on(self, step: int, sensors: tuple[int, ...]) -> bool:
        if not self.queue.length or step < self.queue_start_step:
            return False
        return bool(self.queue_used) or self.queue.full(sensors)

    def _embed(self, crops: CropBatch) -> Float[Tensor, "views batch dim"]:
        """Unit embeddings of all crops, large ones first; one forward pass per size."""
        h = [self.encoder(crops.large.flatten(0, 1))]
        if crops.small is not None:
            h.append(self.encoder(crops.small.flatten(0, 1)))
        return self._unit(torch.cat(h)).unflatten(0, (-1, crops.large.shape[1]))

    def _unit(self, h: Tensor) -> Tensor:
        """Projected features on the unit sphere, float32 also under autocast."""
        z = self.projector(h)
        with torch.autocast(z.device.type, enabled=False):
            return F.normalize(in_float32(z), dim=1)

    def _measure(
        self,
        z: Tensor,
        prototypes: Tensor,
        crops: CropBatch,
        past: Mapping[int, Tensor],
        epsilon: float,
    ) -> Loss:
        """Total and parts from embeddings, prototypes and past embeddings."""
        with torch.autocast(z.device.type, enabled=False):
            scores = z @ prototypes.T
            codes = torch.stack(
                [
                    self._codes(scores[view], prototypes, past.get(sensor), epsilon)
                    for view, sensor in enumerate(crops.large_sensors)
                ]
            )
            terms = swapped_prediction(scores, codes, temperature=self.temperature)
            return self._sum_up(terms, codes, crops)

    def _codes(
        self, scores: Tensor, prototypes: Tensor, past: Tensor | None, epsilon: float
    ) -> Tensor:
        """Codes of one view's batch, shared out together with past embeddings."""
        batch = len(scores)
        scores = scores.detach()
        if past is not None:
            scores = torch.cat([scores, past.to(scores.dtype) @ prototypes.detach().T])
        return sinkhorn(scores, epsilon=epsilon, iterations=self.sinkhorn_iterations)[:batch]

    def _sum_up(self, terms: Terms, codes: ViewCodes, crops: CropBatch) -> Loss:
        """Mean of the terms that this pairing trains on, and the parts by direction."""
        coded = torch.tensor(crops.large_sensors, device=terms.device)[:, None]
        seen = torch.tensor(crops.large_sensors + crops.small_sensors, device=terms.device)[None]
        used = _used(coded, seen, within=self.pairing == "within_both")
        total = ((terms * used).sum(1) / used.sum(1)).mean()
        with torch.no_grad():
            h = entropy(codes)
            parts = {"entropy": h, "divergence": total.detach() - h}
            kinds = {
                "x1_to_x2": used & (coded == 1) & (seen == 2),
                "x2_to_x1": used & (coded == 2) & (seen == 1),
                "same_sensor": used & (coded == seen),
            }
            parts |= {n: terms.detach()[kind].mean() for n, kind in kinds.items() if kind.any()}
            parts["prototype_usage"] = prototype_usage(codes)
        return Loss(total, parts)


def _used(coded: Tensor, seen: Tensor, *, within: bool) -> Bool[Tensor, "coded views"]:
    """Which view predicts which code: never its own, and only its own sensor's when `within`."""
    used = ~torch.eye(len(coded), seen.shape[1], dtype=torch.bool, device=coded.device)
    return used & (coded == seen) if within else used
