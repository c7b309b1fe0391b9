"""The plain HTML of the sandboxes' pages for people."""

from collections.abc import Iterable, Mapping
from html import escape

STYLE = (
    "body{font:14px system-ui,sans-serif;margin:24px;color:#333}table{border-collapse:collapse;margin:0 0 24px}"
    "td,th{border:1px solid #ccc;padding:2px 8px;text-align:left;vertical-align:top}form{margin:4px 0}"
    "td form{margin:0}input[type=number]{width:4em}textarea{width:36em}"
)


def document(title: str, body: str) -> str:
    """A whole page; the title is its heading too."""
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{title}</title><style>{STYLE}</style>"
        f"<h1>{title}</h1>{body}</html>"
    )


def links(base: str, names: Iterable[str], chosen: str) -> str:
    """Where else one can look; the one that is shown is no link."""
    return " · ".join(
        f"<b>{escape(name)}</b>" if name == chosen else f'<a href="{base}{escape(name)}">{escape(name)}</a>'
        for name in names
    )


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Of texts that are HTML already."""
    heads = "".join(f"<th>{text}" for text in head)
    body = "".join("<tr>" + "".join(f"<td>{text}" for text in row) for row in rows)
    return f"<table><tr>{heads}{body}</table>"


def form(action: str, content: str, named: str = "", **hidden: str) -> str:
    """A form around HTML; inputs elsewhere belong to it by what it is named."""
    fields = "".join(f'<input type=hidden name={name} value="{escape(value)}">' for name, value in hidden.items())
    id = f' id="{escape(named)}"' if named else ""
    return f'<form method=post action="{escape(action)}"{id}>{fields}{content}</form>'


def button(text: str, name: str = "", value: str = "") -> str:
    """Sends the form, with its own name and value where it has some."""
    says = f' name="{escape(name)}" value="{escape(value)}"' if name else ""
    return f"<button{says}>{escape(text)}</button> "


def field(name: str, label: str, value: object = "", **attributes: object) -> str:
    """An input that says what it is for to those who hear it."""
    more = "".join(f' {key}="{escape(str(text))}"' for key, text in attributes.items())
    return f'<input name="{escape(name)}" aria-label="{escape(label)}" value="{escape(str(value))}"{more}>'


def number(name: str, label: str, value: object, most: int = 999) -> str:
    """An input for a whole number from 1."""
    return field(name, label, value, type="number", min=1, max=most)


def select(name: str, label: str, options: Mapping[str, str], chosen: str) -> str:
    """One of several, by value."""
    written = "".join(
        f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>{escape(text)}'
        for value, text in options.items()
    )
    return f'<select name="{escape(name)}" aria-label="{escape(label)}">{written}</select> '
