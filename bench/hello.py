"""The yardstick for HTTP: the least a Flask program can do."""

from flask import Flask

app = Flask(__name__, static_folder=None)


@app.get("/")
def hello() -> str:
    """What every Flask program begins with."""
    return "Hello, World!"
