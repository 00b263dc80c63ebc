"""Exchange: a layer gets a part of another plant's; is what can be read what is used?"""

import streamlit as st

from app import session
from app.experiment import ask, drawn, experiment_of
from app.numbers import whole_number
from app.put_back import Controls
from plantedu.errors import PlantEduError
from plantedu.serialization import command_line
from plantedu.statistics.evidence import Evidence
from plantedu.topics.neurons.results.interchange import InterchangeResult

CUES = ("mark", "disease")
READ = ("disease", "bloom", "light_rgb", "warmth_rgb")
ASKABLE = {  # network: factors that its answer can follow
    "cues/lesions-0": CUES,
    "cues/mark-0": CUES,
    "supervised_rgb-0": ("disease",),
    "cross-0": READ,
}
TAKES = "About half a minute: plants are rendered at every level, and each layer is exchanged."


def exchange() -> None:
    """What is recorded, and an exchange of the learner's own."""
    st.markdown(
        "Base and donor are the **same plant**, rendered with one factor changed. A layer of the "
        "base gets a part of the donor's, and all behind it is the network's own. Does the answer "
        "become the donor's? Followed: used. Readable and not followed: found, not used."
    )
    try:
        found = recorded()
        with st.container(horizontal=True):
            network = st.selectbox(
                "Network", list(dict.fromkeys(one for one, _ in found)), key="exchanged", width=220
            )
            there = [factor for one, factor in found if one == network]
            factor = st.selectbox("Factor", there, key="exchanged factor", width=220)
        _shown(found[network, factor], f"recorded {network} {factor}")
    except PlantEduError as error:
        st.info(str(error))
    with st.expander("Exchange it on this machine"):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            own = st.selectbox("Network", list(ASKABLE), key="own exchange", width=200)
            what = st.selectbox("Factor", ASKABLE[own], key="own exchange factor", width=160)
            plants = st.select_slider(
                "Plants", (32, 64, 96, 192), value=64, key="own exchange plants", width=160
            )
            seed = whole_number("Seed", 0, 99, value=0, key="own exchange seed", width=90)
        request = {"network": own, "factor": what, "plants": plants, "seed": seed}
        read = InterchangeResult.from_json
        one = experiment_of("interchange", "Exchange", TAKES, read, _shown)
        ask(one, request, name=f"{what} exchanged in {own}", controls=CONTROLS)


CONTROLS: Controls = {
    "own exchange": "network",
    "own exchange factor": "factor",
    "own exchange plants": "plants",
    "own exchange seed": "seed",
}


def recorded() -> dict[tuple[str, str], InterchangeResult]:
    """Recorded exchanges by network and factor.

    Raises:
        PlantEduError: if they are not there.
    """
    rows = session.results("10_interchange")["rows"]
    found = (InterchangeResult.from_json(row) for row in rows)
    return {(one.settings.network, one.settings.factor): one for one in found}


def _shown(found: InterchangeResult, key: str) -> None:
    """Four numbers, the table and how to make it again."""
    last = list(found.readable)[-1]
    read, means = found.readable[last], found.cell(last, "means").follows
    reader = found.cell(last, "reader").follows
    with st.container(horizontal=True):
        for words, one, beside in (
            (f"Readable in {last}", read, "shuffled levels"),
            ("Followed, all of it", found.picture, found.picture.control),
            ("Followed, means' direction", means, "at random"),
            ("Followed, reader's direction", reader, "at random"),
        ):
            delta = f"{beside} {one.null:z.2f}"
            st.metric(words, f"{one.value:z.2f}{_within(one)}", delta, "off", delta_arrow="off")
    command = f"python -m plantedu neurons interchange {command_line(found.settings)}"
    drawing = found.chart(dark=session.dark())
    drawn(drawing, f"{key} exchange", command, name="interchange", words=True)


def _within(one: Evidence) -> str:
    low, high = one.interval or (one.value, one.value)
    return f" [{low:z.2f}, {high:z.2f}]"
