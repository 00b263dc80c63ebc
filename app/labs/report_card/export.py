"""The learner's report as one zip."""

import streamlit as st

from app import session
from plantedu.course.report_export.packing import learner_record, pack
from plantedu.errors import PlantEduError

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
            f"plantedu-report.zip ({len(made) / 1000:.0f} kB)",
            made,
            "plantedu-report.zip",
            "application/zip",
            key="fetch report",
            on_click="ignore",
        )
    st.caption(
        "A report that verifies shows that its numbers follow from its records, not who wrote "
        "them: whoever holds your address holds your record."
    )
