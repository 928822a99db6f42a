from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.launch.homes import temporary_home


@pytest.fixture
def home() -> Iterator[Path]:
    with temporary_home() as folder:
        yield folder
