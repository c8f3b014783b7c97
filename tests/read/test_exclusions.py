"""Who is left out by rules: before anything else is read of them, and counted."""

import pytest

import conjoint as cj

TOML = """\
title = "Exclusions"
[data]
file = "responses.csv"
layout = "wide"
respondent = "id"
tasks = 1
profiles = ["A", "B"]
attribute = "{profile}_{attribute}"
duration = "took"
weight = "w"
[attributes.price]
levels = ["low", "high"]
[outcomes.choice]
kind = "choice"
column = "choice"
chosen = { A = "A", B = "B" }
[questions.mood]
kind = "scale"
min = 0
max = 10
missing = "99"
[exclusions.speeders]
label = "Speeders"
faster_than = 0.5
[exclusions.inattentive]
where = { check = { not = ["four"] } }
"""
HEADER = "id,A_price,B_price,choice,took,w,mood,check\n"
ROWS = [
    "a,low,high,A,100,1,5,four",
    "b,high,low,B,200,1,99,four",
    "c,low,low,A,49,1,3,four",
    "d,low,high,B,40,1,9,two",
    "e,high,high,A,300,1,8,five",
    "f,high,low,B,100,1,10,",
]
DATA = HEADER + "\n".join(ROWS) + "\n"


def said(wave):
    return [(rule.key, rule.label, rule.respondents, rule.alone) for rule in wave.excluded]


def test_people_whom_a_rule_meets_are_in_no_part_of_the_wave(small):
    wave = small.read(TOML, DATA)
    assert wave.respondents["respondent"].tolist() == ["a", "b", "f"]
    assert set(wave.profiles["respondent"]) == {"a", "b", "f"}
    assert len(wave.weights) == wave.n_respondents == 3
    assert wave.n_read == 6


def test_each_rule_is_counted_with_what_it_alone_leaves_out(small):
    # The median of 100, 200, 49, 40, 300 and 100 seconds is 100.
    assert said(small.read(TOML, DATA)) == [
        ("speeders", "Speeders", 2, 1),
        ("inattentive", "inattentive", 2, 1),
    ]


def test_a_rule_says_itself_in_words_where_survey_toml_does_not(small):
    assert [rule.text for rule in small.read(TOML, DATA).excluded] == [
        "faster than 50% of the median duration: under 50 of 100 seconds",
        "check is not four",
    ]
    toml = TOML.replace("faster_than = 0.5", 'faster_than = 0.5\ntext = "in a hurry"')
    assert small.read(toml, DATA).excluded[0].text == "in a hurry"


def test_an_answer_that_is_missing_meets_no_rule(small):
    assert "f" in small.read(TOML, DATA).respondents["respondent"].tolist()


def test_a_number_that_counts_as_missing_meets_no_rule(small):
    toml = TOML + "[exclusions.happy]\nwhere = { mood = { min = 9 } }\n"
    wave = small.read(toml, DATA)
    assert wave.respondents["respondent"].tolist() == ["a", "b"]
    assert said(wave)[2] == ("happy", "happy", 2, 1)


@pytest.mark.parametrize("condition", ["{ empty = true }", "{ answered = false }"])
def test_who_gave_no_answer_is_left_out_where_a_rule_says_so(small, condition):
    wave = small.read(TOML.replace('{ not = ["four"] }', condition), DATA)
    assert wave.respondents["respondent"].tolist() == ["a", "b", "e"]
    assert wave.excluded[1].text == "check is empty"


@pytest.mark.parametrize("condition", ["{ empty = false }", "{ answered = true }"])
def test_who_gave_an_answer_is_left_out_where_a_rule_says_so(small, condition):
    wave = small.read(TOML.replace('{ not = ["four"] }', condition), DATA)
    assert wave.respondents["respondent"].tolist() == ["f"]
    assert wave.excluded[1].text == "check is not empty"


def test_an_answer_that_counts_as_missing_is_none(small):
    rule = "[exclusions.moodless]\nwhere = { mood = { answered = false } }\n"
    wave = small.read(TOML.partition("[exclusions")[0] + rule, DATA)
    assert said(wave) == [("moodless", "moodless", 1, 1)]


def test_a_cell_that_cannot_be_read_is_not_empty(small):
    rule = "[exclusions.moodless]\nwhere = { mood = { empty = true } }\n"
    (fault,) = small.faults(
        TOML.partition("[exclusions")[0] + rule, DATA.replace("100,1,5", "100,1,x")
    )
    assert fault.startswith('responses.csv, row 2, mood: "x" is not an answer to "mood"')


NO_PROFILES = DATA + "g,,,A,100,1,5,four\nh,,,B,100,1,5,four\n"


def test_people_whose_profiles_are_empty_are_one_fault_each(small):
    assert small.faults(TOML, NO_PROFILES) == [
        "responses.csv, row 8: answered 1 task whose profiles are empty, in 2 places: also row 9 (expected the "
        "levels that the profiles showed). Fill the cells in, or leave such people out by a rule: under "
        '[exclusions.no_profiles] in survey.toml, where = { "A_price" = { empty = true } }.'
    ]


def test_people_whose_profiles_are_empty_are_left_out_by_the_rule_that_is_offered(small):
    rule = '[exclusions.no_profiles]\nwhere = { "A_price" = { empty = true } }\n'
    wave = small.read(TOML + rule, NO_PROFILES)
    assert wave.profiles.equals(small.read(TOML, DATA).profiles)
    assert said(wave)[2] == ("no_profiles", "no_profiles", 2, 2)


LONG = """\
title = "Long"
[data]
file = "responses.csv"
layout = "long"
respondent = "id"
task = "task"
profile = "profile"
[attributes.price]
levels = ["low", "high"]
[outcomes.choice]
kind = "choice"
column = "chosen"
positive = "1"
negative = "0"
"""
LONG_DATA = """\
id,task,profile,price,chosen
a,1,A,low,1
a,1,B,high,0
a,2,A,low,0
a,2,B,high,1
b,1,A,low,1
b,1,B,high,0
b,2,A,,0
b,2,B,,1
"""


def test_a_rule_about_profiles_of_a_long_file_meets_people_with_such_a_row(small):
    (fault,) = small.faults(LONG, LONG_DATA)
    assert fault.startswith("responses.csv, row 8: answered 1 task whose profiles are empty")
    rule = "[exclusions.no_profiles]\nwhere = { price = { empty = true } }\n"
    wave = small.read(LONG + rule, LONG_DATA)
    assert wave.respondents["respondent"].tolist() == ["a"]
    assert said(wave) == [("no_profiles", "no_profiles", 1, 1)]


def test_the_order_of_rules_changes_nothing(small):
    one = small.read(TOML, DATA)
    start, speeders, inattentive = (
        TOML.partition("[exclusions.speeders]")[0],
        *(f"[exclusions.{part}" for part in TOML.split("[exclusions.")[1:]),
    )
    other = small.read(start + inattentive + speeders, DATA)
    assert other.profiles.equals(one.profiles)
    assert said(other) == list(reversed(said(one)))


def test_without_exclusions_nobody_is_left_out(small):
    wave = small.read(TOML.split("[exclusions")[0], DATA)
    assert (wave.excluded, wave.n_read, wave.n_respondents) == ((), 6, 6)


def test_broken_cells_of_those_left_out_stop_nobody_and_are_noted(small):
    wave = small.read(TOML, DATA.replace("d,low,high,B", "d,lowest,high,C"))
    assert wave.n_respondents == 3
    (note,) = wave.notes
    assert note.startswith("Answers of people who are left out have 2 faults, which stop nobody;")
    assert note.endswith(
        "the first is at " + str(small.path / "responses.csv") + ", row 5, A_price."
    )


def test_broken_cells_of_others_are_named_by_their_row(small):
    (fault,) = small.faults(TOML, DATA.replace("f,high,low,B", "f,highest,low,B"))
    assert fault.startswith('responses.csv, row 7, A_price: "highest" is not a level of "price"')


def test_figures_are_those_of_a_file_without_them(small):
    shorter = HEADER + "\n".join(ROWS[place] for place in (0, 1, 5)) + "\n"
    one = cj.marginal_means(small.read(TOML, DATA)).frame
    two = cj.marginal_means(small.read(TOML.split("[exclusions")[0], shorter)).frame
    assert one.equals(two)


def test_the_median_is_that_of_all_who_were_read(small):
    # Without the inattentive it were 100, too; with a limit of 0.42 only the 40 seconds are under.
    toml = TOML.replace("faster_than = 0.5", "faster_than = 0.42")
    slower = DATA.replace(",300,", ",9000,").replace(",200,", ",120,")
    assert said(small.read(toml, slower))[0][2] == 1


def test_people_whose_duration_is_unknown_stay_and_are_noted(small):
    wave = small.read(TOML, DATA.replace("B,100,1,10,", "B,,1,10,"))
    assert "f" in wave.respondents["respondent"].tolist()
    assert "exclusions.speeders: the duration of 1 of 6 people is not known; they stay." in (
        wave.notes
    )


def test_an_answer_that_nobody_gave_is_noted(small):
    wave = small.read(TOML.replace('["four"]', '["four", "For"]'), DATA)
    assert wave.notes == ('exclusions.inattentive: no cell of "check" holds "For".',)


def test_a_long_file_loses_all_rows_of_a_person(small):
    toml = """\
title = "Long"
[data]
file = "responses.csv"
layout = "long"
respondent = "id"
task = "task"
profile = "who"
[attributes.price]
levels = ["low", "high"]
[outcomes.score]
kind = "rating"
column = "score"
min = 0
max = 10
[exclusions.bots]
where = { check = "bot" }
"""
    data = "id,task,who,price,score,check\n"
    data += "a,1,x,low,1,ok\nb,1,x,low,77,bot\na,1,y,high,3,ok\nb,1,y,high,3,bot\n"
    wave = small.read(toml, data)
    assert wave.respondents["respondent"].tolist() == ["a"]
    assert wave.profiles["score"].tolist() == [1, 3]
    assert (wave.n_read, said(wave)) == (2, [("bots", "bots", 1, 1)])
    assert "1 fault, which" in wave.notes[0]


def test_positions_and_repeats_lose_the_same_people(small):
    toml = TOML.replace('"{profile}_{attribute}"', '"{task}{profile}_{position}"').replace(
        "tasks = 1",
        'tasks = 1\nname = "n_{position}"\npositions = 1\n'
        'repeat = { task = "2", of = "1", attributes = "same" }',
    )
    toml = toml.replace('column = "choice"', 'column = "c{task}"').replace(
        '[questions.mood]\nkind = "scale"\nmin = 0\nmax = 10\nmissing = "99"\n', ""
    )
    data = "id,n_1,1A_1,1B_1,c1,c2,took,w,check\n"
    data += "a,price,low,high,A,B,100,1,four\nb,price,low,high,A,B,100,1,two\n"
    wave = small.read(toml, data)
    assert wave.positions.to_dict("list") == {"price": [1, 1]}
    assert wave.repeats["respondent"].tolist() == ["a", "a"]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (
            'check = { not = ["four"] }',
            'chekc = "four"',
            'responses.csv, row 1: there is no column "chekc"',
        ),
        ('duration = "took"\n', "", "survey.toml, exclusions.speeders.faster_than: nothing says"),
        (
            'duration = "took"',
            'duration = "tok"',
            'responses.csv, row 1: there is no column "tok"',
        ),
        (
            'check = { not = ["four"] }',
            "check = { min = 3 }",
            "survey.toml, exclusions.inattentive.where.check: min and max need a column of numbers",
        ),
        ("faster_than = 0.5", "faster_than = 1.5", "survey.toml, exclusions.speeders.faster_than"),
        (
            "faster_than = 0.5",
            'faster_than = 0.5\nwhere = { check = "x" }',
            "survey.toml, exclusions.speeders: needs either `where` or `faster_than`",
        ),
    ],
)
def test_rules_that_cannot_be_followed(small, old, new, fault):
    assert old in TOML
    assert any(found.startswith(fault) for found in small.faults(TOML.replace(old, new), DATA))


@pytest.mark.parametrize(("rule", "out"), [('id = "b"', "b"), ('choice = "B"', "bdf")])
def test_a_rule_may_ask_for_any_column_of_the_file(small, rule, out):
    toml = TOML.split("[exclusions.speeders]")[0] + f"[exclusions.rule]\nwhere = {{ {rule} }}\n"
    wave = small.read(toml, DATA)
    assert wave.respondents["respondent"].tolist() == [who for who in "abcdef" if who not in out]


def test_a_rule_that_leaves_nobody_is_a_fault(small):
    toml = TOML.replace('check = { not = ["four"] }', 'check = ["four", "two", "five", ""]')
    data = DATA.replace("1,10,", "1,10,four")
    (fault,) = small.faults(toml, data)
    assert fault.startswith(
        "survey.toml, exclusions.inattentive: leaves nobody: it meets all 6 respondents"
    )


def test_rules_that_leave_nobody_together_are_a_fault(small):
    toml = TOML.replace('check = { not = ["four"] }', "took = { min = 50 }")
    (fault,) = small.faults(toml, DATA)
    assert fault.startswith("survey.toml, exclusions: leave nobody: together they meet")


def test_without_any_duration_speed_cannot_be_told(small):
    empty = "\n".join(
        ",".join("" if n == 4 else cell for n, cell in enumerate(row.split(","))) for row in ROWS
    )
    (fault,) = small.faults(TOML, f"{HEADER}{empty}\n")
    assert fault.startswith("survey.toml, exclusions.speeders: no duration is known")


def test_weights_of_those_who_stay_are_theirs(small):
    data = DATA.replace("c,low,low,A,49,1,", "c,low,low,A,49,heavy,").replace(
        "f,high,low,B,100,1,", "f,high,low,B,100,2.5,"
    )
    assert small.read(TOML, data).weights.tolist() == [1, 1, 2.5]
