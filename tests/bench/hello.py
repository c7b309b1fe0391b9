"""The counterpart: what Flask costs when it does nothing."""

from flask import Flask

app = Flask(__name__, static_folder=None)


@app.get("/readyz")
@app.get("/")
def hello() -> str:
    """The shortest page."""
    return "hello"
