"""The tree over a day's transactions against the definition of RFC 6962."""

import hashlib

from hypothesis import given, settings
from hypothesis import strategies as st

from payments.rules.seals import HashTree, climb


def get_root(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + get_root(leaves[:split]) + get_root(leaves[split:])).digest()


@given(st.integers(0, 40))
@settings(max_examples=41)
def test_the_root_is_the_one_of_the_definition_and_every_leaf_leads_to_it(size):
    texts = [f"transaction {number}" for number in range(size)]
    tree = HashTree()
    for number, text in enumerate(texts):
        tree.add(text, watch=number)

    root = tree.close()

    assert root == get_root([text.encode() for text in texts]).hex()
    assert all(climb(text, tree.get_path(number)) == root for number, text in enumerate(texts))
    assert all(climb(f"{text}.", tree.get_path(n)) != root for n, text in enumerate(texts))
