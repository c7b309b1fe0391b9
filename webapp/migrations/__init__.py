"""The whole schema, in the order in which it grew. A released step is never edited: add the next one."""

from . import m0_connection, m2_syncing, m4_exporting  # noqa: F401 - they add their steps, in this order
from .steps import migrations

__all__ = ["migrations"]
