"""Audit a challenge folder: what is in it, what is broken, and what would leak.

Every picture is decoded once; nothing on disk is changed. A leak is a plant that stands in Train
and in Test, by its name or by its pixels (`copies.py`).

Lesson: 01_pairs.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from plantedu.data.copies import Seen, alike, equal, look
from plantedu.data.folder import Progress
from plantedu.data.layout import LABELS, SUBMISSION, Layout, is_rgn, read_layout
from plantedu.data.splits import plant_of

KINDS: Mapping[str, str] = {
    "no_pair": "no pair that can be read",
    "absent_table": "tables that are not there",
    "unreadable": "pictures that cannot be read",
    "no_partner": "pictures without their partner",
    "row_without_file": "rows without a picture",
    "file_without_row": "pictures without a row",
    "row_repeated": "pictures with several rows",
    "label_unknown": "plants with an unknown label",
    "label_conflict": "plants with two labels",
    "size_mismatch": "pairs whose pictures differ in size",
    "converted": "pictures that are not 8-bit RGB",
    "partner_is_copy": "pairs whose second picture is a copy of the first",
    "both_sides": "plants on both sides of the split",
    "duplicate": "plants with the same picture, on one side",
    "near_both_sides": "plants on both sides of the split, by nearly the same picture",
    "near_duplicate": "plants with nearly the same picture, on one side",
    "submission": "rows of the submission that do not fit Test.csv",
}


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: its kind, the files or plants it is about, and a sentence."""

    kind: str
    names: tuple[str, ...]
    sentence: str


@dataclass(frozen=True)
class Audit:
    """What a challenge folder holds.

    Attributes:
        path: The folder.
        pairs: Plants whose two pictures can be read.
        train, test: Those of them that Train.csv, that Test.csv has a row for.
        labels: Plants of each label in Train.csv.
        files: Files in images/.
        sizes: Files of each "width x height", the commonest first.
        findings: What is wrong; none if the folder is clean.
    """

    path: str
    pairs: int
    train: int
    test: int
    labels: dict[str, int]
    files: int
    sizes: dict[str, int]
    findings: tuple[Finding, ...]

    @property
    def clean(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    def counts(self) -> dict[str, int]:
        """How many findings there are of each kind."""
        found = Counter(finding.kind for finding in self.findings)
        return {kind: found[kind] for kind in KINDS if found[kind]}

    def as_json(self) -> dict[str, object]:
        """The fields as plain values."""
        return {**asdict(self), "clean": self.clean, "counts": self.counts()}


def audit_folder(path: Path, *, near: bool = False, progress: Progress = iter) -> Audit:
    """Look at every row and every picture of a challenge folder.

    Args:
        path: The folder that holds Train.csv and images/.
        near: Also look for pictures that are nearly the same.
        progress: Wraps the files while they are decoded, such as tqdm.

    Raises:
        PlantEduError: for a folder or table that cannot be read at all.
    """
    layout = read_layout(path)
    seen, refused = look(layout.images, layout.files, progress)
    unreadable = [Finding("unreadable", (file,), said) for file, said in refused.items()]
    whole = {plant for plant, pair in layout.pictures().items() if all(f in seen for f in pair)}
    train, test = layout.rows_of("train"), layout.rows_of("test")
    sizes = Counter(_measure(one) for one in seen.values())
    findings = [
        *([] if whole else [Finding("no_pair", (), f"{path} has no pair that can be read.")]),
        *unreadable,
        *_tables(layout),
        *_rows(layout),
        *_labels(layout),
        *_pictures(layout, seen),
        *_copies(layout, seen, near),
    ]
    return Audit(
        path=str(path),
        pairs=len(whole),
        train=len(whole & train.keys()),
        test=len(whole & test.keys()),
        labels=dict(sorted(Counter(rows[0].label for rows in train.values()).items())),
        files=len(layout.files),
        sizes=dict(sizes.most_common()),
        findings=tuple(sorted(findings, key=lambda f: [*KINDS].index(f.kind))),
    )


def _tables(layout: Layout) -> Iterator[Finding]:
    """Tables that are not there, and a submission that asks for other pictures than Test.csv."""
    for name in layout.absent:
        yield Finding("absent_table", (name,), f"{name} is not there.")
    if SUBMISSION in layout.absent:
        return
    asked = set(layout.submission)
    rgb = {row.file for row in layout.rows if row.side == "test" and not is_rgn(row.file)}
    for name in sorted(asked ^ rgb):
        there, lacks = (SUBMISSION, "Test.csv") if name in asked else ("Test.csv", SUBMISSION)
        yield Finding("submission", (name,), f"{name} is in {there} but not in {lacks}.")


def _rows(layout: Layout) -> Iterator[Finding]:
    """Files without partner or row, rows without file, rows given twice."""
    for rgb, rgn in layout.pictures().values():
        if bool(rgb) != bool(rgn):
            file, lacks = (rgb, "RGN") if rgb else (rgn, "RGB")
            yield Finding("no_partner", (file,), f"{file} has no {lacks} partner in images/.")
    files = set(layout.files)
    rows = Counter(row.file for row in layout.rows)
    for name in sorted(rows.keys() - files):
        yield Finding("row_without_file", (name,), f"{name!r} has a row but no file in images/.")
    for name in sorted(files - rows.keys()):
        yield Finding("file_without_row", (name,), f"{name} has no row in Train.csv or Test.csv.")
    for name, count in rows.items():
        if count > 1:
            yield Finding("row_repeated", (name,), f"{name} has {count} rows.")


def _labels(layout: Layout) -> Iterator[Finding]:
    """Plants of Train whose label is unknown or not one."""
    for plant, rows in layout.rows_of("train").items():
        labels = sorted({row.label for row in rows})
        if len(labels) > 1:
            said = " and ".join(repr(label) for label in labels)
            yield Finding("label_conflict", (plant,), f"{plant} has the labels {said}.")
        for label in labels:
            if label not in LABELS:
                said = f"{plant} has the label {label!r}; known are {', '.join(LABELS)}."
                yield Finding("label_unknown", (plant,), said)


def _pictures(layout: Layout, seen: Mapping[str, Seen]) -> Iterator[Finding]:
    """Odd formats, and pairs whose pictures do not fit together."""
    for one in seen.values():
        if one.converted_from:
            said = f"{one.file} is {one.converted_from}; it is read as 8-bit RGB."
            yield Finding("converted", (one.file,), said)
    for pair in layout.pictures().values():
        if not all(file in seen for file in pair):
            continue
        rgb, rgn = (seen[file] for file in pair)
        if rgb.size != rgn.size:
            said = f"{rgb.file} has {_measure(rgb)} pixels and {rgn.file} {_measure(rgn)}."
            yield Finding("size_mismatch", pair, said)
        if rgb.pixels == rgn.pixels:
            said = f"{rgn.file} has the pixels of {rgb.file}: there is no second sensor."
            yield Finding("partner_is_copy", pair, said)


def _copies(layout: Layout, seen: Mapping[str, Seen], near: bool) -> Iterator[Finding]:
    """Plants that stand twice: by their name in both tables, or by their pixels."""
    test = layout.rows_of("test")
    for plant, rows in layout.rows_of("train").items():
        if plant in test:
            files = tuple(row.file for row in (*rows, *test[plant]))
            yield Finding("both_sides", files, f"{plant} has rows in Train.csv and in Test.csv.")
    for plants, files in _by_plants(equal(seen)).items():
        yield _copied(layout, plants, files, "")
    for plants, files in _by_plants(alike(seen) if near else []).items():
        yield _copied(layout, plants, files, "near_")


def _by_plants(groups: list[list[str]]) -> dict[tuple[str, ...], list[str]]:
    """Files that are copies, by the plants that they are said to show; one plant is none."""
    together: dict[tuple[str, ...], list[str]] = {}
    for files in groups:
        plants = tuple(sorted({plant_of(file) for file in files}))
        if len(plants) > 1:
            together.setdefault(plants, []).extend(files)
    return together


def _copied(layout: Layout, plants: tuple[str, ...], files: list[str], near: str) -> Finding:
    """The finding for several plants that are (nearly) one."""
    side = {row.file: row.side for row in layout.rows}
    across = len({side[file] for file in files if file in side}) > 1
    what = "nearly the same pictures" if near else "the same pictures"
    where = "one in Train, one in Test" if across else "on one side"
    kind = f"{near}both_sides" if across else f"{near}duplicate"
    said = f"{' and '.join(plants)} have {what}, {where}: {', '.join(sorted(files))}."
    return Finding(kind, tuple(sorted(files)), said)


def _measure(one: Seen) -> str:
    return f"{one.size[0]} x {one.size[1]}"
