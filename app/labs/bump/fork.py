"""The fork: live on the worker, beside the recorded seeds."""

from dataclasses import asdict
from typing import Any

import streamlit as st

from app import folding, session
from app.captions import caption
from app.experiment import (
    Experiment,
    ask,
    command,
    command_of_shown,
    experiment_of,
    folded_experiment,
)
from app.experiment import recorded as recorded_result
from app.live_run import curves
from app.numbers import whole_number
from app.page import downloads, draw
from plantedu.errors import PlantEduError
from plantedu.serialization import revived
from plantedu.store.run import Run
from plantedu.topics.bump.results.fork import SAYS, ForkResult, Settings, fork_chart
from plantedu.topics.bump.results.fork import recorded as recorded_fork
from plantedu.topics.bump.results.objectives import ObjectivesResult
from plantedu.topics.bump.results.objectives import Settings as Rulers

SIZES = {"start": 400, "prototypes": 512, "batch": 16, "queue": 1024}  # of the shipped plateau
STEPS = (60, 150, 300)


def rulers() -> None:
    """One run's checkpoints under every ruler: recorded, and one's own."""
    recorded_result("03_rulers", ObjectivesResult.from_json, show_rulers)
    with folded_experiment("Score them again, on this machine", "rulers"):
        takes = "About a minute on two cores."
        one = experiment_of("rulers", "Score", takes, ObjectivesResult.from_json, show_rulers)
        ask(one, {}, name="checkpoints under every ruler")


def show_rulers(found: ObjectivesResult, key: str) -> None:
    """A panel a ruler, and what changed from one checkpoint to the next."""
    drawing = found.chart(dark=session.dark())
    draw(drawing, f"{key} rulers")
    one = found.readings[0]
    caption(
        f"Checkpoints of one run, before and after its queue went on at step 401; each panel is "
        f"one ruler. Dot: loss; diamond: its part H(q); grey tick: random init; dashes: the floor "
        f"ln(K/N). {one.loss.caption()}."
    )
    downloads(drawing, "rulers", command_of_shown("rulers", Rulers), f"{key} rulers")
    st.markdown("Neighbours, under one ruler each. The null flips each plant's sign at random.")
    st.dataframe(
        [
            {
                "from": d.before,
                "to": d.after,
                "ruler": d.ruler,
                "change": f"{d.change.value:+z.2f}",
                "95 %": "{:+z.2f} to {:+z.2f}".format(*(d.change.interval or (0, 0))),
                "null": f"{d.change.null:z.3f}",
            }
            for d in found.differences
        ],
        hide_index=True,
        alt="Change of the loss between neighbouring checkpoints under each ruler",
    )


def fork() -> None:
    """Start one's own, and see what three seeds of it gave."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        steps = st.segmented_control("Steps", STEPS, default=300, required=True, key="fork steps")
        seed = whole_number("Seed of the draws", 0, 9999, value=0, key="fork seed", width=160)
    ask(
        Experiment("fork", "Fork", "About a minute on two cores; no label is used.", _body),
        {"checkpoint": "bump-0", "seed": seed, "steps": steps or STEPS[-1]},
        name=f"fork of bump-0, seed {seed}",
        controls={"fork steps": "steps", "fork seed": "seed"},
    )
    try:
        folding.check()
        recorded(recorded_fork(folder=session.RESULTS))
    except PlantEduError as error:
        st.info(str(error))


def _body(run: Run) -> None:
    """Both arms as they go; when they are done, what differed."""
    try:
        drawing = fork_chart(curves(run), **SIZES, last=run.steps, dark=session.dark())
        draw(drawing, "live fork")
    except PlantEduError:
        if not run.over:
            caption("The first point comes as soon as the worker has read the checkpoint.")
        return
    if run.result:
        windows(ForkResult.from_json(run.result), "live")
        made_by = command("fork", revived(Settings, asdict(Settings()) | dict(run.request)))
        downloads(drawing, f"fork-{run.id}", made_by, "live fork")


def recorded(found: ForkResult) -> None:
    """The recorded seeds."""
    st.subheader("Recorded", anchor=False)
    seed = st.segmented_control(
        "Seed", found.seeds, default=found.seeds[0], required=True, key="fork recorded"
    )
    drawing = found.chart(seed=seed, dark=session.dark())
    draw(drawing, "recorded fork")
    windows(found, "recorded")
    downloads(drawing, "fork", f"python -m plantedu bump fork --seeds {len(found.seeds)}", "fork")


def windows(found: ForkResult, key: str) -> None:
    """What the queue did, window by window, each difference beside its null."""
    same = found.same_weights
    st.markdown(
        f"With the same weights and the same batch, the queue moves the logged loss by "
        f"**{same.value:+z.2f}** nats ({same.control}: {same.null:z.2f})."
    )
    st.dataframe(
        [_row(window, name) for window in found.windows for name in window.differences],
        hide_index=True,
        alt=f"Loss of both arms in windows after the fork, with nulls ({key})",
    )
    loss = found.windows[0].differences["loss"]
    caption(f"Nats; on minus off. {loss.caption()}.")


def _row(window: Any, name: str) -> dict[str, str]:
    one = window.differences[name]
    ends = one.interval
    return {
        "steps": f"{window.first} to {window.last}",
        "read on": SAYS[name],
        "off": f"{window.off[name]:z.2f}",
        "on": f"{window.on[name]:z.2f}",
        "on minus off": f"{one.value:+z.2f}",
        "95 %": f"{ends[0]:+z.2f} to {ends[1]:+z.2f}" if ends else "one seed",
        "null": f"{one.null:z.2f}",
    }
