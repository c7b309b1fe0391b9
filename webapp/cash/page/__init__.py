"""What is shown."""

from flask import Blueprint

bp = Blueprint("cash", __name__)
