import base64

import pytest
from rest_framework.test import APIClient

from bookedbarber.foundation.audit import record_audit

pytestmark = pytest.mark.django_db

URL = "/api/v1/entries"


def write(count: int) -> list[str]:
    """Write entries; returns their subjects, newest first."""
    subjects = [f"row:{number}" for number in range(count)]
    for subject in subjects:
        record_audit(subject=subject, action="written", by="usr_1")
    return subjects[::-1]


def test_the_newest_fifty_come_first(anybody: APIClient) -> None:
    subjects = write(60)

    answer = anybody.get(URL).json()

    assert answer["data"] == subjects[:50]
    assert answer["pagination"]["limit"] == 50
    assert answer["pagination"]["offset"] == 0
    assert answer["pagination"]["has_more"]


def test_a_page_that_holds_everything_has_no_more(anybody: APIClient) -> None:
    subjects = write(3)

    answer = anybody.get(URL, {"limit": 3}).json()

    assert answer["data"] == subjects
    assert answer["pagination"] == {"limit": 3, "offset": 0, "has_more": False, "next_cursor": None}


def test_an_empty_list_is_an_empty_list(anybody: APIClient) -> None:
    assert anybody.get(URL).json()["data"] == []


def test_the_offset_skips(anybody: APIClient) -> None:
    subjects = write(5)

    answer = anybody.get(URL, {"limit": 2, "offset": 2}).json()

    assert answer["data"] == subjects[2:4]
    assert answer["pagination"]["has_more"]


def test_cursors_lead_through_everything_once_though_rows_are_added(anybody: APIClient) -> None:
    subjects = write(7)
    found: list[str] = []
    cursor = None

    while True:
        answer = anybody.get(URL, {"limit": 3} | ({"cursor": cursor} if cursor else {})).json()
        found += answer["data"]
        cursor = answer["pagination"]["next_cursor"]
        if cursor is None:
            break
        record_audit(subject="new", action="written", by="usr_1")

    assert found == subjects


def test_a_page_takes_one_statement_and_counts_nothing(
    anybody: APIClient, django_assert_num_queries
) -> None:
    write(5)

    with django_assert_num_queries(1):
        anybody.get(URL, {"limit": 2})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("limit", "0"), ("limit", "101"), ("limit", "-1"), ("limit", "abc"), ("limit", ""),
        ("limit", "1.5"), ("limit", "٣"), ("limit", "1e2"), ("limit", "0000000501234567890"),
        ("limit", "9" * 5000), ("offset", "-1"), ("offset", "10001"), ("offset", "x"),
        ("cursor", "x"), ("cursor", "!!!"), ("cursor", "🧔"), ("cursor", "A" * 5000),
        ("cursor", base64.urlsafe_b64encode(b"-5").decode()),
        ("cursor", base64.urlsafe_b64encode(b"1_0").decode()),
        ("cursor", base64.urlsafe_b64encode(b"9" * 30).decode()),
        ("cursor", base64.urlsafe_b64encode(b"1").decode() + "!"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_by_name(anybody: APIClient, name: str, value: str) -> None:
    answer = anybody.get(URL, {name: value})

    assert answer.status_code == 400
    assert answer.json()["error"]["message"].startswith(f"{name}: ")
