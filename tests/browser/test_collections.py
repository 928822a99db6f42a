"""What a barber does about a collection: reads it, contests a line, pays the rest."""

from django.utils import timezone
from playwright.sync_api import expect

from bookedbarber.notifications.operations.mail_sending import send_due_mails
from tests.browser.conftest import PHONE, log_in
from tests.collections_app.showing import announce
from tests.collections_app.taking import VISA, list_debits, save_method


def test_a_line_is_contested_and_the_rest_is_paid(platform, simulator, open_page, mailoutbox):
    collection = announce(commission_rate=20)
    save_method(simulator, collection.barber, VISA)
    send_due_mails(now=timezone.now())
    (announcement,) = mailoutbox
    assert collection.public_id in announcement.body
    page = open_page(PHONE)
    log_in(page, collection.barber.user)
    page.goto("/")
    expect(page.get_by_role("main")).to_contain_text("26.00 USD owed in all")

    page.get_by_role("link", name="Collections", exact=True).click()
    page.get_by_role("table").get_by_role("link").click()
    row = page.get_by_role("row").filter(has_text="12.00 USD")
    expect(row).to_contain_text("20 % of 60.00 USD")
    row.get_by_text("Contest", exact=True).click()
    row.get_by_label("What is wrong with it?").fill("There was no such sale")
    row.get_by_role("button", name="Contest this line").click()
    expect(page.get_by_role("status")).to_contain_text("The rest goes on without it")
    expect(row).to_contain_text("Contested: There was no such sale")

    page.get_by_role("button", name="Pay 14.00 USD now").dblclick()

    expect(page.get_by_role("heading", name="Collection of 14.00 USD")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("Collected")
    assert list_debits(simulator, platform.account_id) == [("charge", 14_00)]
    send_due_mails(now=timezone.now())
    assert mailoutbox[-1].subject.startswith("14.00 USD was collected")
