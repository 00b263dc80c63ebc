"""What `examine` gives: sections with numbers beside their nulls, as one file with its data.

Saved as HTML, a report is one file that asks nothing of the network: figures are drawn in, and all
numbers stand in it as JSON. `verified` draws the page again from those numbers and compares it to
the letter: what you read follows from what stands in the file. That the numbers are of your model
only a run of the same command can show, and the hashes of weights and pictures say of which.

Lesson: 12_own.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plantedu.errors import PlantEduError, require
from plantedu.output_paths import check_file
from plantedu.own.examination.page import first_page, page
from plantedu.own.examination.report_numbers import CLOSES, OPENS, ReportNumbers, data_of
from plantedu.whole_files import write_whole


@dataclass(frozen=True)
class Report(ReportNumbers):
    """What was found of a model on pictures, and its page."""

    def save(self, path: str | Path) -> Path:
        """Write the report (.html) or its numbers (.json).

        Raises:
            PlantEduError: for another ending, or a place where no file can be written.
        """
        path = Path(path)
        check_file(path, like="report.html")
        fits = path.suffix in (".html", ".json")
        require(fits, f"{path.name} ends with none of .html, .json.")
        text = self.page() if path.suffix == ".html" else data_of(self) + "\n"
        write_whole(path, text.encode())
        return path

    def page(self) -> str:
        """The report as one HTML text."""
        return page(self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Mapping[str, str]:
        """The first page, for a notebook."""
        return {"text/html": first_page(self), "text/plain": repr(self)}

    def __repr__(self) -> str:
        return f"Report({len(self.sections)} sections of {self.about.get('model')})"


def opened(path: str | Path) -> Report:
    """The report of a file that `save` wrote.

    Raises:
        PlantEduError: for a file that cannot be read or holds no report.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
        if OPENS in text:
            text = text.partition(OPENS)[2].partition(CLOSES)[0]
        return Report.from_json(json.loads(text))
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise PlantEduError(f"{path} holds no report of `examine` ({error}).") from error


def verified(path: str | Path) -> bool:
    """Whether a page is, to the letter, what this copy draws from the numbers in it.

    Raises:
        PlantEduError: as `opened`.
    """
    return Path(path).read_text(encoding="utf-8") == opened(path).page()
