"""How reports of a survey look and what they lead with: ``[report]`` in survey.toml, every value checked.

Colours, fonts and the logo are data: they reach style sheets and pictures, so they match strict
patterns or are refused.
"""

from __future__ import annotations

import base64
import datetime
import re
from itertools import combinations
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from pydantic import BeforeValidator, Field, model_validator

from conjoint.errors import Fault
from conjoint.survey.part import Part

if TYPE_CHECKING:
    from pathlib import Path

    from conjoint.typing import FloatArray

__all__ = ["Fonts", "Reporting", "contrast", "load_logo", "picture_fault", "told_apart"]

COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
FONT = re.compile(r"[A-Za-z0-9][A-Za-z0-9 -]{0,39}")

LEAST_CONTRAST = 3.0
"""Against white, for what is not text (WCAG 2.2, 1.4.11)."""

TEXT_CONTRAST = 4.5
"""Against white, for text (WCAG 2.2, 1.4.3)."""

LEAST_APART = 12.0
"""CIE 1976 colour difference of two segments, in full sight and in each colour blindness."""

LARGEST_LOGO = 500_000
LOGOS = {
    ".png": ("image/png", b"\x89PNG\r\n\x1a\n"),
    ".jpg": ("image/jpeg", b"\xff\xd8\xff"),
    ".jpeg": ("image/jpeg", b"\xff\xd8\xff"),
    ".svg": ("image/svg+xml", b"<"),
}
ACTIVE = re.compile(
    rb"<\s*(?:script|foreignObject|iframe|embed|object|handler|set|animate)|\son\w+\s*=|javascript:|<!ENTITY"
    rb"|@import|<!DOCTYPE[^>]*\[|<\?xml-stylesheet|(?:href|src)\s*=\s*[\"']\s*(?!#|data:image/(?:png|jpeg))|url\(\s*[\"']?(?!#)",
    re.IGNORECASE,
)
"""What an SVG may not hold: anything that runs, or asks for something from elsewhere."""

# Machado, Oliveira & Fernandes 2009, doi:10.1109/TVCG.2009.113, severity 1, on linear RGB.
SIGHTS: dict[str, FloatArray] = {
    "full colour sight": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = np.array([0.9505, 1.0, 1.089])


def _embargo(value: object) -> object:
    """A date as the line that it stands for."""
    if isinstance(value, datetime.date):
        return f"Embargoed until {value.day} {value:%B %Y}"
    return value


class Fonts(Part):
    """Names of installed fonts: of the page's text, and of the charts' text."""

    text: str = ""
    charts: str = ""

    @model_validator(mode="after")
    def _names(self) -> Fonts:
        for key in ("text", "charts"):
            name = getattr(self, key)
            if name and not FONT.fullmatch(name):
                raise ValueError(
                    f'{key} = "{name}" is no name of a font (letters, digits, spaces and hyphens)'
                )
        return self


class Reporting(Part):
    """What reports of this survey show, and how they look.

    `grid` is a pair of attributes held against each other; `everyone` is the population in a
    sentence, such as "British adults"; `profile` is what a profile is, such as "deal"; `outcome` is the
    one that charts lead with, `grid_outcome` the grid's.

    `title` stands over reports in place of the survey's, `author` under it, and `embargo`, a date or
    a sentence, on top of every page. `logo` names a picture in the survey folder (read, it holds the
    picture itself); `colours` are segments', `accent` is that of rules and links.
    """

    grid: tuple[str, ...] = ()
    grid_outcome: str = ""
    outcome: str = ""
    everyone: str = "everyone"
    profile: str = "profile"
    profiles: str = "profiles"
    title: str = ""
    author: str = ""
    embargo: Annotated[str, BeforeValidator(_embargo)] = ""
    logo: str = ""
    accent: str = ""
    colours: dict[str, str] = Field(default_factory=dict)
    fonts: Fonts = Fonts()

    @model_validator(mode="after")
    def _pair(self) -> Reporting:
        if len(self.grid) not in (0, 2):
            raise ValueError(f"grid names {len(self.grid)} attributes (two are needed)")
        return self

    @model_validator(mode="after")
    def _colours(self) -> Reporting:
        named = {
            f"colours.{name}": (colour, LEAST_CONTRAST) for name, colour in self.colours.items()
        }
        if self.accent:
            named["accent"] = (self.accent, TEXT_CONTRAST)
        for key, (colour, least) in named.items():
            if not COLOUR.fullmatch(colour):
                raise ValueError(f'{key} = "{colour}" is no colour (six digits, such as "#0072B2")')
            found = contrast(colour)
            if found < least:
                raise ValueError(
                    f'{key} = "{colour}" is too light: its contrast with white is {found:.1f} to 1 '
                    f"({least:g} to 1 is needed)"
                )
        for first, second in combinations(("black, everybody's", *self.colours), 2):
            pair = self.colours.get(first, "#000000"), self.colours[second]
            near, sight = told_apart(*pair)
            if near < LEAST_APART:
                raise ValueError(
                    f"colours of {first} and {second} look alike in {sight} (their difference is "
                    f"{near:.0f}; {LEAST_APART:g} is needed)"
                )
        return self

    @model_validator(mode="after")
    def _one_line(self) -> Reporting:
        for key in ("title", "author", "embargo"):
            if len(getattr(self, key)) > 300:
                raise ValueError(f"{key} is longer than 300 characters")
        return self


def contrast(colour: str) -> float:
    """Contrast of a colour with white, 1 to 21 (WCAG 2.2)."""
    return float(1.05 / (_linear(colour) @ XYZ[1] + 0.05))


def told_apart(first: str, second: str) -> tuple[float, str]:
    """The smallest difference of two colours over all kinds of sight, and in which it is.

    Formula
        CIE 1976: the distance in L*a*b*, after Machado, Oliveira & Fernandes 2009.
    """
    return min(
        (float(np.linalg.norm(_lab(seen @ _linear(first)) - _lab(seen @ _linear(second)))), name)
        for name, seen in SIGHTS.items()
    )


def _linear(colour: str) -> FloatArray:
    channels = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def _lab(linear: FloatArray) -> FloatArray:
    ratio = XYZ @ np.clip(linear, 0, 1) / WHITE
    f = np.where(ratio > 0.008856, np.cbrt(ratio), 7.787 * ratio + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def picture_fault(kind: str, picture: bytes) -> str:
    """What is wrong with a picture of a kind such as ``image/png``; nothing where it may be shown."""
    starts = [start for known, start in LOGOS.values() if known == kind]
    if len(picture) > LARGEST_LOGO:
        return "is too large"
    if not starts or not picture.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(starts[0]):
        return "is not what its ending says"
    if kind == "image/svg+xml" and (b"<svg" not in picture or ACTIVE.search(picture)):
        return "holds something that runs or asks for something from elsewhere"
    return ""


def load_logo(folder: Path, content: dict[str, Any]) -> list[Fault]:
    """Put the picture itself in the place of a logo's name, and tell why where that cannot be."""
    report = content.get("report")
    name = report.get("logo") if isinstance(report, dict) else None
    if not isinstance(report, dict) or not isinstance(name, str) or not name:
        return []
    where = f"{folder / 'survey.toml'}, report.logo"
    report["logo"] = ""
    expected = "a .png, .jpg or .svg file in the survey folder"
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()) or not path.is_file():
        return [Fault(where, f'there is no file "{name}" in the folder', expected, "Put it there.")]
    kind, _ = LOGOS.get(path.suffix.lower(), ("", b""))
    if not kind:
        return [Fault(where, f'"{name}" is no picture that reports can hold', expected)]
    if path.stat().st_size > LARGEST_LOGO:
        most = f"{LARGEST_LOGO // 1000} kB at most"
        return [Fault(where, f'"{name}" is too large', most, "Save it smaller.")]
    picture = path.read_bytes()
    odd = picture_fault(kind, picture)
    if odd:
        do = "Export it as plain SVG, or as PNG."
        return [Fault(where, f'"{name}" {odd}', "a picture: shapes alone", do)]
    report["logo"] = f"data:{kind};base64,{base64.b64encode(picture).decode('ascii')}"
    return []
