"""Results and figures of lesson 05 that say what representations keep, beside their nulls.

    uv run python -m experiments.invariances effects    # what do() moves: h, z, random
    uv run python -m experiments.invariances reader     # how well factors are read
    uv run python -m experiments.invariances kept       # pair, X1 alone, z
    uv run python -m experiments.invariances layers     # h less z: R2, over plants
    uv run python -m experiments.invariances faithful   # ranks, copies, KID, steps
    uv run python -m experiments.invariances matching   # matching and mismatched pairs
    uv run python -m experiments.invariances rivals     # supervised, wider, another seed
    uv run python -m experiments.invariances deviation  # where samples differ, against do()
    uv run python -m experiments.invariances steps      # whether more steps change the table
    uv run python -m experiments.invariances figures    # -> lessons/figures/05_*.svg

Without a word, all of them. Samples are kept under PLANTEDU_HOME, so a run that was stopped goes on
where it was, and parts that share a condition draw it once. What the reader says of real pictures
is measured once and kept beside them. A path among the words is another denoiser than the one that
draws: its results go to PLANTEDU_HOME/results/NAME, and `experiments.generation seeds` reads them.
"""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from experiments.figures import save
from experiments.parts import read_as, run
from experiments.parts import write as write_result
from plantedu.data.renderer.factors import COLUMNS
from plantedu.data.renderer.worlds import draw_factors
from plantedu.publishing.registry import path_of
from plantedu.serialization import revived
from plantedu.statistics.evidence import Evidence, t_interval
from plantedu.store.paths import home
from plantedu.topics.generation import effects as moving
from plantedu.topics.generation import (
    encoder_comparison,
    invariances,
    regressor_report,
    sample_deviation,
    source_retrieval,
)
from plantedu.topics.generation import matching as pairing
from plantedu.topics.generation.conditional_samples import ConditionalSampler, progress
from plantedu.topics.generation.denoisers import shipped_denoiser
from plantedu.topics.generation.interventional_effects import Effects
from plantedu.topics.generation.interventional_effects import effects as total_effects
from plantedu.topics.generation.regressor_training import SHIPPED_READER, shipped_reader
from plantedu.topics.generation.variance_components import (
    Ground,
    explained,
    ground,
    read_pairs,
    settled,
    showing,
)
from plantedu.topics.generation.verdicts import READABLE, explained_less, spearman
from plantedu.training.weights_spec import file_sha256
from plantedu.zoo.encoders import load_encoder

KEPT = {
    "05_kept": invariances.Settings(),
    "05_kept_z": invariances.Settings(layer="z", rounds=1),
    "05_kept_rgb": invariances.Settings(sensors=("rgb",)),
}
COMPARISONS = {
    "05_rivals_supervised": encoder_comparison.Settings(),
    "05_rivals_small": encoder_comparison.Settings(other="small-0"),
    "05_rivals_seed": encoder_comparison.Settings(other="cross-2"),
    "05_rivals_seed_3": encoder_comparison.Settings(other="cross-3"),
}
DEVIATION = {
    "05_deviation": sample_deviation.Settings(),
    "05_deviation_z": sample_deviation.Settings(layer="z"),
    "05_deviation_random": sample_deviation.Settings(encoder="random-cross-0"),
}
MORE_STEPS = 32  # four times those of the tables
KEPT_LEAST = 0.1  # of a factor that h or z tells less than this, nothing can be lost
DENOISER: list[Path] = []


def write(name: str, found: Mapping[str, Any], word: str) -> None:
    """A result of one part, in the lesson's folder or in the other denoiser's own."""
    folder = results_of(DENOISER[0]) if DENOISER else None
    write_result(name, found, f"experiments.invariances {word}", folder=folder)


def results_of(denoiser: Path) -> Path:
    """Where the results of another denoiser are kept: by its name and its weights."""
    return home() / "results" / f"{denoiser.stem}-{file_sha256(denoiser)[:8]}"


def sampler(settings: Any) -> ConditionalSampler:
    """The denoiser with its plants."""
    return ConditionalSampler.at(
        home(), settings, path=(DENOISER or [shipped_denoiser()])[0], tell=progress
    )


def real() -> Ground:
    """What the reader says of real pictures, measured once."""
    one = sampler(invariances.Settings())
    known = f"{file_sha256(path_of(SHIPPED_READER))[:12]}-{one.denoiser.side}"
    file = home() / "samples" / f"ground-{known}.json"
    if not file.is_file():
        found = ground(
            shipped_reader(),
            one.world,
            one.gallery,
            side=one.denoiser.side,
            values=invariances.Settings().values,
            generator=np.random.default_rng(0),
        )
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({"world": found.world, "floor": found.floor}))
    return revived(Ground, json.loads(file.read_text()))


def moved() -> Effects:
    """What do() moves of every condition of the tables, once a denoiser: its slots whiten."""
    settings = invariances.Settings()
    one = sampler(settings)
    file = home() / "samples" / f"moved-{file_sha256(one.path)[:12]}.json"
    if not file.is_file():
        conditionings = {
            t.name: t for s in KEPT.values() for t in (s.conditioning, s.random_conditioning)
        }
        found = total_effects(
            one.world,
            one.sources(settings.effect_plants),
            {name: one.phi(t) for name, t in conditionings.items()},
            side=one.denoiser.side,
            generator=np.random.default_rng(settings.seed),
        )
        each = {n: {c: x.tolist() for c, x in by.items()} for n, by in found.moved.items()}
        file.write_text(json.dumps({"moved": each, "unmoved": found.unmoved}))
    read_ = json.loads(file.read_text())
    arrays = {n: {c: np.array(x) for c, x in by.items()} for n, by in read_["moved"].items()}
    return Effects(arrays, read_["unmoved"])


def effects() -> None:
    """What do() moves."""
    settings = moving.Settings()
    names = (settings.encoder, settings.random)
    found = moving.measured(settings, {name: load_encoder(name) for name in names})
    write("05_effects", found.as_json(), "effects")


def reader() -> None:
    """The exam of the reader."""
    settings = regressor_report.Settings()
    found = regressor_report.exam(shipped_reader(), regressor_report.held_out(settings), settings)
    write("05_reader", found.as_json(), "reader")


def kept(names: Sequence[str] = tuple(KEPT)) -> None:
    """What is kept by a pair, by the projector, by one picture."""
    for name in names:
        settings = KEPT[name]
        known: dict[str, Any] = {"real": real(), "moved": moved()}
        found = invariances.kept(sampler(settings), shipped_reader(), settings, **known)
        invariances.tell(found)
        write(name, found.as_json(), "kept")


def layers() -> None:
    """What samples drawn from z tell of the source that those drawn from h tell, by factor."""
    settings, reader_, known = KEPT["05_kept"], shipped_reader(), real()
    one = sampler(settings)
    sources = one.sources(settings.plants)
    truth = draw_factors(one.world, sources)
    disease = torch.from_numpy(truth["disease"])
    read_ = [
        read_pairs(reader_, one.draw(KEPT[name].conditioning, sources, samples=settings.samples))
        for name in ("05_kept", "05_kept_z")
    ]
    found: dict[str, Any] = {}
    seen = [c for c in COLUMNS if known.readable(c) >= READABLE]
    for k, column in enumerate(seen):
        shown = showing(column, disease)
        mine = (read_[0][column][shown], read_[1][column][shown])
        own, rng = truth[column][shown.numpy()], np.random.default_rng((settings.seed, k))
        less, p = explained_less(column, mine, own, rng)
        ends = [explained(column, x, own) for x in mine]
        pinned = [settled(x) for x in mine]
        found[column] = less.as_json() | {"ends": ends, "pinned": pinned, "p": p}
    order = sorted(found, key=lambda c: found[c]["p"])
    worst = 0.0
    for k, column in enumerate(order):  # Holm
        worst = max(worst, min(1.0, (len(order) - k) * found[column]["p"]))
        found[column]["corrected"] = worst
    each = np.array([one["value"] for one in found.values() if max(one["ends"]) >= KEPT_LEAST])
    whole = Evidence(
        question="By how much does R2 of the source change from h to z?",
        value=float(each.mean()),
        null=0.0,
        control="no difference",
        n=len(each),
        interval=t_interval(each),
    )
    write(
        "05_layers",
        {"factors": found, "mean": whole.as_json(), "told": KEPT_LEAST},
        "layers",
    )


def faithful() -> None:
    """Ranks of the source, from a pair; from one picture without the comparison of steps."""
    for name, sensors, plants in (
        ("05_faithful", ("rgb", "rgn"), 16),
        ("05_faithful_rgb", ("rgb",), 0),
    ):
        settings = replace(source_retrieval.Settings(), sensors=sensors, ladder_plants=plants)
        one, judges = sampler(settings), source_retrieval.judges_of(settings)
        learnt = source_retrieval.learnt_plants(one, settings)
        found = source_retrieval.faithful(one, settings, judges, learnt=learnt)
        source_retrieval.tell(found)
        write(name, found.as_json(), "faithful")


def matching() -> None:
    """Matching and mismatched pairs."""
    settings = pairing.Settings()
    judges = pairing.judges_of(settings)
    found = pairing.matching(sampler(settings), shipped_reader(), settings, judges)
    pairing.tell(found)
    write("05_matching", found.as_json(), "matching")


def encoder_comparisons() -> None:
    """Against the supervised encoder, a wider one, and another seed of the same."""
    for name, settings in COMPARISONS.items():
        judge = encoder_comparison.judge_for(settings)
        found = encoder_comparison.compare_encoders(
            sampler(settings), shipped_reader(), settings, judge, real=real()
        )
        encoder_comparison.tell(found)
        write(name, found.as_json(), "rivals")


def deviation() -> None:
    """Where samples differ, and where do() moves the picture: h of a pair, z, random weights."""
    for name, settings in DEVIATION.items():
        found = sample_deviation.sample_deviation(
            sampler(settings), shipped_reader(), settings, real=real()
        )
        sample_deviation.tell(found)
        write(name, found.as_json(), "deviation")


def steps() -> None:
    """The table of h with four times as many steps of the sampler, beside that of 8."""
    settings, reader_, known = KEPT["05_kept"], shipped_reader(), real()
    effect = {c: moved().total(settings.conditioning.name, c) for c in COLUMNS}
    one, found = sampler(settings), {}
    sources = one.sources(settings.plants)
    truth = draw_factors(one.world, sources)
    disease = torch.from_numpy(truth["disease"])
    seen = [c for c in COLUMNS if known.readable(c) >= READABLE]
    for many in (settings.steps, MORE_STEPS):
        drawn = one.again(sampler=settings.sampler, steps=many)
        read_ = read_pairs(
            reader_, drawn.draw(settings.conditioning, sources, samples=settings.samples)
        )
        shown = {c: showing(c, disease) for c in seen}
        pinned = {c: settled(read_[c][shown[c]]) for c in seen}
        r2 = {c: explained(c, read_[c][shown[c]], truth[c][shown[c].numpy()]) for c in seen}
        grade, interval = spearman([pinned[c] for c in seen], [effect[c] for c in seen])
        found[str(many)] = {"pinned": pinned, "r2": r2, "grade": grade, "interval": interval}
    few, more = (list(one["pinned"].values()) for one in found.values())
    agree, interval = spearman(few, more)
    found["agreement"] = {"value": agree, "interval": interval, "n": len(seen)}
    found["largest_change"] = float(np.abs(np.subtract(few, more)).max())
    write("05_sampler_steps", found, "steps")


def figures() -> None:
    """The charts as pictures for readers of the markdown."""
    save("05_effects", read_as(moving.EffectsResult, "05_effects").chart())
    save("05_reader", read_as(regressor_report.ReaderResult, "05_reader").chart())
    for name in KEPT:
        found = read_as(invariances.KeptResult, name)
        save(name, found.chart())
        save(name.replace("kept", "grade"), found.grade_chart())
        save(name.replace("kept", "narrow"), found.narrow_chart())
    found = read_as(source_retrieval.FaithfulResult, "05_faithful")
    save("05_faithful", found.chart())
    save("05_steps", found.ladder_chart())
    save("05_matching", read_as(pairing.MatchingResult, "05_matching").chart())
    for name in COMPARISONS:
        save(name, read_as(encoder_comparison.EncoderComparisonResult, name).chart())


PARTS: dict[str, Callable[[], None]] = {
    "effects": effects,
    "reader": reader,
    "kept": kept,
    "layers": layers,
    "faithful": faithful,
    "matching": matching,
    "rivals": encoder_comparisons,
    "deviation": deviation,
    "steps": steps,
    "figures": figures,
}


if __name__ == "__main__":
    DENOISER.extend(Path(word) for word in sys.argv[1:] if word not in PARTS)
    run(PARTS, [word for word in sys.argv[1:] if word in PARTS])
