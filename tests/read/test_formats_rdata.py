"""R's files: written by R where it is there, and by a writer of the format that the reader has not seen."""

import gzip
import lzma
import shutil
import struct
import subprocess

import pytest

from conjoint.errors import DataError
from conjoint.read.file import read_responses
from conjoint.survey import Data

READ = Data(layout="long", respondent="id")

LONG = "ответ на открытый вопрос; " * 200


def cells(responses):
    return {
        name: [None if cell != cell else cell for cell in column.astype(object)]
        for name, column in responses.cells.items()
    }


class Made:
    """A vector with attributes, as R would save it: whole numbers, numbers, texts, truth or a list."""

    def __init__(self, kind, values, **attributes):
        self.kind, self.values, self.attributes = kind, values, attributes

    def bytes(self):
        number = {"lgl": 10, "int": 13, "num": 14, "chr": 16, "list": 19}[self.kind]
        flags = (
            number
            | (0x200 if self.attributes else 0)
            | (0x100 if "class" in self.attributes else 0)
        )
        own = struct.pack(">ii", flags, len(self.values)) + b"".join(map(self.one, self.values))
        return own + (pairs(self.attributes) if self.attributes else b"")

    def one(self, value):
        if self.kind in ("int", "lgl"):
            return struct.pack(">i", -(1 << 31) if value is None else value)
        if self.kind == "num":
            return value if isinstance(value, bytes) else struct.pack(">d", value)
        return text(value) if self.kind == "chr" else value.bytes()


def text(value):
    if value is None:
        return struct.pack(">ii", 9, -1)
    content = value.encode()
    return struct.pack(">ii", 9 | 1 << 15, len(content)) + content


def pairs(named):
    return b"".join(
        struct.pack(">ii", 2 | 0x400, 1) + text(name) + own.bytes() for name, own in named.items()
    ) + struct.pack(">i", 254)


def frame(**columns):
    count = len(next(iter(columns.values())).values)
    given = {
        "names": Made("chr", list(columns)),
        "class": Made("chr", ["data.frame"]),
        "row.names": Made("int", [None, -count]),
    }
    return Made("list", list(columns.values()), **given)


HEADER = b"X\n" + struct.pack(">iiii", 3, 0x040300, 0x030500, 5) + b"UTF-8"


def tagged(letter):
    return b"\x7f\xf0\x00" + letter.encode() + struct.pack(">i", 1954)


NA = struct.pack(">Q", 0x7FF00000000007A2)


def labelled(values, labels, *, kind="num", **more):
    own = Made(kind, list(labels.values()), names=Made("chr", list(labels)))
    return Made(kind, values, labels=own, **{"class": Made("chr", ["haven_labelled"])}, **more)


WAVE = frame(
    id=Made("int", [1, 2, 3, 4]),
    vote=labelled([1.0, tagged("a"), NA, 2.0], {"左": 1.0, "Правые": 2.0, "لا أعرف": tagged("a")},
                  label=Made("chr", ["どの政党？"])),
    trust=labelled([1, 99, -5, None], {"Low": 1, "Refused": 99}, kind="int", na_values=Made("int", [99]),
                   na_range=Made("int", [-9, -1])),
    code=labelled(["x", "ref", None, "x"], {"Ex": "x", "Refused": "ref"}, kind="chr", na_values=Made("chr", ["ref"])),
    party=Made("int", [2, None, 1, 2], levels=Made("chr", ["Labour", "None"]), **{"class": Made("chr", ["factor"])}),
    day=Made("num", [20574.0, NA, -1.0, 1e12], **{"class": Made("chr", ["Date"])}),
    at=Made("num", [1777629780.0, NA, 0.0, 1.0], tzone=Made("chr", ["Europe/London"]),
            **{"class": Made("chr", ["POSIXct", "POSIXt"])}),
    yes=Made("lgl", [1, 0, None, 1]),
    big=Made("num", [struct.pack(">q", n) for n in (1 << 60, -1, -(1 << 63), 0)], **{"class": Made("chr", ["integer64"])}),
    why=Made("chr", [LONG, None, "x", ""], label=Made("chr", ["Why?"])),
    picks=Made("list", [Made("int", [1, 2])] * 4),
)  # fmt: skip

EXPECTED = {
    "id": ["1", "2", "3", "4"],
    "vote": ["左", "لا أعرف", None, "Правые"],
    "trust": ["Low", "Refused", "-5", None],
    "code": ["Ex", "Refused", None, "Ex"],
    "party": ["None", None, "Labour", "None"],
    "day": ["2026-05-01", None, "1969-12-31", "1000000000000"],
    "at": ["2026-05-01 11:03:00", None, "1970-01-01 01:00:00", "1970-01-01 01:00:01"],
    "yes": ["True", "False", None, "True"],
    "big": [str(1 << 60), "-1", None, "0"],
    "why": [LONG.strip(), None, "x", None],
}


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lzma.compress])
def test_no_label_is_lost_on_the_way(tmp_path, pack):
    (tmp_path / "wave.rds").write_bytes(pack(HEADER + WAVE.bytes()))
    read = read_responses(tmp_path / "wave.rds", READ)
    assert cells(read) == EXPECTED
    assert read.labels == {"vote": "どの政党？", "why": "Why?"}
    assert read.answers == {
        "vote": ("左", "Правые", "لا أعرف"),
        "trust": ("Low", "Refused"),
        "code": ("Ex", "Refused"),
        "party": ("Labour", "None"),
    }
    assert read.missing == {"vote": {"لا أعرف"}, "trust": {"Refused", "-5"}, "code": {"Refused"}}
    assert "columns of lists or tables are left out: picks" in read.notes[-1]
    codes = read_responses(tmp_path / "wave.rds", READ.model_copy(update={"values": "codes"}))
    assert cells(codes)["vote"] == ["1", ".a", None, "2"]


def test_of_several_data_frames_the_survey_names_one(tmp_path):
    both = {"wave": WAVE, "x": Made("int", [1]), "other": frame(id=Made("chr", ["z"]))}
    path = tmp_path / "responses.RData"
    path.write_bytes(gzip.compress(b"RDX3\n" + HEADER + pairs(both)))
    chosen = read_responses(path, READ.model_copy(update={"object": "other"}))
    assert cells(chosen) == {"id": ["z"]}
    with pytest.raises(DataError, match=r"holds 2 data frames \(expected wave, other\)\. Name one"):
        read_responses(path, READ)
    with pytest.raises(DataError, match=r'there is no data frame "third" \(expected wave, other\)'):
        read_responses(path, READ.model_copy(update={"object": "third"}))


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"A\n3\n", "not in R's binary format"),
        (HEADER + WAVE.bytes()[:-40], "was cut short"),
        (gzip.compress(HEADER + WAVE.bytes())[:-40], "cannot be read"),
        (HEADER + struct.pack(">ii", 19, 1 << 30), "was cut short"),
        (HEADER + struct.pack(">ii", 19, 1) * 5000, "nested too deeply"),
        (HEADER + Made("int", [1]).bytes(), "holds no data frame"),
        (HEADER + struct.pack(">i", 30), "of a kind that is not known"),
    ],
)
def test_what_is_damaged_is_one_fault(tmp_path, content, what):
    (tmp_path / "w.rds").write_bytes(content)
    with pytest.raises(DataError, match=what):
        read_responses(tmp_path / "w.rds", READ)


SCRIPT = """
x <- data.frame(id = 1:3, f = factor(c("\\u00fc", "b", NA)))
x$v <- structure(c(1, 2, 9), labels = c(Left = 1, Right = 2, "Don't know" = 9), label = "How vote?",
                 class = c("haven_labelled", "vctrs_vctr", "double"))
x$n <- as.character(11:13)
attr(x, "made") <- new.env(); attr(x, "by") <- function(a) a + 1
attr(x, "of") <- compiler::cmpfun(function(a, ...) { y <- "t"; for (i in 1:3) y <- c(y, a[i]); if (a > 1) y ~ a else sin(x = a) })
saveRDS(x, "a.rds", version = 2); save(x, file = "a.RData"); saveRDS(x, "b.rds", compress = "bzip2")
"""


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="needs R")
def test_what_r_itself_saves_is_read(tmp_path):
    subprocess.run(
        ["Rscript", "--vanilla", "-e", SCRIPT], cwd=tmp_path, check=True, capture_output=True
    )
    for name in ("a.rds", "b.rds", "a.RData"):
        read = read_responses(tmp_path / name, READ)
        assert cells(read) == {
            "id": ["1", "2", "3"],
            "f": ["ü", "b", None],
            "v": ["Left", "Right", "Don't know"],
            "n": ["11", "12", "13"],
        }
        assert read.answers == {"f": ("b", "ü"), "v": ("Left", "Right", "Don't know")}
        assert read.labels == {"v": "How vote?"}
