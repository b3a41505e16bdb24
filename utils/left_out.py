"""Tells a thing that was left out of a change from one that is to be taken away, which is None."""

from enum import Enum
from typing import Final


class LeftOut(Enum):
    """Its one value stands where nothing was said: the thing stays as it is."""

    LEFT_OUT = "left out"


LEFT_OUT: Final = LeftOut.LEFT_OUT
