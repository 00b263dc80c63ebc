"""The learner's own model: what to type, and the report that came of it. Nothing of theirs runs."""

import json

import streamlit as st

from app.captions import caption
from app.labs.own.shown import show
from plantedu.errors import PlantEduError
from plantedu.own.examination.report_numbers import CLOSES, OPENS, ReportNumbers

LARGEST = 8  # MB
COMMAND = """python -m plantedu examine --encoder timm:resnet50@mine.safetensors \\
    --data images:leaves/ --trained-on images:trained/ --quick --out report.html"""
LINES = """import plantedu as pe

me = pe.model(net, layer="layer4", mean=.5, std=.25)         # any nn.Module
you = pe.model("timm:resnet18", weights="mine.safetensors")  # or words
data = pe.images("leaves/", size=224)                        # a folder a class

pe.similarity(me, you, data)
pe.probe(me, data).to_frame()
pe.attack(me, data, "apgd", radius=4/255)
pe.attribute(me, data[:16], "gradcam").save("maps.svg")
marked = pe.plant(data, "mark", 1.0, where="top left")       # planted truth, with its mask

report = pe.examine(me, data, quick=True)
report.save("report.html")"""
WORDS = """
| `--encoder` | what it is |
|---|---|
| `timm:NAME@FILE` | a network of timm with your weights, safetensors or a state dict |
| `py:MODULE:FUNCTION` | what your function returns, any `nn.Module` of one picture |
| `file:PATH`, `run:ID` | a checkpoint or a run of this course |

| `--data` | what it is |
|---|---|
| `images:PATH` | a folder of pictures for each class |
| `npz:PATH` | `x1`, `labels`, `classes`, as NumPy saves them |
"""


def yours() -> None:
    """What to type, in a terminal or a notebook; and a report that was made there."""
    st.markdown(
        "Your network and your pictures stay on your machine: this page runs no code of yours. "
        "Take pictures that the network was not trained on, 16 or more, each with its label."
    )
    st.code(COMMAND, language="bash", wrap_lines=True)
    with st.expander("What `--encoder` and `--data` take"):
        st.markdown(WORDS)
    st.markdown("In Python, each step by itself:")
    st.code(LINES, language="python", wrap_lines=True)
    caption("As a notebook that runs: `python -m plantedu notebook your-model`")
    given = st.file_uploader(
        "Your report, to read it here", ("html", "json"), max_upload_size=LARGEST, key="own report"
    )
    if given is None:
        return
    try:
        show(read(given.getvalue()), "brought")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, PlantEduError):
        st.error("This is no report of `examine`: report.html or report.json.")


def read(data: bytes) -> ReportNumbers:
    """The numbers of a report's file, HTML or JSON.

    Raises:
        ValueError, KeyError, TypeError, AttributeError, RecursionError, PlantEduError: for another
            file.
    """
    text = data.decode("utf-8")
    if OPENS in text:
        text = text.partition(OPENS)[2].partition(CLOSES)[0]
    return ReportNumbers.from_json(json.loads(text))
