"""Debian's Chromium: started with the cookie setting a user may have, and with or without the CDN.

Where the setting is the usual one, it is the build without a browser around the page: the same engine and network in
less time. Only a whole browser has a profile with other settings.
"""

import json
import re
import shutil
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, BrowserContext, Playwright, Route
from support.app import HTMX_FILE

from webapp.web.headers import HTMX

Cookies = Literal["allowed", "third party blocked", "all blocked"]
Cdn = Literal["up", "down", "changed", "hangs"]

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--in-process-gpu",  # which draws all the same: one process less to talk to
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# To open a window takes a third of the time without the pages of the address bar, which nobody sees here.
ADDRESS_BAR = ["WebUIOmniboxPopup", "WebUIOmniboxAimPopup"]
# What Playwright itself turns off; of two such lists Chromium takes the last one.
TURNED_OFF_BY_PLAYWRIGHT = [
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
]
FEATURES = f"--disable-features={','.join([*TURNED_OFF_BY_PLAYWRIGHT, *ADDRESS_BAR])}"
# Host and page in one process: quicker, and where nothing is blocked it makes no difference.
TOGETHER = ["--disable-site-isolation-trials"]
# The browser's own settings page writes these; a private window blocks third-party cookies where nothing is said.
PREFERENCES: dict[Cookies, dict[str, object]] = {
    "third party blocked": {"cookie_controls_mode": 1},
    "all blocked": {"default_content_setting_values": {"cookies": 2}},
}


def start(playwright: Playwright, profile: Path, cookies: Cookies) -> Browser:
    """A browser whose windows all have this cookie setting; `profile` is a new folder."""
    if cookies == "allowed":
        options = [*ARGUMENTS, FEATURES, *TOGETHER]
        return playwright.chromium.launch(executable_path=_program("chromium-headless-shell"), args=options)
    preferences = profile / "Default" / "Preferences"
    preferences.parent.mkdir(parents=True)
    preferences.write_text(json.dumps({"profile": PREFERENCES[cookies]}))
    first = playwright.chromium.launch_persistent_context(
        str(profile), executable_path=_program("chromium"), headless=True, args=[*ARGUMENTS, FEATURES]
    )
    assert first.browser
    return first.browser


def _program(name: str) -> str:
    found = shutil.which(name)
    assert found, f"{name} is missing: `make debian` installs it"
    return found


def stop(browser: Browser) -> None:
    """Ends the browser and all its windows."""
    for context in browser.contexts:
        context.close()
    browser.close()


def connect_cdn(context: BrowserContext, cdn: Cdn) -> None:
    """Answers for the CDN; every other address outside this machine is out of reach."""
    assert HTMX_FILE.exists(), "htmx is missing: `make test` fetches it"
    content = HTMX_FILE.read_text() + ("\n// changed" if cdn == "changed" else "")

    def answer(route: Route) -> None:
        route.fulfill(body=content, content_type="text/javascript", headers={"Access-Control-Allow-Origin": "*"})

    context.route(re.compile(r"^https?://(?!localhost[:/]|127\.0\.0\.1[:/])"), lambda route: route.abort())
    if cdn == "hangs":
        context.route(HTMX, lambda _route: None)
    elif cdn != "down":
        context.route(HTMX, answer)
