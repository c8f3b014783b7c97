"""The page that is sent on: whole, private, honest about what it is."""

import html
import re

import pandas as pd
import pytest

from conftest import ROUTES


@pytest.fixture(scope="module")
def page(report_page):
    return report_page.read_text("utf-8")


@pytest.fixture(scope="module")
def words(page):
    """The page's text as one line."""
    body = page[page.index("<body") :]
    text = re.sub(r"<style.*?</style>|<[^>]+>", " ", body, flags=re.DOTALL)
    return " ".join(html.unescape(text).split())


def test_it_is_one_file_beside_its_aggregates(report_page):
    assert report_page.name == "segment_report.html"
    beside = sorted(path.name for path in report_page.parent.iterdir())
    assert beside == [".conjoint.json", "claims.csv", "data", "figures", report_page.name]
    assert report_page.stat().st_size < 5_000_000


def test_it_asks_for_nothing_from_elsewhere(page):
    links = re.findall(r'(?:src|href|srcset)="([^"]{1,80})', page)
    assert links
    assert [link for link in links if not link.startswith(("data:", "#"))] == []
    assert "@import" not in page


def test_no_respondent_is_in_its_folder(report_page):
    ids = set(pd.read_csv(ROUTES / "responses.csv", usecols=["respondent_id"])["respondent_id"])
    texts = (".html", ".csv", ".json", ".md", ".svg")
    files = [path for path in report_page.parent.rglob("*") if path.suffix in texts]
    assert len(files) > 10
    for path in files:
        text = re.sub(r"base64,[A-Za-z0-9+/=]+", "", path.read_text("utf-8"))
        assert not ids & set(re.findall(r"R\d{6}", text)), path.name


def test_it_says_at_once_that_it_is_synthetic(words):
    opening = words[: words.index("The poll in one look")]
    assert "Synthetic wave." in opening
    assert "Nothing in this report may be quoted as a finding." in opening
    assert "Safe to quote" not in words


def test_every_segment_has_a_headline_and_a_page(page, words):
    for said in (
        "48% of British adults support the deal (base 2,369; 45% to <50%)",
        "62% of Labour voters support the deal (base 685; 58% to 66%)",
        "67% of right switchers support the deal (base 97; 56% to 76%)",
        "65% of progressive switchers support the deal (base 150; 57% to 73%)",
    ):
        assert said in words
    headings = re.findall(r"<h2[^>]*>(.*?)</h2>", page, re.DOTALL)
    assert {"Labour voters", "Right switchers", "Progressive switchers"} <= set(headings)


def test_the_method_box_has_what_the_council_asks_for(words):
    for fact in (
        "Client The Future Governance Forum",
        "Pollster Convergent Opinion",
        "Fieldwork 11 to 12 May 2026",
        "Mode Online",
        "Universe All adults aged 18 and over",
        "Geography Great Britain",
        "Sample 2,369 respondents",
        "Efficiency 77.4%",
    ):
        assert fact in words
    assert "Would you support or oppose a deal in which people who came to the UK" in words


def test_toplines_have_both_bases_and_intervals(words):
    assert "Base Weighted Effective" in words
    assert re.search(
        r"Right switchers 67\.0% \(56\.\d to 76\.\d\) 21\.0% \(13\.\d to 31\.\d\) 12\.0% \(6\.\d to 20\.\d\) 97 70 85",
        words,
    )


def test_it_shows_how_the_weighting_works_out(words):
    own = words[words.index("How the weighting works out") : words.index("Appendix: effects")]
    assert "Vote in 2024 Did not vote 40.2% 26.6% 40.2% 630" in own
    assert "Office for National Statistics, population estimates for mid-2024" in own
    assert "UK-Europe deal: Support Unweighted Weighted Interval Weights as given" in own
    assert "All 48.4% 47.7% 45.4 to <50.0 45.4 to <50.0" in own
    assert "so many people, or fewer, would have to be left out" in own
    assert "Another choice of people may take fewer." in own


def test_the_method_box_says_margins_of_error_and_what_weighting_cost(words):
    assert "Margin of error ±2.3 points for everybody, ±4.0 points for Labour voters" in words
    assert "design effect 1.29" in words
    assert "their mean being 1; none was trimmed" in words


def test_each_headline_says_what_would_flip_it(words):
    line = (
        "It would be over half without 26 people or fewer, those who pull it down most (1.1% of the "
        "base); or if the target for “Labour” (Vote in 2024) were more than about 13 points higher "
        "than its 21%."
    )
    assert words.count(line) == 1
    labour = "It would be under half without 98 people or fewer, those who pull it up most (14% of the base)."
    assert words.count(labour) == 1  # on their own page: one look has everybody's


def test_the_first_page_is_one_look(words):
    look = words[words.index("The poll in one look") : words.index("What moves support")]
    look = look[: look.index("The figures in this chart")]
    assert look.count("Synthetic (else") == 3
    assert "48% of British adults support the deal; in the segments 62% to 67%" in look
    assert len(look) < 1200


def test_a_segments_page_says_what_wins_and_loses_it_and_others(words):
    own = words[words.index("Progressive switchers Voted Labour") :]
    own = own[: own.index("What people said")]
    for said in (
        "“May work from day one †” does clearly better than average and “5,000 a year” clearly worse",
        "Deals with “5,000 a year” do worse with progressive switchers, 8 points (4 to 13; base 140) below "
        "the average of that attribute’s levels, and better with British adults as a whole, 3 points",
        "Where they part from everybody",
    ):
        assert said in own.replace("\u00a0", " "), said


def test_where_segments_part_and_what_makes_up_for_what_is_said(words):
    assert "“Cap on managed arrivals” divides the segments" in words
    assert "no clear difference between the segments. That does not show that they agree" in words
    assert "What makes up for what" in words
    assert "makes up for “40,000 a year” instead of “5,000 a year”" in words


def test_claims_stand_beside_the_report(report_page):
    claims = pd.read_csv(report_page.parent / "claims.csv")
    assert len(claims) > 40
    assert set(claims["verdict"]) == {"do not quote"}  # a synthetic wave
    assert {"safe to quote", "with caution", "do not quote"} == set(claims["in_a_real_wave"])
    assert claims["n_respondents"].notna().all()


def test_rounding_to_101_is_said(words):
    assert "In whole numbers, everybody’s figures sum to 101% because each is rounded." in words


def test_assumed_levels_are_marked_and_explained(words):
    assert "25% fewer †" in words
    assert (
        "† Assumed: the survey’s source does not say that this was part of its conjoint." in words
    )
    assert "90% fewer †" not in words
    for level in ("No reduction", "25% fewer", "10,000 a year", "20% returned", "France alone"):
        shown = re.sub(r"[\u00a0 ]†", "†", words)
        assert len(re.findall(f"{level}†", shown)) == len(re.findall(level, shown)), level


def test_the_grid_says_where_levels_are_put_together(words):
    assert words.count("levels that stand beside each other are put together: a figure") == 2
    assert re.search(r"“20,000 or 40,000 a year †” with “No reduction †”; base \d+", words)
    assert "Too few right switchers saw each pair" not in words


def test_no_code_markup_or_warning_shows(words):
    for mark in ("show(report", "```", ":::", "{.", "Traceback", "Warning", "<strong", "**"):
        assert mark not in words
    assert not re.search(r"(nan|None|NaN)", words)


def test_every_picture_has_alt_text_that_says_its_figures(page):
    alts = re.findall(r'<img[^>]* alt="([^"]*)"', page)
    assert len(alts) == 1 + 5 + 4 + 3 + 2 + 5  # shares, means, grids, pulls, weighting, effects
    assert all(len(alt) > 40 and re.search(r"\d", alt) for alt in alts)


def test_it_says_how_to_make_it_again(words):
    assert "conjoint report" in words
    assert re.search(r"responses\.csv: [0-9a-f]{64}", words)
