"""What every method of one's own gives: numbers beside their null, that show and save themselves.

Lesson: 06_similarity.
"""

import html
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from plantedu.charts.chart import Drawing
from plantedu.charts.forest import forest_chart
from plantedu.charts.svg import svg_of
from plantedu.errors import PlantEduError, require
from plantedu.output_paths import check_file
from plantedu.serialization import setting_columns
from plantedu.statistics.evidence import Evidence

NO_NULL = (
    "No null was computed, as null=False asked: by itself this says nothing of what was learned."
)
COLUMNS = ["what", "value", "low", "high", "null", "control", "n", "seeds", "level", "question"]
ENDINGS = (".svg", ".json", ".csv", ".vl.json")


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Finding:
    """Measured numbers, each beside its null, with n and interval.

    Attributes:
        title: What was asked, in one sentence.
        unit: What the numbers are.
        lines: What each is called, and what was measured.
        notes: What a reader must know before trusting them, a sentence each.
        settings: How it was made, plain values.
        seconds: How long it took.
        bare: Numbers without a null, where `null=False` asked for them; then there are no lines,
            and the notes say so. Maps without a null have none: the maps are the answer.
    """

    title: str
    unit: str
    lines: tuple[tuple[str, Evidence], ...]
    notes: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    bare: Mapping[str, float] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Evidence:
        """One line by what it is called.

        Raises:
            PlantEduError: for a name that is not there.
        """
        found = dict(self.lines)
        require(name in found, f"There is no line {name!r}; there are {', '.join(found)}.")
        return found[name]

    def to_frame(self) -> pd.DataFrame:
        """A row a number: what, value, low, high, null, control, n, seeds, level, question.

        Where `null=False` asked for numbers alone, what and value are all that is known.
        """
        rows = [
            {
                "what": name,
                "value": one.value,
                "low": (one.interval or (None, None))[0],
                "high": (one.interval or (None, None))[1],
                "null": one.null,
                "control": one.control,
                "n": one.n,
                "seeds": one.seeds,
                "level": one.level,
                "question": one.question,
            }
            for name, one in self.lines
        ]
        rows += [{"what": name, "value": value} for name, value in self.bare.items()]
        return pd.DataFrame(rows, columns=COLUMNS)

    def chart(self, *, dark: bool = False) -> Drawing:
        """A dot a number, a bar for its interval, a tick for its null.

        Raises:
            PlantEduError: where no null was computed.
        """
        require(NO_NULL not in self.notes, f"{NO_NULL} Nothing is drawn without it.")
        return forest_chart(self.lines, unit=self.unit, dark=dark)

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "title": self.title,
            "unit": self.unit,
            "lines": [{"what": name, **one.as_json()} for name, one in self.lines],
            **({"bare": dict(self.bare)} if self.bare else {}),
            "notes": list(self.notes),
            "settings": dict(self.settings),
            "seconds": round(self.seconds, 3),
        }

    def save(self, path: str | Path) -> Path:
        """Write the chart (.svg, .vl.json), the table (.csv) or everything (.json).

        Every row of the table says how it was made, in columns settings.NAME.

        Raises:
            PlantEduError: for another ending, or a place where no file can be written.
        """
        path = Path(path)
        check_file(path, like="finding.svg")
        text = self._text(path.name)
        try:
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise PlantEduError(f"{path} cannot be written: {error.strerror}.") from error
        return path

    def _text(self, name: str) -> str:
        if name.endswith(".svg"):
            return svg_of(self.chart())
        if name.endswith(".csv"):
            return self.to_frame().assign(**setting_columns(self.settings)).to_csv(index=False)
        if name.endswith(".vl.json"):
            return self.chart().vega_lite()
        require(name.endswith(".json"), f"{name} ends with none of {', '.join(ENDINGS)}.")
        return json.dumps(self.as_json(), indent=1, default=str) + "\n"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """The chart, its caption and the table, for a notebook: one page that needs no script."""
        if NO_NULL in self.notes:
            return {"text/plain": repr(self)}
        chart = self.chart()
        table = self.to_frame().drop(columns=["question"]).to_html(index=False, float_format="%.3f")
        notes = "".join(f"<p>{html.escape(note)}</p>" for note in self.notes)
        caption = f"<p><b>{html.escape(self.title)}</b> {html.escape(chart.alt)}</p>"
        shown = svg_of(chart) + caption + table + notes
        return {"text/html": shown, "text/plain": repr(self)}

    def __repr__(self) -> str:
        said = {name: _said(one) for name, one in self.lines}
        said |= {name: f"{value:.3f}, no null" for name, value in self.bare.items()}
        wide = max(map(len, said), default=0)
        rows = [f"  {name:<{wide}}  {one}" for name, one in said.items()]
        notes = [f"  Note: {note}" for note in self.notes]
        return "\n".join([f"{self.title} ({self.unit})", *rows, *notes])


def _said(one: Evidence) -> str:
    band = f" [{one.interval[0]:z.3f}, {one.interval[1]:z.3f}]" if one.interval else ""
    return f"{one.value:z.3f}{band}, null {one.null:z.3f} ({one.control}), n = {one.n}"
