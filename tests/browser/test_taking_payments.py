"""What a barber does at the chair."""

from playwright.sync_api import Page, expect

from payments.models import Payment
from payments.states import PaymentState
from tests import factories
from tests.browser.conftest import log_in


def take(page: Page, amount: str, card: str) -> None:
    page.get_by_role("link", name="Take a payment").first.click()
    page.get_by_label("Amount, tip included").fill(amount)
    page.get_by_label("Test card").select_option(card)
    page.get_by_role("button", name="Take the payment").click()


def test_an_approved_payment_is_in_the_list(barber, open_page):
    page = open_page()
    log_in(page, barber.user)

    take(page, "75.00", "Approved")

    expect(page.get_by_role("status")).to_contain_text("Completed: 75.00 USD was taken.")
    page.get_by_role("link", name="Payments", exact=True).click()
    row = page.get_by_role("row").filter(has_text="75.00 USD")
    expect(row).to_contain_text("Completed")
    expect(row).to_contain_text("Sam’s Square")
    expect(row).to_contain_text("57.95 USD")


def test_a_declined_card_shows_the_reason(barber, open_page):
    page = open_page()
    log_in(page, barber.user)

    take(page, "20.00", "Declined: insufficient funds")

    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("(insufficient funds)")
    expect(alert).to_contain_text("Nothing was charged.")
    assert Payment.objects.get().state == PaymentState.FAILED


def test_a_double_click_takes_one_payment(barber, open_page):
    page = open_page()
    log_in(page, barber.user)
    page.goto("/payments/new")
    page.get_by_label("Amount, tip included").fill("75.00")

    page.get_by_role("button", name="Take the payment").dblclick()

    page.wait_for_url("**/payments/pay_*")
    assert Payment.objects.count() == 1


def test_going_back_and_sending_again_takes_one_payment(barber, open_page):
    page = open_page()
    log_in(page, barber.user)
    take(page, "75.00", "Approved")
    page.wait_for_url("**/payments/pay_*")

    page.go_back()
    page.get_by_label("Amount, tip included").fill("75.00")
    page.get_by_role("button", name="Take the payment").click()

    page.wait_for_url("**/payments/pay_*")
    assert Payment.objects.count() == 1


def test_the_keyboard_alone_is_enough(barber, open_page):
    page = open_page()
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    go_to(page, "Log in")
    page.keyboard.press("Enter")
    page.get_by_label("Email").wait_for()
    go_to(page, "Email")
    page.keyboard.type(barber.user.email)
    page.keyboard.press("Tab")
    page.keyboard.type(factories.PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Log out").wait_for()

    go_to(page, "Take a payment")
    page.keyboard.press("Enter")
    page.get_by_label("Amount, tip included").wait_for()
    go_to(page, "Amount, tip included")
    page.keyboard.type("75.00")
    page.keyboard.press("Enter")  # checks, and charges nothing

    expect(page.get_by_role("status")).to_contain_text("Nothing was charged.")
    assert not Payment.objects.exists()
    go_to(page, "Take the payment")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Completed: 75.00 USD was taken.")


def go_to(page: Page, name: str) -> None:
    """Press Tab until what is called so has the focus."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if name in page.evaluate(FOCUSED):
            return
    raise AssertionError(f"{name} cannot be reached with Tab")


# The name of what has the focus, as somebody would read it.
FOCUSED = """() => {
    const focused = document.activeElement;
    const labels = [...(focused.labels ?? [])].map(label => label.textContent);
    return [focused.textContent, ...labels].join(" ");
}"""
