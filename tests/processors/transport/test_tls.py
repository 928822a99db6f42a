"""TLS with certificates of our own: whom the shared client believes."""

import ipaddress
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from processors.errors import ProcessorNotReached
from processors.transport import http_client

NAME = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])


class Hello(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Silent."""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> Path:
    """A self-signed certificate for 127.0.0.1 with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    signed = (
        x509.CertificateBuilder()
        .subject_name(NAME)
        .issuer_name(NAME)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    path.write_bytes(
        signed.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path


@pytest.fixture
def tls_url(certificate: Path) -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = HTTPServer(("127.0.0.1", 0), Hello)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"https://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_certificate_nobody_vouches_for_ends_before_anything_is_sent(tls_url):
    with pytest.raises(ProcessorNotReached) as raised:
        http_client.get(tls_url)

    assert raised.value.details == {"cause": "ConnectError"}


def test_a_certificate_of_the_bundle_is_believed(tls_url, certificate, settings):
    settings.PROCESSOR_CA_BUNDLE = certificate

    assert http_client.get(tls_url).json() == {}


def test_a_certificate_for_another_name_is_not_believed(tls_url, certificate, settings):
    settings.PROCESSOR_CA_BUNDLE = certificate

    with pytest.raises(ProcessorNotReached):
        http_client.get(tls_url.replace("127.0.0.1", "localhost"))


def test_checking_can_be_switched_off(tls_url, settings):
    settings.PROCESSOR_VERIFY_TLS = False

    assert http_client.get(tls_url).json() == {}
