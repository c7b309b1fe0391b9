"""The base form: ties each message to its field."""

from flask_wtf import FlaskForm


class Form(FlaskForm):  # type: ignore[misc]
    """Fields in order, with their messages."""

    def problems(self) -> list[tuple[str, str, str]]:
        """Each message as (id of the field, its label, the message), for the error summary."""
        return [(f.id, str(f.label.text), str(e)) for f in self if f.name != "csrf_token" for e in f.errors]
