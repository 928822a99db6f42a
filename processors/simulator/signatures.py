"""How each vendor signs a webhook."""

import hashlib
import hmac
from base64 import b64encode


def sign_for_stripe(body: bytes, secret: str, timestamp: int) -> str:
    """The `Stripe-Signature` header: https://docs.stripe.com/webhooks#verify-manually."""
    signed = f"{timestamp}.".encode() + body
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return f"t={timestamp},v1={digest}"


def sign_for_square(body: bytes, key: str, url: str) -> str:
    """The `x-square-hmacsha256-signature` header: over the notification URL and the body."""
    digest = hmac.new(key.encode(), url.encode() + body, hashlib.sha256).digest()
    return b64encode(digest).decode()
