"""Which pixels does a score come from? One method's maps of fresh pairs, and whether to believe it.

The score is a class's lead, the nearness to a prototype, or the similarity of the pair: which
pixels of X1 make it match X2. Beside the maps stand those of the same network with random weights,
the share of each sensor, what do() says of the cues, and where the map lies beside eleven maps that
know no network. Integrated gradients says by how much its sum misses s(x) - s(x').

Source: Sundararajan et al. 2017, arXiv:1703.01365 [sundararajan2017]; captum [kokhlikyan2020].
Lesson: 09_attribution.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from plantedu.serialization import settings_of
from plantedu.statistics.evidence import Evidence, mean_over_plants
from plantedu.statistics.intervals import Kind
from plantedu.topics.attribution.networks import Networks
from plantedu.topics.attribution.own_pairs import own_maps, read_pairs, save_maps
from plantedu.topics.attribution.results.attribute import AttributeResult, Settings
from plantedu.topics.attribution.results.names import CUES
from plantedu.topics.attribution.run import MapRun
from plantedu.topics.method import Context, Method

SHOWN = 3  # plants whose pictures a result carries
CONTROLS = 3  # random-init networks beside a map
Step = Callable[[int, int], None]


def attribute(
    settings: Settings,
    *,
    bank_folder: Path | None,
    check: Callable[[], None] = lambda: None,
    step: Step = lambda done, of: None,
    save: Path | None = None,
) -> AttributeResult:
    """Make a method's maps of fresh pairs.

    Args:
        settings: What, and how.
        bank_folder: Where rendered pairs are kept.
        check: Called between chunks; may raise to stop.
        step: Called with steps done, and of how many.
        save: Where the maps are written (.npz).

    Raises:
        PlantEduError: for a network without such a score, an output out of range, or a layer
            that the method does not fit.
    """
    run = MapRun(settings, bank_folder)
    step(0, 3)
    began = time.perf_counter()
    found = run.maps(check)
    seconds = time.perf_counter() - began
    found.require_some(settings.says)
    step(1, 3)
    controls = [run.maps(check, control=k + 1) for k in range(CONTROLS)]
    step(2, 3)
    masses = run.masses(found, controls)
    shares = found.sensor_share, np.stack([one.sensor_share for one in controls])
    moved = run.effects()
    effect = {
        cue: _evidence(
            f"How far does do({cue} away) move the score?",
            np.abs(moved[cue].effect),
            float(np.abs(moved["soil"].effect).mean()),
            "do(soil)",
            kind="mean",
        )
        for cue in CUES
    }
    truth = moved[max(CUES, key=lambda cue: effect[cue].value)].rgb_share
    if save is not None:
        run.save(save, found)
    step(3, 3)
    delta = None if found.delta is None else float(np.abs(found.delta).max())
    return AttributeResult(
        settings=settings,
        output=run.output,
        rgb=_evidence("RGB's share of relevance?", shares[0], _share(shares[1]), truth=truth),
        mass={
            cue: {
                name: _evidence(f"Mass of {name} in the {cue}?", own, null)
                for name, (own, null) in lines.items()
            }
            for cue, lines in masses.items()
        },
        effect=effect,
        delta=delta,
        span=None if delta is None else run.span(),
        shown=run.shown(found, controls[0], moved, SHOWN),
        seconds=seconds,
    )


def _share(each: np.ndarray) -> float:
    """Mean share of maps that are not 0 everywhere, "networks plants"; half where all are."""
    some = each[np.isfinite(each)]
    return float(some.mean()) if some.size else 0.5


def _evidence(
    question: str,
    per_plant: np.ndarray,
    null: float,
    control: str = f"the same method on {CONTROLS} random-init networks",
    truth: float | None = None,
    kind: Kind = "share",
) -> Evidence:
    if len(per_plant) > 1:
        found = mean_over_plants(question, per_plant, null, control, kind=kind)
        known: dict[str, Any] = {**found.as_json(), "interval": found.interval, "truth": truth}
        return Evidence(**known)
    value = float(per_plant.mean())
    return Evidence(question=question, value=value, null=null, control=control, n=1, truth=truth)


@dataclass(frozen=True)
class Options(Settings):
    """Map which pixels of both pictures a score comes from.

    Attributes:
        pairs: Map the pairs of this file (.npz with x1, x2) in place of planted ones; nothing is
            graded then.
    """

    pairs: Path | None = None


def _run(options: Options, context: Context) -> AttributeResult | Evidence:
    settings = settings_of(options, Settings)
    if options.pairs is not None:
        return own_share(settings, options.pairs, bank_folder=context.bank, save=context.save)
    how = {"check": context.check, "step": context.step, "save": context.save}
    return attribute(settings, bank_folder=context.bank, **how)


def own_share(
    settings: Settings, pairs: Path, *, bank_folder: Path | None, save: Path | None = None
) -> Evidence:
    """RGB's share in maps of the pairs of a file; null: the same on random weights.

    Args:
        settings: What, and how; its plants are not used.
        pairs: A .npz file with x1 and x2, see `own_pairs.read_pairs`.
        bank_folder: Where rendered pairs are kept.
        save: Where the maps are written (.npz).

    Raises:
        PlantEduError: for pairs that cannot be read, or maps that are 0 everywhere.
    """
    pair, networks = read_pairs(pairs), Networks(bank_folder)
    scored, *fresh = (
        networks.scored(settings.network, settings.target, control=k) for k in range(CONTROLS + 1)
    )
    found, target = own_maps(scored, pair, settings)
    found.require_some(settings.says)
    again = replace(settings, output=target)
    null = np.stack([own_maps(one, pair, again)[0].sensor_share for one in fresh])
    if save is not None:
        save_maps(save, pair, found)
    question = f"RGB's share of relevance, {settings.says}, {settings.target} {target}?"
    return _evidence(question, found.sensor_share, _share(null))


def tell(found: AttributeResult | Evidence) -> None:
    """Print a result."""
    if isinstance(found, Evidence):
        print(found.question)
        print(f"RGB's share {found.value:.2f}, random weights {found.null:.2f}; n = {found.n}")
        return
    s = found.settings
    print(f"{s.says}, {found.output}: {found.seconds:.1f} s")
    print(f"RGB's share {found.rgb.value:.2f}, of the effect of do() {found.rgb.truth:.2f}")
    for cue in CUES:
        e = found.effect[cue]
        print(f"\ndo({cue} away) moves the score by {e.value:.3f}; do(soil) by {e.null:.3f}")
        for name, one in found.mass[cue].items():
            label = s.row(name)
            print(f"  mass in the mask  {label:<24}{one.value:.3f}   random weights {one.null:.3f}")
    if found.delta is not None:
        print(f"\ncompleteness: off by {found.delta:.3g} at most, of {found.span:.3g}")
    print(found.rgb.caption())


METHOD = Method(Options, _run, tell, saves="maps.npz", here_alone=("pairs",))
