"""Train the networks of lesson 09 that ship, and write what do() says of them on their cards.

    OMP_NUM_THREADS=1 uv run python -m experiments.cue_networks    # about two minutes of one core

Weights ship as float16. A card's headline is the share of fresh plants whose name do() changes:
the network's own cue is set or taken away; its null is the same with the other cue.
"""

import time

import numpy as np
import torch

from plantedu.data.evaluation_set import held_out_rows
from plantedu.publishing.publish import bare
from plantedu.publishing.registry import path_of
from plantedu.statistics.evidence import mean_over_plants
from plantedu.store.cards import write_card
from plantedu.training.checkpoints import save_checkpoint
from plantedu.training.online_probes import shrunk
from plantedu.zoo.cue_networks import (
    CUES,
    SIDE,
    CueRecipe,
    cue_network_from,
    cue_pairs,
    train_cue_network,
)

SEEDS = 3
FRESH = held_out_rows(96)
COMMAND = "OMP_NUM_THREADS=1 python -m experiments.cue_networks"
DO = {"lesions": {"disease": ("healthy", "blast")}, "mark": {"mark": ("absent", "present")}}


def views(**do: str) -> torch.Tensor:
    """Fresh plants after do(), as the networks see them."""
    pairs = cue_pairs(FRESH, **do)
    return torch.stack([shrunk(pairs.x1, SIDE), shrunk(pairs.x2, SIDE)])


@torch.no_grad()
def moved(model: torch.nn.Module, worlds: dict[str, list[torch.Tensor]], cue: str) -> np.ndarray:
    """1 where do() on a cue changes a plant's name."""
    off, on = (model(x).argmax(1) for x in worlds[cue])
    return (off != on).double().numpy()


def main() -> None:
    torch.set_num_threads(1)
    worlds = {
        cue: [views(**{factor: level}) for level in levels]
        for cue, do in DO.items()
        for factor, levels in do.items()
    }
    for cue in CUES:
        for seed in range(SEEDS):
            began, recipe = time.perf_counter(), CueRecipe(cue=cue, seed=seed)
            weights, meta = bare(train_cue_network(recipe).snapshot(), "half")
            path = path_of(f"cues/{cue}-{seed}")
            path.parent.mkdir(exist_ok=True)
            save_checkpoint(path, weights, meta)
            model = cue_network_from(weights, meta)
            own, other = (moved(model, worlds, c) for c in (cue, *(c for c in CUES if c != cue)))
            found = mean_over_plants(
                f"Which share of names does do({cue}) change?",
                own,
                float(other.mean()),
                "do() on the cue that the labels do not follow",
            )
            made = {"kind": "cue", "recipe": meta["cue"], "seed": seed, "form": "half"}
            made |= {"step": meta["step"], "steps": meta["steps"], "threads": 1}
            write_card(
                path,
                command=COMMAND,
                headlines={f"do({cue})": found.as_json()},
                about=f"names plants by one planted cue: {cue}",
                made=made,
            )
            took = time.perf_counter() - began
            print(
                f"{cue}-{seed}: {found.value:.2f} null {found.null:.2f}, {took:.0f} s", flush=True
            )


if __name__ == "__main__":
    main()
