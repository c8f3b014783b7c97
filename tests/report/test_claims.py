"""Sentences: true to their estimand, with base, interval and verdict."""

import re
from dataclasses import replace

import pytest
from tables_in import words_in

import conjoint as cj
from conjoint.report.claim import Figure, judge, mark
from conjoint.report.claims import (
    departures,
    group_claim,
    lead_question,
    leader,
    level_claim,
    ranked,
)
from conjoint.report.listing import CLAIM_COLUMNS
from conjoint.report.moves import agreement
from conjoint.report.segment import SegmentReport
from conjoint.say.words import plain

GROUPS = ("Total", "labour_voters", "right_switchers", "progressive_switchers")


@pytest.fixture
def real(routes):
    """The survey that ships as if people had answered."""
    return replace(routes, survey=routes.survey.model_copy(update={"synthetic": False}))


def altered(analysis, table, change):
    """The analysis with one table changed in a copy."""
    copy = analysis.tables[table].copy()
    change(copy)
    return replace(analysis, tables=analysis.tables | {table: copy})


def test_the_lead_question_is_the_first_with_a_headline(routes):
    assert lead_question(routes) == "deal"


def test_the_total_is_said_with_its_other_answers(routes):
    said = plain(group_claim(routes, "deal", "Total").text)
    assert said == (
        "48% of British adults support the deal (base 2,369; 45% to <50%). "
        "The rest: “Oppose” 34% and “Don't know” 19%."
    )


def test_a_segment_is_said_with_its_difference_from_everybody(routes):
    claim = group_claim(routes, "deal", "right_switchers")
    assert plain(claim.text) == (
        "67% of right switchers support the deal (base 97; 56% to 76%): "
        "19 points (9 to 28) more than British adults as a whole."
    )
    assert claim.reading == "caution"


def test_more_is_not_said_where_the_interval_covers_zero(routes):
    def cover_zero(table):
        table["conf_low"] = -0.01
        table["conf_high"] = 0.3

    unclear = altered(routes, "topline_differences", cover_zero)
    said = plain(group_claim(unclear, "deal", "labour_voters").text)
    assert "more" not in said
    assert said.endswith(
        "That is not clearly different from British adults as a whole (+14 points, −1 to +30)."
    )


def with_smallest(analysis, table, p_equivalent):
    """The analysis as if a smallest effect were declared, a table's differences unclear."""

    def change(table):
        table["p_equivalent"] = p_equivalent
        table["conf_low"], table["conf_high"] = -0.01, 0.01

    changed = altered(analysis, table, change)
    declared = analysis.survey.model_copy(update={"smallest_effect": 0.025})
    return replace(changed, survey=declared)


def test_alike_is_said_only_where_a_test_shows_it(routes):
    for p, words in ((0.049, "alike to within 2.5 points"), (0.05, "not clearly different")):
        shares = with_smallest(routes, "topline_differences", p)
        levels = with_smallest(routes, "spread", p)
        for claim in (
            group_claim(shares, "deal", "labour_voters"),
            level_claim(levels, "cap", "Total"),
        ):
            assert words in plain(claim.text)
            assert ("alike" in claim.text) == (p < 0.05)


def between(analysis, p_value, p_equivalent=None, quoted=None):
    """The analysis with other tests between the segments."""

    def change(table):
        rows = table["group"] == ""
        table.loc[rows, "p_value"] = p_value
        if quoted is not None:
            table.loc[rows, "quoted"] = table["variance"] == quoted
            table.loc[rows & (table["variance"] == quoted), "p_value"] = 0.4
        if p_equivalent is not None:
            table["p_equivalent"] = table["attribute"].map({"cap": p_equivalent})

    return altered(analysis, "omnibus", change)


def test_segments_divide_by_the_test_that_is_quoted(routes):
    """Right switchers are 97: the test with CR2. A p-value says what it allows for."""
    number = len(routes.survey.attributes)
    own = routes.tables["omnibus"].query("group == ''")
    assert set(own.loc[own["quoted"], "variance"]) == {"CR2"}
    (*parted,) = agreement(between(routes, 0.001))
    assert len(parted) == number
    assert f"(p = {0.001 * number:.3f}, all {number} attributes allowed for; base" in parted[0].text
    (unclear,) = agreement(between(routes, 0.001, quoted="CR2"))
    assert "no clear difference between the segments" in unclear.text
    assert not any("polls" in claim.text for claim in [*parted, unclear])


def test_segments_are_alike_where_every_pair_of_them_is(routes):
    declared = routes.survey.model_copy(update={"smallest_effect": 0.03})
    same, unclear = agreement(between(replace(routes, survey=declared), 0.5, p_equivalent=0.01))
    label = declared.attribute_label("cap")
    assert plain(same.text) == (
        f"“{label}”: the segments are alike. No level differs by 3 points or more between any two of them."
    )
    assert label not in unclear.text


def test_attributes_come_by_what_moves_people_chance_taken_out(routes):
    names = list(routes.survey.attributes)

    def wide_by_chance(table):
        table["estimate"] = table["attribute"].map({names[0]: 0.9}).fillna(0.1)
        table["moves"] = table["attribute"].map({names[-1]: 0.05}).fillna(0.0)

    assert ranked(altered(routes, "spread", wide_by_chance)) == [names[-1], *names[:-1]]


def test_clearly_above_allows_for_all_pairs_of_segments(routes):
    def adjusted(p_holm):
        def change(table):
            table["p_holm"] = p_holm
            table["conf_low"] = 0.01  # its own interval keeps off zero in both cases

        return altered(routes, "topline_differences", change)

    assert "It is not clearly above" in plain(leader(adjusted(0.06), "deal").text)
    said = plain(leader(adjusted(0.04), "deal").text)
    assert said.endswith(
        "67% (base 97; 56% to 76%). It is clearly above that of progressive switchers and Labour voters."
    )


def test_less_is_said_of_less(routes):
    def below(table):
        for column in ("estimate", "conf_low", "conf_high"):
            table[column] = {"estimate": -0.1, "conf_low": -0.15, "conf_high": -0.05}[column]

    said = group_claim(altered(routes, "topline_differences", below), "deal", "labour_voters").text
    assert "10 points (5 to 15) less than British adults as a whole" in said


def test_the_leader_is_not_set_above_those_it_is_not_clearly_above(routes):
    said = plain(leader(routes, "deal").text)
    assert said == (
        "Among the segments, the share who support the deal is highest for right switchers: 67% (base 97; "
        "56% to 76%). It is not clearly above that of progressive switchers or Labour voters."
    )


def test_a_level_is_said_with_its_counterpart_and_base(routes):
    said = plain(level_claim(routes, "reduction", "Total").text)
    assert re.fullmatch(
        r"Deals with “90% fewer” are chosen 59% of the time and those with “No reduction †” 41%: "
        r"19 points \(15 to 22; base 2,\d{3}\) apart before rounding\.",
        said,
    )


def test_rounding_is_named_where_the_figures_shown_give_another_difference(routes):
    for name in routes.survey.attributes:
        said = plain(level_claim(routes, name, "Total").text)
        high, low = map(int, re.findall(r"(\d+)%(?: of the time|: )", said))
        (size,) = map(int, re.findall(r"(\d+) points? \(", said))
        assert ("before rounding" in said) == (high - low != size), said


def test_a_segments_page_names_the_furthest_partings_and_counts_the_others(routes):
    def all_clear(table):
        table["p_holm"] = 0.001
        table["conf_low"] = table["estimate"].abs() / 2
        table["conf_high"] = table["estimate"].abs() * 2

    many = altered(routes, "departures", all_clear)
    parted = departures(many, group="labour_voters")
    page = words_in(SegmentReport(many).segment_pages())
    own = page[: page.index("Right switchers {")]
    assert [claim.text in own for claim in parted] == [True] * 3 + [False] * (len(parted) - 3)
    assert f"{len(parted) - 3} more such levels: see “What moves support”." in own


def test_a_small_base_gives_no_figure(routes):
    def small(table):
        own = table["group"] == "right_switchers"
        table.loc[own, "reading"] = "suppressed"
        table.loc[own, "n_respondents"] = 31
        table.loc[own, ["estimate", "conf_low", "conf_high"]] = float("nan")

    claim = group_claim(altered(routes, "toplines", small), "deal", "right_switchers")
    assert claim.reading == "suppressed"
    assert "Too few right switchers" in plain(claim.text)
    assert "%" not in claim.text
    moved = level_claim(altered(routes, "spread", small), "cap", "right_switchers")
    assert moved.reading == "suppressed"
    assert "%" not in moved.text


def test_departures_are_those_that_survive_holm(routes):
    table = routes.tables["departures"]
    own = table[(table["outcome"] == "choice") & (table["p_holm"] < 0.05)]
    assert len(departures(routes)) == len(own) > 0
    assert len(own) < (table.query("outcome == 'choice'")["p_value"] < 0.05).sum()


def test_no_sentence_speaks_of_a_majority_or_a_cause(routes):
    claims = [group_claim(routes, q, g) for q in ("deal", "work") for g in GROUPS]
    claims += [level_claim(routes, a, g) for a in routes.survey.attributes for g in GROUPS]
    claims += [leader(routes, "deal"), *departures(routes)]
    for claim in claims:
        assert not re.search(r"\b(most|majority|because|causes?|makes)\b", claim.text), claim.text
        assert re.search(r"base\\? ?[\d,]+", plain(claim.text))


def share(base, width=0.04, **given):
    return Figure("share", "Total", "deal", "", "Support", "", 0.5, 0.5 - width, 0.5 + width, base, **given)  # fmt: skip


@pytest.mark.parametrize(
    ("reading", "figures", "words", "look"),
    [
        ("safe", (), "Safe to quote", "safe"),
        ("caution", (share(97),), "Caution: base under 100", "caution"),
        ("suppressed", (share(31),), "Do not quote: base under 50", "suppressed"),
        ("suppressed", (share(80),), "Do not quote: withheld", "suppressed"),
        ("safe", (share(150, 0.11),), "Caution: wide interval", "caution"),
        ("caution", (share(97, 0.11),), "Caution: base under 100, wide interval", "caution"),
        ("safe", (share(150, 0.15),), "Do not quote: interval too wide", "suppressed"),
    ],
)
def test_verdicts_of_a_real_wave_weigh_base_and_width(real, reading, figures, words, look):
    assert mark(judge(real, reading, figures)) == f"[{words}]{{.verdict .{look}}}"


def test_a_difference_may_be_as_wide_as_two_such_shares_apart(real):
    difference = Figure("share difference", "a", "deal", "", "", "b", 0.1, -0.02, 0.22, 200)
    assert judge(real, "safe", (difference,)).verdict == "safe to quote"
    assert judge(real, "safe", (share(200, 0.12),)).verdict == "with caution"


def test_no_verdict_calls_a_synthetic_figure_safe(routes):
    found = judge(routes, "safe", (share(900),))
    assert mark(found) == "[Synthetic (else safe to quote)]{.verdict .synthetic .safe}"
    assert (found.verdict, found.otherwise) == ("do not quote", "safe to quote")
    assert found.reasons == ("synthetic wave",)


def test_the_listing_has_every_claim_that_the_report_makes(routes):
    report, listing = SegmentReport(routes), SegmentReport(routes).claims()
    assert list(listing) == CLAIM_COLUMNS
    sections = [section.name for section in report.document.sections if section.claims]
    page = words_in(piece for name in sections for piece in getattr(report, name)())
    assert page.count("{.verdict") == len(listing) > 40
    text = plain(page)
    assert [said for said in listing["text"] if said not in text] == []
    assert (listing["verdict"] == "do not quote").all()  # the wave is synthetic
    # One cell of the grid is of 64 people, whose weights leave 47.
    assert listing["in_a_real_wave"].value_counts()["do not quote"] == 1


def test_a_listed_claim_has_its_figure_base_and_interval(routes):
    row = SegmentReport(routes).claims().iloc[0]
    assert row["text"].startswith(
        "48% of British adults support the deal (base 2,369; 45% to <50%)"
    )
    assert (row["estimand"], row["group"], row["level"]) == ("share", "Total", "Support")
    assert row["conf_low"] < row["estimate"] < row["conf_high"]
    assert row["n_respondents"] == 2369
    assert "against Total" in SegmentReport(routes).claims()["also"].str.cat()


def test_a_rating_is_said_in_its_own_units(folder):
    folder.replace(
        '[outcomes.choice]\nkind = "choice"\ncolumn = "t{task}_{profile}_choice"\npositive = "1"\nnegative = "0"',
        '[outcomes.liking]\nkind = "rating"\ncolumn = "t{task}_{profile}_choice"\nmin = 0\nmax = 10',
    )
    for place, column in enumerate(c for c in folder.responses if c.endswith("_choice")):
        folder.responses[column] = [str((place + row) % 11) for row in range(len(folder.responses))]
    folder.toml += "\n[thresholds]\ncaution_below = 0\nsuppress_below = 0\n"
    said = plain(level_claim(cj.run_analysis(folder.write()), "price", "Total").text)
    assert re.match(
        r"Profiles with “\w+” \(price\) are rated \d\.\d on average and those with “\w+” \d\.\d: ",
        said,
    )
    assert "%" not in said
    assert "point" not in said
