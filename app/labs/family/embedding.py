"""The map of plants beside the map of shuffled features, and what each keeps."""

from collections.abc import Mapping
from typing import Any, cast

import streamlit as st

from app import rendered_plants, session
from app.captions import caption
from app.experiment import ask, experiment_of, folded_experiment
from app.numbers import whole_number
from app.page import downloads, draw
from app.put_back import Controls
from plantedu.errors import PlantEduError
from plantedu.serialization import command_line
from plantedu.topics.family.results.embedding import ARMS, SAYS, EmbeddingResult, Layer, Settings

PICTURES = 70  # as many as can be told apart in a map of this size
LAYERS = {"logits": "logits of a probe", "h": "features h", "z": "embedding z"}
TAKES = "About a minute: plants are rendered and looked at, then two maps are made."
CHECKPOINTS = ("cross-0", "rgb_only-0", "shared_light-0", "collapse-0", "source")


def atlas() -> None:
    """Recorded maps at once; others on demand."""
    try:
        _recorded(session.results("04_embedding")["maps"])
    except PlantEduError as error:
        st.info(str(error))
    with folded_experiment("Map another encoder, or with another seed", "embedding"):
        _ask()


def _recorded(known: Mapping[str, Any]) -> None:
    """The recorded maps of a layer and a perplexity."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        layer = st.segmented_control(
            "Map of",
            list(LAYERS),
            default="logits",
            required=True,
            format_func=lambda one: LAYERS[one],
            key="map layer",
        )
        sharp = st.segmented_control(
            "Perplexity", (5, 30), default=30, required=True, key="map perplexity"
        )
        pictures = st.toggle("Pictures", True, key="map pictures")
    maps(EmbeddingResult.from_json(known[f"{layer}-{sharp}"]), pictures, "recorded")


def maps(found: EmbeddingResult, pictures: bool, key: str) -> None:
    """The three maps side by side, and below them what was counted."""
    some = found.plants[:PICTURES]
    drawn = rendered_plants.thumbnails(found.world, found.world_seed, some) if pictures else []
    with st.grid(3, min_column_width=280):
        for arm in ARMS:
            with st.container():
                st.markdown(f"**{SAYS[arm].capitalize()}**")
                draw(found.chart(arm, pictures=drawn, dark=session.dark()), f"{key} map {arm}")
    st.dataframe(
        [_line(arm, found) for arm in ARMS],
        hide_index=True,
        alt="Agreement of neighbours in the maps and among the features, with nulls",
    )
    in_map = found.arms["trained"].in_map
    caption(
        f"Encoder {found.checkpoint}. {in_map.caption()}; for what is kept: neighbours at random. "
        f"A point is a held-out plant; k = {found.settings.neighbours} neighbours. Where a map's "
        "groups lie and how large they are means nothing."
    )
    command = f"python -m plantedu family embedding {found.checkpoint} "
    command += command_line(found.settings)
    downloads(found.chart(), "map", command, f"{key} map")


def _line(arm: str, found: EmbeddingResult) -> dict[str, str]:
    one = found.arms[arm]
    return {
        "map of": SAYS[arm],
        "same disease, in the map": f"{one.in_map.value:z.2f}",
        "among the features": f"{one.in_features.value:z.2f}",
        "shuffled labels": f"{one.in_map.null:z.2f}",
        "neighbours kept": f"{one.kept.value:z.2f}",
        "at random": f"{one.kept.null:z.2f}",
    }


CONTROLS: Controls = {
    "ask encoder": "checkpoint",
    "ask layer": "layer",
    "ask perplexity": "perplexity",
    "ask seed": "seed",
}


def _ask() -> None:
    """A map of the learner's own, made by the worker."""
    with st.grid(4, min_column_width=150):
        checkpoint = st.selectbox("Encoder", CHECKPOINTS, key="ask encoder")
        layer = st.selectbox("Layer", list(LAYERS), key="ask layer")
        perplexity = st.slider("Perplexity", 2, 60, 30, key="ask perplexity")
        seed = whole_number("Seed", 0, 9999, value=1, key="ask seed")
    chosen = Settings(layer=cast(Layer, layer), perplexity=perplexity, seed=seed, maps=1)
    read = EmbeddingResult.from_json
    one = experiment_of("embedding", "Make the map", TAKES, read, _own)
    request = {"checkpoint": checkpoint, **vars(chosen)}
    ask(one, request, name=f"map of {checkpoint}", controls=CONTROLS)


def _own(found: EmbeddingResult, key: str) -> None:
    maps(found, False, key)
