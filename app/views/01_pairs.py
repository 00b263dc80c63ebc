"""Lesson 01: what two cameras see of one plant, and whether folder and pipe are honest."""

import streamlit as st

from app import rendered_plants, session
from app.labs.pairs.plant import intervene, own_value
from app.page import closing, downloads, draw, opening, section
from plantedu.data.renderer.factors import FACTORS
from plantedu.data.renderer.worlds import WORLDS
from plantedu.topics.pairs.channels import PIPES

LABS = ("One plant", "All factors", "Partners", "Pipes", "Folder")

lesson = session.lesson("01_pairs")
dark = session.dark()
opening(lesson)

with section(lesson, "Run"):
    with st.container(horizontal=True, key="which plant"):
        world = st.selectbox("World", tuple(WORLDS), key="world", bind="query-params", width=200)
        plant = st.number_input("Plant", 0, 9999, 5, key="plant", bind="query-params", width=160)
    one, every, partner, pipe, folder = st.tabs(LABS, on_change="rerun", key="lab")
    with one:
        chosen = st.pills(
            "Factors to set with do(), up to three at once",
            [f.name for f in FACTORS],
            selection_mode="multi",
            default=["mesophyll"],
            key="factor",
            bind="query-params",
        )
        intervene(world, int(plant), chosen[:3])
    if every.open:
        with every:
            seen = rendered_plants.seen(world, **rendered_plants.SIGHT)
            chart = seen.chart(dark=dark)
            draw(chart, "sight")
            null = seen.effects[0].evidence
            st.caption(
                f"Each factor from its lowest to its highest value. n = {null.n} plants of the "
                f"world {world}, 1 seed; dashed: {null.control}. Seen or not agrees with what was "
                f"planted in {seen.grade:.0%} of factors and cameras."
            )
            asked = "--world {} --plants {plants} --size {size}".format(
                world, **rendered_plants.SIGHT
            )
            downloads(chart, "sight", f"python -m plantedu pairs sensitivity {asked}", "sight")
    if partner.open:
        with partner:
            matched = rendered_plants.matched(**rendered_plants.PARTNERS)
            chart = matched.chart(dark=dark)
            draw(chart, "partners")
            st.caption(
                f"Share of {rendered_plants.PARTNERS['plants']} RGB pictures whose partner is "
                "found among as many RGN pictures, with its 95% interval, 1 seed. Grey: bands "
                f"shuffled in every RGN picture. "
                f"Dotted: partners assigned at random, {matched.chance:.3f}."
            )
            downloads(chart, "partners", "python -m plantedu pairs partners", "partners")
    if pipe.open:
        with pipe:
            for name in PIPES:
                fed = rendered_plants.fed(world, name)
                st.markdown(f"**The pipe `{name}`**")
                draw(fed.chart(dark=dark), f"pipe {name}")
                sees = "both cameras" if fed.second_sensor_seen else "the RGB camera alone"
                st.markdown(
                    f"The encoder sees {sees}: the second view stands at {fed.evidence.value:.2f} "
                    f"between RGB (0) and RGN (1). Null: {fed.evidence.control}, stands at "
                    f"{fed.evidence.null:.2f}. n = {fed.evidence.n} plants."
                )
            downloads(
                rendered_plants.fed(world, "cross").chart(),
                "pipe",
                f"python -m plantedu pairs channels --world {world}",
                "pipe",
            )
    if folder.open:
        with folder:
            honest, _ = rendered_plants.audited(**rendered_plants.FOLDER, leak=False)
            leaky, planted = rendered_plants.audited(**rendered_plants.FOLDER, leak=True)
            st.markdown(
                f"Two folders of {rendered_plants.FOLDER['pairs']} rendered plants. The honest one "
                f"is the null: {len(honest.findings)} findings. In the other, "
                f"{sum(planted.values())} ids belong to planted leaks; the audit "
                f"reports {len(leaky.findings)} findings:"
            )
            st.markdown("\n".join(f"- {found.sentence}" for found in leaky.findings))
            make = "python -m plantedu pairs make leaves --pairs 32 --size 64 --leak"
            st.code(f"{make}\npython -m plantedu pairs check leaves --near", language="bash")

with section(lesson, "Look at the null first"):
    own_value(world, int(plant))

closing(lesson)
