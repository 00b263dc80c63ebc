"""Lesson 01: what two cameras see of one plant, and whether folder and pipe are honest."""

import streamlit as st

from app import shelf
from app.frame import closing, downloads, draw, opening, section
from app.leaf import intervene, own_value
from plantedu.analysis.pipe import PIPES
from plantedu.data.factors import FACTORS
from plantedu.data.worlds import WORLDS

LABS = ("One plant", "All factors", "Partners", "Pipes", "Folder")
PLANTS, SIDE = 8, 48  # of the tables that a page makes while one waits

lesson = shelf.lesson("01_pairs")
dark = shelf.dark()
opening(lesson)

with section(lesson, "Run"):
    with st.container(horizontal=True, key="which plant"):
        world = st.selectbox("World", tuple(WORLDS), key="world", bind="query-params", width=200)
        plant = st.number_input("Plant", 0, 9999, 5, key="plant", bind="query-params", width=160)
    one, every, partner, pipe, folder = st.tabs(LABS, on_change="rerun", key="lab")
    with one:
        names = [f.name for f in FACTORS]
        chosen = st.multiselect(
            "Factors to set (up to three)",
            names,
            default=["mesophyll"],
            max_selections=3,
            key="factor",
            bind="query-params",
        )
        intervene(world, int(plant), chosen)
    if every.open:
        with every:
            seen = shelf.seen(world, PLANTS, SIDE)
            chart = seen.chart(dark=dark)
            draw(chart, "sight")
            null = seen.effects[0].evidence
            st.caption(
                f"Each factor from its lowest to its highest value. n = {null.n} plants of the "
                f"world {world}, 1 seed; dashed: {null.control}. Seen or not agrees with what was "
                f"planted in {seen.grade:.0%} of factors and cameras."
            )
            size = f"--plants {PLANTS} --size {SIDE}"
            downloads(chart, "sight", f"python -m plantedu sight --world {world} {size}", "sight")
    if partner.open:
        with partner:
            matched = shelf.matched(64, SIDE)
            chart = matched.chart(dark=dark)
            draw(chart, "partners")
            st.caption(
                "Share of 64 RGB pictures whose partner is found among 64 RGN pictures, with its "
                "95% interval. Grey: bands shuffled in every RGN picture. Dotted: partners dealt "
                "at random, 1 in 64. 1 seed."
            )
            downloads(chart, "partners", "python -m plantedu partners", "partners")
    if pipe.open:
        with pipe:
            for name in PIPES:
                fed = shelf.fed(world, name)
                st.markdown(f"**The pipe `{name}`**")
                draw(fed.chart(dark=dark), f"pipe {name}")
                sees = "both cameras" if fed.second_sensor_seen else "the RGB camera alone"
                st.markdown(
                    f"The encoder sees {sees}: the second view stands at {fed.evidence.value:.2f} "
                    f"between RGB (0) and RGN (1). Null: {fed.evidence.control}, stands at "
                    f"{fed.evidence.null:.2f}. n = {fed.evidence.n} plants."
                )
            downloads(
                shelf.fed(world, "cross").chart(),
                "pipe",
                f"python -m plantedu pipe --world {world}",
                "pipe",
            )
    if folder.open:
        with folder:
            honest, _ = shelf.audited(32, 64, leak=False)
            leaky, planted = shelf.audited(32, 64, leak=True)
            st.markdown(
                f"Two folders of 32 rendered plants. The honest one is the null: "
                f"{len(honest.findings)} findings. In the other, {sum(planted.values())} rows "
                f"belong to planted leaks; the audit reports {len(leaky.findings)} findings:"
            )
            st.markdown("\n".join(f"- {found.sentence}" for found in leaky.findings))
            make = "python -m plantedu pairs make leaves --pairs 32 --size 64 --leak"
            st.code(f"{make}\npython -m plantedu pairs check leaves --near", language="bash")

with section(lesson, "Look at the null first"):
    own_value(world, int(plant))

closing(lesson)
