"""Lesson 01: what two cameras see of one plant, and whether folder and pipe are honest."""

import streamlit as st

from app import rendered_plants, session
from app.labs.pairs.measured import channels, partners, sensitivity
from app.labs.pairs.plant import intervene, own_value
from app.numbers import whole_number
from app.page import closing, opening, section, tabbed
from plantedu.data.renderer.factors import FACTORS
from plantedu.data.renderer.worlds import WORLDS

lesson = session.lesson("01_pairs")
session.ensure_worker("analysis")  # warms up while the learner reads
opening(lesson)


def one_plant() -> None:
    """Factors set by do(), and what each camera sees of it."""
    chosen = st.pills(
        "Factors to set with do(), up to three at once",
        [f.name for f in FACTORS],
        selection_mode="multi",
        default=["mesophyll"],
        key="factor",
        bind="query-params",
    )
    intervene(world, int(plant), chosen[:3])


def folder() -> None:
    """An honest folder and a leaky one, audited."""
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


with section(lesson, "Run"):
    with st.container(horizontal=True, key="which plant"):
        world = st.selectbox("World", tuple(WORLDS), key="world", bind="query-params", width=200)
        plant = whole_number("Plant", 0, 9999, value=5, key="plant", bind="query-params", width=160)
    tabbed(
        lesson,
        {
            "One plant": one_plant,
            "All factors": lambda: sensitivity(world),
            "Partners": lambda: partners(world),
            "Pipes": lambda: channels(world),
            "Folder": folder,
        },
    )

with section(lesson, "Look at the null first"):
    own_value(world, int(plant))

closing(lesson)
