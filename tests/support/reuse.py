"""What does not differ from one app to the next in a process: made for the first, and kept for the others."""

from functools import cache
from types import CodeType
from typing import Any

from babel.support import Translations
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.routing import Rule


class _InMemory(BytecodeCache):
    """Compiled templates; one whose file has changed has another checksum."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        assert bucket.code
        self._codes[bucket.key, bucket.checksum] = bucket.code


def templates() -> None:
    """Compiles each template once."""
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": _InMemory()}


def catalogues() -> None:
    """Reads each catalogue once; Flask-Babel copies the texts out of it."""
    load = Translations.load

    @cache
    def once(folder: str, locale: str, domain: str) -> Any:
        return load(folder, [locale], domain)

    Translations.load = lambda folder, locales, domain: once(folder, *locales, domain)  # type: ignore[method-assign]


def routes() -> None:
    """Compiles what builds the addresses of a rule once for all rules that are written alike."""
    compile_builder = Rule._compile_builder
    built: dict[tuple[object, ...], Any] = {}

    def once(rule: Rule, append_unknown: bool = True) -> Any:
        key = rule.rule, rule.host, rule.subdomain, repr(rule.defaults), append_unknown
        if key not in built:
            built[key] = compile_builder(rule, append_unknown)
        return built[key]

    Rule._compile_builder = once  # type: ignore[method-assign]
