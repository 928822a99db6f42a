"""What barbers and operators are told, once for each fact."""

from datetime import date, timedelta

import pytest

from bookedbarber.notifications.models import OutgoingMail
from bookedbarber.notifications.operations.mail_sending import send_due_mails
from collections_app.models import PlatformCollection
from collections_app.operations.notices import (
    RESULTS,
    announce_collections,
    tell_of_outstanding,
    tell_result,
)
from tests.collections_app.owing import BUILD, build, create_owing_barber, sell
from tests.collections_app.showing import create_operator
from tests.payments.books import usd

# The week is over for long enough in New York, too.
LATER = BUILD + timedelta(days=1)

pytestmark = pytest.mark.django_db


def test_every_barber_is_told_when_his_collection_is_built(django_assert_num_queries, mailoutbox):
    barber, account = create_owing_barber(time_zone="America/New_York")
    sell(account, 60_00, 70_00)
    sell(create_owing_barber()[1], 80_00)

    built = build(now=LATER)
    with django_assert_num_queries(2):
        announce_collections(collection_ids=[row.pk for row in built], now=LATER)
    send_due_mails(now=LATER)

    assert len(mailoutbox) == 2  # the building had told them already
    (mail,) = [mail for mail in mailoutbox if mail.to == [barber.user.email]]
    assert mail.subject == "26.00 USD will be collected for 1 June 2026 to 7 June 2026"
    assert "contest it until 13 June 2026, 20:00 (America/New_York)" in mail.body
    assert f"/collections/{built[0].public_id}" in mail.body


def test_each_outcome_has_its_words_and_is_told_once(mailoutbox):
    sell(create_owing_barber()[1], 60_00)
    (collection,) = build()
    OutgoingMail.objects.all().delete()

    for state in RESULTS:
        PlatformCollection.objects.filter(pk=collection.pk).update(
            state=state, failure_message="The card has expired"
        )
        collection.refresh_from_db()
        tell_result(collection=collection, now=BUILD)
        tell_result(collection=collection, now=BUILD + timedelta(hours=1))
    send_due_mails(now=BUILD + timedelta(hours=1))

    assert len(mailoutbox) == len({mail.subject for mail in mailoutbox}) == len(RESULTS)
    (failed,) = [mail for mail in mailoutbox if "could not be" in mail.subject]
    assert "The reason: The card has expired" in failed.body


def test_barber_and_operators_hear_of_too_much_once_a_day(mailoutbox):
    barber, _ = create_owing_barber()
    operator = create_operator()

    for hour in range(2):
        tell_of_outstanding(
            barber=barber,
            outstanding=usd(1200_00),
            maximum=usd(1000_00),
            day=date(2026, 6, 11),
            now=BUILD + timedelta(hours=hour),
        )
    send_due_mails(now=BUILD + timedelta(hours=1))

    assert {mail.to[0] for mail in mailoutbox} == {barber.user.email, operator.email}
    assert all("1200.00 USD" in mail.body for mail in mailoutbox)
    assert len(mailoutbox) == 2
