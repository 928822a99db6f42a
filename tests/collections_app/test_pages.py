"""The pages of collections: who sees what, and what can be done there."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from bookedbarber.accounts.models import User
from collections_app.models import PlatformCollection
from tests import factories
from tests.collections_app.showing import announce, announce_long_ago

pytestmark = pytest.mark.django_db

LIST = reverse("collection_list")


@pytest.fixture
def visit():
    """A browser's client of a person, logged in: visit(user).get(…)."""

    def log_in(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return log_in


def address(collection: PlatformCollection, act: str = "") -> str:
    return f"{LIST}{collection.public_id}{act}"


def read(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def test_a_barber_reads_his_collection_down_to_its_sales(visit):
    collection = announce()
    barber = visit(collection.barber.user)

    listed, page = read(barber, LIST), read(barber, address(collection))

    assert address(collection) in listed
    assert "26.00 USD owed in all" in listed
    assert "No card or bank account is saved" in listed
    for words in ("Commission of a sale", "Commission given back", "100.00 USD", "20 %"):
        assert words in page
    assert "terms in force from 2025-01-01 00:00 UTC" in page
    assert "Contest this line" in page
    assert "26.00 USD" in read(barber, reverse("home"))


def test_somebody_elses_collection_is_not_there(visit):
    collection = announce()
    other = visit(factories.create_barber().user)

    assert "No collections yet" in read(other, LIST)
    assert other.get(address(collection)).status_code == 404
    assert other.post(address(collection, "/pay")).status_code == 404


def test_an_owner_sees_whose_it_is_and_no_buttons(visit):
    collection = announce()
    collection.barber.shop = factories.create_shop()
    collection.barber.save()
    owner = visit(collection.barber.shop.owner)

    page = read(owner, address(collection))

    assert collection.barber.name in page
    assert "Contest this line" not in page
    assert owner.post(address(collection, "/pay")).status_code == 403


def test_every_line_of_a_long_collection_can_be_read_and_contested(visit, monkeypatch):
    monkeypatch.setattr("collections_app.views.collections.LINES_PER_PAGE", 1)
    collection = announce()
    barber = visit(collection.barber.user)
    lines = list(collection.lines.order_by("pk"))
    path = address(collection)
    parts = [path, *(f"{path}?after={line.pk}" for line in lines[:-1])]

    pages = [read(barber, part) for part in parts]

    assert [page.count('data-label="Sale"') for page in pages] == [1] * len(lines)
    contestable = [line.pk for line in lines if line.amount_minor > 0]
    assert re.findall(r'name="line_id" value="(\d+)"', "".join(pages)) == [*map(str, contestable)]
    assert all(f'href="{part}"' in page for page, part in zip(pages, parts[1:], strict=False))
    assert "More lines" not in pages[-1]
    assert "First lines" in pages[-1]


def test_who_contests_a_line_goes_on_where_he_was(visit):
    collection = announce()
    first, second, *_ = collection.lines.order_by("pk")
    said = {"line_id": second.pk, "reason": "He never came"}

    done = visit(collection.barber.user).post(
        f"{address(collection, '/contest')}?after={first.pk}", said
    )

    assert done.headers["Location"] == f"{address(collection)}?after={first.pk}"


@pytest.mark.parametrize("wrong", ["x", "-1", "1" * 30, "²"])
def test_a_part_behind_no_line_is_not_there(visit, wrong):
    collection = announce()

    answer = visit(collection.barber.user).get(address(collection), {"after": wrong})

    assert answer.status_code == 404


def test_a_line_is_contested_on_the_page(visit):
    collection = announce()
    barber = visit(collection.barber.user)
    line = collection.lines.get(amount_minor=12_00)

    empty = barber.post(address(collection, "/contest"), {"line_id": line.pk, "reason": ""})
    done = barber.post(address(collection, "/contest"), {"line_id": line.pk, "reason": "No sale"})

    assert "What is wrong: This field is required." in empty.content.decode()
    assert done.status_code == 302
    page = read(barber, address(collection))
    assert "Collection of 14.00 USD" in page
    assert "Contested: No sale" in page


def test_what_comes_too_late_or_cannot_be_paid_is_said(visit):
    collection = announce_long_ago()
    barber = visit(collection.barber.user)
    line = collection.lines.get(amount_minor=12_00)

    late = barber.post(address(collection, "/contest"), {"line_id": line.pk, "reason": "No"})
    unpaid = barber.post(address(collection, "/pay"), follow=True)

    assert "The time to contest this collection is over." in late.content.decode()
    assert "There is no saved payment method to debit." in unpaid.content.decode()
