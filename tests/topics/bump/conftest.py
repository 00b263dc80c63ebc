"""A small made-up bank: every cause in both halves, with numbers that are easy to recognise."""

import numpy as np
import pytest

from plantedu.topics.bump.clinic.cases import ARTEFACTS
from plantedu.topics.bump.clinic.causes import KEYS
from plantedu.topics.bump.clinic.recorded import Bank, Entry

ROWS, EVERY, PLANTS, MOMENT = 320, 10, 20, 160


def made_up(number: int, kind: str) -> dict[str, np.ndarray]:
    """Columns of one run; the loss falls by 1 at the moment."""
    noise = np.random.default_rng(number)
    steps = np.arange(1, ROWS + 1, dtype=float)
    looks = steps[EVERY - 1 :: EVERY]
    loss = 5 - (steps > MOMENT) + 0.05 * noise.normal(size=ROWS)
    rows = {"step": steps, "loss": loss, "learning_rate": np.full(ROWS, 0.1)}
    rows |= {"entropy": loss - 1, "divergence": np.ones(ROWS), "fed/rows": np.full(ROWS, 16.0)}
    rows |= {f"fed/{c}": 0.5 + 0.01 * noise.normal(size=ROWS) for c in ("red", "third")}
    seen: dict[str, np.ndarray] = {"step": looks}
    seen |= dict.fromkeys(("first", "last", "train_mode"), 5 - (looks > MOMENT) * 1.0)
    seen["plants"] = seen["first"][:, None] + np.linspace(-1, 1, PLANTS)
    seen |= {f"accuracy/{c}": np.full(len(looks), 0.9) for c in ("train", "test")}
    seen |= {f"moved/{p}": np.full(len(looks), 0.01) for p in ("encoder", "last", "statistics")}
    if kind == "batchnorm_mode":
        seen["moved/statistics"] = np.where(looks > MOMENT, 0.0, 0.01)
    return {f"{number:03d}/row/{n}": v for n, v in rows.items()} | {
        f"{number:03d}/look/{n}": v for n, v in seen.items()
    }


@pytest.fixture(scope="session")
def small_bank() -> Bank:
    kinds = [key for key in KEYS if key not in ARTEFACTS]
    entries = [
        Entry(2 * k + seed, cause, "swav", seed, MOMENT)
        for k, cause in enumerate(kinds)
        for seed in range(2)
    ]
    numbers: dict[str, np.ndarray] = {}
    for one in entries:
        numbers |= made_up(one.number, one.cause)
    return Bank(tuple(entries), numbers)
