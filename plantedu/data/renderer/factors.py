"""The factors that a planted pair is made of, their ranges, and which sensor sees them.

A *factor* is one number or category that the renderer turns into pixels. Adding one is one row in
`FACTORS`; nothing that is already drawn moves (`draws.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from plantedu.errors import PlantEduError, require

SENSORS = ("rgb", "rgn")

Role = Literal["shared", "rgb_only", "rgn_only", "per_sensor", "decoy"]


@dataclass(frozen=True)
class Factor:
    """One number or category that the renderer turns into pixels.

    Attributes:
        name: The word for it everywhere.
        kind: A number in [low, high], or a category among `levels`.
        low, high: Range of a number; a category's are 0 and its last code.
        levels: Names of a category, by code.
        role: Who sees it: both sensors alike ("shared"), one alone, each its own draw
            ("per_sensor": two columns, `light_rgb` and `light_rgn`), or both, without its being a
            property of the plant ("decoy").
        unit: Unit of the number.
        meaning: What it is, for a person.
        whole: The number is whole.
    """

    name: str
    kind: Literal["number", "category"]
    low: float
    high: float
    levels: tuple[str, ...]
    role: Role
    unit: str
    meaning: str
    whole: bool = False

    @property
    def sees(self) -> tuple[str, ...]:
        """The sensors whose picture it can move."""
        return {"rgb_only": ("rgb",), "rgn_only": ("rgn",)}.get(self.role, SENSORS)

    @property
    def columns(self) -> tuple[str, ...]:
        """Its columns in the table of draws."""
        per_sensor = self.role == "per_sensor"
        return tuple(f"{self.name}_{s}" for s in SENSORS) if per_sensor else (self.name,)

    def code(self, value: float | str) -> float | int:
        """The column entry for `value`: a number in range, or the code of a level.

        Raises:
            PlantEduError: for a level that is not there or a number out of range.
        """
        if self.kind == "category":
            known = ", ".join(self.levels)
            require(value in self.levels, f"{self.name} is one of {known}; got {value!r}.")
            return self.levels.index(str(value))
        try:
            number = float(value)
        except (TypeError, ValueError):
            raise PlantEduError(f"{self.name} is a number; got {value!r}.") from None
        span = f"{self.low:g} to {self.high:g} {self.unit}".rstrip()
        require(self.low <= number <= self.high, f"{self.name} goes from {span}; got {value!r}.")
        require(not self.whole or number == int(number), f"{self.name} is whole; got {value!r}.")
        return number


def _number(
    name: str, low: float, high: float, role: Role, unit: str, meaning: str, whole: bool = False
) -> Factor:
    return Factor(name, "number", low, high, (), role, unit, meaning, whole)


def _category(name: str, levels: tuple[str, ...], role: Role, meaning: str) -> Factor:
    return Factor(name, "category", 0, len(levels) - 1, levels, role, "", meaning)


FACTORS: tuple[Factor, ...] = (
    _category("disease", ("healthy", "blast", "brown"), "shared", "what the leaf suffers from"),
    _number("lesion_count", 4, 12, "shared", "", "lesions on the blade, if diseased", whole=True),
    _number("lesion_size", 2.0, 3.6, "shared", "mm", "typical width of a lesion"),
    _number("severity", 0.0, 1.0, "shared", "", "how far the tissue of the lesions has gone"),
    _number("angle", -35.0, 35.0, "shared", "deg", "direction of the blade in the picture"),
    _number("width", 9.0, 14.0, "shared", "mm", "width of the blade"),
    _number("bend", -1.0, 1.0, "shared", "", "how far the blade curves to one side"),
    _number("chlorophyll", 18.0, 55.0, "shared", "ug/cm2", "chlorophyll of the healthy tissue"),
    _number("bloom", 0.0, 1.0, "rgb_only", "", "waxy bloom: the surface scatters blue light"),
    _number("mesophyll", 1.1, 2.5, "rgn_only", "layers", "near-infrared scattering in the leaf"),
    _number("light", 0.55, 1.6, "per_sensor", "x", "level of the light"),
    _number("warmth", -1.0, 1.0, "per_sensor", "", "colour of the light, bluish to reddish"),
    _number("noise", 0.5, 6.0, "per_sensor", "1/255", "standard deviation of the sensor noise"),
    _number("shift_x", -0.04, 0.04, "per_sensor", "frame", "camera shift to the right"),
    _number("shift_y", -0.04, 0.04, "per_sensor", "frame", "camera shift downwards"),
    _number("rotation", -4.0, 4.0, "per_sensor", "deg", "camera roll"),
    _number("scale", 0.93, 1.07, "per_sensor", "x", "magnification"),
    _number("vignetting", 0.0, 0.4, "per_sensor", "", "light lost in the corners"),
    _number("jpeg_quality", 60, 100, "per_sensor", "", "JPEG quality; 100: none", whole=True),
    _number("soil", 0.0, 1.0, "per_sensor", "", "soil behind the leaf, dark and wet to pale"),
    _category("mark", ("absent", "present"), "decoy", "a mark in the corner of both pictures"),
)

COLUMNS: Mapping[str, Factor] = {c: f for f in FACTORS for c in f.columns}


def factor(name: str) -> Factor:
    """The factor of that name (a column's name, such as `light_rgb`, gives its factor).

    Raises:
        PlantEduError: for a name that is not there; lists those that are.
    """
    known = {f.name: f for f in FACTORS} | dict(COLUMNS)
    names = ", ".join(f.name for f in FACTORS)
    require(name in known, f"No factor is called {name!r}. There are: {names}.")
    return known[name]
