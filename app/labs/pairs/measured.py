"""Which camera sees which factor, what finds the partner, what was fed: recorded, and one's own."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from app import address, session
from app.captions import caption
from app.experiment import Experiment, Read, Result, Show, ask, experiment_of, part, recorded
from app.page import downloads, draw
from app.put_back import Controls
from plantedu.serialization import command_line
from plantedu.topics.pairs.results.channels import ChannelsResult
from plantedu.topics.pairs.results.partners import PartnersResult
from plantedu.topics.pairs.results.sensitivity import SensitivityResult

TAKES = "Some seconds, in the world chosen above."
WORLD = {"world": "world"}
SMALL = {"plants": 8, "size": 48}  # of a page's own look at every factor


def sensitivity(world: str) -> None:
    """Every factor moved from end to end, before both cameras."""
    one = experiment_of(
        "sight", "Move every factor", TAKES, SensitivityResult.from_json, _show_sensitivity
    )
    request = {"world": world, **SMALL}
    _ask(one, request, f"factors in {world}", SensitivityResult.from_json, _show_sensitivity)


def _show_sensitivity(found: SensitivityResult, _: str) -> None:
    chart, null = found.chart(dark=session.dark()), found.effects[0].evidence
    draw(chart, "sight")
    caption(
        f"Each factor from its lowest to its highest value. n = {null.n} plants of the "
        f"world {found.settings.world}, 1 seed; dashed: {null.control}. Seen or not agrees with "
        f"what was planted in {found.grade:.0%} of factors and cameras."
    )
    command = f"python -m plantedu pairs sensitivity {command_line(found.settings)}"
    downloads(chart, "sight", command, "sight")


def partners(world: str) -> None:
    """What gives the partner away, by its colours or by its shape."""
    worlds = tuple(dict.fromkeys((world, "shared_light")))
    one = experiment_of(
        "partners", "Look for partners", TAKES, PartnersResult.from_json, _show_partners
    )
    _ask(
        one,
        {"worlds": worlds},
        f"partners in {' and '.join(worlds)}",
        part("partners", PartnersResult.from_json),
        _show_partners,
        {"world": (("worlds",), lambda asked: asked["worlds"][0])},
    )


def _show_partners(found: PartnersResult, _: str) -> None:
    chart = found.chart(dark=session.dark())
    draw(chart, "partners")
    caption(
        f"Share of {found.settings.plants} RGB pictures whose partner is found among as many RGN "
        "pictures, with its 95% interval, 1 seed. Grey: bands shuffled in every RGN picture. "
        f"Dotted: partners assigned at random, {found.chance:z.3f}."
    )
    command = f"python -m plantedu pairs partners {command_line(found.settings)}"
    downloads(chart, "partners", command, "partners")


def channels(world: str) -> None:
    """What each pipe feeds to the encoder."""
    one = experiment_of("pipe", "Feed plants", TAKES, ChannelsResult.from_json, _show_channels)
    _ask(
        one,
        {"world": world},
        f"pipes in {world}",
        part("channels", ChannelsResult.from_json),
        _show_channels,
    )


def _show_channels(found: ChannelsResult, _: str) -> None:
    for one in found.pipes:
        st.markdown(f"**The pipe `{one.pipe}`**, in the world {found.settings.world}")
        draw(one.chart(dark=session.dark()), f"pipe {one.pipe}")
        sees = "both cameras" if one.second_sensor_seen else "the RGB camera alone"
        st.markdown(
            f"The encoder sees {sees}: the second view stands at {one.evidence.value:z.2f} "
            f"between RGB (0) and RGN (1). Null: {one.evidence.control}, stands at "
            f"{one.evidence.null:z.2f}. n = {one.evidence.n} plants."
        )
    command = f"python -m plantedu pairs channels {command_line(found.settings)}"
    downloads(found.of("cross").chart(), "pipe", command, "pipe")


def _ask(
    one: Experiment,
    request: Mapping[str, Any],
    name: str,
    read: Read[Result],
    show: Show[Result],
    controls: Controls = WORLD,
) -> None:
    """The button; what is recorded stands until the learner has a result of their own."""
    before = replace(one, before=lambda: recorded("01_pairs", read, show))
    named = address.holds("world")  # by a link, which goes before the learner's last result
    ask(before, request, name=name, controls=None if named else controls)
