"""The explorer as one HTML file: its text, its data and its scripts, and nothing from elsewhere."""

from __future__ import annotations

import re
from contextlib import suppress
from functools import cache
from html import escape
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Any

from conjoint.errors import Fault, ReportError
from conjoint.output import digest
from conjoint.policy import policy, scripts_of
from conjoint.say.phrase import phrase
from conjoint.say.words import days

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

    from conjoint.survey import Survey

__all__ = ["explorer_fragment", "explorer_page", "explorer_scripts"]

SCRIPTS = (
    "algebra.js",
    "number.js",
    "phrase.js",
    "words.js",
    "chart.js",
    "controls.js",
    "answers.js",
    "figures.js",
    "grid.js",
    "page.js",
)
"""The page's own script, in the order that it is read."""

PLACE = re.compile(r"<!-- (say\.)?([\w.]+) -->")
"""What the template leaves open; behind `say.` stands the key of a sentence."""

PART = re.compile("\0(\\w+)\0")

HEIGHT = "64rem"
"""Of the frame until the page in it says how tall it is."""


def explorer_page(
    survey: Survey,
    tables: Mapping[str, pd.DataFrame],
    provenance: Mapping[str, Any],
    *,
    embedded: bool = False,
) -> str:
    """Make a page on which people choose a package and see who would support it.

    Parameters
    ----------
    survey
        What was asked.
    tables
        Of :func:`conjoint.scenario.explorer.explorer_tables`, as they are or as a bundle holds them.
    provenance
        Of the analysis.
    embedded
        Without title, facts and colophon, for a page that has its own.

    Returns
    -------
    str
        HTML that works from disk and asks for nothing else. It may not load anything: its own content
        security policy forbids it, and code made from text.

    Raises
    ------
    ReportError
        The charting library is not installed, or the tables hold no figure that may be shown.
    """
    # Loads charts, which only reports need.
    data = _data(survey, tables, provenance)
    title = escape(survey.title)
    parts = {
        "title": title,
        "page_title": _said("page_title", title=title),
        "kind": "embedded" if embedded else "page",
        "facts": " · ".join(_facts(survey, provenance)),
        "banner": _banner(survey),
        "colophon": _colophon(survey, provenance),
        "style": _asset("explorer.css"),
        "data": data,
        "policy": policy(explorer_scripts()),
        **_scripts(),
    }
    # In one pass, so that nothing a survey says is taken for a place.
    return PLACE.sub(
        lambda place: _said(place[2]) if place[1] else parts[place[2]], _asset("explorer.html")
    )


def explorer_fragment(
    survey: Survey, tables: Mapping[str, pd.DataFrame], provenance: Mapping[str, Any]
) -> str:
    """Make a frame that holds the whole explorer, to stand in a report's page.

    Parameters
    ----------
    survey, tables, provenance
        As for :func:`explorer_page`.

    Returns
    -------
    str
        One line of HTML. It needs no network and no second file; the frame grows with its content.

    Raises
    ------
    ReportError
        As for :func:`explorer_page`.
    """
    page = explorer_page(survey, tables, provenance, embedded=True)
    # In an attribute's value only these two mean anything, and scripts have fewer single quotes than
    # double ones; a blank line would end it in Markdown, which also makes blanks of tabs.
    inside = page.replace("&", "&amp;").replace("'", "&#39;")
    inside = inside.replace("\n", "&#10;").replace("\t", "&#9;")
    title = _said("frame_title", profile=escape(survey.report.profile))
    style = f"width:100%;height:{HEIGHT};border:0"
    return f'<iframe class="explorer" title="{title}" style="{style}" srcdoc=\'{inside}\'></iframe>'


def _scripts() -> dict[str, str]:
    return {
        "library": charting_library(),
        "script": "\n".join(_asset(name) for name in SCRIPTS),
    }


@cache
def explorer_scripts() -> tuple[str, ...]:
    """The scripts of the page, as the policy names them; a page around it has to allow them, too."""
    parts = _scripts()
    template = PLACE.sub(lambda place: parts.get(place[2], ""), _asset("explorer.html"))
    return tuple(scripts_of(template))


@cache
def charting_library() -> str:
    """Vega with Vega-Embed as one script.

    Raises
    ------
    ReportError
        It is not installed.
    """
    try:
        import vl_convert  # only reports need it
    except ModuleNotFoundError as error:
        raise ReportError(
            Fault(
                "explorer",
                "vl-convert-python, which brings the charts, is not installed",
                do='pip install "conjoint[report]".',
            )
        ) from error
    # A newline of its own: the bundle may end in a comment.
    bundle = _remembered(
        f"vega-{version('vl-convert-python')}.js",
        lambda: vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;"),
    )
    return f"(() => {{{bundle}\n}})();".replace("</script", r"<\/script")


def _remembered(name: str, make: Callable[[], str]) -> str:
    """A text that takes seconds to make, from the person's cache: it begins with its hash, so that a damaged one is made again."""
    import platformdirs  # only reports need it

    path = Path(platformdirs.user_cache_dir("conjoint", appauthor=False)) / name
    with suppress(OSError, UnicodeDecodeError):
        kept, _, text = path.read_bytes().decode("utf-8").partition("\n")
        if kept == digest(text.encode()):
            return text
    text = make()
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(
            "w", dir=path.parent, encoding="utf-8", newline="", delete=False
        ) as new:
            new.write(f"{digest(text.encode())}\n{text}")
        Path(new.name).replace(path)
    return text


def _data(survey: Survey, tables: Mapping[str, pd.DataFrame], provenance: Mapping[str, Any]) -> str:
    try:
        from conjoint.explorer.data import as_json, page_data
    except ModuleNotFoundError as error:
        raise ReportError(
            Fault(
                "explorer",
                f"{error.name} is not installed",
                do='pip install "conjoint[report]".',
            )
        ) from error
    data = page_data(survey, tables, provenance)
    if not data["models"]:
        notes = [
            note for note in tables["explorer_models"]["note"] if isinstance(note, str) and note
        ]
        what = "there is no figure that may be shown"
        if notes:
            raise ReportError(
                Fault(
                    "explorer",
                    f"{what}: {'; '.join(dict.fromkeys(notes))}",
                    "an outcome of which support for packages can be estimated",
                    "Correct survey.toml: declare what the design never shows, or leave it out.",
                )
            )
        raise ReportError(
            Fault(
                "explorer",
                what,
                f"{survey.thresholds.suppress_below} people or more who judged profiles",
                "Lower suppress_below in survey.toml, or ask more people.",
            )
        )
    return as_json(data)


def _asset(name: str) -> str:
    return (files("conjoint.explorer") / "assets" / name).read_text("utf-8")


def _said(key: str, n: int | None = None, **parts: str) -> str:
    """A sentence of the page as HTML; its parts are HTML already."""
    marks = {name: f"\0{name}\0" for name in parts}
    text = escape(phrase(f"explorer.{key}", n, **marks))
    return PART.sub(lambda place: parts[place[1]], text)


def _facts(survey: Survey, provenance: Mapping[str, Any]) -> list[str]:
    people = provenance.get("counts", {}).get("respondents")
    facts = [
        _said("client", client=escape(survey.client)) if survey.client else "",
        _said("pollster", pollster=escape(survey.pollster)) if survey.pollster else "",
        escape(days(survey.fieldwork)),
        _said("people", people) if people else "",
    ]
    return [fact for fact in facts if fact]


def _banner(survey: Survey) -> str:
    if not survey.synthetic:
        return ""
    return (
        f'<div class="banner" role="note"><p><strong>{_said("synthetic")}</strong> '
        f"{escape(survey.synthetic_note)} <strong>{_said('not_quotable')}</strong></p></div>"
    )


def _colophon(survey: Survey, provenance: Mapping[str, Any]) -> str:
    """How the page was made: weighting and command in sight, software and input a click away."""
    lines = []
    if provenance.get("weighting", {}).get("weighted"):
        text = survey.weighting.text if survey.weighting else ""
        lines.append(_said("weighting", text=escape(text) if text else _said("weighted")))
    if provenance.get("command"):
        lines.append(_said("made_by", command=_code(provenance["command"])))
    versions = [f"{name} {number}" for name, number in provenance.get("versions", {}).items()]
    hidden = [escape(", ".join(versions))] if versions else []
    hidden += [
        _said("input", name=escape(name), digest=_code(digest))
        for name, digest in provenance.get("inputs", {}).items()
    ]
    paragraphs = [f"<p>{line}</p>" for line in lines]
    if hidden:
        more = "".join(f"<p>{line}</p>" for line in hidden)
        summary = _said("software")
        paragraphs.append(f"<details><summary>{summary}</summary>{more}</details>")
    return "\n".join(paragraphs)


def _code(text: object) -> str:
    return f"<code>{escape(str(text))}</code>"
