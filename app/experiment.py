"""A result that is recorded, and a button that makes it anew: the pattern of an experiment.

The recorded result shows at once; the button asks the worker for the learner's own, which is
followed below it and kept when the page is left.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from app import session
from app.live_run import follow
from plantedu.errors import PlantEduError
from plantedu.store.run import Run


@dataclass(frozen=True)
class Experiment:
    """One thing that the worker can do for a page.

    Attributes:
        kind: What the worker calls it.
        label: On the button.
        takes: How long it takes, in words.
        body: Draws a run of it, finished or not.
        lane: Who does it; analyses do not wait for trainings.
        before: Draws what was recorded, while the learner has none of their own.
    """

    kind: str
    label: str
    takes: str
    body: Callable[[Run], None]
    lane: str = "analysis"
    before: Callable[[], None] | None = None


def ask(
    one: Experiment,
    request: Mapping[str, Any],
    *,
    name: str,
    key: str = "",
    files: Mapping[str, bytes] | None = None,
) -> None:
    """The button, and the learner's newest run of this experiment.

    Args:
        one: What is asked for.
        request: With which settings.
        name: How the run is called.
        key: Tells two experiments of one kind apart.
        files: The learner's own files; each is kept when the button is pressed, and stands in the
            request by its name.
    """
    slot = f"asked {one.kind} {key}"
    with st.container(horizontal=True, vertical_alignment="center"):
        pressed = st.button(one.label, icon=":material/play_arrow:", key=f"ask {one.kind} {key}")
        st.caption(one.takes)
    if pressed:
        try:
            kept = {word: session.keep(data) for word, data in (files or {}).items()}
            asked = {**request, **kept}
            st.session_state[slot] = session.submit(one.kind, asked, lane=one.lane, name=name)
        except PlantEduError as error:
            st.warning(str(error))
    if made := st.session_state.get(slot) or _newest(one.kind, request, key):
        follow(made, one.body)
    elif one.before is not None:
        one.before()


def _newest(kind: str, request: Mapping[str, Any], key: str) -> str:
    """The learner's newest run of this kind; where a key is given, of this very request."""
    runs = session.store().runs(kind=kind, learner=session.learner(), limit=10)
    wanted = [run for run in runs if not key or dict(run.request) == dict(request)]
    return wanted[0].id if wanted else ""
