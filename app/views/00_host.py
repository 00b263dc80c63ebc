"""For who hosts the course: how busy the machine is. Opened by `?host=TOKEN`, else not there."""

import streamlit as st

from app import host_classes, server, session
from plantedu.charts.tables import minutes
from plantedu.jobs.hardware import noted
from plantedu.jobs.load import Load, load

EVERY = 5.0  # seconds


@st.fragment(run_every=EVERY)
def _busy() -> None:
    found = load(session.store())
    _snapshot(found)
    _numbers(found)
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
    _failures(found)


def _snapshot(found: Load) -> None:
    """How old what would survive this machine is."""
    last = found.snapshot
    if last is None:
        st.markdown("No snapshot is written: name a folder in PLANTEDU_SNAPSHOTS to keep one.")
        return
    age = f"{minutes(last.age())} ago" if last.succeeded else "never"
    if not last.ok:
        st.error(f"The last snapshot failed: {last.error} The last that succeeded: {age}.")
    elif last.error:
        st.warning(f"Last snapshot: {age}. {last.error}")
    else:
        st.success(f"Last snapshot: {age}.")


def _numbers(found: Load) -> None:
    machine = found.machine
    with st.container(horizontal=True):
        st.metric("Waiting", sum(lane.waiting for lane in found.lanes))
        st.metric("Working", sum(lane.running for lane in found.lanes))
        st.metric("Failed within the hour", sum(lane.failed for lane in found.lanes))
        st.metric("Open pages", server.sessions())
        st.metric("Classes", found.classes)
        st.metric("Learners in them", found.members)
    with st.container(horizontal=True):
        if machine.wanting >= 0:
            wanted = f"{machine.wanting:z.1f} for {machine.cores}"
            st.metric("Processes that want a core", wanted, help="Mean of the last minute.")
        if machine.used >= 0:
            memory = f"{machine.used / 1e9:z.1f} of {machine.memory / 1e9:z.1f} GB"
            st.metric("Memory in use", memory)
        st.metric("Disk free", f"{found.free / 1e9:z.0f} GB")
        st.metric("Store", f"{found.used / 1e6:z.1f} MB")


def _failures(found: Load) -> None:
    st.header("Failed within a day", anchor=False)
    if not found.failures:
        st.markdown("Nothing.")
        return
    rows = [
        {
            "minutes ago": round(one.ago / 60),
            "kind": one.kind,
            "run": one.run,
            "reason": one.reason,
        }
        for one in found.failures
    ]
    st.dataframe(rows, hide_index=True, alt="Runs that failed, with the reason")


st.title("How busy this machine is", anchor=False)
_busy()
if words := noted(session.store().path.parent):
    st.markdown(f"Trainings run on: {words}")
st.caption(
    f"Looked at every {EVERY:z.0f} seconds. A lane without a worker gets one with its next run. "
    "The same in a terminal: `python -m plantedu host load`. For Prometheus: `/metrics`, with the "
    "host's token as bearer."
)
host_classes.classes()
