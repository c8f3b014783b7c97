"""The explorer's tables give what `support` gives, and hold nobody's answers."""

from dataclasses import replace
from io import StringIO
from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest

import conjoint as cj
from conjoint.estimate.design import find_blocks
from conjoint.explorer.data import page_data
from conjoint.scenario import support, trade_off
from conjoint.scenario.explorer import EXPLORER_TABLES, explorer_tables
from conjoint.withhold.mark import marked_by_base
from conjoint.withhold.outward import outward

RESTRICTED = [{"price": ["low"], "size": ["L"]}]

TOML = """\
title = "Small"
[data]
layout = "long"
file = "responses.csv"
respondent = "id"
task = "task"
profile = "profile"
respondent_columns = ["party"]
[attributes.price]
levels = [{ value = "low", number = 1 }, { value = "mid", number = 2 }, { value = "high", number = 4 }]
[attributes.size]
levels = [{ value = "S", number = 10 }, { value = "M", number = 20 }, { value = "L", number = 30 }]
[attributes.colour]
levels = ["red", "green"]
[outcomes.chosen]
kind = "choice"
column = "chosen"
positive = "1.0"
negative = "0.0"
[outcomes.rating]
kind = "rating"
column = "rating"
min = 0
max = 10
[segments.left]
where = { party = "Left" }
[segments.right]
where = { party = "Right" }
[questions.party]
answers = ["Left", "Right"]
[thresholds]
suppress_below = 20
caution_below = 60
"""


@pytest.fixture(scope="module")
def wave(tmp_path_factory, simulated):
    folder = tmp_path_factory.mktemp("survey")
    frame = simulated(3, n=120, tasks=4)
    (folder / "survey.toml").write_text(TOML, "utf-8")
    frame.drop(columns="weight").to_csv(folder / "responses.csv", index=False)
    return cj.read_wave(folder)


@pytest.fixture(scope="module")
def tables(wave):
    return through_files(explorer_tables(wave))


def through_files(tables):
    """As a bundle keeps them."""
    return {
        name: pd.read_csv(
            StringIO(table.to_csv(index=False)),
            keep_default_na=False,
            na_values=[""],
            dtype={"group": str, "level": str},
        )
        for name, table in tables.items()
    }


class Model:
    """One model of the tables, and the algebra that the page does with it."""

    def __init__(self, survey, tables, outcome, measure, group):
        keys = {"outcome": outcome, "measure": measure, "group": group}

        def own(name):
            table = tables[f"explorer_{name}"]
            return table[
                np.logical_and.reduce([table[key] == value for key, value in keys.items()])
            ]

        self.survey, self.row = survey, own("models").iloc[0]
        self.b = own("coefficients")["estimate"].to_numpy()
        lower = own("covariance")
        self.V = np.zeros((len(self.b), len(self.b)))
        self.V[lower["other"], lower["column"]] = lower["covariance"]
        self.V[lower["column"], lower["other"]] = lower["covariance"]
        self.cells = own("cells")

    def weights(self, package):
        x = np.zeros(len(self.b))
        for number, block in enumerate(find_blocks(self.survey)):
            cells = self.cells[self.cells["block"] == number]
            levels = product(*(self.survey.attributes[name].values for name in block.attributes))
            inside = [
                all(package.get(name, level) == level for name, level in zip(block.attributes, own, strict=True))
                for own in levels
            ]  # fmt: skip
            kept = cells[np.array(inside) & (cells["column"] >= 0) & (cells["drawn"] > 0)]
            for column, share in kept[["column", "drawn"]].itertuples(index=False):
                if column > 0:
                    x[int(column)] += share / kept["drawn"].sum()
        return x

    def interval(self, x, constant=0.0, mean=True):
        value, variance = constant + x @ self.b, max(x @ self.V @ x, 0.0)
        t, low, high = (self.row[name] for name in ("quantile", "scale_low", "scale_high"))
        if not mean:
            return [value, value - t * np.sqrt(variance), value + t * np.sqrt(variance)]
        p = (value - low) / (high - low)
        square = t**2 * variance / (high - low) ** 2 / (p * (1 - p))
        middle = p + square / 2
        reach = np.sqrt(square * (p * (1 - p) + square / 4))
        return [value, *(low + (high - low) * (middle + s * reach) / (1 + square) for s in (-1, 1))]

    def support(self, package):
        x = self.weights(package)
        x[0] = 1.0
        return self.interval(x)


def row_of(scene, **keys):
    frame = scene.frame
    for key, value in keys.items():
        frame = frame[frame[key] == value]
    (row,) = frame[["estimate", "conf_low", "conf_high"]].to_numpy()
    return row


PACKAGES = [{"price": "low"}, {"size": "L", "colour": "green"}, {"price": "mid", "size": "M", "colour": "red"}]  # fmt: skip


@pytest.mark.parametrize("package", PACKAGES, ids=str)
def test_support_and_its_interval_follow_from_the_tables(wave, tables, package):
    for group, by in (("Total", None), ("left", "left")):
        scene = support(wave, package, by)
        for outcome in ("chosen", "rating"):
            model = Model(wave.survey, tables, outcome, "support", group)
            wanted = row_of(scene, outcome=outcome, group=group)
            assert model.support(package) == pytest.approx(wanted, rel=1e-10)


def test_rounding_changes_no_figure_that_the_page_prints(wave, tables):
    """Every package of every group: figures to a tenth of a percentage, ends of intervals to a whole one."""
    edge = {name: outward(name, table) for name, table in tables.items()}
    covariance = edge["explorer_covariance"]["covariance"]
    assert covariance.map(lambda value: float(f"{value:.3e}")).equals(covariance)
    levels = {name: attribute.values for name, attribute in wave.survey.attributes.items()}
    for group in ("Total", "left", "right"):
        before, after = (
            Model(wave.survey, own, "chosen", "support", group) for own in (tables, edge)
        )
        for chosen in product(*levels.values()):
            package = dict(zip(levels, chosen, strict=True))
            wanted, made = before.support(package), after.support(package)
            assert f"{100 * made[0]:.1f}" == f"{100 * wanted[0]:.1f}"
            assert [f"{100 * end:.0f}" for end in made] == [f"{100 * end:.0f}" for end in wanted]
            assert made == pytest.approx(wanted, abs=1e-4)  # a hundredth of a point


def test_head_to_head_follows_from_the_tables(wave, tables):
    package, opponent = {"price": "low", "size": "S"}, {"price": "high", "size": "S"}
    for group, by in (("Total", None), ("right", "right")):
        model = Model(wave.survey, tables, "chosen", "head to head", group)
        x = model.weights(package) - model.weights(opponent)
        wanted = row_of(support(wave, package, by, against=opponent), group=group)
        assert model.interval(x, 0.5) == pytest.approx(wanted, rel=1e-10)


def test_a_difference_of_packages_has_the_interval_of_the_contrast(wave, tables):
    one, two = {"price": "low", "colour": "red"}, {"price": "low", "colour": "green"}
    figures = cj.stack([support(wave, own, outcome="chosen").figures for own in (one, two)])
    wanted = figures.contrast(np.array([[1.0, -1.0]]), figures.labels.iloc[[0]]).frame.iloc[0]
    model = Model(wave.survey, tables, "chosen", "support", "Total")
    found = model.interval(model.weights(one) - model.weights(two), mean=False)
    assert found == pytest.approx(list(wanted[["estimate", "conf_low", "conf_high"]]), rel=1e-10)


def test_calibrated_weights_and_restrictions_are_in_the_tables(simulated, as_wave):
    frame = simulated(5, n=150, tasks=4)
    frame = frame[~((frame["price"] == "low") & (frame["size"] == "L"))]
    wave = as_wave(frame, weight="weight", restrictions=RESTRICTED, segments=None, task=None, profile=None)  # fmt: skip
    tables = through_files(explorer_tables(wave))
    model = Model(wave.survey, tables, wave.survey.main_outcome, "support", "Total")
    for package in (
        {"price": "low"},
        {"size": "L", "colour": "red"},
        {"price": "mid", "size": "S"},
    ):
        wanted = row_of(support(wave, package))
        assert model.support(package) == pytest.approx(wanted, rel=1e-10)
    cells = model.cells[model.cells["attribute"] == "price * size"]
    never = cells[cells["level"] == "low * L"].iloc[0]
    assert (never["drawn"], never["column"]) == (0, -1)


def test_pairs_are_tested_as_support_tests_them(wave, tables):
    found = tables["explorer_additivity"]
    for pair in combinations(wave.survey.attributes, 2):
        package = {name: wave.survey.attributes[name].values[0] for name in pair}
        wanted = support(wave, package, "left", outcome="chosen").additivity.iloc[0]
        own = found[
            (found["attribute"] == " * ".join(pair))
            & (found["outcome"] == "chosen")
            & (found["measure"] == "support")
            & (found["group"] == "left")
        ].iloc[0]
        assert own["p_value"] == pytest.approx(wanted["p_value"], rel=1e-9)
        assert own["df_denom"] == wanted["df_denom"]


def test_trade_offs_are_those_of_trade_off(wave, tables):
    found = tables["explorer_trade_offs"]
    assert set(zip(found["give"], found["take"], strict=True)) == {("price", "size"), ("size", "price")}  # fmt: skip
    wanted = trade_off(wave, "price", "size", "left", start={"price": 2.0}).frame
    own = found[(found["give"] == "price") & (found["group"] == "left") & (found["give_from"] == 2)]
    columns = ["estimate", "fieller_low", "fieller_high", "gain", "loss"]
    assert len(own) == len(wanted) > 0
    np.testing.assert_allclose(own[columns], wanted[columns], rtol=1e-10)
    assert own["words"].to_list() == wanted["reading"].to_list()


def test_shown_says_what_was_shown_and_never_to_how_many(wave, tables):
    table = tables["explorer_shown"]
    own = table[(table["outcome"] == "chosen") & (table["group"] == "left")]
    assert len(own) == 7
    members = wave.segment("left")[wave.respondent_index]
    profiles = wave.profiles[members].assign(who=wave.respondent_index[members])
    for attribute, letters in own[["attribute", "shown"]].itertuples(index=False):
        names = attribute.split(" * ")
        cells = list(product(*(wave.survey.attributes[name].values for name in names)))
        assert set(letters) <= set("nfs")
        for cell, letter in zip(cells, letters, strict=True):
            rows = np.logical_and.reduce(
                [profiles[name] == level for name, level in zip(names, cell, strict=True)]
            )
            people = profiles["who"][rows].nunique()
            assert letter == ("n" if not people else "f" if people < 20 else "s")
    assert {"f", "s"} <= set("".join(own["shown"]))
    assert not [name for name in table if name.startswith("n_")]


def limited(wave, least):
    limits = wave.survey.thresholds.model_copy(update={"suppress_below": least})
    return replace(wave, survey=wave.survey.model_copy(update={"thresholds": limits}))


def test_small_groups_have_a_row_that_says_so_and_nothing_else(wave):
    size = {name: int(wave.segment(name).sum()) for name in ("left", "right")}
    small = min(size, key=size.get)
    tables = explorer_tables(limited(wave, size[small] + 1))
    models = tables["explorer_models"]
    assert set(models.loc[models["group"] == small, "status"]) == {"suppressed"}
    for name in EXPLORER_TABLES:
        if name != "explorer_models":
            assert small not in set(tables[name]["group"]), name
            assert "Total" in set(tables[name]["group"]), name


def test_a_group_that_hardly_saw_a_level_is_left_out(simulated, as_wave):
    frame = simulated(9, n=60)
    rare = (frame["price"] == "high") & ~frame["id"].isin(range(8))
    frame.loc[rare, "price"] = "mid"
    wave = as_wave(frame, segments=None)
    assert set(explorer_tables(limited(wave, 8))["explorer_models"]["status"]) <= {
        "safe",
        "caution",
    }
    hidden = explorer_tables(limited(wave, 9))
    assert set(hidden["explorer_models"]["status"]) == {"suppressed"}
    assert len(hidden["explorer_coefficients"]) == len(hidden["explorer_shown"]) == 0


def test_what_is_left_out_is_in_no_other_table(wave):
    size = {name: int(wave.segment(name).sum()) for name in ("left", "right")}
    small = min(size, key=size.get)
    # Large enough itself, but some of its people missed a level.
    tables = explorer_tables(limited(wave, size[small]))
    models = tables["explorer_models"]
    assert set(models.loc[models["group"] == small, "status"]) == {"suppressed"}
    told = {name for name in EXPLORER_TABLES if small in set(tables[name]["group"])}
    assert told == {"explorer_models"}
    assert len(tables["explorer_trade_offs"]) > 0


def test_only_the_segments_that_are_wanted(wave):
    models = explorer_tables(wave, ["left"])["explorer_models"]
    assert set(models["group"]) == {"Total", "left"}
    with pytest.raises(cj.errors.RequestError, match="there is no segment"):
        explorer_tables(wave, ["nobody"])


def test_a_small_effective_base_is_marked_as_reports_mark_it(wave):
    """Between the effective base and the people stands the limit: the mark is that of the figures themselves."""
    weights = np.random.default_rng(3).uniform(0.2, 3.0, wave.n_respondents)
    uneven = wave.with_weights(weights)
    row = support(uneven, {"price": "low"}, outcome="chosen").figures.frame.iloc[0]
    assert row["n_effective"] + 2 < row["n_respondents"]
    limits = wave.survey.thresholds.model_copy(
        update={"caution_below": int(row["n_effective"]) + 2}
    )
    survey = wave.survey.model_copy(update={"thresholds": limits})
    uneven = replace(uneven, survey=survey)
    tables = explorer_tables(uneven)
    models = tables["explorer_models"].query("measure == 'support' and outcome == 'chosen'")
    for group, status in zip(models["group"], models["status"], strict=True):
        by = None if group == "Total" else group
        told = marked_by_base(
            survey, support(uneven, {"price": "low"}, by, outcome="chosen").figures.frame
        )
        assert status == told["reading"].iloc[0], group
    assert set(models["status"]) == {"caution"}
    assert page_data(survey, tables, {})["models"]["0|support|0"]["caution"] is True


NONE_TOML = """\
title = "x"
[data]
layout = "long"
file = "responses.csv"
respondent = "id"
task = "task"
profile = "profile"
profiles = ["A", "B"]
[attributes.price]
levels = ["low", "high"]
[attributes.colour]
levels = ["red", "green"]
[outcomes.chosen]
kind = "choice"
column = "chosen"
chosen = { A = "A", B = "B" }
none = ["none"]
"""


def test_a_choice_with_a_none_option_is_read_over_the_status_quo_too(small):
    rng = np.random.default_rng(2)
    rows = [
        {"id": person, "task": task, "profile": profile, "price": rng.choice(["low", "high"]),
         "colour": rng.choice(["red", "green"])}
        for person in range(150) for task in range(4) for profile in "AB"
    ]  # fmt: skip
    frame = pd.DataFrame(rows).assign(chosen=rng.choice(["A", "B", "none"], 600).repeat(2))
    wave = small.read(NONE_TOML, frame.to_csv(index=False))
    tables = explorer_tables(wave)
    model = Model(wave.survey, tables, "chosen", "over status quo", "Total")
    wanted = row_of(support(wave, {"price": "low"}, against="status quo"))
    assert model.support({"price": "low"}) == pytest.approx(wanted, rel=1e-10)


VIEW = """\
[outcomes.view]
kind = "support"
label = "View"
column = "view"
positive = ["For"]
negative = ["Against", "Unsure"]
missing = "Refused"
"""
SHARES = ["view", "view: Against", "view: Unsure"]


@pytest.fixture(scope="module")
def judged(tmp_path_factory, simulated):
    """A survey that has one outcome of three answers, and says so once."""
    folder = tmp_path_factory.mktemp("judged")
    frame = simulated(6, n=120, tasks=4)
    rng = np.random.default_rng(6)
    view = rng.choice(["For", "Against", "Unsure", "Refused"], len(frame), p=[0.5, 0.25, 0.15, 0.1])
    frame["view"] = np.where(
        (frame["price"] == "low") & (rng.random(len(frame)) < 0.4), "For", view
    )
    (folder / "survey.toml").write_text(TOML.replace("[segments.left]", f"{VIEW}[segments.left]"), "utf-8")  # fmt: skip
    frame.drop(columns="weight").to_csv(folder / "responses.csv", index=False)
    wave = cj.read_wave(folder)
    return wave.with_weights(rng.uniform(0.5, 2.0, wave.n_respondents))


def test_every_answer_has_a_model_that_gives_its_share(judged):
    tables = through_files(explorer_tables(judged))
    for package in PACKAGES:
        for group, by in (("Total", None), ("left", "left")):
            scene = support(judged, package, by, outcome="view")
            found = [
                Model(judged.survey, tables, name, "support", group).support(package)
                for name in SHARES
            ]
            for name, own in zip(SHARES, found, strict=True):
                wanted = row_of(scene, outcome=name, group=group)
                assert own == pytest.approx(wanted, rel=1e-9, abs=1e-12)
            assert sum(value for value, _, _ in found) == pytest.approx(1.0, abs=1e-12)


def test_answers_have_tests_and_nothing_else_of_their_own(judged):
    tables = explorer_tables(judged)
    p = tables["explorer_additivity"].set_index(["outcome", "measure", "group", "attribute"])["p_value"]  # fmt: skip
    scene = support(judged, {"price": "low", "size": "S"}, outcome="view: Unsure").additivity
    wanted = scene.set_index("outcome")["p_value"]["view: Unsure"]
    assert p["view: Unsure", "support", "Total", "price * size"] == pytest.approx(wanted, rel=1e-9)
    for name in ("explorer_shown", "explorer_trade_offs"):
        assert set(tables[name]["outcome"]) == {"chosen", "rating", "view"}, name
    models = tables["explorer_models"]
    bases = models[models["outcome"].isin(SHARES)].groupby("group")["n_respondents"].nunique()
    assert (bases == 1).all()


def test_the_page_knows_all_answers(judged):
    tables = explorer_tables(judged)
    data = page_data(judged.survey, tables, {})
    assert [own["label"] for own in data["outcomes"]] == ["chosen", "rating", "View"]
    assert [own["shares"] for own in data["outcomes"][:2]] == [[], []]
    shares = data["outcomes"][2]["shares"]
    assert [own["label"] for own in shares] == ["For", "Against", "Unsure"]
    assert shares[0]["place"] == 2
    for own in shares:
        assert [f"{own['place']}|support|{group}" in data["models"] for group in range(3)] == [True] * 3  # fmt: skip


def test_answers_of_small_groups_are_nowhere(judged):
    size = {name: int(judged.segment(name).sum()) for name in ("left", "right")}
    small = min(size, key=size.get)
    wave = limited(judged, size[small] + 1)
    tables = explorer_tables(wave)
    models = tables["explorer_models"]
    own = models[models["group"] == small].set_index("outcome")
    assert set(own["status"]) == {"suppressed"}
    assert {*SHARES} < set(own.index)
    for name in EXPLORER_TABLES[1:]:
        assert small not in set(tables[name]["group"]), name
    data = page_data(wave.survey, tables, {})
    keys = [key for key in data["models"] if int(key.split("|")[0]) >= 2]
    told = models[models["status"].isin(["safe", "caution"]) & (models["outcome"] == "view")]
    assert small not in set(told["group"])
    assert sorted(keys) == [
        f"{place}|support|{at}" for place in (2, 3, 4) for at in range(len(told))
    ]


def test_a_bundle_from_before_answers_were_told_apart_shows_none(judged):
    tables = explorer_tables(judged)
    for name, table in tables.items():
        tables[name] = table[table["outcome"].isin(judged.survey.outcomes)]
    data = page_data(judged.survey, tables, {})
    assert [own["shares"] for own in data["outcomes"]] == [[], [], []]
