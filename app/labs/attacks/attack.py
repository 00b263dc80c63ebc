"""Attack a pair: choose network, sensors, goal and radius; see the pictures before and after."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from app import session
from app.captions import caption
from app.experiment import ask, drawn, experiment_of, recorded, refused
from app.page import in_terminal
from app.put_back import Controls
from plantedu.charts.palette import NAMES
from plantedu.serialization import command_line
from plantedu.topics.attacks.results.attack_pairs import AttackResult, Example, Settings
from plantedu.topics.attacks.results.names import (
    ATTACKS,
    DEFENCES,
    EMBEDDING,
    GOALS,
    NORMS,
    SAYS_WHERE,
    UNBOUNDED,
    WHERE,
)
from plantedu.zoo.recipes import ARMS, ENCODERS

GOAL_SAYS = {
    "margin": "any wrong name (margin)",
    "ce": "any wrong name (cross-entropy)",
    "dlr": "any wrong name (DLR)",
    "away": "move the embedding away (1 - cos)",
    "assignment": "another prototype",
    "breakaway": "another plant's partner is nearer",
    "parting": "a pair looks like two plants",
    "pairing": "two plants look like a pair",
}
PICTURES = ("rgb", "rgb attacked", "rgb change", "rgn", "rgn attacked", "rgn change")

CONTROLS: Controls = {
    "attack network": "network",
    "attack where": "where",
    "attack goal": "goal",
    "attack kind": "attack",
    "attack radius": (("radius", "attack"), lambda asked: _levels(asked)),
    "attack norm": "norm",
    "attack defence": "defence",
    "attack curve": "curve",
    "attack alarms": "alarms",
}


def attack_pairs() -> None:
    """What is recorded, and an attack of one's own."""
    recorded("08_attack", AttackResult.from_json, show)
    st.subheader("Attack yourself", anchor=False)
    request = _request()
    if not refused(Settings, request):
        name = f"{request['attack']} on {request['network']}, {request['where']}"
        takes = "A few seconds on two cores; a curve up to 30."
        one = experiment_of("attack", "Attack", takes, AttackResult.from_json, show, pins=True)
        ask(one, request, name=name, controls=CONTROLS)


def _request() -> dict[str, Any]:
    """What the controls say."""
    with st.grid(3, min_column_width=210):
        network = st.selectbox("Network", list(ARMS), format_func=_network, key="attack network")
        where = st.selectbox(
            "Attacked sensors", WHERE, 2, format_func=SAYS_WHERE.__getitem__, key="attack where"
        )
        goals = [g for g in GOALS if g not in EMBEDDING or network in ENCODERS]
        goal = st.selectbox("Goal", goals, format_func=GOAL_SAYS.__getitem__, key="attack goal")
        kind = st.selectbox("Attack", ATTACKS, 2, key="attack kind")
        levels = st.slider("Radius, grey levels of 255", 0.0, 32.0, 4.0, 0.5, key="attack radius")
        norm = st.selectbox("Norm", NORMS, key="attack norm")
        defence = st.selectbox("Defence", DEFENCES, key="attack defence")
    with st.container(horizontal=True):
        curve = st.toggle("Curve over 8 radii", key="attack curve")
        alarms = st.toggle("Count the alarms", key="attack alarms")
    return {
        "network": network,
        "where": where,
        "goal": goal,
        "attack": kind,
        "radius": 1.0 if kind in UNBOUNDED else levels / 255,
        "norm": norm,
        "defence": defence,
        "curve": curve and kind not in UNBOUNDED,
        "alarms": alarms,
    }


def _levels(asked: Mapping[str, Any]) -> float:
    """The radius as its control holds it; where the attack knows none, as it stands."""
    if asked["attack"] in UNBOUNDED:
        return st.session_state.get("attack radius", 4.0)
    return round(asked["radius"] * 255 * 2) / 2


def _network(name: str) -> str:
    return f"{name} ({ARMS[name]})"


def show(found: AttackResult, key: str) -> None:
    """Share that stands beside noise, the notes and alarms, and pictures of some plants."""
    last, s = found.standing[-1], found.settings
    low, high = last.interval or (last.value, last.value)
    size = "attacked" if found.unbounded else f"at radius {found.radii_255[-1]:.3g}/255"
    st.markdown(
        f"**{s.network}**, {s.attack}, goal: {GOAL_SAYS[s.goal]}, {SAYS_WHERE[s.where]}. Clean, "
        f"**{found.clean:z.2f}** of {last.n} plants stand; {size} "
        f"**{last.value:z.2f}** [{low:z.2f}, {high:z.2f}], under {last.control} "
        f"**{last.null:z.2f}**. Chance: {found.chance:z.2f}. "
        f"{found.seconds:z.1f} s."
    )
    for note in found.notes:
        st.warning(note, icon=":material/notifications_active:")
    _signs(found)
    command = f"python -m plantedu attacks attack-pairs {command_line(s)}"
    if len(found.standing) > 1:
        drawn(found.chart(dark=session.dark()), f"{key} attack", command, name="attack")
    else:
        in_terminal(command, f"{key} attack")
    if found.examples and len(found.standing) > 1:
        caption("Each plant is shown at the smallest radius that broke it, or the largest.")
    for one in found.examples:
        _example(one)


def _signs(found: AttackResult) -> None:
    """The alarms that ring, loudly; the others in a line."""
    ringing = [one for one in found.signs if one.rings]
    for one in ringing:
        st.error(f"Alarm: {one.name}. {one.says}.", icon=":material/notifications_active:")
    quiet = [one.name for one in found.signs if not one.rings]
    if quiet:
        caption(f"Alarms that are quiet: {', '.join(quiet)}.")


def _example(one: Example) -> None:
    st.markdown(
        f"Plant {one.plant}, {one.truth}: called **{one.before}** before, **{one.after}** after."
    )
    with st.grid(6, min_column_width=96, gap="xsmall"):
        for name in PICTURES:
            words = _words(name)
            with st.container():
                st.image(one.pictures[name], width="stretch", alt=f"{words}, plant {one.plant}")
                caption(_words(one.caption(name)))


def _words(name: str) -> str:
    return name.replace("rgb", NAMES["rgb"]).replace("rgn", NAMES["rgn"])
