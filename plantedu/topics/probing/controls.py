"""What a probe's own settings do to what it says: capacity, penalty, sample size, control tasks.

One factor is read from one layer of one encoder, by five readers: ridge regression without a
penalty, with one that left-out plants choose, the same on quadratic and on Gaussian features, and
a small network. Beside every score: shuffled labels, random-init encoders, and a control task
(labels assigned at random, asked for in second pictures of the same plants). Then the straight
reader under every penalty, and with fewer plants.

    selectivity = score - control task

A score says that a factor can be read. It does not say that the network uses it.

Source: Hewitt & Liang 2019, arXiv:1909.03368 [hewitt2019]; Elazar et al. 2021, arXiv:2006.00995
[elazar2021]. Lesson: 02_training.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from plantedu.errors import require
from plantedu.statistics.evidence import mean_over_plants
from plantedu.topics.method import Context, Method
from plantedu.topics.probing.probe_controls import (
    FIRST_PENALTY,
    READERS,
    asked,
    fewer,
    penalty_path,
    seen_by,
)
from plantedu.topics.probing.results.controls import (
    SMALLEST,
    ControlsResult,
    PathOfPenalties,
    ReaderScore,
    Settings,
    SizeScore,
)
from plantedu.training.online_probes import shrunk
from plantedu.training.pair_source import open_source, probe_plants, probe_targets
from plantedu.zoo.encoders import load_encoder
from plantedu.zoo.random_init import CONTROL_SEEDS, random_init


def probing(
    settings: Settings,
    *,
    bank_folder: Path,
    check: Callable[[], None] = lambda: None,
    say: Callable[[str], None] = lambda said: None,
) -> ControlsResult:
    """Read one factor in every way.

    Args:
        settings: Which.
        bank_folder: Where rendered pairs are kept.
        check: Called between readers; may raise to stop.
        say: Called with what is being done.

    Raises:
        PlantEduError: for an encoder, factor or view that is not there.
    """
    trained = load_encoder(settings.encoder)
    recipe = replace(
        trained.pretraining, probe_factors=(settings.factor,), probe_plants=settings.plants
    )
    source = open_source(recipe, bank_folder)
    targets = [t for t in probe_targets(recipe, source) if t.view == settings.view]
    require(bool(targets), f"{settings.factor} cannot be read from {settings.view}.")
    target = targets[0]
    images = [source.take(plants) for plants in probe_plants(recipe, source)]
    numbers = {"rgb": (0,), "rgn": (1,), "both": (0, 1)}[settings.view]
    pictures = [[shrunk(part[n], recipe.crop_size) for part in images] for n in numbers]
    own = seen_by(trained.objective, pictures, settings.layer)
    others = [
        seen_by(random_init(recipe, source, seed), pictures, settings.layer)
        for seed in CONTROL_SEEDS[: settings.controls]
    ]
    unit = "accuracy" if target.classes else "R2"
    readers = []
    for reader in READERS:
        check()
        say(f"reader: {reader}")
        found = asked(reader, own, target, seeds=settings.seeds, seed=settings.seed)
        inits = [asked(reader, one, target, seeds=1, seed=settings.seed) for one in others]
        evidence = mean_over_plants(
            f"With what {unit} does the reader {reader} read {settings.factor} from "
            f"{settings.layer} of {settings.view}?",
            found.per_plant.numpy(),
            found.shuffled,
            "shuffled labels",
            kind="share" if target.classes else "mean",
        )
        random_inits = tuple(float(one.per_plant.mean()) for one in inits)
        readers.append(ReaderScore(reader, evidence, found.control, random_inits))
    say("penalties and sizes")
    path = penalty_path(own, target, seeds=settings.seeds, seed=settings.seed)
    sizes, count = [], SMALLEST
    while count <= settings.plants:
        check()
        some = fewer(target, count)
        if some.unreadable is None:
            one, *rest = (
                asked("linear", s.first(count), some, seeds=settings.seeds, seed=settings.seed)
                for s in (own, *others)
            )
            inits = tuple(float(each.per_plant.mean()) for each in rest)
            sizes.append(SizeScore(count, float(one.per_plant.mean()), one.shuffled, inits))
        count *= 2
    kept = PathOfPenalties(
        penalties=path.penalties,
        chosen=path.chosen,
        first=FIRST_PENALTY,
        train=path.train,
        score=path.score,
        shuffled=path.shuffled,
        control=path.control,
    )
    return ControlsResult(settings, unit, target.chance, tuple(readers), kept, tuple(sizes))


def _run(asked: Settings, context: Context) -> ControlsResult:
    context.checkpoint(asked.encoder)  # a page may name what ships, or a run, and no file
    return probing(asked, bank_folder=context.bank, check=context.check)


def tell(result: ControlsResult) -> None:
    """Print a result."""
    print(f"{'':<13}{result.unit:>8}{'shuffled':>10}{'control':>9}   random init")
    for r in result.readers:
        inits = " ".join(f"{value:.2f}" for value in r.random_inits)
        e = r.evidence
        print(f"{r.reader:<13}{e.value:8.2f}{e.null:10.2f}{r.control:9.2f}   {inits}")
    print(result.path_chart().alt)
    print(result.size_chart().alt)
    print(result.readers[0].evidence.caption())


METHOD = Method(Settings, _run, tell)
