"""The steps that make the schema; each file beside this one adds its own."""

from sqlite_utils import Migrations

migrations = Migrations("cash-settings")
