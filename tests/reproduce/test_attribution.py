"""Tables made of other packages' figures on published data are attributed to those packages.

The figures are rounded as a paper prints them; what decimals cannot tell apart has to be named too.
"""

import numpy as np
import pandas as pd
import pytest

import conjoint as cj
from conjoint.reproduce import reproduce
from conjoint.survey import PublishedFigure, Repeat

IMMIGRATION = "ChosenImmigrant"
TAXES = "chose_plan"
ATTRIBUTES = [f"att{number}" for number in range(1, 8)]
AGAIN = Repeat(task="again", of="1", flipped=True)


def to_round(number, decimals):
    """As R prints it: halves to even, noise aside."""
    return None if pd.isna(number) else round(float(number), decimals)


def published(
    rows, estimand, outcome, *, decimals=3, group="Total", points=False, errors=True, **names
):
    """A table as a paper would print it, of rows of reference results."""
    called = {"attribute": "variable", "level": "level", "estimate": "estimate", "error": "std.error",
              "low": "lower", "high": "upper", "baseline": "baseline"} | names  # fmt: skip
    scale, places = (100, decimals - 2) if points else (1, decimals)

    def number(row, name):
        if not errors or called[name] not in row or pd.isna(row[called[name]]):
            return None
        return to_round(scale * row[called[name]], places)

    return [
        PublishedFigure(
            "", row.get("BY", group), "", to_round(scale * row[called["estimate"]], places), places,
            "Table 1", estimand, outcome, row[called["attribute"]], row[called["level"]],
            row.get(called["baseline"], "") or "",
            number(row, "error"), number(row, "low"), number(row, "high"),
            "points" if points else "share",
        )
        for row in rows.to_dict("records")
    ]  # fmt: skip


def found(wave, figures, **given):
    """The one table of some figures, all of whose values appear."""
    made = reproduce(wave, figures, **given)
    (table,) = made.tables
    assert table.n_values == table.n == len(figures) == len(made)
    assert made.counts["reproduced"] == len(figures)
    return table


# --- cregg ------------------------------------------------------------------------------------

ONE_REGRESSION = "all attributes in one regression"


@pytest.mark.parametrize(
    ("case", "estimand", "said"),
    [
        ("imm_amce", "amce", {"unweighted", ONE_REGRESSION}),
        ("imm_amce_weighted", "amce", {"weights as they came", ONE_REGRESSION}),
        ("imm_mm", "marginal_mean", {"unweighted", "ties kept"}),
        ("imm_mm_weighted", "marginal_mean", {"weights as they came", "ties kept"}),
    ],
)
@pytest.mark.parametrize("decimals", [2, 3])
def test_cregg_on_the_immigration_data(
    immigration_weighted, golden, case, estimand, said, decimals
):
    figures = published(golden(case), estimand, IMMIGRATION, decimals=decimals)
    table = found(immigration_weighted, figures)
    assert table.packages[0] == "cregg"
    assert table.n_errors_found == table.n_errors == (41 if estimand == "amce" else 50)
    assert table.uncertainty[0] == "linearised; 95% interval by normal quantiles"
    assert set(table.conventions[0].split(", ")) == said
    if decimals == 3:
        assert len(table.conventions) == 1
    if decimals == 3 or estimand == "amce":
        assert "projoint" not in table.packages


@pytest.mark.parametrize(
    ("case", "estimand", "said"),
    [
        ("tax_amce", "amce", {"unweighted", ONE_REGRESSION}),
        ("tax_amce_weighted", "amce", {"weights as they came", ONE_REGRESSION}),
        ("tax_mm", "marginal_mean", {"unweighted", "ties kept"}),
        ("tax_mm_weighted", "marginal_mean", {"weights as they came", "ties kept"}),
    ],
)
def test_cregg_on_the_tax_data(taxes_weighted, golden, case, estimand, said):
    table = found(taxes_weighted, published(golden(case), estimand, TAXES))
    assert table.packages[0] == "cregg"
    assert table.n_errors_found == table.n_errors
    (convention,) = table.conventions
    assert set(convention.split(", ")) == said


@pytest.mark.parametrize(
    ("case", "estimand", "ways"),
    [
        ("imm_amce_unclustered", "amce", {"cregg"}),
        ("imm_mm_unclustered", "marginal_mean", {"cregg"}),
    ],
)
def test_without_clusters(immigration, golden, case, estimand, ways):
    table = found(immigration, published(golden(case), estimand, IMMIGRATION, decimals=4))
    assert all(way.startswith("unclustered") for way in table.uncertainty)
    assert table.uncertainty[0].startswith("unclustered HC0 times N/(N-1); 95% interval")
    assert ways <= set(table.packages)
    assert table.n_errors_found == table.n_errors


@pytest.mark.parametrize(
    ("case", "estimand", "by"),
    [
        ("imm_mm_diffs_ethno3", "difference", "ethno3"),
        ("imm_mm_diffs_ethno2", "difference", "ethno2"),
        ("imm_amce_diffs_ethno2", "amce_difference", "ethno2"),
        ("imm_mm_diffs_weighted_ethno3", "difference", "ethno3"),
    ],
)
def test_cregg_on_differences(immigration_weighted, golden, case, estimand, by):
    rows = golden(case)
    rows["BY"] = by + ": " + rows["BY"]
    figures = published(rows, estimand, IMMIGRATION, decimals=4)
    table = found(immigration_weighted, figures)
    assert table.packages[0] == "cregg"
    (convention,) = table.conventions
    weights = "weights as they came" if "weighted" in case else "unweighted"
    assert convention.startswith(weights)
    assert table.n_errors_found == table.n_errors > 40


def test_groups_that_share_people_tell_whether_they_were_taken_as_independent(immigration, golden):
    """cregg adds the variances of groups; each of some people saw both genders."""
    profiles = immigration.profiles
    wave = cj.Wave.build(immigration.survey, immigration.respondents, profiles)
    for case, apart in (("imm_mm_diffs_contest_f", True), ("imm_mm_diffs_cov_contest_f", False)):
        rows = golden(case)
        rows["BY"] = "task: " + rows["BY"]
        names = {} if apart else {"low": "no", "high": "no"}
        table = found(wave, published(rows, "difference", IMMIGRATION, decimals=5, **names))
        assert table.n_errors_found == table.n_errors
        assert all(("independent" in way) == apart for way in table.uncertainty)
        assert ("cregg" in table.packages) == apart


def test_creggs_90_percent_intervals_of_restricted_attributes(
    immigration_restricted_weighted, golden
):
    rows = golden("imm_amce_constrained_cregg")
    wrong = rows["level"].isin(["Two-Year College", "College Degree", "China", "Sudan", "Somalia"])
    table = found(
        immigration_restricted_weighted, published(rows[~wrong], "amce", IMMIGRATION, decimals=4)
    )
    assert table.conventions == (
        "unweighted, all attributes in one regression, averaged over the design",
    )
    (way,) = table.uncertainty
    assert way == (
        "linearised; 95% interval (90% for Education, Job, CountryOfOrigin, ReasonForApplication) "
        "by normal quantiles"
    )
    assert table.packages == ("cregg",)


def test_creggs_five_wrong_rows_are_said_to_differ(immigration_restricted_weighted, golden):
    """Its aliased cells give figures that no convention gives."""
    rows = golden("imm_amce_constrained_cregg")
    wrong = rows["level"].isin(["Two-Year College", "College Degree", "China", "Sudan", "Somalia"])
    made = reproduce(
        immigration_restricted_weighted, published(rows, "amce", IMMIGRATION, decimals=4)
    )
    not_same = [figure.level for figure in made.figures if figure.verdict != "reproduced"]
    assert set(not_same) == set(rows.loc[wrong, "level"])
    assert made.tables[0].n_values == len(rows) - 5


@pytest.mark.parametrize(
    ("case", "averaging"),
    [
        ("imm_amce_constrained_cells", "averaged over the design"),
        ("imm_amce_constrained_cells_empirical", "averaged over what was shown"),
    ],
)
def test_what_restricted_effects_are_averaged_over(immigration_restricted, golden, case, averaging):
    rows = golden(case).rename(columns={"base": "baseline"})
    table = found(immigration_restricted, published(rows, "amce", IMMIGRATION, decimals=4))
    assert table.conventions == (f"all attributes in one regression, {averaging}",)
    if "empirical" in case:
        assert table.packages == ()


# --- cjoint -----------------------------------------------------------------------------------

CJOINT = {"attribute": "attribute"}


@pytest.mark.parametrize(
    ("case", "convention", "way"),
    [
        ("cjoint_amce_restricted", "unweighted, {}, averaged over the design", "CR1 (Stata)"),
        ("cjoint_amce_uniform", "unweighted, {}, restrictions not modelled", "CR1 (Stata)"),
        (
            "cjoint_amce_restricted_baseline_graduate",
            "unweighted, {}, averaged over the design",
            "CR1 (Stata)",
        ),
        (
            "cjoint_amce_restricted_weighted",
            "weights as they came, {}, averaged over the design",
            "linearised",
        ),
        (
            "cjoint_amce_restricted_hc2",
            "unweighted, {}, averaged over the design",
            "unclustered HC2",
        ),
    ],
)
def test_cjoint(make_cjoint, golden, case, convention, way):
    figures = published(golden(case), "amce", "Chosen_Immigrant", decimals=6, **CJOINT)
    table = found(make_cjoint(weight="w"), figures)
    assert table.conventions == (convention.format(ONE_REGRESSION),)
    assert table.uncertainty == (way,)
    assert "cjoint" in table.packages
    assert "cregg" not in table.packages or "weighted" in case
    assert "projoint" not in table.packages
    assert table.n_errors_found == table.n_errors == 41


@pytest.mark.parametrize(("rows", "told_apart"), [(slice(0, 3), False), (slice(None), True)])
def test_decimals_tell_cjoint_from_cregg_or_both_are_named(make_cjoint, golden, rows, told_apart):
    """Linearised and CR1 errors are some thousandths of themselves apart: one figure may tell."""
    reference = golden("cjoint_amce_restricted").iloc[rows]
    figures = published(reference, "amce", "Chosen_Immigrant", **CJOINT)
    table = found(make_cjoint(weight="w"), figures)
    assert "CR1 (Stata)" in table.uncertainty
    assert "cjoint" in table.packages
    assert ("linearised" in table.uncertainty) != told_apart
    assert ("cregg" in table.packages) != told_apart


def test_baselines_are_found_where_none_is_published(make_cjoint, golden):
    rows = golden("cjoint_amce_restricted_baseline_graduate").drop(columns="baseline")
    made = reproduce(make_cjoint(), published(rows, "amce", "Chosen_Immigrant", **CJOINT))
    assert made.counts["reproduced"] == 41
    education = [figure for figure in made.figures if figure.attribute == "Education"]
    assert {figure.baseline for figure in education} == {"graduate degree"}
    assert "which is not the survey's baseline" in education[0].note
    others = [figure for figure in made.figures if figure.attribute != "Education"]
    assert not any(figure.note for figure in others)


@pytest.mark.parametrize(
    "case", [pytest.param("cjoint_acie", marks=pytest.mark.slow), "cjoint_acie_language_entry"]
)
def test_interactions_of_cjoint(make_cjoint, golden, case):
    rows = golden(case).dropna(subset="estimate")
    for name in ("attribute", "level"):
        rows[name] = rows[name].str.replace(":", " * ")
    alone = case == "cjoint_acie_language_entry"
    wave = make_cjoint(["Gender", "Language Skills", "Prior Entry"]) if alone else make_cjoint()
    table = found(wave, published(rows, "acie", "Chosen_Immigrant", decimals=5, **CJOINT))
    assert "cjoint" in table.packages
    assert "CR1 (Stata)" in table.uncertainty


# --- projoint ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def projoint(golden, oracle):
    """Its example data, the repeated task made from the raw answers."""
    frame = golden("projoint_reshaped").astype({"task": str, "profile": str})
    frame["white01"] = np.where(frame["race_white"] == "White", "1", "0")
    raw = pd.read_csv(
        oracle / "data" / "projoint_exampleData1.csv", keep_default_na=False, na_values=[""]
    ).set_index("ResponseId")["choice1_repeated_flipped"]
    wave = cj.Wave.from_frame(
        frame, respondent="id", task="task", profile="profile", outcome="selected",
        attributes=ATTRIBUTES, segments=["white01"],
    )  # fmt: skip
    first = wave.profiles.query("task == '1'")
    repeats = first.assign(task="again", profile=first["profile"].map({"1": "2", "2": "1"}))
    chosen = repeats["respondent"].map(raw).map({"Community A": "1", "Community B": "2"})
    repeats["selected"] = (repeats["profile"] == chosen).astype(float)
    return cj.Wave.build(wave.survey, wave.respondents, wave.profiles, repeats=repeats)


def of_projoint(table, kind, estimand, *, decimals=4, by=""):
    """The corrected or the uncorrected rows as a table."""
    rows = table[table["estimand"].str.endswith(f"_{kind}")].rename(
        columns={"att_level_choose": "level", "att_level_choose_baseline": "baseline", "se": "std.error",
                 "conf.low": "lower", "conf.high": "upper"}
    )  # fmt: skip
    rows["variable"] = rows["level"].str.split(":").str[0]
    if by:
        rows["BY"] = by
    return published(rows, estimand, "selected", decimals=decimals)


@pytest.mark.parametrize(
    ("case", "estimand", "convention", "way"),
    [
        ("projoint_profile_mm", "marginal_mean", "ties dropped", "CR2"),
        ("projoint_profile_mm_ties", "marginal_mean", "ties kept", "CR2"),
        (
            "projoint_profile_mm_stata",
            "marginal_mean",
            "ties dropped",
            "CR1 (Stata), of the figure's own profiles",
        ),
        ("projoint_profile_mm_hc2", "marginal_mean", "ties dropped", "unclustered HC2"),
        ("projoint_profile_amce", "amce", "ties dropped", "CR2"),
        ("projoint_profile_amce_ties", "amce", "ties kept", "CR2"),
        (
            "projoint_profile_amce_stata",
            "amce",
            "ties dropped",
            "CR1 (Stata), of the figure's own profiles",
        ),
        ("projoint_profile_amce_hc2", "amce", "ties dropped", "unclustered HC2"),
    ],
)
@pytest.mark.parametrize("kind", ["uncorrected", "corrected"])
def test_projoint(projoint, golden, case, estimand, convention, way, kind):
    figures = of_projoint(golden(case), kind, estimand, decimals=6)
    table = found(projoint, figures, repeat=AGAIN)
    said = "corrected for reliability" if kind == "corrected" else "not corrected"
    assert all(name.endswith(f"{convention}, {said}") for name in table.conventions)
    with_tau = ", with tau as projoint takes it" if kind == "corrected" else ""
    full = f"{way}{with_tau}; 95% interval by t quantiles"
    assert full in table.uncertainty
    assert len(table.uncertainty) == 1
    assert "projoint" in table.packages
    if convention == "ties dropped" or kind == "corrected":
        assert table.packages == ("projoint",)
    assert table.n_errors_found == table.n_errors == len(figures)


@pytest.mark.parametrize("kind", ["uncorrected", "corrected"])
def test_three_decimals_of_projoint_are_attributed_to_it(projoint, golden, kind):
    """They do not tell CR2 from Stata's errors; both are projoint's."""
    figures = of_projoint(golden("projoint_profile_amce"), kind, "amce", decimals=3)
    table = found(projoint, figures, repeat=AGAIN)
    assert "projoint" in table.packages
    assert "cregg" not in table.packages
    assert "cjoint" not in table.packages


@pytest.mark.parametrize("kind", ["uncorrected", "corrected"])
@pytest.mark.parametrize(
    ("case", "estimand"),
    [
        ("projoint_profile_mm_by_white01", "difference"),
        ("projoint_profile_amce_by_white01", "amce_difference"),
    ],
)
def test_projoint_on_differences(projoint, golden, case, estimand, kind):
    figures = of_projoint(golden(case), kind, estimand, decimals=4, by="white01: 1 - 0")
    table = found(projoint, figures, repeat=AGAIN)
    assert table.packages == ("projoint",)
    assert table.n_errors_found == table.n_errors == len(figures)
    assert all("ties dropped" in name for name in table.conventions)


# --- what is said of single figures -----------------------------------------------------------


def test_an_altered_figure_of_a_table_differs(projoint, golden):
    figures = of_projoint(golden("projoint_profile_amce"), "uncorrected", "amce")
    wrong = figures[5]
    figures[5] = PublishedFigure(**{**vars(wrong), "value": wrong.value + 0.2,
                                    "conf_low": wrong.conf_low + 0.2,
                                    "conf_high": wrong.conf_high + 0.2})  # fmt: skip
    made = reproduce(projoint, figures, repeat=AGAIN)
    (altered,) = made.having("differs")
    assert (altered.level, altered.value) == (wrong.level, wrong.value + 0.2)
    assert altered.in_errors > 1.96
    assert altered.difference == pytest.approx(0.2, abs=1e-4)
    assert made.counts["reproduced"] == len(figures) - 1
    assert made.tables[0].packages == ("projoint",)


def test_points_and_signs_are_recognised(immigration, golden):
    rows = golden("imm_amce").dropna(subset="std.error")
    table = found(immigration, published(rows, "amce", IMMIGRATION, points=True, errors=False))
    assert table.conventions[0] == "all attributes in one regression"
    said_wrong = [
        PublishedFigure(**{**vars(figure), "unit": "share"})
        for figure in published(rows, "amce", IMMIGRATION, points=True, errors=False)
    ]
    table = found(immigration, said_wrong)
    assert table.conventions[0].endswith("points, not shares")
    turned = [
        PublishedFigure(**{**vars(figure), "value": -figure.value})
        for figure in published(rows, "amce", IMMIGRATION, errors=False)
    ]
    assert found(immigration, turned).conventions[0].endswith("signs the other way round")


def test_values_alone_name_every_package_that_gives_them(immigration, golden):
    figures = published(golden("imm_mm"), "marginal_mean", IMMIGRATION, errors=False)
    table = found(immigration, figures)
    assert {"cregg", "projoint", "Stata"} <= set(table.packages)
    assert table.n_errors == 0
    assert table.uncertainty == ()
