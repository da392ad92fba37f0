"""The system's Chromium, headless, driven by Playwright."""

import shutil
from contextlib import contextmanager

from tests.support.process import UnavailableError


def chromium_path():
    """Return the browser's program."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    raise UnavailableError("Chromium is not installed")


@contextmanager
def open_browser(**options):
    """Open a browser for one test.

    Never longer: Playwright's synchronous API keeps an event loop running in this thread,
    which the next asynchronous test would trip over.
    """
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path(),
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
            **options,
        )
        try:
            yield browser
        finally:
            browser.close()
