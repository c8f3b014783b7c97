"""Spoiled exports: a reader refuses them in words, or reads what they say, and never in between.

Every file is judged by a second reading of its own (`fuzz_exports`), which knows what was done to it.
"""

import dataclasses

import numpy as np
import pytest
from fuzz_exports import PERSON, PROMISES, REPEATED, toml, what_it_says, what_the_wave_says
from fuzz_mutations import (
    BYTES,
    GRIDS,
    as_csv,
    clean,
    spoiled_bytes,
    spoiled_container,
    spoiled_grid,
    ten_thousand_columns,
    with_formula,
    written,
)

import conjoint as cj
from conjoint.errors import ConjointError, DataError, Fault

LAYOUTS, SUFFIXES = ("wide", "long"), (".csv", ".xlsx", ".sav")


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """A survey folder a layout."""
    made = {}
    for layout in LAYOUTS:
        made[layout] = tmp_path_factory.mktemp(layout)
        text = toml(layout, "responses.csv")
        (made[layout] / "survey.toml").write_text(text, encoding="utf-8")
    return made


def judge(folder, spoiled, read=cj.read_wave):
    """How the file was taken: "refused", "read" or "noted"; anything else fails."""
    path = folder / f"responses{spoiled.suffix}"
    path.write_bytes(spoiled.content)
    wave, refusal = taken(read, folder, path)
    if wave is None:
        check_faults(refusal, spoiled)
        assert not spoiled.must, f"{spoiled.name}: refused, and nothing is wrong: {refusal}"
        return "refused"
    told = what_the_wave_says(wave)
    if any(same(told, truth) for truth in spoiled.truths):
        return "read"
    noted = wave.notes or any("share a name" in entry.text for entry in wave.unused)
    if noted and any(same(told, truth) for truth in spoiled.noted):
        return "noted"
    expected = spoiled.truths or spoiled.noted
    raise AssertionError(
        f"{spoiled.name}: a wrong wave without a word; notes {wave.notes}; "
        f"{difference(told, expected[0]) if expected else 'it had to be refused'}"
    )


def taken(read, *arguments):
    """The wave, or the error by which it is refused; any other exception gets through."""
    try:
        return read(*arguments), None
    except ConjointError as error:
        return None, error


def check_faults(error, spoiled):
    assert error.faults, spoiled.name
    for fault in error.faults:
        assert fault.where, spoiled.name
        assert fault.what, spoiled.name
        assert len(str(fault)) < 2500, (spoiled.name, str(fault)[:300])
    assert len(error.faults) < 200, (spoiled.name, len(error.faults))


def same(told, truth):
    return told.people == truth.people and told.shown == truth.shown


def difference(told, truth):
    parts = []
    for part in ("people", "shown"):
        own, wanted = getattr(told, part), getattr(truth, part)
        apart = [key for key in {*own, *wanted} if own.get(key) != wanted.get(key)]
        parts += [f"{key}: {own.get(key)} for {wanted.get(key)}" for key in apart[:3]]
    return "; ".join(parts)


# --- The judge, before it judges --------------------------------------------------------------------


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_unspoiled_file_says_what_its_grid_says_and_needs_no_note(
    folders, tmp_path, layout, suffix
):
    for seed in range(3):
        grid = clean(layout, seed)
        truth = what_it_says(grid)
        path = folders[layout] / f"responses{suffix}"
        path.write_bytes(written(grid, suffix, np.random.default_rng(seed), tmp_path))
        wave = cj.read_wave(folders[layout], path)
        assert same(what_the_wave_says(wave), truth)
        assert wave.notes == ()
        assert len(truth.people) == wave.n_respondents > 5
        main = [key for key in truth.shown if key[1] != REPEATED[layout]]
        assert len(main) == wave.n_profiles


def altered(wave, alter):
    profiles = wave.profiles
    alter(profiles)
    return dataclasses.replace(wave, _profiles=profiles)


def swap_answers(profiles):
    outcome = profiles["choice"].to_numpy(copy=True)
    outcome[:2] = 1 - outcome[:2]
    profiles["choice"] = outcome


def next_level(profiles):
    codes = profiles["colour"].cat.codes.to_numpy(copy=True)
    codes[-1] = (codes[-1] + 1) % 3
    profiles["colour"] = profiles["colour"].cat.set_categories(["grün", "rot", "None"])
    profiles["colour"] = type(profiles["colour"].array).from_codes(
        codes, dtype=profiles["colour"].dtype
    )


def stubborn(folder, path):
    """Reads the same whatever the file says."""
    layout = "wide" if "wide" in str(folder) else "long"
    path.write_bytes(written(clean(layout, 1), ".csv", np.random.default_rng(1), folder))
    return cj.read_wave(folder, path)


def refuses(folder, path):
    raise DataError(Fault(str(path), "is not to my liking"))


def breaks(folder, path):
    raise ValueError("could not convert")


def shrugs(folder, path):
    try:
        return cj.read_wave(folder, path)
    except DataError:
        raise DataError from None


BROKEN = {
    "a choice swapped": lambda *of: altered(cj.read_wave(*of), swap_answers),
    "a level off by one": lambda *of: altered(cj.read_wave(*of), next_level),
    "the last person left out": lambda *of: dataclasses.replace(
        (wave := cj.read_wave(*of)), _respondents=wave.respondents.iloc[:-1]
    ),
    "weights of one": lambda *of: (wave := cj.read_wave(*of)).with_weights(
        np.ones(wave.n_respondents)
    ),
    "the same whatever the file": stubborn,
    "refuses all": refuses,
    "a traceback": breaks,
    "no reason given": shrugs,
}


def judge_fifty(folder, read):
    for seed in range(50):
        judge(folder, spoiled_bytes(BYTES[seed % len(BYTES)], "wide", seed), read)


@pytest.mark.parametrize("broken", BROKEN)
def test_a_reader_that_is_wrong_is_caught(folders, broken):
    """The judge has teeth: a reader with one small fault does not get past fifty files."""
    caught = (AssertionError, ValueError) if broken == "a traceback" else AssertionError
    with pytest.raises(caught):
        judge_fifty(folders["wide"], BROKEN[broken])


# --- The fuzz ---------------------------------------------------------------------------------------


def fuzz_grids(folders, place, layout, suffix, seeds):
    counts = {"refused": 0, "read": 0, "noted": 0}
    for seed in seeds:
        alter = GRIDS[seed % len(GRIDS)]
        spoiled = spoiled_grid(alter, layout, suffix, seed, place)
        if spoiled is not None:
            with_seed(spoiled, seed)
            counts[judge(folders[layout], spoiled)] += 1
    return counts


def fuzz_bytes(folders, layout, seeds):
    counts = {"refused": 0, "read": 0, "noted": 0}
    for seed in seeds:
        spoiled = spoiled_bytes(BYTES[seed % len(BYTES)], layout, seed)
        with_seed(spoiled, seed)
        counts[judge(folders[layout], spoiled)] += 1
    return counts


def with_seed(spoiled, seed):
    spoiled.name = f"{spoiled.name}, seed {seed}"


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_altered_cells_rows_and_columns(folders, tmp_path, layout, suffix):
    times = 2 if suffix == ".csv" else 1
    counts = fuzz_grids(folders, tmp_path, layout, suffix, range(times * len(GRIDS)))
    assert counts["refused"] >= 5
    assert counts["read"] >= 5


@pytest.mark.parametrize("layout", LAYOUTS)
def test_altered_bytes(folders, layout):
    counts = fuzz_bytes(folders, layout, range(3 * len(BYTES)))
    assert counts["refused"] >= 30
    assert counts["read"] >= 5


@pytest.mark.parametrize("suffix", [".xlsx", ".sav"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_damaged_workbooks_and_spss_files(folders, tmp_path, layout, suffix):
    ends = []
    for seed in range(20):
        spoiled = spoiled_container(layout, suffix, seed, tmp_path)
        with_seed(spoiled, seed)
        ends.append(judge(folders[layout], spoiled))
    assert ends.count("refused") >= 10


@pytest.mark.parametrize("layout", LAYOUTS)
def test_formulas_that_nobody_computed(folders, layout):
    ends = [judge(folders[layout], with_formula(layout, seed)) for seed in range(8)]
    assert "refused" in ends or "noted" in ends


def test_rows_that_quotation_marks_made_one_cell_of_are_noted(folders):
    """By the grammar of delimited text they are a cell; nobody else would notice that they are gone."""
    path, grid = folders["wide"] / "responses.csv", clean("wide", 1)
    for row in grid.rows:
        row[:] = ["N/A" if cell in PROMISES else cell for cell in row]
        row[PERSON.index("comment")] = "fine"
    lines = as_csv(grid).split("\n")
    lines[3] = lines[3].replace(",fine,", ',"fine,', 1)
    lines[4] = lines[4].replace(",fine,", ',fine",', 1)
    path.write_text("\n".join(lines), encoding="utf-8")
    wave = cj.read_wave(folders["wide"], path)
    assert wave.n_respondents == 7
    (note,) = wave.notes
    assert note.startswith("responses.csv: row 4 holds a cell of several lines")


@pytest.mark.parametrize("suffix", [".csv", pytest.param(".xlsx", marks=pytest.mark.slow)])
def test_ten_thousand_columns_are_no_matter(folders, tmp_path, suffix):
    spoiled = spoiled_grid(ten_thousand_columns, "wide", suffix, 1, tmp_path)
    assert spoiled.must
    assert judge(folders["wide"], spoiled) == "read"


@pytest.mark.slow
@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_many_altered_grids(folders, tmp_path, layout, suffix):
    fuzz_grids(folders, tmp_path, layout, suffix, range(1000, 1000 + 40 * len(GRIDS)))


@pytest.mark.slow
@pytest.mark.parametrize("layout", LAYOUTS)
def test_many_altered_files(folders, layout):
    fuzz_bytes(folders, layout, range(1000, 1000 + 100 * len(BYTES)))


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".xlsx", ".sav"])
def test_many_damaged_containers(folders, tmp_path, suffix):
    for seed in range(1000, 1600):
        spoiled = spoiled_container("wide", suffix, seed, tmp_path)
        with_seed(spoiled, seed)
        judge(folders["wide"], spoiled)
