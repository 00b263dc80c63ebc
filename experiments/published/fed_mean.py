"""Which pictures of a pair reach the encoder, in the library that the published run used.

    uv run --no-project --python 3.11 --with self-supervised==1.0.4 --with fastai==2.8.12 \
        python experiments/published/fed_mean.py [--json]

The library is given toy pairs {X1, X2} whose pictures differ in nothing but their mean: X1 .2, X2
.8. If both reached the encoder, it would be fed .5 on average. The control swaps the pair: a ruler
that could not show .8 would show nothing. Weights start at random, nothing is downloaded.

Source: library by Kerem Turgutlu; pairs as in Muhia 2022 [muhia2022]. Lesson: 01_pairs.
"""

import argparse
import json

import torch
from fastai.data.core import DataLoaders
from fastai.data.load import DataLoader
from fastai.learner import Learner
from self_supervised.vision.swav import SWAV, create_swav_model, get_swav_aug_pipelines
from torch import Tensor, nn

PAIRS, BATCH, SIDE = 160, 16, 32
MEANS = (0.2, 0.8)


def pictures(mean: float, generator: torch.Generator) -> list[Tensor]:
    """Noise pictures around `mean`, each "3 side side"."""
    noise = torch.rand(PAIRS, 3, SIDE, SIDE, generator=generator) - 0.5
    return list(mean + 0.1 * noise)


def fed_means(first: float, second: float) -> list[float]:
    """Mean of the encoder's input, one per forward pass of an epoch on pairs of these means."""
    generator = torch.Generator().manual_seed(0)
    x1, x2 = pictures(first, generator), pictures(second, generator)
    loader = DataLoader(list(zip(x1, x2, strict=True)), bs=BATCH)
    encoder = nn.Sequential(nn.Conv2d(3, 8, 3, 2), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    model = create_swav_model(encoder, hidden_size=16, projection_size=8, n_protos=16)
    fed: list[float] = []
    encoder.register_forward_pre_hook(lambda _, given: fed.append(given[0].mean().item()))
    plain = {"rotate": False, "jitter": False, "bw": False, "blur": False, "stats": None}
    crops = get_swav_aug_pipelines(
        num_crops=(2, 2), crop_sizes=(32, 16), min_scales=(0.25, 0.05), max_scales=(1, 0.3), **plain
    )
    swav = SWAV(crops, [0, 1], K=None)  # it puts its own loss in the place of this one
    learner = Learner(DataLoaders(loader, loader), model, loss_func=lambda *_: None, cbs=[swav])
    with learner.no_logging(), learner.no_bar():
        learner.fit(1, 1e-3)
    return fed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(1)
    fed, swapped = fed_means(*MEANS), fed_means(*MEANS[::-1])
    result = {
        "fed": {
            "question": "Mean of what the encoder was fed, where X1 averages .2 and X2 .8",
            "value": sum(fed) / len(fed),
            "null": sum(MEANS) / 2,
            "control": "both pictures of each pair fed equally",
            "n": PAIRS,
        },
        "lowest": min(fed),
        "highest": max(fed),
        "swapped": sum(swapped) / len(swapped),
        "forward_passes": len(fed),
        "library": "self-supervised 1.0.4, fastai 2.8.12",
        "command": "python experiments/published/fed_mean.py --json",
    }
    print(json.dumps(result) if options.json else "\n".join(f"{k}: {v}" for k, v in result.items()))


if __name__ == "__main__":
    main()
