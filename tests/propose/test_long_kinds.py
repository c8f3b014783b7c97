"""Long files as choice experiments are kept: what is proposed is read, checked and estimated right."""

import numpy as np
import pandas as pd
import pytest
from exported import DESIGN, long, responses, settled

import conjoint as cj
from conjoint.propose import as_toml, propose, write_survey
from conjoint.read.file import read_responses
from conjoint.survey import Data

READ = Data(layout="long", respondent="")
RNG = np.random.default_rng


def came(tmp_path, frame, answers=None, stops=()):
    """The proposal for a frame in a file, the survey's wave, after the decisions that stop."""
    frame.to_csv(tmp_path / "export.csv", index=False)
    proposal = propose(read_responses(tmp_path / "export.csv", READ))
    assert [".".join(d.key) for d in proposal.decisions if d.stops] == list(stops)
    assert sum(d.waits for d in proposal.decisions) <= 3
    decided = settled(proposal, answers)
    write_survey(decided, tmp_path / "new")
    return proposal, cj.read_wave(tmp_path / "new")


def truth(frame, tasks="task", profile="profile", attributes=tuple(DESIGN), outcome="chosen"):
    own = frame.assign(chosen=frame[outcome].astype(float))
    return cj.Wave.from_frame(
        own,
        respondent="id",
        outcome="chosen",
        attributes=list(attributes),
        task=tasks,
        profile=profile,
    )


def assert_figures(wave, reference, outcome=None):
    """Marginal means with their errors, level by level."""

    def means(own, name):
        frame = cj.marginal_means(own, **({"outcome": name} if name else {})).frame
        return frame.set_index(["attribute", "level"])[["estimate", "std_error"]].sort_index()

    mine, theirs = means(wave, outcome), means(reference, None)
    pd.testing.assert_frame_equal(
        mine.loc[theirs.index], theirs, check_categorical=False, rtol=1e-9, atol=1e-12
    )


def sureness(proposal, *key):
    return proposal.guesses[key].sureness


# --- Which rows are a task ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("person", "task", "alternative"),
    [("id", "obsID", "alt"), ("V1", "chid", "j"), ("pid", "case", "opt")],
)
def test_numbers_of_tasks_may_run_on_from_person_to_person(tmp_path, person, task, alternative):
    frame = long(40, profiles="1234")
    own = frame.groupby(["id", "task"], sort=False).ngroup()
    keep = own % 7 != 0  # people answered different numbers of tasks
    frame = frame.assign(task=own.astype(str))[keep].reset_index(drop=True)
    renamed = frame.rename(columns={"id": person, "task": task, "profile": alternative})
    proposal, wave = came(tmp_path, renamed)
    data = proposal.content()["data"]
    assert (data["respondent"], data["task"], data["profile"]) == (person, task, alternative)
    assert len(wave.respondents) == 40
    assert_figures(wave, truth(frame))


@pytest.mark.parametrize("size", [2, 3, 5])
@pytest.mark.parametrize("answer", ["decision", "picked", "z"])
def test_tasks_that_nothing_numbers_are_so_many_rows(tmp_path, size, answer):
    frame = long(120, profiles="12345"[:size])
    bare = frame.drop(columns=["task", "profile"]).rename(columns={"chosen": answer})
    proposal, wave = came(tmp_path, bare)
    assert proposal.content()["data"]["rows"] == size
    assert sureness(proposal, "data", "rows") == "likely"
    (asked,) = [d for d in proposal.decisions if d.key == ("data", "rows")]
    assert asked.options[0].text == f"each {size} rows of a respondent"
    assert_figures(wave, truth(frame), wave.survey.main_outcome)


@pytest.mark.parametrize("names", [("scenario", "round"), ("block", "set"), ("q1", "q2")])
def test_two_columns_may_number_the_tasks(tmp_path, names):
    frame = long(100, tasks="123456")
    number = frame["task"].astype(int) - 1
    both = frame.assign(**{names[0]: number // 3 + 1, names[1]: number % 3 + 1}).drop(
        columns="task"
    )
    both["choice"] = both.groupby(["id", *names], sort=False)["chosen"].transform(
        lambda own: "1" if own.iloc[0] == "1" else "2"
    )
    proposal, wave = came(tmp_path, both)
    assert set(proposal.content()["data"]["task"]) == set(names)
    assert list(proposal.content()["attributes"]) == list(DESIGN)
    assert list(proposal.content()["outcomes"]) == ["chosen"]
    assert any('"choice" names the profile chosen' in note for note in proposal.notes)
    assert_figures(wave, truth(frame))


def test_a_reading_that_is_nearly_as_good_is_not_sure(tmp_path):
    """Two columns number the same rows otherwise, and each has one choice a task."""
    frame = long(80, profiles="12", tasks="1234")
    frame["set"] = frame["task"]
    frame["round"] = np.roll(frame["task"].to_numpy(), 0)
    proposal, _ = came(tmp_path, frame)
    assert proposal.content()["data"]["task"] in {"task", "set", "round"}
    assert all("goes with the task" in note for note in proposal.notes[:2])


# --- The option of choosing none ------------------------------------------------------------------


def with_none(frame, how):
    """A row for none in each task, chosen in a fifth of them."""
    rng, parts = RNG(3), []
    for _, own in frame.groupby(["id", "task"], sort=False):
        none = own.iloc[[0]].assign(
            profile=str(len(own) + 1), chosen="0", **dict.fromkeys(DESIGN, "0")
        )
        if how == "empty":
            none = none.assign(**dict.fromkeys(DESIGN, ""))
        if rng.random() < 0.2:
            own, none = own.assign(chosen="0"), none.assign(chosen="1")
        parts.append(pd.concat([own.assign(asc="0"), none.assign(asc="1")]))
    out = pd.concat(parts, ignore_index=True)
    return out if how == "dummy" else out.drop(columns="asc")


@pytest.mark.parametrize("how", ["dummy", "empty", "number"])
@pytest.mark.parametrize("numbered", [True, False])
def test_a_row_for_none_is_no_profile(tmp_path, how, numbered):
    frame = long(80, profiles="123")
    full = with_none(frame, how)
    file = full if numbered else full.drop(columns="task").rename(columns={"profile": "BRAND"})
    proposal, wave = came(tmp_path, file)
    content = proposal.content()
    rule = {"dummy": {"asc": "1"}, "empty": dict.fromkeys(DESIGN, "")}
    number = "profile" if numbered else "BRAND"
    assert content["data"]["none_rows"] == rule.get(how, {number: "4"})
    assert sureness(proposal, "data", "none_rows") == "likely"
    assert list(content["attributes"]) == list(DESIGN)
    assert content["outcomes"]["chosen"]["none"] == ["0"]
    assert len(wave.profiles) == len(frame)
    kept = full[full["profile"] != "4"].reset_index(drop=True)
    own = kept.assign(chosen=kept["chosen"].astype(int))
    shares = own.groupby("price")["chosen"].mean()
    found = cj.marginal_means(wave).frame
    found = found[found["attribute"] == "price"].set_index("level")["estimate"]
    assert found[shares.index].to_numpy() == pytest.approx(shares.to_numpy())


# --- Levels and answers ---------------------------------------------------------------------------


def tailored(frame, name="own", words=("Co-partisan", "Not")):
    """An attribute that goes with who answers: some see one level often."""
    rng = RNG(4)
    often = dict(
        zip(frame["id"].unique(), rng.choice([0.15, 0.85], frame["id"].nunique()), strict=True)
    )
    first = rng.random(len(frame)) < frame["id"].map(often)
    return frame.assign(**{name: np.where(first, *words)})


def test_an_attribute_that_goes_with_the_person_is_no_answer(tmp_path):
    frame = tailored(long(150))
    proposal, wave = came(tmp_path, frame)
    assert list(proposal.content()["outcomes"]) == ["chosen"]
    (asked,) = [d for d in proposal.decisions if d.key == ("attributes",)]
    assert not asked.stops
    assert [o.text for o in asked.options] == [
        "it is an attribute",
        "it is an answer",
        "leave it out",
    ]
    assert_figures(wave, truth(frame, attributes=(*DESIGN, "own")))
    answered = proposal.decide(asked, 1).content()
    assert "own" not in answered["attributes"]
    assert answered["outcomes"]["own"]["kind"] == "support"
    assert "own" not in proposal.decide(asked, 2).content()["attributes"]
    assert "# [outcomes.own]" in as_toml(proposal)


def test_an_answer_that_no_word_names_is_known_by_the_attributes(tmp_path):
    """A rating that goes with the attributes shown is asked about; one that does not is none."""
    frame = long(150)
    worth = frame["price"].map({level: place for place, level in enumerate(DESIGN["price"])})
    frame["q9"] = (
        np.clip(np.round(worth + RNG(1).normal(2, 1, len(frame))), 1, 5).astype(int).astype(str)
    )
    proposal = propose(responses(frame))
    (asked,) = [d for d in proposal.decisions if d.key == ("attributes",)]
    assert "q9" in asked.question
    assert {o.text for o in asked.options} == {
        "it is an attribute",
        "it is an answer",
        "leave it out",
    }


def test_two_profiles_that_never_show_the_same_level_choose_nothing(tmp_path):
    frame = long(150)
    flip = RNG(2).integers(2, size=len(frame) // 2)
    frame["w1"] = np.where(np.repeat(flip, 2) ^ (frame["profile"] == "2"), "m", "f")
    proposal, wave = came(tmp_path, frame)
    assert list(proposal.content()["outcomes"]) == ["chosen"]
    assert "w1" in proposal.content()["attributes"]
    assert_figures(wave, truth(frame, attributes=(*DESIGN, "w1")))


@pytest.mark.parametrize("whole", [True, False])
def test_a_price_of_very_many_values_is_named(tmp_path, whole):
    frame = long(100)
    price = RNG(5).uniform(1, 20, len(frame))
    frame["cost"] = np.round(price * 100).astype(int) if whole else np.round(price, 2)
    proposal, wave = came(tmp_path, frame)
    assert list(wave.survey.attributes) == list(DESIGN)
    (asked,) = [d for d in proposal.decisions if d.key == ("attributes",)]
    assert asked.question.startswith('"cost" holds')
    assert asked.options[0].text == "leave it out"
    assert "# [recode.cost]" in as_toml(proposal)
    assert_figures(wave, truth(frame))
    write_survey(proposal.decide(asked, 1), tmp_path / "banded")
    banded = cj.read_wave(tmp_path / "banded")
    bands = banded.survey.recode["cost"].bands
    starts = [band.min for band in bands.values() if band.min is not None]
    own = pd.cut(frame["cost"], [-np.inf, *starts, np.inf], right=False, labels=list(bands))
    frame = frame.assign(cost=own.astype(str))
    assert own.value_counts(normalize=True).min() > 0.1
    assert_figures(banded, truth(frame, attributes=(*DESIGN, "cost")))


@pytest.mark.parametrize(
    "names", [("price_low", "price_mid", "price_high"), ("PriceLow", "PriceMid", "PriceHigh")]
)
@pytest.mark.parametrize("omitted", [False, True])
def test_dummies_of_one_attribute_are_one_attribute(tmp_path, names, omitted):
    frame = long(150, design={"level": ["low", "mid", "high"], "cut": DESIGN["cut"]})
    wide = frame.drop(columns="level")
    for name, level in zip(names, ("low", "mid", "high"), strict=True):
        if not (omitted and level == "low"):
            wide[name] = (frame["level"] == level).astype(int)
    proposal, wave = came(tmp_path, wide)
    (asked,) = [d for d in proposal.decisions if d.key == ("attributes",)]
    assert [o.text for o in asked.options][1:] == ["it is an attribute each", "leave it out"]
    (price,) = [own for own in wave.survey.attributes if own != "cut"]
    means = cj.marginal_means(wave).frame
    found = np.sort(means[means["attribute"] == price]["estimate"].to_numpy())
    reference = cj.marginal_means(truth(frame, attributes=("level", "cut"))).frame
    theirs = np.sort(reference[reference["attribute"] == "level"]["estimate"].to_numpy())
    assert found == pytest.approx(theirs)
    apart = proposal.decide(asked, 1).content()["attributes"]
    assert set(names[omitted:]) <= set(apart)


def test_nested_columns_are_one_attribute_of_all_their_levels(tmp_path):
    rng = RNG(6)
    frame = long(150, design={"cut": DESIGN["cut"]})
    which = rng.integers(4, size=len(frame))
    frame["fixed"] = np.select([which == 0, which == 1], ["7", "9"], "0")
    frame["day"] = np.where(which == 2, "1", "0")
    frame["season"] = np.where(which == 3, "1", "0")
    proposal, wave = came(tmp_path, frame)
    name = next(own for own in wave.survey.attributes if own != "cut")
    assert wave.survey.attributes[name].values == ("fixed 7", "fixed 9", "day", "season")
    assert not cj.amce(wave).frame["estimate"].isna().any()
    assert not any(d.key == ("restrictions",) for d in proposal.decisions)


def test_probabilities_are_proposed_where_levels_are_drawn_unevenly(tmp_path):
    frame = long(250)
    frame["seal"] = np.where(RNG(7).random(len(frame)) < 0.25, "yes", "absent")
    frame["size"] = RNG(8).choice(["S", "M", "L"], len(frame))
    proposal, wave = came(tmp_path, frame)
    content = proposal.content()["attributes"]
    assert content["seal"]["levels"] == ["absent", "yes"]
    assert content["seal"]["probabilities"] == [0.75, 0.25]
    assert not any("probabilities" in content[name] for name in (*DESIGN, "size"))
    assert wave.survey.attributes["seal"].probabilities == (0.75, 0.25)


# --- Positions, markup ----------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["{}.rowpos", "{}_position", "pos_{}"])
@pytest.mark.parametrize("by_task", [False, True])
def test_columns_that_say_where_an_attribute_stood_are_positions(tmp_path, form, by_task):
    frame = long(120)
    groups = frame.groupby(["id", "task"] if by_task else "id", sort=False).ngroup().to_numpy()
    orders = RNG(8).permuted(np.tile([1, 2, 3], (groups.max() + 1, 1)), axis=1)[groups]
    for place, name in enumerate(DESIGN):
        frame[form.format(name)] = orders[:, place]
    proposal, wave = came(tmp_path, frame)
    assert proposal.content()["data"]["position"] == form.format("{attribute}")
    assert (wave.positions[list(DESIGN)].to_numpy() == orders).all()
    asked = {
        own.get("column", name) for name, own in proposal.content().get("questions", {}).items()
    }
    assert not any(form.format(name) in asked for name in DESIGN)
    assert_figures(wave, truth(frame))


def test_tags_of_a_page_are_no_part_of_a_label(tmp_path):
    design = {
        "tax": ["raise<br>slowly", "cut <b>now</b>", "leave &amp; wait"],
        "cut": DESIGN["cut"],
    }
    frame = long(80, design=design)
    _, wave = came(tmp_path, frame)
    labels = {level.value: level.shown for level in wave.survey.attributes["tax"].levels}
    assert labels == {
        "raise<br>slowly": "raise slowly", "cut <b>now</b>": "cut now", "leave &amp; wait": "leave & wait",
    }  # fmt: skip
    assert_figures(wave, truth(frame, attributes=design))


def test_comparisons_and_ranges_are_no_tags():
    frame = long(80, design={"cut": ["<5%", "5 < x > 4", "a & b"], "other": ["x", "y"]})
    levels = propose(responses(frame)).content()["attributes"]["cut"]["levels"]
    assert {own if isinstance(own, str) else own.get("label", own["value"]) for own in levels} == {
        "<5%", "5 < x > 4", "a & b",
    }  # fmt: skip


# --- One row a task -------------------------------------------------------------------------------


def beside(frame, pattern, answers, answer="choice"):
    """One row a task of a long frame; some people lack some."""
    keys = ["id", "task", "age"]
    sides = [own.reset_index(drop=True) for _, own in frame.groupby("profile", sort=True)]
    rows = sides[0][keys].copy()
    for place, own in enumerate(sides):
        for name in DESIGN:
            rows[pattern(name, place)] = own[name]
    chosen = np.argmax([own["chosen"] == "1" for own in sides], axis=0)
    rows[answer] = np.array(answers)[chosen]
    return rows


@pytest.mark.parametrize(
    ("pattern", "answers"),
    [
        (lambda a, p: f"{a}_{'AB'[p]}", ["A", "B"]),
        (lambda a, p: f"{a}_{p + 1}", ["1", "2"]),
        (lambda a, p: f"{a}.{'AB'[p]}", ["Option A", "Option B"]),
        (lambda a, p: f"{'AB'[p]}_{a}", ["A", "B"]),
        (lambda a, p: f"{('left', 'right')[p]}_{a}", ["left", "right"]),
    ],
)
@pytest.mark.parametrize("numbered", [True, False])
@pytest.mark.parametrize("uneven", [True, False])
def test_one_row_a_task_is_read_as_it_is(tmp_path, pattern, answers, numbered, uneven):
    frame = long(90)
    if uneven:
        number = frame.groupby(["id", "task"], sort=False).ngroup()
        frame = frame[number % 6 != 1].reset_index(drop=True)
    rows = beside(frame, pattern, answers)
    rows = rows if numbered else rows.drop(columns="task")
    rows.insert(0, "row", np.arange(len(rows)) + 1)
    proposal, wave = came(tmp_path, rows)
    data = proposal.content()["data"]
    assert data["layout"] == "tasks"
    assert data["respondent"] == "id"
    assert data["respondent_columns"] == ["age"]
    assert_figures(wave, truth(frame))


def test_an_alternative_that_stays_the_same_is_the_option_of_none(tmp_path):
    frame = long(120)
    rows = beside(frame, lambda a, p: f"{a}_{'AB'[p]}", ["A", "B"])
    for name in DESIGN:
        rows[f"{name}_C"] = "0"
    rows.loc[RNG(1).random(len(rows)) < 0.2, "choice"] = "C"
    proposal, wave = came(tmp_path, rows, stops=["outcomes.choice.none"])
    assert proposal.content()["data"]["profiles"] == ["A", "B"]
    assert any("columns of C hold the same" in note for note in proposal.notes)
    assert wave.outcome("choice").sum() == (rows["choice"] != "C").sum()


# --- Rows in any order ----------------------------------------------------------------------------


@pytest.mark.parametrize("names", [("kode", "t", "alt", "win"), ("V1", "V2", "V3", "V4")])
def test_rows_may_stand_in_any_order_whatever_the_columns_are_called(tmp_path, names):
    frame = long(120)
    mixed = frame.sample(frac=1, random_state=5)
    renamed = dict(zip(("id", "task", "profile", "chosen"), names, strict=True))
    proposal, wave = came(tmp_path, mixed.rename(columns=renamed))
    data = proposal.content()["data"]
    assert (data["respondent"], data["task"], data["profile"]) == names[:3]
    assert sureness(proposal, "data", "layout") == "likely"
    assert_figures(wave, truth(frame))


def test_one_attribute_beside_an_answer_that_names_the_profile(tmp_path):
    frame = long(120)
    won = (
        frame[frame["chosen"].astype(int) == 1]
        .set_index(["id", "task"])["profile"]
        .rename("choice")
    )
    alone = frame[["id", "task", "profile", "price"]].join(won, on=["id", "task"])
    proposal, wave = came(tmp_path, alone)
    assert list(proposal.content()["attributes"]) == ["price"]
    assert_figures(wave, truth(frame, attributes=("price",)))


def test_numbers_of_tasks_are_no_answers_that_name_the_profile(tmp_path):
    """Two blocks of tasks, beside two profiles: 1 and 2 could be both."""
    frame = long(80, tasks="123456")
    number = frame["task"].astype(int) - 1
    two = frame.drop(columns="task").assign(Block=number // 3 + 1, Nr=number % 3 + 1)
    proposal, wave = came(tmp_path, two)
    assert sorted(proposal.content()["data"]["task"]) == ["Block", "Nr"]
    assert_figures(wave, truth(frame))


def test_a_rating_whose_lowest_point_nobody_gave_is_an_answer(tmp_path):
    frame = long(120)
    cheap = frame["price"] == frame["price"].min()
    frame["rate"] = np.clip(RNG(3).integers(2, 7, len(frame)) + cheap, 2, 7)
    proposal, wave = came(tmp_path, frame)
    outcomes = proposal.content()["outcomes"]
    assert (outcomes["rate"]["min"], outcomes["rate"]["max"]) == (1, 7)
    assert_figures(wave, truth(frame, outcome="rate"), "rate")


def test_a_vignette_is_a_task_of_one_profile(tmp_path):
    frame = long(150, tasks="123456")
    alone = frame[frame["profile"] == frame["profile"].iloc[0]].drop(columns=["profile", "chosen"])
    cheap = alone["price"] == alone["price"].min()
    alone["rate"] = RNG(3).integers(1, 7, len(alone)) + cheap
    proposal, _ = came(tmp_path, alone.rename(columns={"task": "vignette"}))
    data = proposal.content()["data"]
    assert (data["task"], data.get("profile")) == ("vignette", None)
    assert list(proposal.content()["outcomes"]) == ["rate"]
