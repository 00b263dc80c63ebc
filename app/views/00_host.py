"""For who hosts the course: how busy the machine is. Opened by `?host=TOKEN`, else not there."""

import streamlit as st

from app import session
from plantedu.jobs.hardware import noted
from plantedu.jobs.load import load

EVERY = 5.0  # seconds


@st.fragment(run_every=EVERY)
def _busy() -> None:
    found = load(session.store())
    waiting = sum(lane.waiting for lane in found.lanes)
    with st.container(horizontal=True):
        st.metric("Waiting", waiting)
        st.metric("Working", sum(lane.running for lane in found.lanes))
        st.metric("Failed within the hour", sum(lane.failed for lane in found.lanes))
        st.metric("Disk free", f"{found.free / 1e9:.0f} GB")
        st.metric("Store", f"{found.used / 1e6:.1f} MB")
    st.caption(f"On the disk, {found.held}")
    rows = [
        {
            "lane": lane.name,
            "worker": str(lane.worker or "none"),
            "memory, MB": round(lane.memory / 1e6),
            "waiting": lane.waiting,
            "running": lane.running,
            "done within the hour": lane.done,
            "failed": lane.failed,
            "learners": lane.learners,
            "first in line waits, s": round(lane.oldest),
        }
        for lane in found.lanes
    ]
    st.dataframe(rows, hide_index=True, alt="Workers and queues by lane")


st.title("How busy this machine is", anchor=False)
_busy()
if words := noted(session.store().path.parent):
    st.markdown(f"Trainings run on: {words}")
st.caption(
    f"Looked at every {EVERY:.0f} seconds. A lane without a worker gets one with its next run. "
    "The same in a terminal: `python -m plantedu host load`."
)
