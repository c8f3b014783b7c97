"""What deserves a look, though a wave can be weighted to it."""

import pytest

import conjoint as cj
from conjoint.survey import Margin, Targets
from conjoint.weight import target_warnings

FIELDWORK = "fieldwork = { start = 2026-05-11, end = 2026-05-12 }\n"


def look(wave, *margins):
    return [str(note) for note in target_warnings(wave, Targets(margins, "targets.csv"))]


def wave_of(folder, column, counts):
    """The small survey with a column in which so many people are in each category."""
    texts = [text for text, count in counts.items() for _ in range(count)]
    folder.responses[column] = texts
    folder.targets = f"margin,category,share\n{column},{texts[0]},1\n"
    return cj.read_wave(folder.write())


def test_nothing_to_say_of_sound_targets(small_wave):
    assert target_warnings(small_wave) == []


def test_without_targets_there_is_nothing_to_say(folder):
    folder.replace('[weighting]\ntargets = "targets.csv"\n', "")
    assert target_warnings(cj.read_wave(folder.write())) == []


def test_a_small_category_is_named_with_the_smaller_of_its_neighbours(folder):
    counts = {"18-24": 4, "25-34": 20, "35-44": 21, "45-64": 9, "65 and over": 6}
    wave = wave_of(folder, "age_group", counts)
    notes = look(wave, Margin.of("age_group", dict.fromkeys(counts, 0.2)))
    assert notes == [
        'targets.csv, margin "age_group": only 4 respondents in "18-24" (target 20%) '
        '(expected 10 or more). Merge it with "25-34" (20 respondents).',
        'targets.csv, margin "age_group": only 9 respondents in "45-64" (target 20%) '
        '(expected 10 or more). Merge it with "65 and over" (6 respondents).',
        'targets.csv, margin "age_group": only 6 respondents in "65 and over" (target 20%) '
        '(expected 10 or more). Merge it with "45-64" (9 respondents).',
    ]


def test_a_small_category_without_order_goes_with_the_smallest(folder):
    counts = {"Labour": 25, "Green": 1, "Conservative": 22, "Other": 12}
    wave = wave_of(folder, "vote", counts)
    (note,) = look(wave, Margin.of("vote", dict.fromkeys(counts, 0.25)))
    assert 'only 1 respondent in "Green"' in note
    assert 'Merge it with "Other" (12 respondents).' in note


def test_an_interlocked_category_keeps_its_sex_and_goes_to_the_next_age(folder):
    counts = {"18-34 * F": 16, "18-34 * M": 3, "35-54 * F": 15, "35-54 * M": 13, "55+ * M": 13}
    rows = [text.split(" * ") for text, count in counts.items() for _ in range(count)]
    folder.responses["age_group"] = [age for age, _ in rows]
    folder.responses["gender"] = [gender for _, gender in rows]
    folder.targets = "margin,category,share\nage_group * gender,18-34 * F,1\n"
    wave = cj.read_wave(folder.write())
    (note,) = look(wave, Margin.of("age_group * gender", dict.fromkeys(counts, 0.2)))
    assert 'only 3 respondents in "18-34 * M"' in note
    assert 'Merge it with "35-54 * M" (13 respondents).' in note


def test_people_without_a_weight_do_not_fill_a_category(small_wave):
    weights = (small_wave.respondents["sex"] == "Female").to_numpy(dtype=float)
    weights[~(weights > 0)] = [1.0] * 5 + [0.0] * (60 - int(weights.sum()) - 5)
    margin = Margin.of("sex", {"Female": 0.5, "Male": 0.5})
    (note,) = look(small_wave.with_weights(weights), margin)
    assert 'only 5 respondents in "Male"' in note


def test_a_target_of_zero_needs_nobody(small_wave):
    assert look(small_wave, Margin.of("sex", {"Female": 1, "Male": 1, "Other": 0})) == []


@pytest.mark.parametrize(("year", "notes"), [(2021, 0), (2020, 1), (2016, 1)])
def test_figures_from_long_before_fieldwork_are_named(folder, year, notes):
    folder.toml = folder.toml.replace('title = "Small survey"\n', f'title = "Small"\n{FIELDWORK}')
    folder.targets = (
        f"margin,category,share,year\nsex,Female,0.5,{year}\nsex,Male,0.5,2025\n"
        "age,young,0.5,2024 and 2025\nage,old,0.5,2025\n"
    )
    found = target_warnings(cj.read_wave(folder.write()))
    assert len(found) == notes
    for note in found:
        assert note.where.endswith('targets.csv, margin "sex"')
        assert note.what == f"its figures are from {year}, {2026 - year} years before fieldwork"


def test_without_fieldwork_no_figure_is_old(folder):
    folder.targets = "margin,category,share,year\nsex,Female,0.5,1999\nsex,Male,0.5,1999\n"
    assert target_warnings(cj.read_wave(folder.write())) == []


def test_margins_that_do_not_fit_the_wave_are_left_to_the_check(small_wave):
    assert look(small_wave, Margin.of("region", {"North": 1})) == []
