"""What people answered: response files into a Wave, with every fault named by row and column."""

from conjoint.read.locate import data_path
from conjoint.read.wave import load_wave, read_wave

__all__ = ["data_path", "load_wave", "read_wave"]
