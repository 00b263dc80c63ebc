"""Which camera sees which factor, what finds the partner, what was fed: recorded, and one's own."""

import streamlit as st

from app import session
from app.experiment import Experiment, ask
from app.page import downloads, draw
from plantedu.errors import PlantEduError
from plantedu.serialization import command_line
from plantedu.store.run import Run
from plantedu.topics.pairs.results.channels import ChannelsResult
from plantedu.topics.pairs.results.partners import PartnersResult
from plantedu.topics.pairs.results.sensitivity import SensitivityResult

TAKES = "Some seconds, in the world chosen above."
SMALL = {"plants": 8, "size": 48}  # of a page's own look at every factor


def sensitivity(world: str) -> None:
    """Every factor moved from end to end, before both cameras."""
    ask(
        Experiment("sight", "Move every factor", TAKES, _own_sensitivity, before=_sensitivity),
        {"world": world, **SMALL},
        name=f"factors in {world}",
    )


def _sensitivity() -> None:
    try:
        _show_sensitivity(SensitivityResult.from_json(session.results("01_pairs")))
    except PlantEduError as error:
        st.info(str(error))


def _own_sensitivity(run: Run) -> None:
    if run.result:
        _show_sensitivity(SensitivityResult.from_json(run.result))


def _show_sensitivity(found: SensitivityResult) -> None:
    chart, null = found.chart(dark=session.dark()), found.effects[0].evidence
    draw(chart, "sight")
    st.caption(
        f"Each factor from its lowest to its highest value. n = {null.n} plants of the "
        f"world {found.settings.world}, 1 seed; dashed: {null.control}. Seen or not agrees with "
        f"what was planted in {found.grade:.0%} of factors and cameras."
    )
    command = f"python -m plantedu pairs sensitivity {command_line(found.settings)}"
    downloads(chart, "sight", command, "sight")


def partners(world: str) -> None:
    """What gives the partner away, by its colours or by its shape."""
    worlds = tuple(dict.fromkeys((world, "shared_light")))
    ask(
        Experiment("partners", "Look for partners", TAKES, _own_partners, before=_partners),
        {"worlds": worlds},
        name=f"partners in {' and '.join(worlds)}",
    )


def _partners() -> None:
    try:
        _show_partners(PartnersResult.from_json(session.results("01_pairs")["partners"]))
    except PlantEduError as error:
        st.info(str(error))


def _own_partners(run: Run) -> None:
    if run.result:
        _show_partners(PartnersResult.from_json(run.result))


def _show_partners(found: PartnersResult) -> None:
    chart = found.chart(dark=session.dark())
    draw(chart, "partners")
    st.caption(
        f"Share of {found.settings.plants} RGB pictures whose partner is found among as many RGN "
        "pictures, with its 95% interval, 1 seed. Grey: bands shuffled in every RGN picture. "
        f"Dotted: partners assigned at random, {found.chance:.3f}."
    )
    command = f"python -m plantedu pairs partners {command_line(found.settings)}"
    downloads(chart, "partners", command, "partners")


def channels(world: str) -> None:
    """What each pipe feeds to the encoder."""
    ask(
        Experiment("pipe", "Feed plants", TAKES, _own_channels, before=_channels),
        {"world": world},
        name=f"pipes in {world}",
    )


def _channels() -> None:
    try:
        _show_channels(ChannelsResult.from_json(session.results("01_pairs")["channels"]))
    except PlantEduError as error:
        st.info(str(error))


def _own_channels(run: Run) -> None:
    if run.result:
        _show_channels(ChannelsResult.from_json(run.result))


def _show_channels(found: ChannelsResult) -> None:
    for one in found.pipes:
        st.markdown(f"**The pipe `{one.pipe}`**, in the world {found.settings.world}")
        draw(one.chart(dark=session.dark()), f"pipe {one.pipe}")
        sees = "both cameras" if one.second_sensor_seen else "the RGB camera alone"
        st.markdown(
            f"The encoder sees {sees}: the second view stands at {one.evidence.value:.2f} "
            f"between RGB (0) and RGN (1). Null: {one.evidence.control}, stands at "
            f"{one.evidence.null:.2f}. n = {one.evidence.n} plants."
        )
    command = f"python -m plantedu pairs channels {command_line(found.settings)}"
    downloads(found.of("cross").chart(), "pipe", command, "pipe")
