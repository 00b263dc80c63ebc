"""A SwAV step beside lightly's documented loop, and beside the encoder alone.

Both sides get the same crops, the same start weights, the same optimiser and float32. lightly's
loop is the one of its own example: one forward pass for each crop, prototypes normalised before.
It is timed twice: with timm's network as it comes, which is what its user has, and with our
encoder, which lays its memory out with channels last; the difference is what the layout is worth.
"""

import argparse
from collections.abc import Callable
from copy import deepcopy

import torch
from torch import Tensor, nn

from benchmarks.measuring import Found, Row, in_turns, ratio_of, spread, use_threads
from plantedu.data.crops import CropBatch, CropSpec, make_crops
from plantedu.models.encoders import make_encoder
from plantedu.models.sinkhorn import sinkhorn
from plantedu.models.swav import SwAV
from plantedu.models.swav_loss import swapped_loss

EPSILON, TEMPERATURE, WIDTH, PROTOTYPES = 0.05, 0.1, 64, 64
SETTINGS = {  # encoder, pairs, image, large side, small crops, small side, steps a turn
    "course (2 crops of 40 px)": ("res2next_tiny", 128, 64, 40, 0, 24, 3),
    "multi-crop (2 of 40 px, 6 of 24 px)": ("res2next_tiny", 64, 64, 40, 6, 24, 3),
    "res2next50 (2 of 128 px, 6 of 96 px)": ("res2next50", 4, 128, 128, 6, 96, 1),
}


class Theirs(nn.Module):
    """The model of lightly's example around a backbone of ours."""

    def __init__(self, backbone: nn.Module, dim: int, hidden: int) -> None:
        from lightly.models.modules import SwaVProjectionHead, SwaVPrototypes

        super().__init__()
        self.backbone = backbone
        self.projection_head = SwaVProjectionHead(dim, hidden, WIDTH)
        self.prototypes = SwaVPrototypes(WIDTH, n_prototypes=PROTOTYPES)

    def forward(self, x: Tensor) -> Tensor:
        x = self.projection_head(self.backbone(x).flatten(start_dim=1))
        return self.prototypes(nn.functional.normalize(x, dim=1, p=2))


class Plain(nn.Module):
    """An encoder of ours with its memory as timm lays it out."""

    def __init__(self, encoder: nn.Module) -> None:
        super().__init__()
        self.body = deepcopy(encoder.body).to(memory_format=torch.contiguous_format)  # type: ignore[operator]
        self.register_buffer("mean", encoder.mean.clone())  # type: ignore[operator]
        self.register_buffer("std", encoder.std.clone())  # type: ignore[operator]

    def forward(self, images: Tensor) -> Tensor:
        return self.body((images - self.mean) / self.std)  # type: ignore[operator]


def theirs_like(ours: SwAV, *, plain: bool) -> Theirs:
    """lightly's model with the weights of ours."""
    backbone = Plain(ours.encoder) if plain else deepcopy(ours.encoder)
    model = Theirs(backbone, ours.encoder.dim, ours.projector[0].out_features)  # type: ignore[arg-type]
    head, prototypes = model.projection_head.layers, model.prototypes.heads[0]
    with torch.no_grad():
        for k in (0, 1, 3):
            state = ours.projector[k].state_dict()
            wanted = set(head[k].state_dict())  # a layer before a norm has no bias there
            head[k].load_state_dict({k: v for k, v in state.items() if k in wanted})
        prototypes.weight.copy_(ours.prototypes)
        prototypes.bias.zero_()
    return model


def gates(found: Found, ours: SwAV, crops: CropBatch) -> None:
    """The same loss on the same scores, and on the same pixels with the same weights."""
    from lightly.loss import SwaVLoss

    criterion = SwaVLoss(TEMPERATURE, sinkhorn_epsilon=EPSILON)
    ours.eval()
    with torch.no_grad():
        z = ours.embed(crops).double()
        scores = z @ nn.functional.normalize(ours.prototypes, dim=1).double().T
        codes = torch.stack([sinkhorn(s, epsilon=EPSILON) for s in scores[:2]])
        seen = crops.large_sensors + crops.small_sensors
        mine = swapped_loss(scores, codes, coded=(1, 2), seen=seen, temperature=TEMPERATURE).total
        other = criterion(list(scores[:2]), list(scores[2:]))
        found.check("loss on the same scores, difference", abs(float(mine - other)), 1e-6)
        model = theirs_like(ours, plain=True).eval()
        views = [model(x) for x in views_of(crops)]
        whole = float(criterion(views[:2], views[2:]) - ours.score(crops).total)
        found.check("loss on the same pixels and weights, difference", abs(whole), 1e-4)
    ours.train()


def views_of(crops: CropBatch) -> list[Tensor]:
    return [*crops.large, *([] if crops.small is None else crops.small)]


def arms_of(ours: SwAV, crops: CropBatch, steps: int) -> dict[str, Callable[[], None]]:
    """Some steps of each side."""
    from lightly.loss import SwaVLoss

    criterion = SwaVLoss(TEMPERATURE, sinkhorn_epsilon=EPSILON)
    bare = deepcopy(ours.encoder)

    def lightly(model: Theirs) -> Callable[[], None]:
        optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)

        def loop() -> None:
            for _ in range(steps):
                model.prototypes.normalize()
                features = [model(x) for x in views_of(crops)]
                criterion(features[:2], features[2:]).backward()
                optimizer.step()
                optimizer.zero_grad()

        return loop

    optimizer = torch.optim.Adam(ours.parameters(), lr=1e-3)

    def mine() -> None:
        for _ in range(steps):
            ours.loss(crops).total.backward()
            optimizer.step()
            optimizer.zero_grad()

    def limit() -> None:
        for _ in range(steps):
            h = bare(crops.large.flatten(0, 1)).sum()
            if crops.small is not None:
                h = h + bare(crops.small.flatten(0, 1)).sum()
            h.backward()
            bare.zero_grad()

    return {
        "ours": mine,
        "lightly": lightly(theirs_like(ours, plain=True)),
        "lightly, our encoder": lightly(theirs_like(ours, plain=False)),
        "limit": limit,
    }


def setting(found: Found, name: str, repeats: int, *, quick: bool) -> None:
    """One setting: gates, then times."""
    encoder, batch, image, large, small_crops, small, steps = SETTINGS[name]
    batch, steps = (batch // 8, 1) if quick else (batch, steps)
    spec = CropSpec(large_size=large, small_crops=small_crops, small_size=small)
    generator = torch.Generator().manual_seed(0)
    shape = (batch, 3, image, image)
    x1, x2 = (torch.randint(0, 256, shape, generator=generator).byte() for _ in "12")
    crops = make_crops(x1, x2, spec, generator)
    ours = SwAV(
        make_encoder(encoder, seed=0),
        prototypes=PROTOTYPES,
        projection_dim=WIDTH,
        epsilon=EPSILON,
        temperature=TEMPERATURE,
        seed=0,
    )
    nn.init.zeros_(ours.projector[0].bias)  # type: ignore[arg-type]  # lightly has none there
    gates(found, ours, crops)
    seconds = in_turns(arms_of(ours, crops, steps), repeats)
    images = (2 + small_crops) * batch * steps
    for arm, taken in seconds.items():
        found.figure(f"{name}: {arm}", spread(taken).inverse(images), "images/s")
    paces = {arm: [1 / t for t in taken] for arm, taken in seconds.items()}
    found.ratio(f"{name}: ours / lightly", ratio_of(paces["ours"], paces["lightly"]), at_least=1.5)
    found.ratio(
        f"{name}: ours / lightly with our encoder",
        ratio_of(paces["ours"], paces["lightly, our encoder"]),
    )
    found.ratio(f"{name}: ours / limit", ratio_of(paces["ours"], paces["limit"]), at_least=0.85)


def measure(options: argparse.Namespace) -> Found:
    found = Found()
    found.more["threads"] = use_threads(options.threads)
    names = list(SETTINGS)[:1] if options.quick else list(SETTINGS)
    for name in names:
        setting(found, name, options.repeats, quick=options.quick)
    return found


ROW = Row(
    name="swav_step",
    title="SwAV step, images/s, same encoder, same crops",
    against="lightly's documented loop; the encoder's forward and backward alone (the limit)",
    measure=measure,
    measures=("plantedu/models", "plantedu/data/crops.py"),
    packages=("lightly", "timm"),
)

if __name__ == "__main__":
    ROW.run()
