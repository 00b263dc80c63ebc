"""The recorded experiments of lesson 08: report, transfer, detector, shortcut, active tests."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from app import session
from app.captions import caption
from app.experiment import ask, drawn, experiment_of, folded_experiment, recorded
from plantedu.serialization import command_line
from plantedu.statistics.evidence import Evidence
from plantedu.topics.attacks.results.active_tests import ActiveResult
from plantedu.topics.attacks.results.agreement import AgreementResult
from plantedu.topics.attacks.results.names import SAYS_WHERE
from plantedu.topics.attacks.results.robustness import RobustnessResult
from plantedu.topics.attacks.results.shortcut import ShortcutResult
from plantedu.topics.attacks.results.transfer import TransferResult
from plantedu.topics.methods import words_of_kind


@dataclass(frozen=True)
class Recorded:
    """One experiment.

    Attributes:
        kind: What the worker and the terminal call it.
        says: What it answers.
        read: A result from plain values.
        takes: How long the learner's own takes, in words.
        request: With which settings the learner's own is made.
        after: Says more below the chart.
    """

    kind: str
    says: str
    read: Callable[[Mapping[str, Any]], Any]
    takes: str
    request: dict[str, Any] = field(default_factory=dict)
    after: Callable[[Any], None] = lambda found: None


def shown(one: Recorded) -> None:
    """The recorded result, and a button for one's own."""

    def show(found: Any, key: str) -> None:
        command = f"python -m plantedu {words_of_kind(one.kind)} {command_line(found.settings)}"
        drawing = found.chart(dark=session.dark())
        drawn(drawing, f"{key} {one.kind}", command, name=one.kind)
        one.after(found)

    st.markdown(f"*{one.says}*")
    recorded(f"08_{one.kind}", one.read, show)
    with folded_experiment("Measure it again, on this machine", one.kind):
        experiment = experiment_of(one.kind, "Measure", one.takes, one.read, show)
        ask(experiment, one.request, name=f"{one.kind}, lesson 08")


def _alarms(found: RobustnessResult) -> None:
    """The radius that breaks half, and the alarms of each arm."""
    rows = [
        {
            "arm": arm,
            **{
                SAYS_WHERE[half.where]: "none broken"
                if half.radius_255 is None
                else f"{half.radius_255:g}/255"
                for half in found.halves
                if half.arm == arm
            },
        }
        for arm in found.arms
    ]
    caption("Smallest radius tried that breaks half of the plants right when clean.")
    st.dataframe(rows, hide_index=True, alt="Radius that breaks half of the plants, by arm")
    ringing = [one for one in found.alarms if one.rings]
    for one in ringing:
        st.error(f"Alarm for {one.arm}: {one.name}. {one.says}.")
    if not ringing and found.alarms:
        caption(
            f"{len(found.alarms)} alarms were counted and none rings: zero slopes, a black box or "
            "a single step that beats the attack, a smaller radius that does, plants that stand "
            "at radius 1, noise that is as good."
        )


def _between(found: TransferResult) -> None:
    """What is carried from one sensor to the other."""
    caption("Between sensors: red and green of a change, added to the other picture.")
    rows = [
        _row(f"made on {p.made_on.upper()}, seen by {p.seen_by.upper()}", p.evidence)
        for p in found.sensors
    ]
    st.dataframe(rows, hide_index=True, alt="Share fooled between sensors")


def _passing(found: AgreementResult) -> None:
    """Who is caught, and who gets past."""
    rows = []
    for one in found.notices:
        where = SAYS_WHERE[one.where]
        rows += [
            _row(f"{where}: misnamed pairs turned away", one.caught),
            _row(f"{where}: misnamed and let pass, blind attack", one.blind),
            _row(f"{where}: misnamed and let pass, adaptive attack", one.adaptive),
        ]
    st.dataframe(rows, hide_index=True, alt="What the detector catches, and who gets past it")
    caption(
        f"The detector turns away {found.settings.refused:.0%} of clean pairs; radius "
        f"{found.settings.radius_255:g}/255."
    )


def _area(found: ShortcutResult) -> None:
    caption(
        f"Grey ticks: the twin, trained where the mark is assigned at random. The corner is "
        f"{found.area:.1%} of both pictures; n = {found.settings.plants}, 1 seed."
    )


def _row(name: str, one: Evidence) -> dict[str, str]:
    low, high = one.interval or (one.value, one.value)
    return {
        "what": name,
        "share": f"{one.value:z.2f}",
        "95 %": f"{low:z.2f} to {high:z.2f}",
        "null": f"{one.null:z.2f}",
        "control": one.control,
        "n": f"{one.n}",
    }


REPORT = Recorded(
    "robustness",
    "Which share of plants is still classified correctly, when one sensor, the other, or both are "
    "attacked? Grey lines: random noise of the same size. Dotted: chance.",
    RobustnessResult.from_json,
    "A network's report takes about a minute.",
    {"networks": ["cross-0"], "plants": 32, "steps": 10, "late": False},
    _alarms,
)
TRANSFER = Recorded(
    "transfer",
    "Does what was made against one network fool another? Noise of the same size is written below.",
    TransferResult.from_json,
    "About a minute.",
    after=_between,
)
NOTICE = Recorded(
    "agreement",
    "Do the two sensors still agree? A pair is turned away where cos(z1, z2) is low. Grey: noise.",
    AgreementResult.from_json,
    "About a minute for one network.",
    {"networks": ["cross-0"], "steps": 10},
    _passing,
)
SHORTCUT = Recorded(
    "shortcut",
    "A mark in the corner of the RGN picture goes with disease. Do attacks find it, and does do() "
    "confirm it?",
    ShortcutResult.from_json,
    "About a minute: it trains both networks.",
    after=_area,
)
ACTIVE = Recorded(
    "active",
    "An adversarial picture is planted in the ball of every plant. Which attacks find it? Grey: "
    "random pictures on the border of the ball.",
    ActiveResult.from_json,
    "About a minute.",
    {"plants": 24},
)
