"""People without an answer in a margin: refused, kept at their share, or dropped."""

import numpy as np
import pandas as pd
import pytest

import conjoint as cj
from conjoint.errors import TargetError
from conjoint.folder import open_folder
from conjoint.survey import Margin, Targets
from conjoint.weight import (
    check_targets,
    people_without_answer,
    rake_respondents,
    replicate_weights,
    trim,
)

SHARES = {"sex": {"F": 0.5, "M": 0.5}, "education": {"Degree": 0.3, "None": 0.7}}
KEEP = Targets.from_shares(SHARES, unknown="keep")


def survey(n=400, seed=3, unknown=0.3):
    """A wave whose people without an answer differ much from the others."""
    rng = np.random.default_rng(seed)
    sex = rng.choice(["F", "M"], n, p=[0.6, 0.4])
    education = rng.choice(["Degree", "None"], n)
    silent = rng.random(n) < unknown
    liking = np.where(silent, 0.9, 0.2 + 0.2 * (sex == "F") + 0.2 * (education == "Degree"))
    people = {
        "id": np.arange(n),
        "liked": (rng.random(n) < liking).astype(float),
        "sex": sex,
        "education": np.where(silent, None, education),
        "age": np.where(silent, np.nan, rng.integers(18, 80, n)),
        "design": rng.uniform(0.5, 2, n),
    }
    frame = pd.DataFrame({name: np.repeat(values, 2) for name, values in people.items()})
    frame["colour"] = ["red", "green"] * n
    return cj.Wave.from_frame(
        frame,
        respondent="id",
        outcome="liked",
        attributes=["colour"],
        weight="design",
        segments=["sex", "education", "age"],
    )


@pytest.fixture(scope="module")
def raw():
    return survey()


def silent(wave):
    return wave.respondents["education"].isna().to_numpy()


def test_people_without_an_answer_are_refused_unless_it_is_said_what_becomes_of_them(raw):
    with pytest.raises(TargetError, match=r'have no answer .* unknown = "keep" or "drop"'):
        cj.rake(raw, SHARES)


@pytest.mark.parametrize("distance", ["raking", "linear"])
def test_they_keep_their_share_of_the_starting_weight_and_the_others_meet_the_targets(
    raw, distance
):
    wave = cj.calibrate(raw, KEEP, distance=distance)
    part = raw.weights[silent(raw)].sum() / raw.weights.sum()
    w = wave.weights / wave.weights.sum()
    assert w[silent(raw)].sum() == pytest.approx(part, abs=1e-9)
    degree = (raw.respondents["education"] == "Degree").to_numpy()
    assert w[degree].sum() / (1 - part) == pytest.approx(0.3, abs=1e-9)
    assert w[(raw.respondents["sex"] == "F").to_numpy()].sum() == pytest.approx(0.5, abs=1e-9)
    (said,) = people_without_answer(wave)
    assert said == ("education", silent(raw).sum(), pytest.approx(part))


def test_weights_are_those_of_a_category_of_their_own_at_that_share(raw):
    part = raw.weights[silent(raw)].sum() / raw.weights.sum()
    told = raw.respondents["education"].fillna("(no answer)")
    filled = pd.concat([raw.respondents.drop(columns="education"), told], axis=1)
    wanted = {
        "sex": SHARES["sex"],
        "education": {"Degree": 0.3 * (1 - part), "None": 0.7 * (1 - part), "(no answer)": part},
    }
    again = rake_respondents(filled, Targets.from_shares(wanted), raw.weights)
    np.testing.assert_allclose(cj.rake(raw, KEEP).weights, again.weights, rtol=1e-9)


def test_the_mean_of_a_number_is_met_among_those_who_have_one(raw):
    wave = cj.rake(raw, Targets.from_shares({"sex": SHARES["sex"], "age": 50}, unknown="keep"))
    age, w = raw.respondents["age"].to_numpy(), wave.weights
    known = ~np.isnan(age)
    assert (w[known] @ age[known]) / w[known].sum() == pytest.approx(50)
    part = raw.weights[~known].sum() / raw.weights.sum()
    assert w[~known].sum() / w.sum() == pytest.approx(part)


def test_a_number_that_is_none_is_still_refused(raw):
    odd = raw.respondents.assign(age=raw.respondents["age"].astype(object))
    odd.loc[0, "age"] = "old"
    (fault,) = check_targets(odd, Targets.from_shares({"age": 50}, unknown="keep"))
    assert "1 respondent(s) have no number, but 'old'" in str(fault)


def test_the_table_shows_shares_of_those_with_an_answer(raw):
    table = cj.weighting_table(cj.rake(raw, KEEP)).set_index("category")
    assert table.loc["Degree", "target"] == table.loc["Degree", "weighted"].round(9) == 0.3
    assert table.loc[["Degree", "None"], "unweighted"].sum() == pytest.approx(1)
    assert table.loc[["Degree", "None"], "n"].sum() == (~silent(raw)).sum()


@pytest.mark.parametrize("targets", [KEEP, Targets.from_shares({"age": 50}, unknown="keep")])
def test_errors_know_that_the_share_is_the_samples(raw, targets):
    # Held for known, their share would make errors a sixth too small here.
    made = cj.replicate(cj.rake(raw, targets), cj.marginal_means, method="jackknife")
    np.testing.assert_allclose(made.estimates.std_errors, made.std_errors, rtol=0.02)


def test_errors_are_those_of_drawing_samples():
    waves = [cj.rake(survey(seed=seed), KEEP) for seed in range(150)]
    made = [cj.marginal_means(wave) for wave in waves]
    spread = np.std([figures.values[0] for figures in made])
    # A standard deviation of 150 draws is off by 6% itself.
    assert np.mean([f.std_errors[0] for f in made]) == pytest.approx(spread, rel=0.18)


def test_answers_in_tables_have_the_same_errors(folder):
    folder.responses.loc[:14, "sex"] = ""
    folder.replace('targets = "targets.csv"', 'targets = "targets.csv"\nunknown = { sex = "keep" }')
    folder.replace('title = "Small survey"', 'title = "Small survey"\ncrossbreaks = ["age"]')
    wave = cj.rake(open_folder(folder.write()))
    table = cj.crosstab(wave, "party", suppress=False)
    told = cj.toplines(wave, question="party")
    assert wave.calibration.drawn is not None
    np.testing.assert_allclose(table.std_error[:, 0], told.std_errors, rtol=1e-9)


def test_a_draw_without_such_people_meets_the_targets(raw):
    wave = cj.rake(raw, KEEP)
    factors = np.column_stack([~silent(raw), np.ones(400)]).astype(float)
    weights, met = replicate_weights(wave, factors)
    assert met.all()
    degree = (raw.respondents["education"] == "Degree").to_numpy()
    assert weights[degree, 0].sum() / weights[:, 0].sum() == pytest.approx(0.3)
    np.testing.assert_allclose(weights[:, 1], wave.weights, rtol=1e-7)


def test_trimmed_weights_keep_the_share_too(raw):
    wave = trim(cj.rake(raw, KEEP), lower=0.35, upper=3)
    part = raw.weights[silent(raw)].sum() / raw.weights.sum()
    assert wave.weights[silent(raw)].sum() / 400 == pytest.approx(part)
    cut = trim(cj.rake(raw, KEEP), lower=0.6, upper=2, again=False)
    assert 0 < cut.calibration.discrepancy < 0.1


def test_a_segments_margin_cannot_keep_them(folder):
    folder.responses.loc[:29, "sex"] = ""
    folder.targets = "margin,category,share,segment\nsex,Female,0.5,left\nsex,Male,0.5,left\n"
    folder.replace('targets = "targets.csv"', 'targets = "targets.csv"\nunknown = "keep"')
    (fault,) = folder.faults(open_folder)
    assert fault.endswith(
        'Say unknown = "drop" of the margin under [weighting], or leave the margin out.'
    )


def test_people_who_are_dropped_are_left_out_and_counted(folder):
    folder.responses.loc[[0, 4], "sex"] = ""
    folder.responses.loc[[4, 7], "age"] = ""
    folder.replace('targets = "targets.csv"', 'targets = "targets.csv"\nunknown = "drop"')
    wave = open_folder(folder.write())
    assert [(rule.key, rule.respondents, rule.alone) for rule in wave.excluded] == [
        ("weighting.unknown.sex", 2, 1),
        ("weighting.unknown.age", 2, 1),
    ]
    assert wave.n_respondents == 57
    weights = cj.rake(wave).weights
    folder.responses = folder.responses.drop(index=[0, 4, 7])
    folder.replace('\nunknown = "drop"', "")
    np.testing.assert_allclose(cj.rake(open_folder(folder.write())).weights, weights)


def test_only_a_segments_members_are_dropped_for_its_margin(folder):
    folder.responses.loc[:9, "sex"] = ""
    left = (folder.responses["party"] == "Left").to_numpy()[:10].sum()
    folder.targets = "margin,category,share,segment\nsex,Female,0.5,left\nsex,Male,0.5,left\n"
    folder.replace(
        'targets = "targets.csv"', 'targets = "targets.csv"\nunknown = { "sex in left" = "drop" }'
    )
    wave = open_folder(folder.write())
    assert [rule.respondents for rule in wave.excluded] == [left]
    assert cj.rake(wave).n_respondents == 60 - left


@pytest.mark.parametrize(
    ("unknown", "said"),
    [
        ('"kept"', 'weighting.unknown: unknown is \'kept\' ("refuse", "keep" or "drop" is needed)'),
        ('{ sex = "no" }', "weighting.unknown: sex is 'no'"),
        (
            '{ sexx = "keep" }',
            'weighting.unknown.sexx: there is no margin "sexx" (expected sex, age). Did you mean sex?',
        ),
    ],
)
def test_what_cannot_become_of_them_is_a_fault(folder, unknown, said):
    folder.replace('targets = "targets.csv"', f'targets = "targets.csv"\nunknown = {unknown}')
    (fault,) = folder.faults()
    assert fault.startswith(f"survey.toml, {said}")


def test_margins_of_their_own_are_kept_or_refused(folder):
    folder.responses.loc[0, ["sex", "age"]] = ""
    folder.replace('targets = "targets.csv"', 'targets = "targets.csv"\nunknown = { sex = "keep" }')
    (fault,) = folder.faults(open_folder)
    assert fault.startswith('targets.csv, margin "age": 1 respondent has no answer')


def test_a_margin_can_say_so_in_python():
    assert Margin.of("sex", SHARES["sex"], unknown="keep").unknown == "keep"
    assert Margin.of("age", 48).unknown == "refuse"


def test_the_target_that_flips_a_figure_is_moved_among_those_with_an_answer(raw):
    wave = cj.rake(raw, KEEP)
    figure = cj.marginal_means(wave).select(level="red")
    threshold = float(figure.values[0]) - 0.004
    only = {"attribute": "colour", "level": "red"}
    row = cj.fragility(wave, cj.marginal_means, threshold=threshold, only=only).iloc[0]
    shares = {**SHARES[row["margin"]], row["category"]: row["target"] + row["shift"]}
    (other,) = set(shares) - {row["category"]}
    shares[other] = 1 - shares[row["category"]]
    moved = Targets.from_shares(SHARES | {row["margin"]: shares}, unknown="keep")
    assert cj.marginal_means(cj.rake(raw, moved)).select(level="red").values[0] <= threshold
