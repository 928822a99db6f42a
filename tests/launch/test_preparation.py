import shutil

import pytest

from bookedbarber.environment import ROOT
from bookedbarber.launch import preparation
from bookedbarber.launch.preparation import is_static_outdated, remember_static


@pytest.fixture
def settings_copy(tmp_path, monkeypatch):
    """A project of its own, of nothing but requirements and settings."""
    root = tmp_path / "project"
    folder = root / "bookedbarber" / "settings"
    shutil.copytree(ROOT / "bookedbarber" / "settings", folder)
    shutil.copy(ROOT / "requirements.txt", root)
    monkeypatch.setattr(preparation, "ROOT", root)
    return folder


def test_static_files_are_collected_again_after_a_change_of_any_settings(settings_copy, tmp_path):
    (tmp_path / "static").mkdir()

    for path in sorted(settings_copy.glob("*.py")):
        remember_static(tmp_path)
        assert not is_static_outdated(tmp_path)

        path.write_text(path.read_text() + "# changed\n")

        assert is_static_outdated(tmp_path), path.name
