"""SwAV: predict the prototype code of one view of a plant from another view of it.

    z = g(f(x)) / |g(f(x))|,   s = z C^T,   p = softmax(s / tau),   q = sinkhorn(s, epsilon)

    L = mean over large crops i of mean over crops v != i of  -sum_k q_ik log p_vk

Only large crops make codes, and no gradient flows through q. With `pairing="cross"` the two large
crops come from two sensors, so a code of X1 is predicted from X2 and the other way round; with
`within_both` each sensor predicts its own codes.

Crops of one size pass through the encoder together, both sensors in one batch, so they share
batch-norm statistics (as in the authors' code; a peer that forwards each crop alone differs).
From z on everything is float32: with epsilon .02 a score rounded to bfloat16 can move a code by a
fifth.

Source: Caron et al. 2020, arXiv:2006.09882 [caron2020]. Lesson: 02_training.
"""

from collections.abc import Mapping
from dataclasses import replace

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from plantedu.data.crops import PAIRINGS, CropBatch, check_pairing
from plantedu.errors import require
from plantedu.models.encoders import Encoder
from plantedu.models.queue import Queue
from plantedu.models.sinkhorn import in_float32, sinkhorn
from plantedu.models.swav_loss import Loss, prototype_usage, swapped_loss
from plantedu.models.sync_batchnorm import gathered, own, together
from plantedu.shapes import Embeddings, Scores

Events = tuple[tuple[str, str], ...]


class SwAV(nn.Module):
    """Encoder, projector, prototypes, queue, and the loss that trains them.

    Attributes:
        encoder: f, images in [0, 1] to features h.
        projector: g, Linear - BatchNorm - ReLU - Linear.
        prototypes: C, unit rows, "prototypes projection_dim".
        queue: Past embeddings of each sensor.
        step: Training steps done; like the queue, part of the state that is saved.
    """

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
            epsilon: Softness of the codes, .005 or more.
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
        for name, value, low in (
            ("prototypes", prototypes, 2),
            ("temperature", temperature, 0.001),
            ("epsilon", epsilon, 0.005),
            ("sinkhorn_iterations", sinkhorn_iterations, 1),
            ("projection_dim", projection_dim, 2),
            ("hidden_dim", hidden_dim, 2),
            ("queue_start_step", queue_start_step, 0),
            ("freeze_prototypes_steps", freeze_prototypes_steps, 0),
        ):
            require(value >= low, f"{name} must be {low} or more, got {value}.")
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
            Loss: total, its parts (0-d) and this step's events.

        Raises:
            PlantEduError: if the crops were made for another pairing.
        """
        self._check(crops)
        step = int(self.step)
        frozen = step < self.freeze_prototypes_steps
        events = self._release(step) if not frozen else ()
        z = self.embed(crops)
        events += self._switch_queue_on(step, crops.large_sensors)
        past = {s: self.queue.read(s) for s in set(crops.large_sensors) if self.queue_used}
        prototypes = self.prototypes.detach() if frozen else self.prototypes
        everyone = gathered(z, dim=1) if together() else None
        loss = self._measure(z, prototypes, crops, past, self.epsilon, everyone)
        rows = z if everyone is None else everyone
        for sensor in sorted(set(crops.large_sensors)):
            self.queue.insert(sensor, rows[crops.large_sensors.index(sensor)])
        self.step += 1
        return replace(loss, events=events)

    @torch.no_grad()
    def score(
        self,
        crops: CropBatch,
        *,
        queue: Mapping[int, Embeddings] | None = None,
        epsilon: float | None = None,
    ) -> Loss:
        """The loss under a stated ruler; changes nothing.

        Args:
            crops: Views of a batch of plants.
            queue: Past embeddings by sensor that take part in Sinkhorn; None for no queue.
            epsilon: Softness of the codes; None for the objective's own.

        Raises:
            PlantEduError: in training mode, where batch norm would move.
        """
        self._check(crops)
        require(not self.training, "score() reads, so it needs evaluation mode: call .eval().")
        prototypes = F.normalize(self.prototypes, dim=1)
        chosen = self.epsilon if epsilon is None else epsilon
        return self._measure(self.embed(crops), prototypes, crops, queue or {}, chosen)

    def _check(self, crops: CropBatch) -> None:
        wanted = PAIRINGS[self.pairing]
        require(
            crops.large_sensors == wanted,
            f"pairing {self.pairing!r} needs large crops of sensors {wanted}, got "
            f"{crops.large_sensors}: make the crops for the same pairing.",
        )

    def _release(self, step: int) -> Events:
        """Unit prototypes; the event of the step in which they first move."""
        with torch.no_grad():
            self.prototypes.copy_(F.normalize(self.prototypes, dim=1))
        first = 0 < step == self.freeze_prototypes_steps
        return (("prototypes released", f"frozen for {step} steps"),) if first else ()

    def _switch_queue_on(self, step: int, sensors: tuple[int, ...]) -> Events:
        """Once the start is reached and the queue is full: the event, and `queue_used` set."""
        waiting = bool(self.queue.length) and step >= self.queue_start_step and not self.queue_used
        if not (waiting and self.queue.full(sensors)):
            return ()
        self.queue_used.fill_(True)
        return (("queue on", f"{self.queue.length} embeddings per sensor"),)

    def embed(self, crops: CropBatch) -> Float[Tensor, "views batch dim"]:
        """Unit embeddings of all crops, large ones first; one encoder pass per size."""
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
        everyone: Tensor | None = None,
    ) -> Loss:
        """Total and parts from embeddings, prototypes and past embeddings.

        Where several processes hold a batch, `everyone` is all of it: codes share out the whole
        batch, and each process scores its own slice of them.
        """
        coded = crops.large_sensors
        with torch.autocast(z.device.type, enabled=False):
            scores = z @ prototypes.T
            old = {sensor: rows @ prototypes.detach().T for sensor, rows in past.items()}
            shared = scores.detach() if everyone is None else everyone @ prototypes.detach().T
            views = zip(shared, coded, strict=False)
            codes = torch.stack([self._codes(v, old.get(s), epsilon) for v, s in views])
            loss = swapped_loss(
                scores,
                codes if everyone is None else own(codes, dim=1),
                coded=coded,
                seen=coded + crops.small_sensors,
                temperature=self.temperature,
                within_sensor=self.pairing == "within_both",
            )
        if everyone is None:
            return loss
        return replace(loss, parts={**loss.parts, "prototype_usage": prototype_usage(codes)})

    def _codes(self, scores: Tensor, past: Tensor | None, epsilon: float) -> Tensor:
        """Codes of one view's batch, shared out together with past scores."""
        everything = scores if past is None else torch.cat([scores, past])
        iterations = self.sinkhorn_iterations
        return sinkhorn(everything, epsilon=epsilon, iterations=iterations)[: len(scores)]
