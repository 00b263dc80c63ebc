"""The learner's report as one zip, and a neighbour's, verified by the worker."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from app import session
from app.captions import caption
from app.experiment import Experiment, ask
from plantedu.course.report_export.neighbour import FILE, longest
from plantedu.course.report_export.packing import learner_record, pack
from plantedu.course.report_export.reading import LARGEST_ZIP
from plantedu.errors import PlantEduError
from plantedu.store.run import Run

SLOT = "report zip"


def export() -> None:
    """Make the zip, fetch it, verify it elsewhere."""
    st.markdown(
        "One zip with your predictions, claims, figures (SVG and data), and the recipes, seeds, "
        "versions, data hashes and results of your runs. It does not hold your name or your "
        "address in this course. Anybody with a copy of plantedu can make its numbers again:"
    )
    st.code("python -m plantedu report verify plantedu-report.zip", language="bash")
    if st.button("Make my report", icon=":material/archive:", key="make report"):
        try:
            record = learner_record(session.learner(), session.store().path, session.store())
            with st.spinner("Drawing the figures"):
                st.session_state[SLOT] = pack(record, session.lessons(), session.RESULTS)
        except PlantEduError as error:
            st.session_state.pop(SLOT, None)
            st.info(str(error))
    if made := st.session_state.get(SLOT):
        st.download_button(
            f"plantedu-report.zip ({len(made) / 1000:z.0f} kB)",
            made,
            "plantedu-report.zip",
            "application/zip",
            key="fetch report",
            on_click="ignore",
        )
    caption(
        "A report that verifies shows that its numbers follow from its records, not who wrote "
        "them: whoever holds your address holds your record."
    )
    _neighbours()


def _neighbours() -> None:
    """Somebody else's report: the worker makes it again, and says what it did not."""
    st.subheader("A neighbour's report", anchor=False)
    given = st.file_uploader(
        "A plantedu-report.zip that somebody gave you",
        type="zip",
        max_upload_size=-(-LARGEST_ZIP // 2**20),
        key="neighbour file",
    )
    if given is None:
        caption("The worker reads the zip, then deletes it. Nothing in it is run as a program.")
        return
    ask(
        Experiment(
            "neighbour_report",
            "Verify it",
            f"Some seconds, and up to {longest():z.0f} s for each run in it, "
            f"{5 * longest() / 60:z.0f} minutes for all.",
            _verified,
        ),
        {},
        name="a neighbour's report",
        key=given.file_id,
        files={FILE: given.getvalue()},
    )


def _verified(run: Run) -> None:
    """What is the same, what differs, and, by itself, what was not made again."""
    if not run.result:
        return
    steps = run.result["steps"]
    same, differs, left = (
        [one for one in steps if one["holds"] is holds] for holds in (True, False, None)
    )
    icon = ":material/cancel:" if differs else ":material/check_circle:"
    words = f"{icon} **{len(same)} the same, {len(differs)} differ, {len(left)} not made again.**"
    st.markdown(words)
    if differs:
        st.markdown("What differs:")
        st.dataframe(_rows(differs), hide_index=True, alt="Parts of the report that differ")
    if left:
        st.markdown(
            "**Not made again**, so nothing is known about these numbers "
            f"(a run has {run.result['longest']:z.0f} s here; "
            "`report verify --longest SECONDS` in a terminal gives more):"
        )
        st.dataframe(_rows(left), hide_index=True, alt="Parts of the report not made again")
    with st.expander("What is the same"):
        st.dataframe(_rows(same), hide_index=True, alt="Parts of the report that are the same")
    caption(
        "The same: it follows from the predictions, claims and runs in the zip. Whose they are "
        "nothing here can show."
    )


def _rows(steps: list[Mapping[str, Any]]) -> list[dict[str, str]]:
    return [{"part": one["name"], "what was found": one["says"]} for one in steps]
