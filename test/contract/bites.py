#!/usr/bin/env python3
"""bites.py PEER: proves that the checks of the contract can fail: each row spoils a copy of proto/ in one place and names
the finding that must come of it. Prints one ok / not ok line per check.
"""
import os
import pathlib
import shutil
import sys
import tempfile

import contract
import fields
import style

TX, TYPES, QUERY = "sublet/market/v1/tx.proto", "sublet/market/v1/types.proto", "sublet/market/v1/query.proto"
TOP_UP = "  // ucredit.\n  uint64 amount = 3;"
# (what, file, text, its replacement, part of the finding)
STYLE = [
    ("a syntax of another time", TX, 'syntax = "proto3";', 'syntax = "proto2";', "protoc reads proto/"),
    ("a package that is elsewhere", "sublet/bank/v1/tx.proto", "package sublet.bank.v1;", "package sublet.purse.v1;", "PACKAGE_DIRECTORY_MATCH"),
    ("a package without a version", "sublet/bank/v1/tx.proto", "package sublet.bank.v1;", "package sublet.bank;", "PACKAGE_VERSION_SUFFIX"),
    ("an import that nobody uses", "sublet/bank/v1/tx.proto", "package sublet.bank.v1;", 'package sublet.bank.v1;\nimport "sublet/bank/v1/types.proto";', "IMPORT_USED"),
    ("a field's name", TX, TOP_UP, "  // ucredit.\n  uint64 Amount = 3;", "FIELD_LOWER_SNAKE_CASE"),
    ("a message's name", TYPES, "message LastId {", "message last_id {", "MESSAGE_PASCAL_CASE"),
    ("a kind that the codec does not write", TX, TOP_UP, "  // ucredit.\n  sint64 amount = 3;", "FIELD_KIND"),
    ("a value without the enumeration's name", TYPES, "PARTY_LEDGER", "THE_LEDGER", "ENUM_VALUE_PREFIX"),
    ("a zero that means something", TYPES, "PARTY_UNSPECIFIED", "PARTY_NOBODY", "ENUM_ZERO_VALUE_SUFFIX"),
    ("a service's name", QUERY, "service Query", "service Market", "SERVICE_SUFFIX"),
    ("an answer's name", QUERY, "OffersResponse", "OfferList", "RPC_STANDARD_NAME"),
    ("one answer for two", QUERY, "rpc OffersOfProvider(OffersOfProviderRequest) returns (OffersOfProviderResponse)",
     "rpc OffersOfProvider(OffersOfProviderRequest) returns (OffersResponse)", "RPC_REQUEST_RESPONSE_UNIQUE"),
    ("a field without a comment", TX, TOP_UP, "  uint64 amount = 3;", "COMMENT: sublet.market.v1.MsgTopUp.amount"),
    ("a file without its line", TX, "// tx.proto: ", "// messages: ", "COMMENT: sublet/market/v1/tx.proto"),
    ("a field that is gone", TX, TOP_UP, "", "MsgTopUp 3 (uint64 amount) is gone: write `reserved 3;`"),
    ("a number that is used again", TX, TOP_UP, "  // ucredit.\n  string amount = 3;", "MsgTopUp 3 was `uint64 amount`"),
    ("a message that is gone", TYPES, "message MatchCursor", "message MatchingCursor", "sublet.market.v1.MatchCursor (message) is gone"),
    ("a field that nobody wrote down", TX, TOP_UP, TOP_UP + "\n  // More.\n  uint64 more = 4;", "MsgTopUp 4 (uint64 more) is not in contract.txt"),
]
FIELDS = [
    ("a number", TX, TOP_UP, "  // ucredit.\n  uint64 amount = 4;", "field 3 (amount) is not in proto/"),
    ("a name", TX, TOP_UP, "  // ucredit.\n  uint64 sum = 3;", "the program calls it amount"),
    ("a type", TX, TOP_UP, "  // ucredit.\n  uint32 amount = 3;", "uint32 here, uint64 in the program"),
    ("a list", TX, TOP_UP, "  // ucredit.\n  repeated uint64 amount = 3;", "repeated on one side only"),
    ("a field too many", TX, TOP_UP, TOP_UP + "\n  // More.\n  uint64 more = 4;", "field 4 (more) is not in the program"),
    ("presence", TYPES, "optional Capacity capacity", "Capacity capacity", "presence is kept on one side only"),
    ("another sub-message", TYPES, "  Capacity free = 7;", "  PriceVector free = 7;", "PriceVector here, sublet.market.v1.Capacity in the program"),
    ("a unit", TX, TOP_UP, "  // credits.\n  uint64 amount = 3;", "the comment must name the unit"),
    ("a length", TYPES, "  // 32 bytes: SHA-256(nonce", "  // SHA-256(nonce", "the comment must say `32 bytes`"),
    ("a message too many", TX, "message MsgTopUpResponse {}", "message MsgTopUpResponse {}\n// One more.\nmessage More {\n  // Of it.\n  bool more = 1;\n}", "More: the program has no such struct"),
    ("an enumeration's value", TYPES, "CLOSE_REASON_NO_SHOW = 10", "CLOSE_REASON_NO_SHOW = 9", "CloseReason"),
    ("gas", TX, "// Gas 100,000.", "// Gas 90,000.", "must say `Gas 100,000`"),
    ("who pays", TX, "  // Gas 50,000; free within the quota.\n  rpc EndLease", "  // Gas 50,000.\n  rpc EndLease", "whether it is free"),
    ("a query", QUERY, "rpc Deployments(", "rpc Deploys(", "no such path in the program"),
]


def style_findings(folder):
    proto = contract.Contract(folder)
    for part in (style.file_findings, style.name_findings, style.service_findings, style.comment_findings):
        yield from part(proto)
    yield from style.breaking_findings(proto, folder / "contract.txt")


def rows_that_pass(rows, findings_of):
    """A finding for each row that spoils something and is not noticed."""
    for what, file, text, instead, expected in rows:
        with tempfile.TemporaryDirectory() as scratch:
            folder = pathlib.Path(scratch) / "proto"
            shutil.copytree(contract.PROTO, folder)
            body = (folder / file).read_text()
            if text not in body:
                yield f"{what}: {file} has no `{text.strip()}` to spoil"
                continue
            (folder / file).write_text(body.replace(text, instead))
            try:
                found = list(findings_of(folder))
            except SystemExit as refusal:  # protoc itself refuses it
                found = [str(refusal)]
            if not any(expected in each for each in found):
                yield f"{what}: not noticed ({found[:3]})"


def main(arguments):
    if len(arguments) != 1:
        print(__doc__)
        return 64
    os.environ.pop("UPDATE_GOLDEN", None)
    view, report = contract.program_view(arguments[0]), contract.Report()
    report.check(f"contract: {len(STYLE)} spoilt contracts break a rule of style", rows_that_pass(STYLE, style_findings))
    report.check(f"contract: {len(FIELDS)} spoilt contracts are not the program's", rows_that_pass(FIELDS, lambda folder: fields.all_findings(contract.Contract(folder), view)))
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
