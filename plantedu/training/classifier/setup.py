"""What one training of a classifier needs: its network, optimiser, batches, rates, and answers.

    mlp_only         head alone; encoder and its batch norms frozen
    discriminative   rate of stage s of S = learning_rate * layer_decay^(S - s), the head is s = S
    lp_ft            head alone for `probe_share` of the steps, then everything at one rate
    full             everything at one rate

fastai writes the second one as slice(a, b): rates spaced geometrically from a at the stem to b at
the head, so layer_decay = (a / b)^(1 / S).

Source: Howard & Ruder 2018, arXiv:1801.06146 (discriminative) [howard2018]; Kumar et al. 2022,
arXiv:2202.10054 (lp_ft) [kumar2022]. Lesson: 04_family.
"""

import numpy as np
import torch
from torch import Tensor

from plantedu.data.crops import CropSpec, crop_each
from plantedu.errors import require
from plantedu.models.classifier import LabelledCrops, PairClassifier, stages
from plantedu.models.encoders import make_encoder
from plantedu.training.classifier.elp import make_regulariser
from plantedu.training.classifier.labelled_split import Labelled, Rows
from plantedu.training.classifier.recipe import FineTune
from plantedu.training.classifier.regularisation import mixed, smoothed, turned
from plantedu.training.fit import State, one_cycle
from plantedu.training.online_probes import evaluating, shrunk
from plantedu.training.pretrain import Snapshot
from plantedu.training.seeding import generator_for, numpy_generator_for


def make_classifier(recipe: FineTune, *, classes: int, steps_per_epoch: int = 1) -> PairClassifier:
    """Encoder and head with the recipe's fresh weights, and its regulariser."""
    model = PairClassifier(
        make_encoder(recipe.encoder, seed=recipe.seed, side=recipe.crop_size),
        classes=classes,
        sensors=recipe.sensors,
        hidden=recipe.hidden,
        frozen_steps=recipe.frozen_steps,
        seed=recipe.seed,
    )
    model.regulariser = make_regulariser(
        recipe.regulariser,
        dim=model.dim,
        classes=classes,
        steps_per_epoch=steps_per_epoch,
        seed=recipe.seed,
    )
    return model


def make_optimizer(model: PairClassifier, recipe: FineTune) -> torch.optim.Optimizer:
    """AdamW with a group for each stage and its share of the rate; norms and biases not decayed."""
    parts = [*stages(model.encoder), list(model.head.parameters())]
    groups = []
    for weights, share in zip(parts, rate_shares(len(parts), recipe), strict=True):
        for decayed in (True, False):
            chosen = [weight for weight in weights if (weight.ndim > 1) == decayed]
            decay = recipe.weight_decay if decayed else 0.0
            if chosen:
                groups.append({"params": chosen, "weight_decay": decay, "rate_share": share})
    return torch.optim.AdamW(groups, lr=recipe.learning_rate)


def rate_shares(stages: int, recipe: FineTune) -> list[float]:
    """Rate of each stage, stem first and head last, as a share of the head's."""
    decay = recipe.layer_decay if recipe.mode == "discriminative" else 1.0
    return [decay ** (stages - 1 - stage) for stage in range(stages)]


def rate_of_step(recipe: FineTune, step: int) -> float:
    """Learning rate of a step: one cycle, or one for each half of lp_ft."""
    probe = recipe.frozen_steps if recipe.mode == "lp_ft" else 0
    if not probe:
        start, steps = 0, recipe.steps
    elif step < probe:
        start, steps = 0, probe
    else:
        start, steps = probe, recipe.steps - probe
    peak, warmup = recipe.learning_rate, recipe.warmup
    return one_cycle(step - start, steps=steps, peak=peak, warmup=warmup)


def batch_of_step(
    recipe: FineTune, data: Labelled, rows: Rows, labels: Tensor, device: str, step: int
) -> LabelledCrops:
    """Crops and targets of one step; depends on recipe, rows and step alone."""
    chosen = rows_of_step(recipe, len(rows), step)
    views = data.views(rows[chosen]).to(device, non_blocking=True)
    spec = CropSpec(
        large_size=recipe.crop_size,
        large_scale=(recipe.crop_low, 1.0),
        gain=recipe.jitter,
        offset=recipe.jitter / 4,
    )
    crops = crop_each(views.flatten(0, 1), spec, generator_for(recipe.seed, "crops", step))
    truth = labels[torch.from_numpy(chosen)].to(device)
    soft = smoothed(truth, len(data.names), recipe.label_smoothing)
    generator = numpy_generator_for(recipe.seed, "mixup", step)
    blended, soft = mixed(
        crops.unflatten(0, views.shape[:2]), soft, alpha=recipe.mixup, generator=generator
    )
    return LabelledCrops(blended, soft, truth)


def steps_per_epoch(recipe: FineTune, rows: int) -> int:
    """Whole batches in one pass; rows that are fewer than a batch are one batch."""
    return max(rows // recipe.batch, 1)


def rows_of_step(recipe: FineTune, rows: int, step: int) -> np.ndarray:
    """Which rows stand in the batch of a step; every pass is shuffled anew."""
    epoch, place = divmod(step, steps_per_epoch(recipe, rows))
    order = numpy_generator_for(recipe.seed, "order", epoch).permutation(rows)
    return order[place * recipe.batch : (place + 1) * recipe.batch]


def predicted(
    model: PairClassifier, data: Labelled, rows: Rows, *, side: int, tta: int = 1, batch: int = 128
) -> Tensor:
    """log p of every row, "row classes", float64, on the CPU: whole pictures, `tta` turns of each.

    Args:
        model: Left as it was.
        data: Whose rows.
        rows: What to look at.
        side: Side in pixels at which pictures are fed.
        tta: How many turns and flips are averaged, 1 to 8.
        batch: Rows per forward pass.
    """
    device = next(model.parameters()).device
    found = []
    with evaluating(model):
        for start in range(0, len(rows), batch):
            part = rows[np.arange(start, min(start + batch, len(rows)))]
            views = data.views(part)
            images = shrunk(views.flatten(0, 1).numpy(), side).unflatten(0, views.shape[:2])
            images = images.to(device)
            logs = [model(turned(images, k)).double().log_softmax(1) for k in range(tta)]
            found.append(torch.stack(logs).logsumexp(0).cpu() - np.log(tta))
    return torch.cat(found)


def classifier_from(snapshot: Snapshot) -> PairClassifier:
    """The classifier that a checkpoint holds, in evaluation mode, on the CPU.

    Raises:
        PlantEduError: if the checkpoint is of no fine-tuning, or does not fit its own recipe.
    """
    tensors, meta = snapshot
    require(
        {"finetune", "classes"} <= set(meta),
        "This checkpoint holds no classifier: it is not of a fine-tuning.",
    )
    recipe = FineTune.from_json(meta["finetune"])
    model = make_classifier(recipe, classes=len(meta["classes"]))
    State(model, make_optimizer(model, recipe), recipe.steps).restore(tensors, meta)
    return model.eval()
