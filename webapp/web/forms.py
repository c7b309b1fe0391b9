"""The base form: trims what is typed and ties each message to its field."""

from typing import Any

from flask_wtf import FlaskForm


def strip(value: Any) -> Any:
    """A text field's filter: no spaces around what was typed or pasted."""
    return value.strip() if isinstance(value, str) else value


class Form(FlaskForm):  # type: ignore[misc]
    """Fields in order, with their messages."""

    def problems(self) -> list[tuple[str, str, str]]:
        """Each message as (id of the field, its label, the message), for the error summary."""
        return [(f.id, str(f.label.text), str(e)) for f in self if f.name != "csrf_token" for e in f.errors]
