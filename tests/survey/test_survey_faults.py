"""Every fault of survey.toml is named with its file and key, and all of them at once."""

import pytest

from conjoint import read_survey
from conjoint.errors import InputError, SurveyError
from conjoint.folder import open_folder

# What is replaced in a sound survey.toml, by what; the key that the fault names, and what it says.
FAULTS = {
    "a level twice": (
        '["red", "green"]',
        '["red", "red"]',
        "attributes.colour.levels",
        'the level "red" stands twice',
    ),
    "one level": ('["red", "green"]', '["red"]', "attributes.colour.levels", "1 level(s)"),
    "no such baseline": (
        '["red", "green"]',
        '["red", "green"]\nbaseline = "blue"',
        "attributes.colour.baseline",
        '"blue" is not a level of "colour" (expected red, green)',
    ),
    "a reserved attribute": (
        "[attributes.colour]",
        "[attributes.task]",
        "attributes.task",
        '"task" is taken',
    ),
    "an attribute named as an outcome": (
        "[attributes.colour]",
        "[attributes.support]",
        "attributes.support",
        '"support" is taken',
    ),
    "a reserved outcome": (
        "[outcomes.support]",
        "[outcomes.profile]",
        "outcomes.profile",
        '"profile" is taken',
    ),
    "a restriction of no attribute": (
        "[outcomes.choice]",
        '[[restrictions]]\nnever = { prise = "low", size = "S" }\n[outcomes.choice]',
        "restrictions[0].never.prise",
        'there is no attribute "prise" (expected price, colour, size)',
    ),
    "a restriction of no level": (
        "[outcomes.choice]",
        '[[restrictions]]\nnever = { price = "lo", size = "S" }\n[outcomes.choice]',
        "restrictions[0].never.price",
        '"lo" is not a level of "price"',
    ),
    "a restriction of three": (
        "[outcomes.choice]",
        '[[restrictions]]\nnever = { price = "low", size = "S", colour = "red" }\n[outcomes.choice]',
        "restrictions[0]",
        "names 3 attributes (two are needed)",
    ),
    "an outcome without task": (
        "t{task}_{profile}_support",
        "{profile}_support",
        "outcomes.support.column",
        '"{profile}_support" names no task',
    ),
    "support without profile": (
        "t{task}_{profile}_support",
        "t{task}_support",
        "outcomes.support.column",
        '"t{task}_support" names no profile',
    ),
    "a choice without profile or chosen": (
        "t{task}_{profile}_choice",
        "t{task}_choice",
        "outcomes.choice.chosen",
        "is missing, and the column is the whole task's",
    ),
    "chosen for another profile": (
        '"t{task}_{profile}_choice"',
        '"t{task}_choice"\nchosen = { A = "Deal A", C = "Deal C" }',
        "outcomes.choice.chosen",
        "an answer, or several, for each profile: A, B",
    ),
    "one answer for two profiles": (
        '"t{task}_{profile}_choice"',
        '"t{task}_choice"\nchosen = { A = "Deal", B = "Deal" }',
        "outcomes.choice.chosen",
        '"Deal" chooses more than one profile',
    ),
    "support without answers": (
        'positive = "yes"\nnegative = "no"',
        'positive = "yes"',
        "outcomes.support",
        "needs `positive` and `negative`",
    ),
    "an answer both ways": (
        'positive = "yes"\nnegative = "no"',
        'positive = "yes"\nnegative = ["no", "yes"]',
        "outcomes.support",
        "['yes'] stand in both `positive` and `negative`",
    ),
    "a rating without range": (
        'kind = "support"',
        'kind = "rating"\nmin = 3\nmax = 3',
        "outcomes.support",
        "a rating needs min and max, min below max",
    ),
    "an unknown kind": (
        'kind = "support"',
        'kind = "opinion"',
        "outcomes.support.kind",
        "'opinion' does not fit (expected 'choice', 'support' or 'rating')",
    ),
    "a task twice": ("tasks = 3", 'tasks = ["1", "2", "1"]', "data.tasks", '"1" stands twice'),
    "no attribute pattern": (
        '"t{task}_{profile}_{attribute}"',
        '"t{task}_{attribute}"',
        "data.attribute",
        '"t{task}_{attribute}" is no pattern',
    ),
    "no profiles": (
        'profiles = ["A", "B"]\n',
        "",
        "data",
        "a wide layout also needs profiles",
    ),
    "a repeat of no task": (
        "tasks = 3",
        'tasks = 3\nrepeat = { task = "4", of = "9" }',
        "data.repeat.of",
        'there is no task "9" (expected 1, 2, 3)',
    ),
    "a repeat that is a task": (
        "tasks = 3",
        'tasks = 3\nrepeat = { task = "3", of = "1" }',
        "data.repeat.task",
        'the repeated task "3" also stands in data.tasks',
    ),
    "a file elsewhere": (
        'file = "responses.csv"',
        'file = "../responses.csv"',
        "data",
        "has to lie in the survey folder",
    ),
    "an answer twice": (
        '["Left", "Right", "None"]',
        '["Left", "Right", "None", "Left"]',
        "questions.party.answers",
        'the answer "Left" stands twice',
    ),
    "a question without answers": (
        'answers = ["Left", "Right", "None"]',
        'label = "Party"',
        "questions.party",
        "needs its `answers`",
    ),
    "a scale without range": (
        "min = 0\nmax = 10\n",
        "min = 0\n",
        "questions.warmth",
        "a scale question needs min and max",
    ),
    "a scale without end": (
        "max = 10\n",
        "max = inf\n",
        "questions.warmth",
        "a scale question needs min and max, min below max, within 1e+12",
    ),
    "tasks without end": ("tasks = 3", "tasks = 1_000_000_000", "data", "has more than 200 tasks"),
    "profiles without end": (
        'profiles = ["A", "B"]',
        f"profiles = {[str(number) for number in range(101)]}",
        "data",
        "has more than 100 profiles",
    ),
    "a number beyond 64 bits": (
        "tasks = 3",
        f"tasks = 0x{'f' * 6000}",
        "data.tasks",
        "is a number too large to be read (expected 19 digits at most)",
    ),
    "a number of too many digits": (
        "tasks = 3",
        f"tasks = {'9' * 5000}",
        "line 7",
        "is a number too large to be read (expected 19 digits at most)",
    ),
    "text that holds a zero": (
        'layout = "wide"',
        'layout = "wide"\nencoding = "utf\\u0000"',
        "data.encoding",
        "holds a sign that is no text",
    ),
    "a rule of many alternatives": (
        '{ party = "Left" }',
        "[" + '{ party = "Left" }, ' * 501 + "]",
        "segments.left.where",
        "a rule of more than 500 alternatives",
    ),
    "a headline that is no answer": (
        '["Left", "Right", "None"]',
        '["Left", "Right", "None"]\nheadline = "Up"',
        "questions.party",
        'headline "Up" is not one of its answers',
    ),
    "a segment of no answer": (
        '{ party = "Left" }',
        '{ party = "Lefty" }',
        "segments.left.where.party",
        '"Lefty" is not an answer to "party" (expected Left, Right, None)',
    ),
    "a segment excluding no answer": (
        '{ party = "Left" }',
        '{ party = { not = ["Lefty"] } }',
        "segments.left.where.party",
        '"Lefty" is not an answer',
    ),
    "a segment of numbers in words": (
        '{ party = "Left" }',
        "{ party = { min = 5 } }",
        "segments.left.where.party",
        "min and max need a column of numbers",
    ),
    "empty and something": (
        '{ party = "Left" }',
        '{ party = { empty = true, not = "Left" } }',
        "segments.left.where",
        "`empty = true` stands alone",
    ),
    "empty and answered": (
        '{ party = "Left" }',
        "{ party = { empty = true, answered = true } }",
        "segments.left.where",
        "`empty` and `answered` contradict each other",
    ),
    "answered by a word": (
        '{ party = "Left" }',
        '{ party = { answered = "no" } }',
        "segments.left.where",
        "`answered` is 'no' (true or false is needed)",
    ),
    "empty misspelt": (
        '{ party = "Left" }',
        "{ party = { emtpy = true } }",
        "segments.left.where",
        "Did you mean empty?",
    ),
    "an empty condition": (
        '{ party = "Left" }',
        "{ party = {} }",
        "segments.left.where",
        "an empty condition",
    ),
    "an empty list": (
        '{ party = "Left" }',
        "{ party = [] }",
        "segments.left.where",
        "an empty list: nobody could be meant",
    ),
    "an empty rule": ('{ party = "Left" }', "{}", "segments.left.where", "an empty rule"),
    "a misspelt key": (
        'label = "How large"',
        'lable = "How large"',
        "attributes.size.lable",
        "is not a key that is known here",
    ),
    "a missing key": ('title = "Small survey"', "", "title", "is missing"),
    "fieldwork backwards": (
        'title = "Small survey"',
        'title = "Small"\nfieldwork = { start = 2026-05-02, end = 2026-05-01 }',
        "fieldwork",
        "ends on 2026-05-01, before it starts on 2026-05-02",
    ),
    "a wrong type": (
        'title = "Small survey"',
        'title = "Small"\nsynthetic = "perhaps"',
        "synthetic",
        "'perhaps' does not fit",
    ),
    "a grid of one": (
        "[weighting]",
        '[report]\ngrid = ["price"]\n[weighting]',
        "report",
        "grid names 1 attributes (two are needed)",
    ),
    "a grid of no attribute": (
        "[weighting]",
        '[report]\ngrid = ["price", "prise"]\n[weighting]',
        "report.grid",
        'there is no attribute "prise"',
    ),
    "a report of no outcome": (
        "[weighting]",
        '[report]\noutcome = "chioce"\n[weighting]',
        "report.outcome",
        'there is no outcome "chioce" (expected choice, support)',
    ),
    "what the data count in the toml": (
        "[weighting]",
        "[task_sizes]\nchoice = [2]\n[weighting]",
        "task_sizes",
        "is not a key of survey.toml (expected what is counted in the data)",
    ),
    "targets in the toml": (
        "[weighting]",
        "[targets]\nsex = 1\n[weighting]",
        "targets",
        "is not a key of survey.toml (expected the table targets.csv beside it)",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_of_survey_toml_is_named(folder, name):
    old, new, key, what = FAULTS[name]
    faults = folder.replace(old, new).faults()
    assert [f for f in faults if f"survey.toml, {key}" in f and what in f], faults


@pytest.mark.parametrize("name", FAULTS)
def test_a_faulty_survey_is_refused_with_its_data_too(folder, name):
    old, new, key, _ = FAULTS[name]
    folder.replace(old, new).write()
    with pytest.raises(InputError, match=rf"survey\.toml, {key.split('[')[0]}"):
        open_folder(folder.path)


def test_a_sound_survey_has_no_fault(folder):
    assert list(read_survey(folder.write()).attributes) == ["price", "colour", "size"]


def test_faults_of_different_keys_are_named_at_once(folder):
    folder.replace('["red", "green"]', '["red"]').replace('{ party = "Left" }', '{ party = "L" }')
    folder.targets = folder.targets.replace("0.52", "0.49")
    faults = folder.faults()
    assert len(faults) == 3
    assert "attributes.colour" in "".join(faults)
    assert "segments.left" in "".join(faults)
    assert 'targets.csv, margin "sex"' in "".join(faults)


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(SurveyError, match=r"nowhere.*survey\.toml: there is no such file"):
        read_survey(tmp_path / "nowhere")


def test_a_file_in_place_of_a_folder_is_said_to_be_one(tmp_path):
    (tmp_path / "export.csv").write_text("a,b\n1,2\n")
    with pytest.raises(SurveyError, match=r"export\.csv: is a file \(expected a survey folder"):
        read_survey(tmp_path / "export.csv")


def test_text_that_is_not_utf8_is_named(folder):
    (folder.write() / "survey.toml").write_bytes(b'title = "\xff"')
    with pytest.raises(SurveyError, match=r"survey\.toml: cannot be read.*UTF-8"):
        read_survey(folder.path)


def test_every_broken_line_is_named_with_its_number(folder):
    folder.replace("tasks = 3", "tasks = 3\nthis is broken").replace(
        "[questions.party]", "and so = is = this\n[questions.party]"
    )
    faults = folder.faults()
    lines = folder.toml.split("\n")
    numbers = [lines.index("this is broken") + 1, lines.index("and so = is = this") + 1]
    assert [f.split(": ")[0].rsplit(" ", 1)[1] for f in faults] == [str(n) for n in numbers]
    assert all("is not TOML" in fault for fault in faults)
    assert "'this is broken'" in faults[0]


def test_broken_lines_do_not_hide_other_faults(folder):
    folder.replace("tasks = 3", "tasks = 3\nthis is broken").replace('["red", "green"]', '["red"]')
    faults = folder.faults()
    assert len(faults) == 2
    assert "is not TOML" in faults[0]
    assert "attributes.colour.levels" in faults[1]


def test_a_key_given_twice_is_named(folder):
    (fault,) = folder.replace("tasks = 3", "tasks = 3\ntasks = 3").faults()
    assert "survey.toml, line 8: is not TOML: cannot overwrite a value" in fault


def test_a_misspelt_key_is_told_which_was_meant(folder):
    faults = folder.replace('title = "Small survey"', 'titel = "Small survey"').faults()
    assert "survey.toml, titel: is not a key that is known here. Did you mean title?" in faults


def test_a_key_of_another_table_is_not_said_to_be_misspelt(folder):
    (fault,) = folder.replace("[weighting]", '[weighting]\ncolumn = "w"').faults()
    assert fault.startswith("survey.toml, weighting.column: is not a key that is known here.")
    assert "It is a key of other tables" in fault


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("tasks = 3", 'tasks = "three"', "a list such as [1, 2]"),
        ('title = "Small survey"', "title = 3", "text in quotes"),
        ("min = 0", 'min = "none"', "a number"),
    ],
)
def test_a_wrong_type_is_said_in_the_words_of_toml(folder, old, new, expected):
    (fault,) = folder.replace(old, new).faults()
    assert f"does not fit (expected {expected})" in fault


def test_no_segment_is_called_total(folder):
    folder.toml += '\n[segments.Total]\nwhere = { party = "Left" }\n'
    assert any('segments.Total: "Total" is taken' in fault for fault in folder.faults())
