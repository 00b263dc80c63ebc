"""The jobs that train: what workers and terminals do for `train`, `find_lr`, `finetune`, `denoise`.

Each goes on from the run's newest checkpoint and returns the run's result, plain JSON. torch is
imported when a job begins.
"""

import json
import time
from functools import partial
from typing import TYPE_CHECKING, Any

from plantedu.jobs.follow import Bar
from plantedu.jobs.metric_writer import RowWriter
from plantedu.jobs.recorder import recording
from plantedu.store.lineage import resolved, start_file
from plantedu.store.paths import bank_folder
from plantedu.store.run import Event, Metric
from plantedu.store.store import Store
from plantedu.store.work import StoppedError, Work
from plantedu.training.checkpoints import newest_checkpoint

if TYPE_CHECKING:
    from plantedu.training.lr_finder.seed_band import Finder, LrBand
    from plantedu.training.recipe import Recipe

DROP = "the loss steps here whatever the learning rate is"


def train(work: Work, *watching: Any) -> dict[str, Any]:
    """Pretrain as the request's recipe says, from the run's newest checkpoint if it has one."""
    import torch

    from plantedu.training.crop_preview import CropStrip
    from plantedu.training.recipe import Recipe
    from plantedu.zoo.probed_control import train_beside_control

    store, run = work.store, work.run
    folder = store.folder(run.id)
    kept = newest_checkpoint(folder)
    if kept is None:
        recipe = Recipe.from_json(resolved(store, run.request)[0])
        run_file = start_file(store, recipe.start)
    else:  # what it started from is in it, wherever that is now
        began = kept[1]["recipe"].get("start", "scratch")
        recipe, run_file = Recipe.from_json({**run.request, "start": began}), None
    with recording(work, kept, checkpoint_every=recipe.checkpoint_every) as recorder:
        result = train_beside_control(
            recipe,
            bank_folder=bank_folder(),
            observers=[*watching, CropStrip(folder), recorder],
            resume=kept,
            run_file=run_file,
        )
    if result["ended"] != "done":
        raise StoppedError(result["ended"])
    cost = {"seconds": recorder.seconds, "threads": torch.get_num_threads()}
    return result | cost | {"last": last_values(store, run.id)}


def last_values(store: Store, run_id: str) -> dict[str, Any]:
    """The last value of every metric, with its band; a stopped and resumed run has them all."""
    found = {}
    for name, series in store.metrics(run_id).items():
        value, low, high = (float(x[-1]) for x in (series.values, series.lows, series.highs))
        found[name] = value if low != low else [value, low, high]
    return found


def find_lr(work: Work, bar: Bar | None = None) -> dict[str, Any]:
    """Do a finder's run: curves into the store while they grow, suggestions when all are there."""
    from plantedu.training.lr_finder.seed_band import Finder, find_band
    from plantedu.training.lr_finder.sweep import pretraining_curve

    store, run, began = work.store, work.run, time.monotonic()
    finder = Finder.from_json(run.request)
    run_file = start_file(store, finder.recipe.start)
    store.rewind(run.id, -1)  # a run that was stopped begins anew: it has no checkpoint
    store.set_step(run.id, 0, finder.seeds * finder.iterations)
    with RowWriter(store, run.id) as writer:

        def tick(recipe: "Recipe", k: int, rate: float, loss: float) -> None:
            seed = recipe.seed - finder.recipe.seed
            done = seed * finder.iterations + k + 1
            rows = [Metric(k, f"loss/seed {recipe.seed}", loss), Metric(k, "learning_rate", rate)]
            writer.add(rows if seed == 0 else rows[:1], done)
            if bar is not None:
                bar.move(done, {"loss": loss})
            work.check()

        band = find_band(
            finder,
            lambda recipe: pretraining_curve(
                recipe,
                bank_folder=bank_folder(),
                run_file=run_file,
                start=finder.lowest,
                end=finder.highest,
                iterations=finder.iterations,
                tick=partial(tick, recipe),
            ),
        )
        for step, name, detail in events_of(finder, band):
            writer.add_event(Event(step, name, detail, store.clock(), time.monotonic() - began))
    store.set_step(run.id, finder.seeds * finder.iterations, finder.seeds * finder.iterations)
    return json.loads(json.dumps(band.as_json())) | {"seconds": time.monotonic() - began}


def events_of(finder: "Finder", band: "LrBand") -> list[tuple[int, str, str]]:
    """Suggestions and switches, each at its iteration."""
    found = [(step, f"{name} inside the ramp", DROP) for step, name in band.switches]
    for rule, evidence in band.found.items():
        text = f"{evidence.value:.2g}{between(evidence.interval)}"
        found.append((finder.place(evidence.value), f"suggestion {rule}", text))
    return sorted(found)


def between(ends: tuple[float, float] | None) -> str:
    """An interval of learning rates in words."""
    return "" if ends is None else f" [{ends[0]:.2g}, {ends[1]:.2g}]"


def finetune(work: Work, *watching: Any) -> dict[str, Any]:
    """Do a run: live metrics and checkpoints into the store, scores as its result."""
    from plantedu.training.classifier.finetune import finetune as fit_classifier
    from plantedu.training.classifier.recipe import FineTune

    store, run = work.store, work.run
    recipe = FineTune.from_json(run.request)
    kept = newest_checkpoint(store.folder(run.id))
    with recording(work, kept, checkpoint_every=recipe.checkpoint_every) as recorder:
        found = fit_classifier(
            recipe,
            bank_folder=bank_folder(),
            observers=[*watching, recorder],
            resume=kept,
            run_file=None if kept else start_file(store, recipe.start),
        )
    if found.ended != "done":
        raise StoppedError(found.ended)
    return found.as_json() | {"seconds": recorder.seconds, "last": last_values(store, run.id)}


def denoise(work: Work, *watching: Any) -> dict[str, Any]:
    """Do a run: live metrics and checkpoints into the store."""
    import torch

    from plantedu.topics.generation.denoiser_recipe import Denoise
    from plantedu.topics.generation.denoiser_training import train as fit_denoiser

    store, run = work.store, work.run
    recipe = Denoise.from_json(run.request)
    kept = newest_checkpoint(store.folder(run.id))
    begins = kept is None and recipe.start.startswith("run:")
    run_file = start_file(store, recipe.start) if begins else None
    with recording(work, kept, checkpoint_every=recipe.checkpoint_every) as recorder:
        result = fit_denoiser(
            recipe,
            bank_folder=bank_folder(),
            observers=[*watching, recorder],
            resume=kept,
            run_file=run_file,
        )
    if result["ended"] != "done":
        raise StoppedError(result["ended"])
    cost = {"seconds": recorder.seconds, "threads": torch.get_num_threads()}
    return result | cost | {"last": last_values(store, run.id)}
