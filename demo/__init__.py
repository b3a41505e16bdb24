"""Demo data: a cast of people and a shop full of goods, for trying things out; never in production."""

from demo.loading import Loaded, load
from demo.people import CAST, PASSWORD, DemoRefused

__all__ = ["CAST", "PASSWORD", "DemoRefused", "Loaded", "load"]
