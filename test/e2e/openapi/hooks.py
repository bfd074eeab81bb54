"""hooks.py: what schemathesis cannot know from the document: real addresses, hashes of real transactions, event queries."""

import json
import os

import schemathesis
from bech32 import bech32_encode, convertbits
from hypothesis import strategies as st

known = json.loads(os.environ["OPENAPI_KNOWN"])  # {"addresses": [...], "hashes": [...], "transfers": [base64, ...]}


def address(raw: bytes) -> str:
    return bech32_encode("sublet", convertbits(raw, 8, 5))


schemathesis.openapi.format(
    "sublet-address",
    st.one_of(st.sampled_from(known["addresses"]), st.binary(min_size=20, max_size=20).map(address)),
)

texts = st.text(st.characters(min_codepoint=32, max_codepoint=126, exclude_characters="'"), max_size=20)
keys = st.sampled_from(["tx.height", "block.height", "message.sender", "transfer.amount", "a.b", "tm.event"])
numbers = st.integers(0, 2**63 - 1).map(str)
conditions = st.one_of(
    st.builds("{}='{}'".format, keys, texts),
    st.builds("{} CONTAINS '{}'".format, keys, texts),
    st.builds("{} EXISTS".format, keys),
    st.builds("{}{}{}".format, keys, st.sampled_from(["<", "<=", ">", ">=", "="]), numbers),
)
schemathesis.openapi.format(
    "sublet-query",
    st.lists(conditions, min_size=1, max_size=4).map(" AND ".join),
)

# Bytes that are no transaction are refused, whatever their base64: what is asked for is a transfer that was signed.
schemathesis.openapi.format("sublet-transaction", st.sampled_from(known["transfers"]))
