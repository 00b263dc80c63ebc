"""Before and after an event: four instruments on two checkpoints, beside a pair without one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from app import session
from app.captions import caption
from app.experiment import ask, command, experiment_of, folded_experiment
from app.page import downloads, draw
from plantedu.charts.chart import Drawing
from plantedu.errors import PlantEduError
from plantedu.topics.bump.results.connectivity import ConnectivityResult
from plantedu.topics.bump.results.event import EventResult
from plantedu.topics.bump.results.gradients import GradientsResult
from plantedu.topics.bump.results.llc import LlcResult


@dataclass(frozen=True)
class Recorded:
    """One instrument.

    Attributes:
        kind: What the worker and the terminal call it.
        says: What it answers, for its tab.
        read: A result from plain values.
        charts: Draw a result, each under its words.
        after: Says more below the charts.
    """

    kind: str
    says: str
    read: Callable[[Mapping[str, Any]], Any]
    charts: tuple[tuple[str, Callable[[Any, bool], Drawing]], ...]
    after: Callable[[Any], None] = lambda found: None


def _crossed(found: EventResult) -> None:
    verdict = found.verdict
    st.markdown(f"**Who moved: {verdict.who}.** {verdict.why}")
    st.dataframe(
        pd.DataFrame(
            [
                {
                    "geometry of": layer,
                    "debiased CKA, before with after": f"{one.value:z.3f}",
                    "control pair": f"{one.null:z.3f}",
                    "n": one.n,
                }
                for layer, one in found.alike.items()
            ]
        ),
        hide_index=True,
        alt="Debiased CKA of h and z across the event and across the control pair",
    )


INSTRUMENTS = {
    "Measures": Recorded(
        "crossing",
        "What can be read, found and counted before and after?",
        EventResult.from_json,
        (
            ("", lambda found, dark: found.chart(dark=dark)),
            (
                "The change of every plant's loss, sorted: uniform is a ruler, concentrated is "
                "learning.",
                lambda found, dark: found.shift_chart(dark=dark),
            ),
        ),
        _crossed,
    ),
    "Line between": Recorded(
        "connectivity",
        "Is there a hill between the two?",
        ConnectivityResult.from_json,
        (("", lambda found, dark: found.chart(dark=dark)),),
    ),
    "Gradients": Recorded(
        "gradients",
        "Do the two objectives pull the same way?",
        GradientsResult.from_json,
        (("", lambda found, dark: found.chart(dark=dark)),),
    ),
    "LLC": Recorded(
        "llc",
        "How flat is the ground, under one frozen objective?",
        LlcResult.from_json,
        (("", lambda found, dark: found.chart(dark=dark)),),
    ),
}


def around() -> None:
    """Choose an instrument; its recorded result, and one's own."""
    name = st.segmented_control(
        "Instrument", list(INSTRUMENTS), default="Measures", required=True, key="instrument"
    )
    one = INSTRUMENTS[name or "Measures"]
    st.markdown(f"*{one.says}* Grey: a pair of checkpoints without the event.")
    try:
        _show(one, _recorded(one), "recorded")
    except PlantEduError as error:
        st.info(str(error))
    with folded_experiment("Measure it again, on this machine", one.kind):
        experiment = experiment_of(
            one.kind, "Measure", "About half a minute.", one.read, partial(_show, one)
        )
        ask(experiment, {}, name=f"{one.kind} across the switch")


def _recorded(one: Recorded) -> Any:
    """The recorded result that the learner chooses among those of this instrument."""
    found = {k: v for k, v in session.results(f"03_{one.kind}").items() if isinstance(v, dict)}
    first = "switch, 30 steps" if "switch, 30 steps" in found else next(iter(found))
    chosen = st.segmented_control(
        "Across" if one.kind != "gradients" else "At",
        list(found),
        default=first,
        required=True,
        key=f"recorded {one.kind}",
    )
    return one.read(found[chosen or first])


def _show(one: Recorded, found: Any, key: str) -> None:
    for place, (words, chart) in enumerate(one.charts):
        if words:
            caption(words)
        drawing = chart(found, session.dark())
        draw(drawing, f"{key} {one.kind} {place}")
        made_by = command(one.kind, found.settings)
        downloads(drawing, f"{one.kind}-{place}", made_by, f"{key} {one.kind} {place}")
    one.after(found)
