"""The explorer as one HTML file: its text, its data and its scripts, and nothing from elsewhere."""

from __future__ import annotations

import re
from functools import cache
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from conjoint.errors import Fault, ReportError
from conjoint.policy import policy, scripts_of
from conjoint.say.words import days

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from conjoint.survey import Survey

__all__ = ["explorer_fragment", "explorer_page", "explorer_scripts"]

SCRIPTS = (
    "algebra.js",
    "number.js",
    "words.js",
    "chart.js",
    "controls.js",
    "answers.js",
    "figures.js",
    "page.js",
)
"""The page's own script, in the order that it is read."""

PLACE = re.compile(r"<!-- (\w+) -->")

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
    parts = {
        "title": escape(survey.title),
        "kind": "embedded" if embedded else "page",
        "facts": " · ".join(_facts(survey, provenance)),
        "banner": _banner(survey),
        "profile": escape(survey.report.profile),
        "everyone": escape(survey.report.everyone),
        "colophon": _colophon(survey, provenance),
        "style": _asset("explorer.css"),
        "data": data,
        "policy": policy(explorer_scripts()),
        **_scripts(),
    }
    # In one pass, so that nothing a survey says is taken for a place.
    return PLACE.sub(lambda found: parts[found.group(1)], _asset("explorer.html"))


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
    title = escape(f"Explorer: support for any {survey.report.profile}")
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
    template = PLACE.sub(lambda found: parts.get(found.group(1), ""), _asset("explorer.html"))
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
    bundle = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    return f"(() => {{{bundle}\n}})();".replace("</script", r"<\/script")


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


def _facts(survey: Survey, provenance: Mapping[str, Any]) -> list[str]:
    people = provenance.get("counts", {}).get("respondents")
    facts = [
        f"For {survey.client}" if survey.client else "",
        f"by {survey.pollster}" if survey.pollster else "",
        days(survey.fieldwork),
        f"{people:,} people" if people else "",
    ]
    return [escape(fact) for fact in facts if fact]


def _banner(survey: Survey) -> str:
    if not survey.synthetic:
        return ""
    return (
        f'<div class="banner" role="note"><p><strong>Synthetic wave.</strong> '
        f"{escape(survey.synthetic_note)} <strong>Nothing on this page may be quoted as a finding."
        "</strong></p></div>"
    )


def _colophon(survey: Survey, provenance: Mapping[str, Any]) -> str:
    """How the page was made: weighting and command in sight, software and input a click away."""
    told = []
    if provenance.get("weighting", {}).get("weighted"):
        told.append((survey.weighting.text if survey.weighting else "") or "Weighted")
    said = [f"<p>{escape(text)}.</p>" for text in told]
    if provenance.get("command"):
        said.append(f"<p>Made by <code>{escape(str(provenance['command']))}</code>.</p>")
    versions = [f"{name} {number}" for name, number in provenance.get("versions", {}).items()]
    inputs = [
        f"<p>{escape(name)}, SHA-256 <code>{escape(digest)}</code></p>"
        for name, digest in provenance.get("inputs", {}).items()
    ]
    if versions or inputs:
        software = f"<p>{escape(', '.join(versions))}</p>" if versions else ""
        said.append(
            f"<details><summary>Software and input</summary>{software}{''.join(inputs)}</details>"
        )
    return "\n".join(said)
