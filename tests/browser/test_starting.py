"""A playbook that nothing begins, begun in a real browser."""

import os

import pytest

from services.signals.runs import RunCommands
from tests.support.api import running_api

pytestmark = pytest.mark.browser


@pytest.fixture
def api(sqlite_url):
    with running_api(sqlite_url, commands=RunCommands) as running:
        running.make.account("ACC-1", name="Sơn Trà Export Co.")
        running.make.score("ACC-1")
        running.make.alert("a1", "ACC-1")
        yield running


def shot(page, name):
    if folder := os.environ.get("LEADLINE_TEST_SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


@pytest.mark.parametrize(
    ("language", "name", "said"),
    [
        ("en", "Start playbook", "The playbook has begun"),
        ("vi", "Bắt đầu kịch bản", "Kịch bản đã bắt đầu"),
        ("pt", "Iniciar playbook", "O playbook começou"),
    ],
)
def test_a_kam_starts_a_playbook_on_a_phone_without_scripts(api, browser, language, name, said):
    context = browser.new_context(
        locale=language, java_script_enabled=False, viewport={"width": 320, "height": 700}
    )
    page, faults = context.new_page(), []
    page.on("console", lambda told: faults.append(told.text) if told.type == "error" else None)
    page.goto(f"{api.server.url}/accounts/ACC-1?token={api.token('kam', 'kam-a')}")
    shot(page, f"idle-{language}")
    button = page.get_by_role("button", name=name)
    assert button.evaluate("one => one.getBoundingClientRect().right") <= 320
    button.click()
    assert said in page.get_by_role("status").inner_text()
    assert page.get_by_role("table").last.get_by_role("button").count() > 2  # its tasks
    assert button.count() == 0
    shot(page, f"begun-{language}")
    assert faults == []
