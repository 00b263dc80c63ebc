"""A run as it goes: read from the store and drawn without starting the page again.

The page stays still while a run trains; only two fragments run: state and pace, and the charts.
When the run begins or ends, the page runs once more.
"""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from app import address, loop_run, session
from app.page import downloads, draw
from app.recipe_form import command
from plantedu.charts import tables, training_curves
from plantedu.charts.chart import sheet
from plantedu.errors import PlantEduError
from plantedu.jobs.hardware import noted
from plantedu.store.limits import in_words, limits
from plantedu.store.ln_k import standstill
from plantedu.store.retention import opened
from plantedu.store.run import LOOP, PHASE, Run
from plantedu.store.series import Series

SMALLEST = 16  # plants of a batch that can still be halved
LONG = 10_000  # steps of a run above which a page reads what it draws, not every number
# Seconds. Chromium works a fifth of a second at a drawing, and 30 ms at a look: of two cores that
# would be a tenth of the training's pace. Who shares a machine, or has two cores, looks half as
# often; a queue does not move faster for being looked at.
FIRST = 0.5  # between looks, and between drawings, until a run that goes has made its first step
LOOK, DRAW = 1.0, 2.5  # afterwards
WAIT = 2.0  # between looks at a run that others are before
FEW = 2  # cores
LEGEND = (
    ":small[From features of :blue[**RGB**], of :orange[**RGN**], of :green[**both**], with the "
    "95 % band over held-out plants. :gray[**Grey**]: the same probe on shuffled labels. {} "
    "Dotted: chance, the best constant answer.]"
)
DASHED = "Dashed: a random-init encoder, which never learned."
ICONS = {
    "queued": ":material/hourglass_empty:",
    "running": ":material/play_arrow:",
    "paused": ":material/pause:",
    "done": ":material/check:",
    "failed": ":material/error:",
    "cancelled": ":material/close:",
}


def legend(series: Mapping[str, Series], begins: str = tables.RANDOM) -> str:
    """What the lines of a run's probe charts are; `begins` as `tables.beginning` says it."""
    named = "the encoder before training" if begins == tables.RANDOM else f"the {begins}"
    first = f"Thin: {named} (step 0)."
    if not any(name.startswith("random/") for name in series):
        return LEGEND.format(first)
    return LEGEND.format(DASHED if begins == tables.RANDOM else f"{DASHED} {first}")


def watch(run_id: str) -> None:
    """Show a run; look again and again while it can still change by itself."""
    if follow(run_id, _curves).state != "queued":
        _files(session.store().run(run_id))


def follow(run_id: str, body: Callable[[Run], None]) -> Run:
    """State and buttons of a run, and what `body` draws of it, again and again while it goes."""
    run = session.store().run(run_id)
    opened(session.store(), run_id)
    look, draw = intervals(run)
    st.fragment(_look, run_every=look)(run_id, _state_of(run))
    st.fragment(_draw, run_every=draw)(run_id, body)
    return run


def intervals(run: Run) -> tuple[float | None, float | None]:
    """Seconds between two looks at a run, and between two drawings; None: it stays as it is."""
    times = 2 if limits().private or (os.cpu_count() or 1) <= FEW else 1
    if run.state == "queued":
        return (times * WAIT if session.store().ahead(run.id) else FIRST), None
    if run.state != "running":
        return None, None
    return (times * LOOK, times * DRAW) if run.step else (FIRST, FIRST)


def _state_of(run: Run) -> tuple[str, bool]:
    """What the whole page depends on."""
    return run.state, run.step > 0


def _look(run_id: str, state: tuple[str, bool]) -> None:
    try:
        run = session.store().run(run_id)
        if _state_of(run) != state:
            st.rerun()
        _state(run)
        session.see_to(run)
    except PlantEduError as error:
        st.error(str(error))


def _draw(run_id: str, body: Callable[[Run], None]) -> None:
    try:
        body(session.store().run(run_id))
    except PlantEduError as error:
        st.error(str(error))


def _state(run: Run) -> None:
    """Where the run is, what it costs, and the buttons that stop it."""
    with st.container(key=f"run state {run.id}"):  # a page may follow several
        st.markdown(f"{ICONS[run.state]} **{run.state}** · {run.name or run.kind} · run `{run.id}`")
        _pace(run)
        if run.error:
            st.error(run.error)
            _smaller(run)
        _buttons(run)


def _smaller(run: Run) -> None:
    """Where memory was short, offer the same with half the batch."""
    batch = int(run.request.get("batch", 0))
    if "enough memory" not in run.error or batch < SMALLEST:
        return
    if st.button(
        f"Ask again with batch {batch // 2}", icon=":material/compress:", key=f"smaller {run.id}"
    ):
        request = run.request | {"batch": batch // 2}
        name = f"{run.name}, batch {batch // 2}"
        address.put("run", session.submit(run.kind, request, lane=run.lane, name=name))
        st.rerun()


def _pace(run: Run) -> None:
    if run.state == "queued":
        st.progress(0.0, text=f"Waiting: {_waits(run)}")
        if (bounds := limits()).private:
            st.caption(in_words(bounds))
        return
    steps = run.steps or int(asked(run).get("steps", 0))
    said = f"step {run.step} of {steps}" if steps else _doing(run)
    found = session.store().metrics(run.id, ["steps_per_second"], after_step=run.step - 50)
    if run.state == "running" and steps and run.step >= steps:
        said = f"all steps done; {_doing(run)}"
    elif run.state == "running" and "steps_per_second" in found:
        speed = float(found["steps_per_second"].values[-1])
        left = (steps - run.step) / max(speed, 1e-9)
        said += f" · {speed:z.1f} steps/s · {tables.minutes(left)} left"
    if run.over and run.lane != "training":  # its result, or why there is none, stands below
        return
    if steps or run.state in ("running", "paused"):
        st.progress(min(1.0, run.step / steps) if steps else 0.0, text=said)
    if run.lane == "training" and (why := noted(session.store().path.parent)).startswith("CPU:"):
        st.caption(why)


def _waits(run: Run) -> str:
    """How many are before a waiting run, and for about how long."""
    ahead, left = session.store().ahead(run.id), session.store().seconds_left(run.id)
    about = "how long is not known yet" if left is None else f"about {tables.minutes(left)}"
    if ahead:
        return f"{ahead} before it, {about}. Meanwhile, replay a recorded run"
    if left is not None and left < 1:  # what it waits for is its worker
        about = "as soon as a worker is awake; that takes longer on a busy machine"
    return f"{'it gave way to others, and' if run.step else 'it'} is next, {about}"


def _doing(run: Run) -> str:
    """What a run is at, in words: its phase, and for how long such a run mostly goes on."""
    phases = [one.detail for one in session.store().events(run.id) if one.name == PHASE]
    doing = phases[-1].rstrip(".") if phases else "at work"
    usual = session.store().usual(run.id)
    return doing if usual is None else f"{doing} · such a run mostly takes {tables.minutes(usual)}"


def _buttons(run: Run) -> None:
    store, token = session.store(), session.learner()
    if run.over:
        return
    with st.container(horizontal=True):
        if run.state == "paused":
            _do("Resume", ":material/play_arrow:", run, lambda: session.resume(run))
        elif run.lane == "training":  # an analysis keeps no steps: it would begin anew
            _do("Pause", ":material/pause:", run, lambda: store.pause(run.id, learner=token))
        others = store.others(run.id, token)
        if others:
            _do(f"Leave ({others} others keep it)", ":material/logout:", run, lambda: _leave(run))
        else:
            _do("Cancel", ":material/close:", run, lambda: store.cancel(run.id, learner=token))


def _leave(run: Run) -> None:
    """Take the learner out of a run that goes on for others, say so, and look at it no more."""
    session.store().cancel(run.id, learner=session.learner())
    for slot in [one for one, kept in st.session_state.items() if kept == run.id]:
        del st.session_state[slot]
    said = f"You left run {run.id}; it goes on for the others who asked for the same."
    st.session_state["said once"] = said
    if address.given("run") == run.id:
        address.drop("run")


def _do(label: str, icon: str, run: Run, action) -> None:
    wished = {"Pause": "pause", "Cancel": "cancel"}.get(label) == run.wish
    asked = st.button(
        f"{label} asked for" if wished else label,
        icon=icon,
        key=f"{label} {run.id}",
        disabled=wished,
    )
    if asked:
        action()  # a refusal is said by `_look`
        session.ensure_worker(run.lane)
        st.rerun()


def _curves(run: Run) -> None:
    """Loss in its parts, what the encoder knows, and what it is fed."""
    series = curves(run)
    if run.kind == LOOP:
        loop_run.curves(series, session.store().events(run.id), over=run.over)
        return
    if "loss" not in series:
        if not run.over:
            st.caption("The first point comes as soon as the worker has made its first step.")
        return
    look = {"dark": session.dark(), "last": run.steps}
    events = session.store().events(run.id)
    draw(
        training_curves.loss_chart(series, events, prototypes=prototypes(run), **look), "loss chart"
    )
    if (stands := standstill(series, prototypes(run))) is not None:
        st.warning(stands.text, icon=":material/horizontal_rule:")
    probes(series, look, tables.beginning(asked(run)))
    with st.grid(3, min_column_width=260):
        for name, chart in (
            ("direction", training_curves.direction_chart),
            ("usage", training_curves.usage_chart),
            ("rate", training_curves.rate_chart),
        ):
            try:
                draw(chart(series, **look), f"{name} chart")
            except PlantEduError:
                continue
    _crops(session.store().folder(run.id) / "crops.png", run)


def probes(series: dict[str, Series], look: dict[str, Any], begins: str) -> None:
    """One small chart a factor, all with the same axes and nulls."""
    factors = tables.probed_factors(series)
    if not factors:
        return
    st.subheader("What a linear probe reads, on held-out plants", anchor=False)
    st.markdown(legend(series, begins))
    with st.grid(4, min_column_width=160):
        for factor in factors:
            with st.container(key=f"probe {factor}"):
                st.markdown(f"**{factor}**, {tables.probe_unit(series, factor)}")
                chart = training_curves.probe_chart(series, factor, begins=begins, **look)
                draw(chart, f"probe chart {factor}")


def curves(run: Run) -> dict[str, Series]:
    """All series of a run, a long one thinned; read once for all who look at the same step."""
    return _curves_at(str(session.store().path), run.id, run.step, run.state)


@st.cache_data(max_entries=16, show_spinner=False)
def _curves_at(path: str, run_id: str, step: int, state: str) -> dict[str, Series]:
    store = session.store()
    return store.thinned(run_id) if step > LONG else store.metrics(run_id)


def _crops(path: Path, run: Run) -> None:
    if path.is_file():
        rows = {"rgb_only": "RGB twice", "nir_only": "RGN twice", "cross": "RGB above, RGN below"}
        seen = rows.get(str(asked(run).get("pairing")), "two crops of one picture")
        said = f"What the encoder was fed at the first step: crops of ten plants, {seen}."
        st.image(str(path), width="stretch", caption=said, alt=said)


def asked(run: Run) -> dict[str, Any]:
    """The recipe of a training, also where its recording is replayed."""
    if run.kind != "replay":
        return run.request
    found = session.known_recording(str(run.request.get("recording")))
    return found.request if found else {}


def prototypes(run: Run) -> int:
    """K of a run."""
    return int(asked(run).get("prototypes", 64))


def _files(run: Run) -> None:
    """Downloads of the loss chart and of every number of the run."""
    series = curves(run)
    if "loss" not in series:
        return
    if run.kind == LOOP:
        _file(
            "All numbers",
            lambda: tables.all_numbers(series, settings=run.request),
            f"run-{run.id}.csv",
        )
        return
    K = prototypes(run)
    loss = training_curves.loss_chart(series, session.store().events(run.id), prototypes=K)
    with st.container(horizontal=True, vertical_alignment="center"):
        downloads(loss, f"loss-{run.id}", command(asked(run)), "loss")
        _file(
            "All numbers",
            lambda: tables.all_numbers(session.store().metrics(run.id), command(asked(run))),
            f"run-{run.id}.csv",
        )
        if tables.probed_factors(series):
            _file("All probes", lambda: probe_sheet(run), f"probes-{run.id}.vl.json")


def _file(label: str, made, name: str) -> None:
    kind = "text/csv" if name.endswith("csv") else "application/json"
    st.download_button(
        label,
        made,
        name,
        kind,
        type="tertiary",
        icon=":material/table:",
        key=name[:6],
        on_click="ignore",
    )


def probe_sheet(run: Run) -> str:
    """Every probe chart in one Vega-Lite file."""
    series, begins = curves(run), tables.beginning(asked(run))
    names = tables.probed_factors(series)
    return sheet({name: training_curves.probe_chart(series, name, begins=begins) for name in names})


def nulls(run_id: str) -> None:
    """Every probe of a run beside its three nulls."""
    run = session.store().run(run_id)
    table = tables.null_table(curves(run), begins=tables.beginning(asked(run)))
    if table.empty:
        return
    st.dataframe(
        table.round(3), hide_index=True, alt="Probes of this run beside chance, shuffled and start"
    )
