"""A real browser against the real site and the real simulator."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from bookedbarber.accounts.models import User
from tests import factories

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
DESK = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
PATIENCE_MS = 60_000

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip(f"no browser at {CHROMIUM}: apt-get install chromium, or set CHROMIUM")
    # Playwright's event loop lives in this thread, and Django takes it for one of ours.
    allowed = "DJANGO_ALLOW_ASYNC_UNSAFE"
    before = os.environ.get(allowed)
    os.environ[allowed] = "true"
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=str(CHROMIUM), args=["--no-sandbox"], timeout=PATIENCE_MS
            )
            yield browser
            browser.close()
    finally:
        os.environ.pop(allowed)
        if before is not None:
            os.environ[allowed] = before


@pytest.fixture
def open_page(chromium, live_server):
    """A new window: open_page(PHONE, "dark"). Scripts that fail make the test fail."""
    contexts = []
    faults: list[str] = []

    def open_window(viewport=DESK, scheme: str = "light") -> Page:
        context = chromium.new_context(
            base_url=live_server.url, viewport=viewport, color_scheme=scheme
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: faults.append(str(error)))
        return page

    yield open_window
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture
def barber(platform, connect):
    """From 50.00 on the own Square account may be used, above 100.00 it is."""
    barber = factories.create_hybrid_barber(name="Sam")
    connect(barber, "square", name="Sam’s Square")
    return barber


def log_in(page: Page, user: User) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill(user.email)
    page.get_by_label("Password").fill(factories.PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Log in").click()
    page.get_by_role("button", name="Log out").wait_for()
