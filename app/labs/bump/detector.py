"""Look for bumps in a loss: in the published curve, in a run, or in a file of one's own."""

import shlex
from collections.abc import Mapping
from typing import Any

import streamlit as st

from app import folding, session
from app.captions import caption
from app.experiment import Experiment, ask, latest, put_back_choice
from app.live_run import follow
from app.page import downloads, draw
from app.put_back import Controls
from plantedu.errors import PlantEduError, require
from plantedu.store.run import Run
from plantedu.store.uploads import MAX_BYTES
from plantedu.topics.bump.changepoints.causes import Happening, kind_of, published_timeline
from plantedu.topics.bump.changepoints.finding import find_bumps
from plantedu.topics.bump.changepoints.reading import read_curves
from plantedu.topics.bump.results.detect import (
    EXPLAINED,
    NO_EVENTS,
    PUBLISHED,
    RECIPE,
    TABLE,
    BumpResult,
    DetectResult,
    lined_up,
    shown_again,
)

SOURCES = ("Published curve", "A run here", "My file")
COMMAND = "python -m plantedu bump detect"
LARGEST = MAX_BYTES // 2**20  # megabytes of an upload; a million rows have about 15
KINDS = ("train", "replay", "find_lr")
OF_FILE: Controls = {"curve source": ((), lambda _: SOURCES[2])}
OF_RUN: Controls = {"curve source": (("source",), lambda _: SOURCES[1]), "curve run": "source"}


def curve() -> None:
    """Choose a curve, look for bumps, and ask what could have made them."""
    put_back_choice("bump", OF_RUN)
    put_back_choice("own_curve", OF_FILE)
    source = st.segmented_control(
        "Curve", SOURCES, default=SOURCES[0], required=True, key="curve source"
    )
    try:
        {SOURCES[1]: _run, SOURCES[2]: _file}.get(source or "", _published)()
    except PlantEduError as error:
        st.warning(str(error))


def _published() -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        split = st.segmented_control(
            "Split", ("train", "valid"), default="train", required=True, key="published split"
        )
        locked = not folding.waits()
        known = st.toggle(
            "Show what the recipe scheduled",
            key="published bet",
            disabled=not locked,
            help="" if locked else folding.WAITS,
        )
    found = _found_published(split or "train", known and locked)
    _show(found, "published")
    caption(
        "Digitised by us from the picture in the README of the run `mwalimu-128`; a row is a "
        "column of pixels, about 65 steps."
        + (" Recipe: 600 epochs of 83 steps, queue_start_pct=0.5, one-cycle." if known else "")
    )
    words = " --epochs 600 --steps-per-epoch 83 --queue-start-pct 0.5" if known else ""
    place = "plantedu/topics/bump/results/published-loss-curve.csv"
    command = f"{COMMAND} {place} --split {split}{words}"
    downloads(found.chart(), "published-loss", command, "published")


@st.cache_resource(
    max_entries=4, show_spinner="Looking for steps, and for how large luck makes them"
)
def _found_published(split: str, known: bool) -> BumpResult:
    timeline = published_timeline(**RECIPE) if known else ()
    curve = read_curves(PUBLISHED, split=split)[split]
    return lined_up(find_bumps(curve), timeline, len(curve))


def _run() -> None:
    runs = [run for run in session.store().runs(limit=60) if run.kind in KINDS and run.step >= 30]
    if not runs:
        st.info("There is no run of 30 steps or more yet. Train or replay one in lesson 02.")
        return
    known = {run.id: run for run in runs}
    chosen = st.selectbox(
        "Run",
        list(known),
        format_func=lambda run_id: f"{known[run_id].name or known[run_id].kind} · {run_id}",
        key="curve run",
    )
    ask(
        Experiment("bump", "Look for steps", "The worker searches it: some seconds.", _of_run),
        {"source": chosen},
        name=f"steps in {chosen}",
        key=chosen,
    )
    st.code(f"{COMMAND} {chosen}", language="bash")


def _of_run(run: Run) -> None:
    if run.result:
        (found,) = DetectResult.from_json(run.result).curves.values()
        _show(found, "run")


def _file() -> None:
    given = st.file_uploader(
        "A csv with columns step,loss (and split, if it holds several curves)",
        type="csv",
        max_upload_size=LARGEST,
        key="curve file",
    )
    events = st.text_input(
        "What changed when? One step and name each, separated by semicolons",
        placeholder="4000 queue on; 9000 learning-rate restart",
        max_chars=400,
        key="curve events",
    )
    if given is None:
        caption("The worker reads the file, then deletes it; what it found is kept with your runs.")
        if made := latest("own_curve"):
            follow(made, lambda run: _of_file(run, _happened(events), "FILE.csv"))
        return
    happened, name = _happened(events), given.name
    request = _choices(_result_of(given.file_id), _asked_of(given.file_id))
    ask(
        Experiment(
            "own_curve",
            "Look for steps",
            "The worker reads and searches it: some seconds, longer for long files.",
            lambda run: _of_file(run, happened, name),
        ),
        request,
        name="steps in a file",
        key=given.file_id,
        files={TABLE: given.getvalue()},
    )


def _result_of(file_id: str) -> Mapping[str, Any]:
    """What the worker said of this file the last time; nothing before."""
    run_id = st.session_state.get(f"asked own_curve {file_id}")
    return (session.store().run(run_id).result if run_id else None) or {}


def _asked_of(file_id: str) -> Mapping[str, Any]:
    """With which column and split; nothing before."""
    run_id = st.session_state.get(f"asked own_curve {file_id}")
    return session.store().run(run_id).request if run_id else {}


def _choices(result: Mapping[str, Any], asked: Mapping[str, Any]) -> dict[str, int]:
    """Places of column and split, by a select box each where there are several.

    What the worker found by itself, and the learner left so, is not asked for by its place.
    """
    columns, splits = result.get("columns", ()), result.get("splits", ())
    found: dict[str, int] = {}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if len(columns) > 1:
            known = columns.index(result["column"]) if result.get("column") in columns else None
            chosen = st.selectbox(
                "Column", columns, known, placeholder="Which is the loss?", key="file column"
            )
            if chosen in columns and (chosen != result.get("column") or "column" in asked):
                found["column"] = columns.index(chosen)
        if len(splits) > 1:
            chosen = st.selectbox("Split", splits, splits.index(result["split"]), key="file split")
            if chosen != result["split"] or "split" in asked:
                found["split"] = splits.index(chosen)
    return found


def _of_file(run: Run, happened: list[Happening], name: str) -> None:
    """What was found, or what must be chosen first."""
    result = run.result
    if not result:
        return
    if "found" not in result:
        st.info(
            f"{len(result['columns'])} columns could be the loss. Choose one above, then look "
            "again.",
            icon=":material/view_column:",
        )
        return
    found = shown_again(result["found"], happened)
    split = f", split {code(result['split'])}" if len(result["splits"]) > 1 else ""
    caption(f"Column {code(result['column'])}{split}")
    _show(found, "file")
    which = ["--column", result["column"]]
    which += ["--split", result["split"]] if len(result["splits"]) > 1 else []
    downloads(found.chart(), "bump", f"{COMMAND} {shlex.join([name, *which])}", "file")


def code(text: str) -> str:
    """Words from a file between marks that show them as they are."""
    return "`" + text.replace("`", "'") + "`"


def _happened(words: str) -> list[Happening]:
    """Events as a learner writes them: "4000 queue on; 9000 restart".

    Raises:
        PlantEduError: for one that does not begin with a step.
    """
    found = []
    for part in filter(None, (part.strip() for part in words.split(";"))):
        step, _, name = part.partition(" ")
        require(
            step.replace(",", "").isdecimal() and bool(name.strip()),
            f"An event is a step and a name, such as 4000 queue on; got {part!r}.",
        )
        found.append(Happening(float(step.replace(",", "")), name.strip(), kind_of(name)))
    return found


def _show(found: BumpResult, key: str) -> None:
    """The curve, what was found, and the candidates of each bump."""
    draw(found.chart(dark=session.dark()), f"{key} curve")
    if not found.bumps:
        strength, p = found.search.strongest
        st.markdown(
            f"**No abrupt step.** The strongest one (T = {strength:z.1f}) is no stronger than "
            f"what a curve without a step shows: p = {p:.2g}."
            if p > found.search.level
            else f"**No abrupt step.** The strongest one has T = {strength:z.1f}, p = {p:.2g}"
            f"{EXPLAINED}."
        )
    for one, causes in zip(found.bumps, found.causes, strict=True):
        low, high = one.interval
        st.markdown(
            f"**A step of {one.size:+z.2f}** [{one.size_interval[0]:+z.2f}, "
            f"{one.size_interval[1]:+z.2f}] at step **{one.step:,.0f}** [{low:,.0f}, {high:,.0f}]; "
            f"p = {one.p:.2g}, strength T = {one.statistic:z.1f} (without a step, 95 % of curves "
            f"stay below {one.null:z.1f})."
        )
        st.markdown("\n".join(f"{k}. *{c.name}*. {c.why}" for k, c in enumerate(causes, 1)))
    with st.expander("Strength of a step at every row, with its null"):
        draw(found.null_chart(dark=session.dark()), f"{key} null")
    for note in found.notes:
        if note != NO_EVENTS or not found.bumps:  # each bump has said it
            caption(note)
