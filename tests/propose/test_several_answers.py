"""Questions of several answers in an export: one question each, whose shares are those of the file."""

from dataclasses import replace

import numpy as np
import pytest
from exported import responses, wide

import conjoint as cj
from conjoint.propose import propose, write_survey

MEDIA = ["Radio", "TV", "Papers, printed", "Online"]
PARTIES = ["Left", "Centre", "Right", "Green", "None of these"]


@pytest.fixture(scope="module")
def frame():
    return wide(lambda t, p, a: f"t{t}_{p}_{a}", lambda t: f"t{t}_choice", people=150)


@pytest.fixture(scope="module")
def given():
    """Who uses which of the media, of shape (people, media)."""
    return np.random.default_rng(3).random((150, 4)) < [0.6, 0.5, 0.2, 0.8]


def shares(tmp_path, frame, labels=()):
    """What is proposed of question Q5, and the share of each answer in its table."""
    proposal = propose(responses(frame, labels=dict(labels)))
    frame.to_csv(tmp_path / "export.csv", index=False)
    write_survey(replace(proposal, path=tmp_path / "export.csv"), tmp_path / "new")
    wave = cj.read_wave(tmp_path / "new")
    rows = cj.toplines(wave, question="Q5").frame
    table = dict(zip(rows["level"], rows["estimate"], strict=True))
    return proposal, table


FORMS = {
    "its own text": (lambda told, text: np.where(told, text, ""), {}),
    "a tick": (lambda told, _: np.where(told, "1", ""), {"selected": ["1"]}),
    "ones and zeros": (
        lambda told, _: np.where(told, "1", "0"),
        {"selected": ["1"], "unselected": ["0"]},
    ),
    "words": (
        lambda told, _: np.where(told, "Selected", "Not Selected"),
        {"selected": ["Selected"], "unselected": ["Not Selected"]},
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_column_an_answer_is_one_question(tmp_path, frame, given, form):
    cells, marks = FORMS[form]
    frame = frame.copy()
    labels = {}
    for place, text in enumerate(MEDIA):
        frame[f"Q5_{place + 1}"] = cells(given[:, place], text)
        labels[f"Q5_{place + 1}"] = f"Which do you use? - Selected Choice - {text}"
    frame["Q5_4_TEXT"] = np.where(given[:, 3], "a blog", "")
    proposal, table = shares(tmp_path, frame, labels.items())
    asked = proposal.content()["questions"]
    assert set(asked) == {"gender", "trust", "Q5"}
    assert asked["Q5"] == {
        "kind": "multiple", "text": "Which do you use?",
        "columns": {text: f"Q5_{place + 1}" for place, text in enumerate(MEDIA)}, **marks,
    }  # fmt: skip
    base = given.any(axis=1) if "unselected" not in marks else np.ones(len(given), dtype=bool)
    for text, expected in zip(MEDIA, given[base].mean(axis=0), strict=True):
        assert table[text] == pytest.approx(expected)


@pytest.mark.parametrize("mark", [",", ";"])
def test_all_answers_in_one_cell_are_one_question(tmp_path, frame, given, mark):
    frame = frame.copy()
    frame["Q5"] = [
        mark.join(text for text, told in zip(MEDIA, row, strict=True) if told) for row in given
    ]
    proposal, table = shares(tmp_path, frame)
    question = proposal.content()["questions"]["Q5"]
    assert question["separator"] == mark
    assert set(question["answers"]) == set(MEDIA)
    for text, expected in zip(MEDIA, given[given.any(axis=1)].mean(axis=0), strict=True):
        assert table[text] == pytest.approx(expected)


@pytest.mark.parametrize("names", [("Q5_1", "Q5_2", "Q5_3"), ("Q5_first", "Q5_second", "Q5_third")])
def test_mentions_are_one_question(tmp_path, frame, names):
    frame = frame.copy()
    rng = np.random.default_rng(4)
    drawn = np.array([rng.permutation(PARTIES)[:3] for _ in range(len(frame))], dtype=object)
    for place, many in enumerate((150, 110, 60)):
        drawn[many:, place] = ""
        frame[names[place]] = drawn[:, place]
    proposal, table = shares(tmp_path, frame)
    question = proposal.content()["questions"]["Q5"]
    assert question["kind"] == "multiple"
    assert question["mentions"] == list(names)
    assert set(question["answers"]) == set(PARTIES)
    for text in PARTIES:
        assert table[text] == pytest.approx((drawn == text).any(axis=1).mean())


def test_the_rows_of_a_grid_and_ranks_are_no_mentions(frame):
    frame = frame.copy()
    rng = np.random.default_rng(4)
    for place in range(3):
        frame[f"Q5_{place + 1}"] = rng.choice(
            ["Agree", "Neither", "Disagree", "Strongly agree"], len(frame)
        )
    ranks = np.array([rng.permutation(3) + 1 for _ in range(len(frame))]).astype(str)
    for place in range(3):
        frame[f"Q6_{place + 1}"] = ranks[:, place]
    asked = propose(responses(frame)).content()["questions"]
    assert not [name for name, own in asked.items() if own.get("kind") == "multiple"]


@pytest.mark.parametrize(
    "names", [("Q5.1", "Q5.2", "Q5.3"), ("Q5", "Q6", "Q7"), ("a_1", "a_2", "a_3")]
)
def test_questions_of_their_own_are_not_taken_together(frame, names):
    frame = frame.copy()
    rng = np.random.default_rng(4)
    told = rng.random(len(frame)) < 0.6
    for name, texts in zip(
        names, (["Yes", "No"], ["Low", "Mid", "High"], ["A", "B", "C"]), strict=True
    ):
        frame[name] = np.where(told, rng.choice(texts, len(frame)), "")
    asked = propose(responses(frame)).content()["questions"]
    assert not [name for name, own in asked.items() if own.get("kind") == "multiple"]


def test_texts_with_commas_are_not_several_answers(frame):
    frame = frame.copy()
    rng = np.random.default_rng(4)
    frame["Q5"] = rng.choice(["Yes, always", "Yes, sometimes", "No, never"], len(frame))
    frame["Q6"] = [f"I think, well, number {i}" for i in range(len(frame))]
    asked = propose(responses(frame)).content()["questions"]
    assert asked["Q5"].get("kind") is None


def test_a_scale_with_labels_at_its_ends_is_read_as_its_numbers(frame):
    frame = frame.copy()
    texts = ["0 - Not at all", *map(str, range(1, 10)), "10 - Completely"]
    frame["Q5"] = np.random.default_rng(5).choice(texts, len(frame))
    content = propose(responses(frame)).content()
    assert content["questions"]["Q5"] == {"kind": "scale", "min": 0, "max": 10}
    assert content["recode"] == {"Q5": {"labelled": True}}
