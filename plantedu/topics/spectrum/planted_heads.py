"""Can the instrument be trusted? Heads whose algorithm is planted, read off blindly and graded.

A head of the projector's architecture is built to copy, attenuate, rotate or invert
(`topics/spectrum/planted_head.py`). Noisy looks at a signal go through a copying head (sensor 1)
and through the planted one (sensor 2); S, turn and corrected gain are read from the two outputs
alone, and put beside what was planted. Null: the same with shuffled pairs, where nothing is to be
read.

The exhibit beside it closes the loop: the way back is fitted by least squares, and S is 1 for the
copy, for the inversion and for pure noise alike (`topics/spectrum/closed_loop.py`).

A grade holds for Gaussian signals of the stated width, plants and reliability, and for the
stated covariances: noise that shares the signal's spectrum hides all directions alike, which is the
easy case. `layer` takes the covariances that the shipped encoder's layer has (what two crops of a
picture share, and what each has for itself), and `noise` makes that noise white.

Source: the score: Elhage et al. 2021 [elhage2021]; dilution: Frost & Thompson 2000 [frost2000];
the closed loop: Hotelling 1936 [hotelling1936]. Lesson: 07_spectrum.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from plantedu.statistics.evidence import Evidence, t_interval
from plantedu.statistics.ridge_map import Ridge
from plantedu.store.paths import home
from plantedu.topics.method import Context, Method
from plantedu.topics.spectrum.attenuation import dilution
from plantedu.topics.spectrum.closed_loop import closed_loop
from plantedu.topics.spectrum.head_jacobian import head_jacobians
from plantedu.topics.spectrum.nulls import rotation, shuffled
from plantedu.topics.spectrum.planted import VERDICTS, covariances, looks_like, planted
from plantedu.topics.spectrum.planted_head import planted_head
from plantedu.topics.spectrum.results.plane import points
from plantedu.topics.spectrum.results.planted_heads import MEASURED_ON, HeadsResult, Read, Settings
from plantedu.topics.spectrum.score import copying_score, eigenvalues, verdict
from plantedu.topics.spectrum.two_sensors import Amount, of_checkpoint, two_sensors
from plantedu.zoo.checkpoint_pairs import shipped_file

CLOUD = 150
DECAY = 0.5  # exponent of the power law of a signal's variance
Both = tuple[np.ndarray, np.ndarray]


def heads(
    settings: Settings,
    *,
    bank_folder: Path | None = None,
    check: Callable[[], None] = lambda: None,
) -> HeadsResult:
    """Plant a head, read it off, and grade the reading.

    Args:
        settings: What is planted, and what it is read from.
        bank_folder: Where rendered pairs are kept, for a layer; None is this machine's own place.
        check: Called between seeds; may raise to stop.

    Raises:
        PlantEduError: for a size or a reliability out of range.
    """
    reads, both = [], covariances_of(settings, bank_folder)
    for seed in range(settings.seeds):
        check()
        reads.append(read_one(settings, seed, both))
    dim = len(both[0])
    head = planted(settings.kind, dim, generator=_draw(0), size=settings.size or None)
    truth = {"score": head.score, "turn": head.turn, "gain": head.gain}
    questions = {
        "score": "What is S of the planted head?",
        "turn": "By how many degrees does it turn?",
        "gain": "What is its gain, corrected for noise?",
    }
    found = {}
    for k, (name, true) in enumerate(truth.items()):
        values = [getattr(one, name) for one in reads]
        found[name] = Evidence(
            question=questions[name],
            value=float(np.mean(values)),
            null=float(np.mean([one.null[k] for one in reads])),
            control="shuffled pairs",
            n=settings.plants,
            seeds=len(reads),
            interval=t_interval(values),
            truth=true,
        )
    worst = {
        name: max(abs(getattr(one, name) - true) for one in reads) for name, true in truth.items()
    }
    verdicts = tuple(one.verdict for one in reads)
    first = reads[0]
    return HeadsResult(
        settings=settings,
        **found,
        worst=worst,
        verdicts=verdicts,
        right=float(np.mean([one == VERDICTS[settings.kind] for one in verdicts])),
        closed_loop=first.loop,
        jacobian=max(one.jacobian for one in reads),
        values=points(first.values),
        cloud=points(first.cloud[:CLOUD]),
    )


def covariances_of(settings: Settings, bank_folder: Path | None = None) -> Both:
    """Covariances of signal and noise that the settings ask for, each "dim dim"."""
    if settings.layer:
        signal, noise = measured(settings.layer, bank_folder)
    else:
        signal = np.diag(np.arange(1, settings.dim + 1) ** -DECAY)
        noise = signal * (1 - settings.reliability) / settings.reliability
    if settings.noise == "white":
        noise = np.eye(len(noise)) * np.trace(noise) / len(noise)
    return signal, noise


def measured(layer: str, bank_folder: Path | None = None) -> Both:
    """What two crops of a picture share in a layer of the shipped encoder, and each crop's own."""
    path, amount = shipped_file(MEASURED_ON), Amount(512, 256, crops=True)
    folder = bank_folder or home() / "bank"
    seen = of_checkpoint(path, path.stat().st_mtime_ns, folder, amount)
    return covariances(*two_sensors(seen, layer).looks[:2])


def read_one(settings: Settings, seed: int, both: Both) -> Read:
    """Plant and read one head."""
    draw = _draw(seed)
    head = planted(settings.kind, len(both[0]), generator=draw, size=settings.size or None)
    basis = rotation(len(both[0]), draw) if not settings.layer else np.eye(len(both[0]))
    turned = [basis @ one @ basis.T for one in both]
    first, again, other = looks_like(settings.plants, *turned, generator=draw)
    built = planted_head(torch.from_numpy(head.matrix))
    out = built(torch.from_numpy(other)).numpy()
    corrected = dilution(first, again, out)
    ridge = Ridge(first)
    shuffles = shuffled(ridge, out, (first, out), generator=draw, draws=settings.shuffles)
    sizes = np.abs(shuffles.values)
    turns = np.degrees(np.abs(np.angle(shuffles.values)))
    jacobian = head_jacobians(built, torch.from_numpy(other[:4]), unit=False).numpy()
    noise = draw.normal(size=out.shape)
    cross = corrected.cross
    return Read(
        cross.score,
        cross.turn,
        corrected.gain,
        verdict(cross, corrected.gain),
        (
            float(shuffles.scores.mean()),
            float(np.average(turns, weights=sizes)),
            float(sizes.mean() / corrected.same.gain),
        ),
        {
            settings.kind: copying_score(eigenvalues(closed_loop(first, out))),
            "pure noise": copying_score(eigenvalues(closed_loop(first, noise))),
        },
        float(np.abs(jacobian - head.matrix.T).max()),
        eigenvalues(ridge.fit(out).matrix),
        shuffles.values.ravel(),
    )


def _draw(seed: int) -> np.random.Generator:
    return np.random.default_rng((seed, 7))


def _run(asked: Settings, context: Context) -> HeadsResult:
    return heads(asked, check=context.check)


def tell(result: HeadsResult) -> None:
    """Print a result."""
    print(f"planted: {result.settings.kind}; read: {', '.join(result.verdicts)}")
    print(f"{'':<8}{'planted':>10}{'read':>10}{'worst error':>14}{'shuffled':>10}")
    for name in ("score", "turn", "gain"):
        one = getattr(result, name)
        print(f"{name:<8}{one.truth:10.3f}{one.value:10.3f}{result.worst[name]:14.3f}"
              f"{one.null:10.3f}")  # fmt: skip
    for name, value in result.closed_loop.items():
        print(f"closed loop with a fitted way back, {name}: S {value:.6f}")
    print(result.score.caption())


METHOD = Method(Settings, _run, tell)
