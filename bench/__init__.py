"""Measures the program against yardsticks that run in the same minute: `python -m bench`, or `make bench`."""
