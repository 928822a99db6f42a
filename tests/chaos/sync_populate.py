"""A barber with an account at each processor, connected long ago: `python -m … '{"stripe": {…}}'`.

Prints the connections' names as JSON.
"""

import json
import sys
from datetime import UTC, datetime

import django

CONNECTED_AT = datetime(2026, 1, 1, tzinfo=UTC)


def main() -> None:
    django.setup()
    from payments.operations.connections import connect_account
    from tests import factories

    barber = factories.create_barber()
    names = {}
    for processor, account in json.loads(sys.argv[1]).items():
        connection = connect_account(
            barber=barber,
            processor=processor,
            credentials=account["credentials"],
            by=barber.user.public_id,
            now=CONNECTED_AT,
        )
        names[processor] = connection.public_id
    print(json.dumps(names))


if __name__ == "__main__":
    main()
