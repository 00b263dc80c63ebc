"""Fork a training at its plateau: one arm goes on as it was, the other switches the queue on.

    D(t) = loss_on(t) - loss_off(t)      logged, or of a frozen pack under one ruler

Same weights, optimiser, plants and crops; the queue is the one difference, so D is what the queue
does. At the first step the weights are the same too, and D is the ruler alone. Three rulers read
the pack: without a queue, with a queue embedded anew by the weights of the moment, and with the
queue that the arm's own training keeps, which is as old as it is long. A loss that falls under the
kept queue and rises under the fresh one has been lowered by moving away from old embeddings.

The null of every D is the same difference between two controls that drew other plants and crops;
of one seed alone it is the control's own change from the first half to the second half of a
window. The pack is small and fixed: its noise is the same in both arms and cancels in D.

Source: Caron et al. 2020, arXiv:2006.09882 [caron2020]. Lesson: 03_bump.
"""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import tyro
from tqdm import tqdm

from plantedu.charts.chart import Drawing
from plantedu.errors import require
from plantedu.serialization import revived
from plantedu.shipped_files import root
from plantedu.statistics.evidence import Evidence
from plantedu.store.run import Metric
from plantedu.store.series import Series
from plantedu.topics.bump.fork_differences import SAYS, WINDOWS, Runs, Window, first_step, window
from plantedu.topics.bump.results.objectives_chart import fork_chart

ROOT = root()
SHIPPED, RESULTS = ROOT / "checkpoints", ROOT / "lessons" / "results"
Numbers = Mapping[str, float]


@dataclass(frozen=True)
class ForkResult:
    """A fork, over one seed of continuing draws or more.

    Attributes:
        checkpoint: What was forked.
        step: Its step.
        steps: How far the arms went on.
        prototypes, batch, queue: Sizes of the run.
        seeds: Of the draws.
        same_weights: D of the logged loss at the first step, on equal weights and batches.
        windows: D afterwards.
        curves: "SEED/NAME": steps and values of all that was read.
    """

    checkpoint: str
    step: int
    steps: int
    prototypes: int
    batch: int
    queue: int
    seeds: tuple[int, ...]
    same_weights: Evidence
    windows: tuple[Window, ...]
    curves: dict[str, tuple[tuple[float, float], ...]]

    def as_json(self) -> dict[str, Any]:
        """Plain values; `from_json` reads them back."""
        return asdict(self)

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> "ForkResult":
        """Read a result that a run or a file holds."""
        return revived(cls, found)

    def chart(self, *, seed: int | None = None, dark: bool = False) -> Drawing:
        """Both arms under every ruler, of one seed."""
        chosen = self.seeds[0] if seed is None else seed
        runs = {
            name.partition("/")[2]: _series(points)
            for name, points in self.curves.items()
            if name.startswith(f"{chosen}/")
        }
        return fork_chart(
            runs,
            start=self.step,
            prototypes=self.prototypes,
            batch=self.batch,
            queue=self.queue,
            last=self.step + self.steps,
            dark=dark,
        )


def _series(points: Sequence[tuple[float, float]]) -> Series:
    """A curve as charts want it."""
    steps, values = np.array(points, dtype=float).reshape(-1, 2).T
    none = np.full(len(values), math.nan)
    return Series(steps.astype(np.int64), values, none, none, none)


@dataclass(frozen=True)
class Settings:
    """How far a fork goes, and how it is read.

    Attributes:
        steps: Steps that both arms go on.
        every: Steps between readings of the pack, in the first hundred.
        plants: Held-out plants in the pack.
        queue: Pictures in the pack's fresh queue.
    """

    steps: int = 300
    every: int = 5
    plants: int = 128
    queue: int = 512


def run_fork(
    snapshot: Any,
    settings: Settings,
    *,
    seed: int,
    bank_folder: Path,
    tell: Callable[[int, Numbers], object] = lambda step, values: None,
) -> dict[str, list[tuple[float, float]]]:
    """Train both arms of one seed; all that was read, by name, as (step, value).

    Args:
        snapshot: The checkpoint's tensors and meta.
        settings: How far, and how it is read.
        seed: Draws plants and crops.
        bank_folder: Where rendered pairs are kept.
        tell: Hears of every step as it is done.
    """
    from plantedu.topics.bump.fork_training import forked

    curves: dict[str, list[tuple[float, float]]] = {}
    for moment in forked(snapshot, bank_folder=bank_folder, seed=seed, **asdict(settings)):
        for name, value in moment.values.items():
            curves.setdefault(name, []).append((moment.step, value))
        tell(moment.step, moment.values)
    return curves


def summarised(
    checkpoint: str,
    recipe: Mapping[str, Any],
    step: int,
    settings: Settings,
    runs: Runs,
) -> ForkResult:
    """What the curves of one seed or more say.

    Args:
        checkpoint: Name of what was forked.
        recipe: Its recipe as plain values.
        step: Its step.
        settings: How it was read.
        runs: Curves by seed, as `run_fork` gives them.
    """
    require(bool(runs), "Name at least one seed to draw the continuing batches with.")
    seeds = tuple(sorted(runs))
    shown = [(a, min(b, settings.steps)) for a, b in WINDOWS if a <= settings.steps]
    return ForkResult(
        checkpoint,
        step,
        settings.steps,
        int(recipe["prototypes"]),
        int(recipe["batch"]),
        int(recipe["queue_length"]),
        seeds,
        first_step(runs, int(recipe["batch"])),
        tuple(
            window(runs, step, first, last, plants=settings.plants, batch=int(recipe["batch"]))
            for first, last in shown
        ),
        {
            f"{seed}/{name}": tuple((int(s), round(float(v), 5)) for s, v in curve)
            for seed in seeds
            for name, curve in runs[seed].items()
            if not name.endswith("entropy") or "ruler" not in name
        },
    )


def write_recorded(found: ForkResult, command: str, *, folder: Path = RESULTS) -> None:
    """Keep a result: what it says as JSON, its curves as a table beside it."""
    said = found.as_json()
    curves: dict[str, Any] = said.pop("curves")
    rows = [
        (int(seed), name, step, value)
        for key, points in curves.items()
        for seed, _, name in [key.partition("/")]
        for step, value in points
    ]
    table = pd.DataFrame(rows, columns=["seed", "name", "step", "value"])
    squeezed = {"method": "gzip", "mtime": 0}
    table.to_csv(folder / "03_fork.csv.gz", index=False, compression=squeezed)  # type: ignore[arg-type]
    text = json.dumps({"command": command, **said}, indent=1) + "\n"
    (folder / "03_fork.json").write_text(text, encoding="utf-8")


def recorded(*, folder: Path = RESULTS) -> ForkResult:
    """The fork that is kept with the lessons.

    Raises:
        PlantEduError: if it is missing.
    """
    path = folder / "03_fork.json"
    require(path.is_file(), f"{path.name} is missing: `python -m experiments.bump fork`.")
    said = json.loads(path.read_text(encoding="utf-8"))
    said.pop("command")
    table = pd.read_csv(folder / "03_fork.csv.gz")
    said["curves"] = {
        f"{seed}/{name}": list(zip(own["step"].tolist(), own["value"].tolist(), strict=True))
        for (seed, name), own in table.groupby(["seed", "name"], sort=False)  # type: ignore[misc]
    }
    return ForkResult.from_json(said)


def job(work: Any) -> dict[str, Any]:
    """A fork of one seed in a worker: its numbers appear in the store as it goes.

    The request: "checkpoint" (a shipped one's name), "seed", and fields of `Settings`.
    """
    from plantedu.store.paths import home
    from plantedu.training.checkpoints import load_checkpoint

    asked = dict(work.run.request)
    name, seed = str(asked.pop("checkpoint", "bump-0")), int(asked.pop("seed", 0))
    known = {path.relative_to(SHIPPED).as_posix()[:-12] for path in SHIPPED.rglob("*.safetensors")}
    require(name in known, f"No shipped checkpoint is called {name!r}; there is {sorted(known)}.")
    settings = Settings(**asked)
    snapshot = load_checkpoint(SHIPPED / f"{name}.safetensors")
    start = int(snapshot[1]["step"])
    work.store.rewind(work.run.id, -1)
    work.store.set_step(work.run.id, start, start + settings.steps)

    def tell(step: int, values: Numbers) -> None:
        rows = [Metric(step, name, value) for name, value in values.items()]
        work.store.log(work.run.id, rows, step=step)
        if step == start + 1:
            work.store.event(work.run.id, step, "queue on", "in the arm `on`")
        work.check()

    curves = run_fork(snapshot, settings, seed=seed, bank_folder=home() / "bank", tell=tell)
    return summarised(name, snapshot[1]["recipe"], start, settings, {seed: curves}).as_json()


@dataclass(frozen=True)
class Options(Settings):
    """Fork a training: one arm goes on without the queue, the other switches it on.

    Attributes:
        checkpoint: What is forked: a checkpoint with its optimiser and a full, unused queue.
        seeds: How many seeds of continuing draws: 0, 1, ...
        json: Print the result as one JSON object on the last line.
    """

    checkpoint: tyro.conf.Positional[Path] = SHIPPED / "bump-0.safetensors"
    seeds: int = 1
    json: bool = False


def main(argv: list[str]) -> int:
    """`python -m plantedu bump fork [CHECKPOINT] [--steps 300] [--seeds 3] [--json]`."""
    from plantedu.store.paths import home
    from plantedu.training.checkpoints import load_checkpoint

    options = tyro.cli(Options, args=argv, prog="python -m plantedu bump fork")
    require(options.seeds >= 1, f"--seeds must be 1 or more, got {options.seeds}.")
    settings = Settings(options.steps, options.every, options.plants, options.queue)
    snapshot = load_checkpoint(options.checkpoint)
    runs = {}
    for seed in range(options.seeds):
        with tqdm(total=settings.steps + 1, desc=f"seed {seed}", leave=False) as bar:
            runs[seed] = run_fork(
                snapshot,
                settings,
                seed=seed,
                bank_folder=home() / "bank",
                tell=lambda step, values, bar=bar: bar.update(1),
            )
    meta = snapshot[1]
    found = summarised(options.checkpoint.stem, meta["recipe"], int(meta["step"]), settings, runs)
    print("\n".join(told(found)))
    if options.json:
        print(json.dumps(found.as_json()))
    return 0


def told(found: ForkResult) -> list[str]:
    """The result in a few lines."""
    same = found.same_weights
    lines = [
        f"same weights, same batch: logged loss {same.value:+.2f} with the queue "
        f"({same.control}: {same.null:.2f})"
    ]
    for one in found.windows:
        lines.append(f"steps {one.first} to {one.last} after the fork:")
        lines += [
            f"  {SAYS[name]:<42}{one.off[name]:6.2f} -> {one.on[name]:5.2f}   "
            f"{change.value:+.2f} (null {change.null:.2f})"
            for name, change in one.differences.items()
        ]
    return [*lines, found.windows[0].differences["loss"].caption()]
