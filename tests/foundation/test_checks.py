"""`manage.py check --deploy` in a process of its own, under good and bad environments."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
GOOD_KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
GOOD = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": "a-long-and-random-text-that-nobody-will-ever-guess-0192837465",
    "ENCRYPTION_KEY": GOOD_KEY,
    "STRIPE_SECRET_KEY": "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
    "STRIPE_ACCOUNT_ID": "acct_1032D82eZvKYlo2C",
    "DATABASE_URL": "postgres://barber:hunter2@db.example.com/barber",
    "REDIS_URL": "redis://:hunter2@cache.example.com:6379/0",
    "PUBLIC_URL": "https://pay.example.com",
    "ALLOWED_HOSTS": "pay.example.com",
    "SIMULATED_PROCESSORS": "false",
    "EMAIL_HOST": "mail.example.com",
}


def check(tmp_path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "django", "check", "--deploy"],
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "PYTHONPATH": str(ROOT),
            "BOOKEDBARBER_HOME": str(tmp_path),
            "DJANGO_SETTINGS_MODULE": "bookedbarber.settings",
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )


def test_complete_production_settings_have_no_fault(tmp_path: Path) -> None:
    done = check(tmp_path, **GOOD)

    assert done.returncode == 0, done.stderr
    assert "ERRORS" not in done.stderr
    assert "security." not in done.stderr


def test_every_insecure_production_setting_is_named_at_once(tmp_path: Path) -> None:
    bad = {
        "SECRET_KEY": "short",
        "ENCRYPTION_KEY": f"{GOOD_KEY},c2hvcnQ=",
        "STRIPE_SECRET_KEY": "",
        "DATABASE_URL": "hunter2, which is no address",
        "REDIS_URL": "memcached://hunter2@cache.example.com",
        "PUBLIC_URL": "http://pay.example.com",
        "ALLOWED_HOSTS": "*",
        "DEBUG": "true",
        "PAYMENT_MINIMUM": "0",
        "DEFAULT_CURRENCY": "EUR",
        "CURRENCIES": "USD,XXX",
        "DEFAULT_COMMISSION_RATE": "101",
        "LOGIN_FAILURE_LIMITS": "often",
        "SECURE_SSL_REDIRECT": "false",
        "PROCESSOR_VERIFY_TLS": "false",
        "EMAIL_HOST": "",
    }

    done = check(tmp_path, **(GOOD | bad))

    assert done.returncode != 0
    for name in bad:
        assert name in done.stderr, name
    assert "Key 2 in ENCRYPTION_KEY has 5 bytes, not 32" in done.stderr
    assert "hunter2" not in done.stderr
    assert "c2hvcnQ" not in done.stderr


def test_every_missing_secret_is_named_at_once(tmp_path: Path) -> None:
    secrets = ("SECRET_KEY", "ENCRYPTION_KEY", "STRIPE_SECRET_KEY")

    done = check(tmp_path, **{k: v for k, v in GOOD.items() if k not in secrets})

    assert done.returncode != 0
    for name in secrets:
        assert f"{name} is not set." in done.stderr


def test_the_secrets_of_a_developers_machine_are_refused_in_production(tmp_path: Path) -> None:
    from django.conf import settings

    bad = {"SECRET_KEY": settings.SECRET_KEY, "ENCRYPTION_KEY": settings.ENCRYPTION_KEY}
    if "development-only" not in settings.SECRET_KEY:
        pytest.skip("this machine has secrets of its own")

    done = check(tmp_path, **(GOOD | bad | {"ALLOWED_HOSTS": "other.example.com"}))

    assert "SECRET_KEY is the one for development." in done.stderr
    assert "ENCRYPTION_KEY is the one for development." in done.stderr
    assert "ALLOWED_HOSTS must name the host of PUBLIC_URL." in done.stderr


def test_production_does_not_run_on_embedded_servers(tmp_path: Path) -> None:
    servers = ("DATABASE_URL", "REDIS_URL")

    done = check(tmp_path, **{k: v for k, v in GOOD.items() if k not in servers})

    assert "DATABASE_URL and REDIS_URL must name real servers" in done.stderr


def test_an_address_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    done = check(tmp_path, PUBLIC_URL="https://[", ENVIRONMENT="test", ENCRYPTION_KEY="ключ")

    assert "PUBLIC_URL must be an address" in done.stderr
    assert "ENVIRONMENT must be sandbox or production." in done.stderr
    assert "Key 1 in ENCRYPTION_KEY is not base64" in done.stderr
    assert "Traceback" not in done.stderr
