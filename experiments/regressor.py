"""Train the reader that ships.

    OMP_NUM_THREADS=1 uv run python -m experiments.regressor train    # 13 minutes of one core
    uv run python -m experiments.regressor ship                       # -> checkpoints/reader-0

Weights ship as float16; the training is kept under PLANTEDU_HOME until then. The null on the card
is the score of the same readings against the factors of other plants.
"""

import sys
import time
from dataclasses import replace

import numpy as np
import torch

from plantedu.models.factor_regressor import FactorReader
from plantedu.publishing.publish import bare
from plantedu.publishing.registry import path_of
from plantedu.store.cards import write_card
from plantedu.store.paths import home
from plantedu.topics.generation.regressor_training import (
    SHIPPED_READER,
    Album,
    ReaderRecipe,
    album,
    examined,
    reader_from,
    train_reader,
)
from plantedu.training.checkpoints import load_checkpoint, save_checkpoint
from plantedu.training.fit import Observer, Record, State

RECIPE = ReaderRecipe()
COMMAND = """OMP_NUM_THREADS=1 python -m experiments.regressor train
python -m experiments.regressor ship"""


class Pace(Observer):
    """Says how far it is."""

    def __init__(self) -> None:
        self.began = time.perf_counter()

    def on_step(self, state: State, record: Record) -> None:
        if record.step % 100 == 0 and "loss" in record.values:
            since = time.perf_counter() - self.began
            print(
                f"step {record.step}  loss {record.values['loss']:.3f}  {since:.0f} s", flush=True
            )


def train() -> None:
    """Train and keep."""
    state = train_reader(RECIPE, observers=[Pace()])
    save_checkpoint(home() / "readers" / "real.safetensors", *state.snapshot())


def ship() -> None:
    """The trained reader as float16, with its marks beside those of the twin."""
    weights, meta = bare(load_checkpoint(home() / "readers" / "real.safetensors"), "half")
    path = path_of(SHIPPED_READER)
    save_checkpoint(path, weights, meta)
    first = RECIPE.plants
    plants = np.arange(first, first + RECIPE.held_out)
    book = album(RECIPE.data, RECIPE.world_seed, plants, RECIPE.side, RECIPE.rendered)
    reader = reader_from(weights, meta)
    order = torch.from_numpy(np.random.default_rng(0).permutation(len(book)))
    others = replace(book, factors={name: c[order] for name, c in book.factors.items()})
    found, null = scores(reader, book), scores(reader, others)
    numbers = {
        name: {
            "question": f"How well is {name} read off a pair that nobody has seen?",
            "value": value,
            "null": null[name],
            "control": "factors of other plants",
            "n": RECIPE.held_out,
            "seeds": 1,
        }
        for name, value in found.items()
    }
    made = {"kind": "reader", "recipe": meta["reader"], "seed": RECIPE.seed, "form": "half"}
    made |= {"step": meta["step"], "steps": meta["steps"], "threads": 1}
    about = "reads every planted factor off a pair, brought to 48 pixels by means over areas"
    write_card(path, command=COMMAND, headlines=numbers, about=about, made=made)


def scores(reader: FactorReader, book: Album) -> dict[str, float]:
    """Accuracy or R2 of every column."""
    return {name: float(each.mean()) for name, each in examined(reader, book).items()}


def main(words: list[str]) -> None:
    torch.set_num_threads(1)
    parts = {"train": train, "ship": ship}
    for word in words or parts:
        parts[word]()


if __name__ == "__main__":
    main(sys.argv[1:])
