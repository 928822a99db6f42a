"""Pages fit a phone and can be read, in light and dark."""

import pytest
from playwright.sync_api import expect

from bookedbarber.accounts.roles import Role
from bookedbarber.foundation.money import Money
from payments.operations.evidence import Outcome
from processors.models import Connection
from tests import factories
from tests.browser.conftest import DESK, PHONE, log_in
from tests.console.admin_rows import create_sale

LEAST_CONTRAST = 4.5  # WCAG 2.2, 1.4.3, level AA

# The text with the least contrast to what is behind it: [ratio, text].
WORST_CONTRAST = """() => {
    const parse = color => color.match(/[\\d.]+/g).map(Number);
    const channel = value => {
        const share = value / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    };
    const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
    const behind = element => {
        for (let at = element; at; at = at.parentElement) {
            const color = parse(getComputedStyle(at).backgroundColor);
            if (color.length === 3 || color[3] === 1) return color;
        }
        return [255, 255, 255];
    };
    let worst = [21, ""];
    for (const element of document.body.querySelectorAll("*")) {
        const own = [...element.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
        if (!own || !element.checkVisibility()) continue;
        const pair = [light(parse(getComputedStyle(element).color)), light(behind(element))];
        const ratio = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
        if (ratio < worst[0]) worst = [ratio, element.textContent.trim().slice(0, 40)];
    }
    return worst;
}"""


@pytest.fixture
def pages(barber) -> list[str]:
    """Addresses of every page, with rows in all states that are shown."""
    for number, outcome in enumerate([Outcome.CAPTURED, Outcome.FAILED, Outcome.UNKNOWN]):
        sale = create_sale(barber, outcome, external_id=f"ch_{number}", amount=Money(120_00, "USD"))
    own = Connection.objects.of_barbers().get()
    return [
        "/",
        "/payments/",
        f"/payments/{sale.public_id}",
        "/payments/new",
        "/payments/connections",
        "/payments/connections/new/square",
        f"/payments/connections/{own.public_id}/disconnect",
        "/collections/",
        "/accounts/logout/",
        "/nothing-here",
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_no_page_scrolls_sideways_or_is_hard_to_read(
    viewport, scheme, barber, pages, open_page, tmp_path
):
    page = open_page(viewport, scheme)
    log_in(page, barber.user)

    for number, path in enumerate(pages):
        page.goto(path)
        page.screenshot(path=tmp_path / f"{number}.png", full_page=True)
        wide = page.evaluate("document.documentElement.scrollWidth")
        ratio, text = page.evaluate(WORST_CONTRAST)

        assert wide <= viewport["width"], path
        assert ratio >= LEAST_CONTRAST, (path, text)


def test_every_input_has_a_label(barber, pages, open_page):
    page = open_page()
    log_in(page, barber.user)

    for path in pages:
        page.goto(path)
        unnamed = page.eval_on_selector_all(
            "input:not([type=hidden]), select, textarea",
            "inputs => inputs.filter(input => !input.labels.length).map(input => input.name)",
        )

        assert unnamed == [], path


def test_an_operator_disconnects_an_account_in_a_dialog(barber, open_page):
    connection = Connection.objects.of_barbers().get()
    operator = factories.create_user(Role.ADMIN, is_superuser=True)
    page = open_page()
    log_in(page, operator)

    page.goto(f"/admin/processors/connection/{connection.pk}/change/")
    expect(page.get_by_text("simulated processors").first).to_be_visible()
    page.get_by_role("link", name="Disconnect").click()
    page.get_by_label("Reason").fill("closed shop")
    page.get_by_role("button", name="Disconnect").click()

    expect(page.get_by_text("Done: 1.")).to_be_visible()
    expect(page.get_by_text("connected → disconnected")).to_be_visible()


def test_an_operator_finds_a_barber_by_name_and_sets_the_config(barber, open_page):
    operator = factories.create_user(Role.ADMIN, is_superuser=True)
    page = open_page()
    log_in(page, operator)

    page.goto("/admin/payments/hybridpaymentconfig/add/")
    page.locator(".select2-selection").click()
    page.locator(".select2-search__field").fill("Sam")
    page.get_by_role("option", name="Sam").click()
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Mode").select_option("centralized")
    page.get_by_label("Reason").fill("asked by mail")
    page.get_by_role("button", name="Set this version").click()

    expect(page.get_by_text("Sam is now paid centralized.")).to_be_visible()
