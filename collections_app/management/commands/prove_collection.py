import csv
import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from collections_app.management.arguments import find_collection
from collections_app.queries.proof_tables import COLUMNS, tabulate_proof
from collections_app.queries.proofs import describe_proof


class Command(BaseCommand):
    help = (
        "Write what an outsider needs to recompute a collection: a JSON and a CSV file."
        " docs/collections.md says how."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("collection", metavar="ID", help="such as col_01jd…")
        parser.add_argument("--folder", type=Path, default=Path(), help="where to write [here]")

    def handle(self, **options: Any) -> None:
        collection = find_collection(options["collection"])
        proof = describe_proof(collection.pk, now=timezone.now())
        stem = options["folder"] / f"proof_{collection.public_id}"
        data, table = stem.with_suffix(".json"), stem.with_suffix(".csv")
        data.write_text(json.dumps(proof, indent=1) + "\n", encoding="utf-8")
        with table.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows(tabulate_proof(proof))
        self.stdout.write(f"{len(proof['lines'])} lines of {collection.amount}: {data}, {table}")
