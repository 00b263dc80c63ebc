"""Audit a challenge folder: what is in it, what is broken, and what would leak.

Every picture is decoded once; nothing on disk is changed. What a pair is, and who is left out, is
decided where training decides it (`pairing.py`), so both say the same. A leak is a plant that
stands in Train and in Test, by its name or by its pixels (`copies.py`).

Lesson: 01_pairs.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from plantedu.data.challenge.folder import Progress
from plantedu.data.challenge.layout import LABELS, SUBMISSION, ImageRow, Layout, Side, read_layout
from plantedu.data.challenge.near_duplicates import DecodedImage, alike, equal, look
from plantedu.data.challenge.pairing import LeftOut, Matches, Pair, files_of, pairs_of, why_no_pair
from plantedu.data.splits import name_of, plant_of
from plantedu.errors import PlantEduError

KINDS: Mapping[str, str] = {
    "no_pair": "no pair that can be read",
    "absent_table": "tables that are not there",
    "unreadable": "pictures that cannot be read",
    "no_partner": "pictures without their partner",
    "several_files": "plants with several pictures of one sensor",
    "turned": "pairs of which one picture alone was turned by its camera's note",
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
        train, test: Pairs that a training on Train.csv, that a forecast of Test.csv gets.
        left_out: Plants of both tables that they leave out, with the reason.
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
    left_out: tuple[LeftOut, ...] = ()

    @property
    def clean(self) -> bool:
        """Whether nothing was found."""
        return not self.findings and not self.left_out

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
    book = _Book(layout, seen, refused)
    whole = [plant for plant in book.matches.plants() if book.pair(plant)]
    train, test = book.table("train"), book.table("test")
    sizes = Counter(_measure(one) for one in seen.values())
    findings = [
        *([] if whole else [Finding("no_pair", (), f"{path} has no pair that can be read.")]),
        *unreadable,
        *_tables(layout),
        *_rows(book),
        *_labels(layout),
        *_pictures(book),
        *_copies(layout, seen, near),
    ]
    return Audit(
        path=str(path),
        pairs=len(whole),
        train=train[0],
        test=test[0],
        labels=dict(sorted(Counter(r[0].label for r in layout.rows_of("train").values()).items())),
        files=len(layout.files),
        sizes=dict(sizes.most_common()),
        findings=tuple(sorted(findings, key=lambda f: [*KINDS].index(f.kind))),
        left_out=(*train[1], *test[1]),
    )


class _Book:
    """A layout with what was seen in its files."""

    def __init__(
        self, layout: Layout, seen: Mapping[str, DecodedImage], refused: Mapping[str, str]
    ) -> None:
        self.layout, self.seen, self.refused = layout, seen, refused
        self.matches = Matches(layout)
        self.rows: dict[str, list[ImageRow]] = {}
        for row in layout.rows:
            self.rows.setdefault(row.plant, []).append(row)

    def files(self, plant: str) -> Pair | None:
        """The two files of a plant by their names; None where they are not there, or several."""
        try:
            found = files_of(self.matches, plant, self.rows.get(plant, []))
        except PlantEduError:
            return None
        return Pair(plant, "", *found)

    def pair(self, plant: str) -> Pair | None:
        """A plant whose two pictures can be read."""
        found = self.files(plant)
        return None if found is None or self.why_not(found) else found

    def why_not(self, pair: Pair) -> str:
        """Why two files cannot be read as a pair, as the reader says it; "" where they can."""
        for file in (pair.rgb, pair.rgn):
            if file in self.refused:
                return self.refused[file]
        return why_no_pair(pair, self.seen[pair.rgb], self.seen[pair.rgn])

    def table(self, side: Side) -> tuple[int, list[LeftOut]]:
        """How many plants of a table are read, and who is left out."""
        pairs, left_out = pairs_of(self.layout, side)
        why = {pair.plant: self.why_not(pair) for pair in pairs}
        left_out += [LeftOut(plant, reason) for plant, reason in why.items() if reason]
        return sum(not reason for reason in why.values()), left_out


def _tables(layout: Layout) -> Iterator[Finding]:
    """Tables that are not there, and a submission that asks for other pictures than Test.csv."""
    for name in layout.absent:
        yield Finding("absent_table", (name,), f"{name} is not there.")
    if SUBMISSION in layout.absent:
        return
    asked = {name_of(name).plant: name for name in layout.submission}
    rgb = {
        row.plant: row.file
        for row in layout.rows
        if row.side == "test" and not name_of(row.file).rgn
    }
    for plant in sorted(asked.keys() ^ rgb.keys()):
        name, there, lacks = (
            (asked[plant], SUBMISSION, "Test.csv")
            if plant in asked
            else (rgb[plant], "Test.csv", SUBMISSION)
        )
        yield Finding("submission", (name,), f"{name} is in {there} but not in {lacks}.")


def _rows(book: _Book) -> Iterator[Finding]:
    """Files without partner or row, files of which one too many is there, rows without file."""
    matches = book.matches
    for plant in matches.plants():
        rgb, rgn = (matches.of_plant(plant, rgn=rgn) for rgn in (False, True))
        if bool(rgb) != bool(rgn):
            file, lacks = (rgb[0], "RGN") if rgb else (rgn[0], "RGB")
            yield Finding("no_partner", (file,), f"{file} has no {lacks} partner in images/.")
        for files in (rgb, rgn):
            if len(files) > 1:
                said = f"{plant} has {' and '.join(files)}; rows with endings say which is meant."
                yield Finding("several_files", tuple(files), said)
    rows = Counter((matches.of_row(row) or [row.file])[0] for row in book.layout.rows)
    for row in sorted(book.layout.rows, key=lambda row: row.file):
        if not matches.of_row(row):
            said = f"{row.file!r} has a row but no file in images/."
            yield Finding("row_without_file", (row.file,), said)
    for name in sorted(set(book.layout.files) - matches.sides().keys()):
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


def _pictures(book: _Book) -> Iterator[Finding]:
    """Odd formats, and pairs whose pictures do not fit together."""
    for one in book.seen.values():
        if one.converted_from:
            said = f"{one.file} is {one.converted_from}; it is read as 8-bit RGB."
            yield Finding("converted", (one.file,), said)
    for plant in book.matches.plants():
        pair = book.files(plant)
        if pair is None or not {pair.rgb, pair.rgn} <= book.seen.keys():
            continue
        rgb, rgn, files = book.seen[pair.rgb], book.seen[pair.rgn], (pair.rgb, pair.rgn)
        if why := why_no_pair(pair, rgb, rgn):
            yield Finding("turned", files, why)
        if rgb.size != rgn.size:
            said = f"{rgb.file} has {_measure(rgb)} pixels and {rgn.file} {_measure(rgn)}."
            yield Finding("size_mismatch", files, said)
        if rgb.pixels == rgn.pixels:
            said = f"{rgn.file} has the pixels of {rgb.file}: there is no second sensor."
            yield Finding("partner_is_copy", files, said)


def _copies(layout: Layout, seen: Mapping[str, DecodedImage], near: bool) -> Iterator[Finding]:
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
    side = Matches(layout).sides()
    across = len({side[file] for file in files if file in side}) > 1
    what = "nearly the same pictures" if near else "the same pictures"
    where = "one in Train, one in Test" if across else "on one side"
    kind = f"{near}both_sides" if across else f"{near}duplicate"
    said = f"{' and '.join(plants)} have {what}, {where}: {', '.join(sorted(files))}."
    return Finding(kind, tuple(sorted(files)), said)


def _measure(one: DecodedImage) -> str:
    return f"{one.size[0]} x {one.size[1]}"
