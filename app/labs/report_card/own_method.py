"""A method of the learner's own on the card: the command that grades it, and its result.

Nobody's code runs here: the command is for the learner's own terminal.
"""

import json

import streamlit as st

from app import session
from app.captions import caption
from app.page import downloads, draw
from plantedu.errors import PlantEduError
from plantedu.topics.report_card.results.own_method import EXAMPLES, KINDS, OwnMethodResult

LARGEST = 2  # MB


def own_method() -> None:
    """What to type, and the chart of what came out."""
    kind = st.selectbox("Your method", KINDS, format_func=_said, key="own kind")
    st.code(command(kind), language="bash", wrap_lines=True)
    caption(
        "In your own terminal: this page runs no code of yours. Your function gets inputs only, on "
        "fresh planted worlds; `--own --help` says more. The result comes back here as a file. A "
        "notebook that runs: `python -m plantedu notebook your-method`."
    )
    given = st.file_uploader("The result, mine.json", "json", max_upload_size=LARGEST, key="own")
    if given is None:
        return
    try:
        show(OwnMethodResult.from_json(json.loads(given.getvalue())))
    except (ValueError, KeyError, TypeError, AttributeError, PlantEduError):
        st.error("This is no result of `report-card --own ... --save mine.json`.")


def _said(kind: str) -> str:
    return {"changepoints": "detector of changepoints"}.get(kind, kind)


def command(kind: str) -> str:
    """What grades a function of this kind."""
    name, beside = EXAMPLES[kind]
    words = f"python -m plantedu report-card --own mine.py:{name} --as {kind}"
    return f'{words} --beside "{beside}" --save mine.json'


def show(found: OwnMethodResult) -> None:
    """Hits beside false alarms, and the paired differences."""
    look, asked = {"dark": session.dark()}, found.settings
    first = f"worlds {asked.seed} to {asked.seed + asked.worlds - 1}"
    st.markdown(f"**{found.name}**, graded as {asked.kind} on {first}.")
    drawing = found.chart(**look)
    draw(drawing, "own card")
    for other in (found.coverage_chart(**look), found.differences_chart(**look)):
        if other is not None:
            draw(other, f"own {other.alt[:12]}")
    for note in found.notes:
        caption(note)
    downloads(drawing, "own-method", command(asked.kind), "own method")
