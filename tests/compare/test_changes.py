"""Changes between waves: their size, error, base and verdict."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from two_waves import TARGETS, asked, draw, two

import conjoint as cj
from conftest import ROOT, ROUTES
from conjoint.compare import compare
from conjoint.errors import RequestError
from conjoint.estimates import independent, paired

AUTUMN = ROOT / "surveys" / "routes_for_returns_2026_autumn"


@pytest.fixture(scope="module")
def waves():
    return two(1, 600, lift=0.1)


@pytest.fixture(scope="module")
def compared(waves):
    return compare(*waves, by="segments")


@pytest.fixture(scope="module")
def shipped():
    raw = [cj.read_wave(folder) for folder in (ROUTES, AUTUMN)]
    return compare(*map(cj.rake, raw), by="segments")


def row(comparison, **keys):
    frame = comparison.frame
    for name, value in keys.items():
        frame = frame[frame[name] == value]
    assert len(frame) == 1, keys
    return frame.iloc[0]


def test_figures_are_the_estimators_own_and_the_change_their_difference(waves, compared):
    a, b = waves
    for kind, estimator in (("marginal mean", cj.marginal_means), ("amce", cj.amce)):
        own = compared.of(kind)
        own = own[own["group"] == "Total"]
        first, second = estimator(a).frame, estimator(b).frame
        np.testing.assert_allclose(own["estimate_first"], first["estimate"])
        np.testing.assert_allclose(own["change"].fillna(0), second["estimate"] - first["estimate"])
        np.testing.assert_allclose(
            own["std_error"], np.hypot(first["std_error"], second["std_error"]), rtol=1e-12
        )
    toplines = [cj.toplines(wave, by="segments").frame for wave in waves]
    keys = ["outcome", "group", "level"]
    ours = compared.of("topline").set_index(keys).sort_index()
    theirs = [frame.set_index(keys).sort_index() for frame in toplines]
    np.testing.assert_allclose(ours["estimate_second"], theirs[1]["estimate"])
    errors = np.hypot(theirs[0]["std_error"], theirs[1]["std_error"])
    np.testing.assert_allclose(ours["std_error"], errors, rtol=1e-12)
    assert (ours["n_second"] == theirs[1]["n_respondents"]).all()


def test_a_weighted_share_has_the_sum_of_the_two_variances(waves):
    """By hand, weights taken as given: sum w^2 (y - p)^2 / (sum w)^2, n / (n - 1)."""
    given = [wave.fixed() for wave in waves]
    variance = 0.0
    for wave in given:
        w, y = wave.weights, (wave.respondents["deal"] == "Support").to_numpy(float)
        p = w @ y / w.sum()
        variance += (w**2 @ (y - p) ** 2) / w.sum() ** 2 * len(w) / (len(w) - 1)
    own = row(compare(*given), outcome="deal", level="Support")
    assert own["std_error"] == pytest.approx(np.sqrt(variance), rel=1e-12)


def test_calibration_is_known_in_both_waves(waves, compared):
    given = compare(*[wave.fixed() for wave in waves])
    known = row(compared, outcome="deal", level="Support", group="Total")
    assert known["std_error"] < row(given, outcome="deal", level="Support")["std_error"]
    assert known["change"] == pytest.approx(row(given, outcome="deal", level="Support")["change"])


def test_degrees_of_freedom_are_welch_and_satterthwaites():
    a, b = draw(6, 30), draw(7, 90)
    figures = [cj.toplines(wave, question="deal").select(level="Support") for wave in (a, b)]
    both = independent(figures)
    change = both.contrast(np.array([[-1.0, 1.0]]), both.labels[:1])
    v = [own.std_errors[0] ** 2 for own in figures]
    welch = sum(v) ** 2 / (v[0] ** 2 / 29 + v[1] ** 2 / 89)
    assert change.with_interval("wald").degrees[0] == pytest.approx(welch)
    np.testing.assert_allclose(both.std_errors, [own.std_errors[0] for own in figures])
    np.testing.assert_allclose(both.degrees, [29, 89])
    assert both.covariance[0, 1] == 0


def test_waves_of_one_size_are_told_apart():
    a, b = two(4, 50, weighted=False)
    figures = [cj.marginal_means(wave) for wave in (a, b)]
    with pytest.raises(RequestError, match=r"different respondents.*independent"):
        cj.stack(figures)
    assert independent(figures).influence.shape == (100, 10)
    with pytest.raises(RequestError, match="same respondents"):
        independent([figures[0], cj.amce(a)])


def test_figures_of_independent_samples_can_be_tested_jointly(waves):
    both = independent([
        figures.select(attribute="price") for figures in map(cj.marginal_means, waves)
    ])  # fmt: skip
    labels = both.labels.assign(group=["first"] * 3 + ["second"] * 3)
    test = cj.omnibus(replace(both, labels=labels)).iloc[0]
    assert test["hypothesis"] == "same in all groups"
    assert test["comparisons"] == 2
    assert 0 < test["p_value"] < 1


@pytest.mark.parametrize("weighted", [True, False])
def test_errors_agree_with_an_independent_bootstrap(weighted):
    """Each wave's respondents drawn again on their own, and weighted anew."""
    waves = two(5, 500, weighted=weighted, lift=0.05)
    rng = np.random.default_rng(9)
    changes = {"Support": [], "Net": []}
    for _ in range(300):
        shares = []
        for wave in waves:
            drawn = rng.multinomial(
                wave.n_respondents, np.full(wave.n_respondents, 1 / wave.n_respondents)
            )
            again = wave.with_weights(drawn.astype(float))
            again = cj.rake(again, TARGETS) if weighted else again
            w, deal = again.weights, wave.respondents["deal"]
            p = {answer: w @ (deal == answer) / w.sum() for answer in ("Support", "Oppose")}
            shares.append({"Support": p["Support"], "Net": p["Support"] - p["Oppose"]})
        for level, own in changes.items():
            own.append(shares[1][level] - shares[0][level])
    compared = compare(*waves)
    for level, own in changes.items():
        told = row(compared, outcome="deal", level=level)["std_error"]
        assert told == pytest.approx(np.std(own), rel=0.13)  # 300 draws: 3 standard errors


def test_adjustment_is_holm_within_a_table(waves):
    frame = compare(*waves, by="segments", family="table").frame
    table = frame[(frame["outcome"] == "deal") & (frame["group"] == "Total")]
    pd.testing.assert_series_equal(
        table["p_adjusted"], cj.adjust(table, family=())["p_adjusted"], check_names=False
    )
    whole = compare(*waves, by="segments").frame
    tested = whole["p_value"].notna()
    assert (whole["p_adjusted"][tested] >= frame["p_adjusted"][tested] - 1e-12).all()


def test_adjustment_over_the_comparison_is_holm_with_weights(waves):
    """By hand (Holm 1979): half for everybody, half for segments; then by tables, then by figures."""
    frame = compare(*waves, by="segments").frame.dropna(subset=["p_value"]).reset_index(drop=True)
    weight = []
    for figure in frame.itertuples():
        side = frame[(frame["group"] == "Total") == (figure.group == "Total")]
        keys = ["kind", "outcome", "item", "group"]
        own = side[(side[keys] == [getattr(figure, key) for key in keys]).all(axis=1)]
        weight.append(0.5 / side[keys].drop_duplicates().shape[0] / len(own))
    assert sum(weight) == pytest.approx(1)
    p, weight, largest = frame["p_value"].to_numpy(), np.array(weight), 0.0
    left = list(np.argsort(p / weight))
    while left:
        largest = max(largest, min(1.0, p[left[0]] / weight[left[0]] * weight[left].sum()))
        assert frame["p_adjusted"][left.pop(0)] == pytest.approx(largest, rel=1e-10)
    alone = compare(*waves, what=["topline"]).frame
    alone = alone[alone["p_value"].notna()]
    assert alone["p_adjusted"].min() == pytest.approx(
        min(1, (alone["p_value"] * alone.groupby("outcome")["level"].transform("size") * 2).min())
    )


def test_a_verdict_needs_the_adjusted_test(compared):
    frame = compared.frame
    clear = frame["verdict"].isin(["rose", "fell"])
    assert clear.any()
    assert (frame["p_adjusted"][clear] < 0.05).all()
    assert (frame["change"][frame["verdict"] == "rose"] > 0).all()
    unclear = frame[frame["verdict"] == "no clear change"]
    assert not (unclear["p_adjusted"] < 0.05).any()
    assert (frame["verdict"][frame["estimate_second"] == 0] == "baseline").any()


def test_small_bases_are_blank_in_changes_trend_and_parts():
    thresholds = {"suppress_below": 50, "caution_below": 250}
    survey = asked(thresholds=thresholds, segments={
        "few": {"where": {"vote": "None", "sex": "M"}}, "many": {"where": {"sex": "M"}}})  # fmt: skip
    waves = [draw(seed, 300, survey=survey, prefix=f"w{seed}") for seed in (1, 2)]
    compared = compare(*waves, by="segments", hold="vote")
    frame = compared.frame
    few = frame[frame["group"] == "few"]
    assert (few["reading"] == "suppressed").all()
    assert (
        few[["estimate_first", "estimate_second", "change", "std_error", "p_adjusted"]]
        .isna()
        .all(axis=None)
    )
    assert set(few["verdict"]) <= {"too few"}
    assert (few["n_first"] > 0).any()
    assert set(frame["reading"][frame["group"] == "many"]) == {"caution"}
    assert compared.trend[compared.trend["group"] == "few"]["estimate"].isna().all()
    parts = compared.decomposition
    assert (parts["n_first"] >= 50).all()
    assert (parts["n_second"] >= 50).all()
    assert "few" not in set(parts["group"])


def test_three_waves_make_a_trend():
    waves = [
        draw(seed, 200, survey=asked(f"2026-0{seed}-01"), prefix=f"w{seed}") for seed in (1, 2, 3)
    ]
    compared = compare(*waves)
    names = ["January 2026", "February 2026", "March 2026"]
    assert compared.waves["wave"].tolist() == names
    pairs = compared.frame[["first", "second"]].drop_duplicates()
    assert pairs.to_numpy().tolist() == [names[:2], names[1:], [names[0], names[2]]]
    own = compared.trend[(compared.trend["outcome"] == "deal") & (compared.trend["level"] == "Net")]
    assert own["wave"].tolist() == names
    expected = [cj.toplines(wave).select(level="Net").values[0] for wave in waves]
    np.testing.assert_allclose(own["estimate"], expected)
    whole = row(compared, outcome="deal", level="Net", first=names[0], second=names[2])
    assert whole["change"] == pytest.approx(expected[2] - expected[0])


def test_a_column_may_be_called_otherwise(waves):
    a, b = waves
    people = b.respondents.rename(columns={"deal": "Q7"})
    survey = asked("2026-10-05", questions__deal__column="Q7")
    renamed = cj.Wave.build(survey, people, b.profiles, b.weights)
    ours = row(compare(a.fixed(), renamed), outcome="deal", level="Support")
    theirs = row(compare(a.fixed(), b.fixed()), outcome="deal", level="Support")
    assert ours["change"] == theirs["change"]


# --- the same people --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def panel():
    first = draw(1, 300, prefix="p", survey=asked())
    people = first.respondents.iloc[::-1].reset_index(drop=True)
    rng = np.random.default_rng(3)
    moved = rng.random(300) < 0.2
    people["deal"] = np.where(moved, "Support", people["deal"])
    second = cj.Wave.build(asked("2026-10-05"), people[:250], first.profiles[
        first.profiles["respondent"].isin(people["respondent"][:250])])  # fmt: skip
    return first, second


def test_most_people_in_both_waves_is_refused_until_somebody_says_what_it_means(panel):
    with pytest.raises(RequestError, match=r"250 of 250 respondents have ids.*panel=True"):
        compare(*panel)
    with pytest.raises(RequestError, match=r"300 of 300"):
        compare(panel[0], cj.rake(panel[0], TARGETS))
    flags = compare(*panel, panel=False).flags
    assert "250 respondents' ids are in both waves" in flags["text"].iloc[0]


def test_a_panel_is_paired_person_by_person(panel):
    own = row(compare(*panel, panel=True), outcome="deal", level="Support")
    apart = row(compare(*panel, panel=False), outcome="deal", level="Support")
    assert own["change"] == pytest.approx(apart["change"])
    assert own["std_error"] < 0.75 * apart["std_error"]
    ids = [wave.respondents["respondent"].tolist() for wave in panel]
    everybody = sorted(set(ids[0]) | set(ids[1]))
    psi = np.zeros((len(everybody), 2))
    for side, wave in enumerate(panel):
        y = (wave.respondents["deal"] == "Support").to_numpy(float)
        place = [everybody.index(own) for own in ids[side]]
        psi[place, side] = (y - y.mean()) / len(y)
    change = psi[:, 1] - psi[:, 0]
    n = len(everybody)
    assert own["std_error"] == pytest.approx(np.sqrt(change @ change * n / (n - 1)), rel=1e-12)


def test_pairing_needs_a_name_for_everybody(panel):
    figures = [cj.toplines(wave) for wave in panel]
    with pytest.raises(RequestError, match="not one a respondent"):
        paired(figures, [["a"], ["b"]])


# --- what is refused, and the object ----------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"what": ["amces"]}, "what"),
        ({"composition": "held"}, "composition"),
        ({"family": "all"}, "family"),
        ({"names": ["a", "a"]}, "names"),
        ({"confidence": 95}, "confidence"),
        ({"by": "nobody"}, 'segment "nobody"'),
        ({"hold": "nothing"}, "no column nothing"),
        ({"hold": "warmer"}, "vote"),
        ({"despite": ["weather"]}, 'no "weather"'),
        ({"composition": "same targets"}, None),
    ],
)
def test_wrong_arguments_are_named(waves, wrong, told):
    if told is None:
        assert compare(*waves, **wrong).flags.empty
        return
    with pytest.raises(RequestError, match=told):
        compare(*waves, **wrong)


def test_it_is_frozen_shown_and_written(compared, tmp_path):
    with pytest.raises(AttributeError):
        compared.changes = None
    frame = compared.frame
    frame["change"] = 0.0
    assert compared.frame["change"].abs().max() > 0
    assert repr(compared).startswith("<Comparison of May 2026, October 2026: ")
    assert "no clear change" in compared._repr_html_()
    compared.to_csv(tmp_path / "c.csv")
    assert len(pd.read_csv(tmp_path / "c.csv")) == len(compared)


def test_nobody_is_in_a_comparison(waves, compared):
    ids = set(waves[0].respondents["respondent"])
    for table in (compared.frame, compared.trend, compared.flags, compared.decomposition):
        assert not ids & set(table.astype(str).to_numpy().ravel())


def test_the_shipped_waves_show_what_was_planted(shipped):
    deal = row(shipped, outcome="deal", level="Support", group="Total")
    assert deal["change"] == pytest.approx(0.071, abs=1e-4)
    assert deal["verdict"] == "rose"
    cap = row(shipped, kind="marginal mean", outcome="choice", level="5000", group="Total")
    assert cap["verdict"] == "fell"
    work = shipped.frame[shipped.frame["outcome"] == "work"]
    assert set(work["verdict"]) == {"not compared"}
    assert work["estimate_second"].notna().all()
    assert work["change"].isna().all()
    assert shipped.flags["kind"].tolist() == ["wording"]
    assert "and pay tax" in shipped.flags["text"].iloc[0]
    mix = shipped.decomposition
    assert set(mix["hold"]) == {"vote_now"}
    reform = mix[(mix["cell"] == "Reform UK") & (mix["group"] == "Total") & (mix["part"] == "mix")]
    assert (reform["share_second"] > reform["share_first"]).all()
