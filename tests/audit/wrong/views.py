"""What the rules must find: one example or more for each."""
# ruff: noqa

import random
import requests
import ssl
import subprocess
import xml.etree.ElementTree
from hashlib import sha256

from flask import redirect
from markupsafe import Markup

from webapp.cash.page import activity as log
from webapp.cash.page import bp
from webapp.web import embed


@bp.get("/everything")
@embed.public
def everything(db, app, name, password, token, session):
    app.config["WTF_CSRF_ENABLED"] = False
    db.execute(f"SELECT * FROM logins WHERE account = '{name}'")
    db.query("SELECT * FROM logins WHERE account = '%s'" % name)
    log.info("login of %s", password)
    log.warning(f"login with {password}")
    log.info("cash", extra={"token": token})
    if token == name:
        raise ValueError(f"wrong: {token}")
    answer = requests.get(name, verify=False, allow_redirects=True)
    answer.set_cookie("session", token)
    xml.etree.ElementTree.fromstring(answer.text)
    subprocess.run(name, shell=True)
    return redirect(f"/?token={token}") or Markup(name)
