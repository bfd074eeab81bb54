#!/usr/bin/env python3
"""fields.py PEER: holds proto/ and the program's field lists together, in both directions, with units and lengths.

PEER is the program contract-peer. Prints ok / not ok lines; exit 1 where one failed, 77 without protoc.
"""
import re
import sys

import contract

# Messages without a struct: nothing in them is read, or (Cosmos' own) a reader that passes over what it does not need.
NO_STRUCT = {
    "sublet.ledger.v1.StatusRequest": "has no fields",
    "cosmos.auth.v1beta1.QueryAccountRequest": "read leniently",
    "cosmos.bank.v1beta1.QueryAllBalancesRequest": "read leniently",
}
# Structs with field lists that are no part of the contract.
PRIVATE = {
    "src/ledger/ics23_types.hpp": "proofs are ics23.CommitmentProof, whose contract its own project publishes",
}
# What a comment must say of a strong type, so that nobody takes milliseconds for seconds.
UNITS = {
    "amount": r"ucredit|ulet|smallest unit", "rate": r"(?i)nano-ucredit per second", "millis": r"\bms\b",
    "ledger_time": r"(?i)ledger time, ms", "block_time": r"unix ms", "service_clock": r"(?i)service clock.*, ms",
}


def field_findings(name, ours, item):
    """Differences between a field of the program and the field of the contract with the same number."""
    field = item.body
    kind = contract.KINDS.get(field.type, f"type {field.type}")
    if field.name != ours["name"]:
        yield f"{name} = {field.number}: the program calls it {ours['name']}"
    if kind != ours["kind"]:
        yield f"{name}: {kind} here, {ours['kind']} in the program"
    if field.type_name.lstrip(".") != ours.get("type", ""):
        yield f"{name}: {field.type_name.lstrip('.')} here, {ours.get('type', 'no type')} in the program"
    if (field.label == field.LABEL_REPEATED) != (ours["label"] == "repeated"):
        yield f"{name}: repeated on one side only"
    # Ours: `optional` says that presence is kept. Cosmos': all sub-messages keep it.
    keeps = field.proto3_optional if name.startswith("sublet.") else kind == "message" and ours["label"] != "repeated"
    if keeps != (ours["label"] == "optional"):
        yield f"{name}: presence is kept on one side only ({ours['label']} in the program)"
    if "size" in ours and f"{ours['size']} bytes" not in item.comment:
        yield f"{name}: the comment must say `{ours['size']} bytes`"
    if "unit" in ours and not re.search(UNITS[ours["unit"]], item.comment):
        yield f"{name}: the comment must name the unit ({ours['unit']}: {UNITS[ours['unit']]})"


def message_findings(proto, ours):
    name = ours["name"]
    if name == "google.protobuf.Any":
        return  # protobuf's own
    if name not in proto.messages:
        yield f"{name}: not in proto/"
        return
    theirs = {field.number: field for field in proto.messages[name].body.field}
    listed = {field["number"]: field for field in ours["fields"]}
    for number in sorted(theirs.keys() | listed.keys()):
        if number not in theirs:
            yield f"{name}: field {number} ({listed[number]['name']}) is not in proto/"
        elif number not in listed:
            yield f"{name}: field {number} ({theirs[number].name}) is not in the program"
        else:
            full = f"{name}.{theirs[number].name}"
            yield from field_findings(full, listed[number], proto.fields[full])


def missing_findings(proto, view):
    """Messages of proto/ that no struct of the program stands for."""
    known = {row["name"] for row in view["types"]}
    for name, item in proto.messages.items():
        empty_response = name.endswith("Response") and not item.body.field
        if name not in known and name not in NO_STRUCT and not empty_response:
            yield f"{name}: the program has no such struct"
    for name in NO_STRUCT:
        if name not in proto.messages:
            yield f"{name}: listed as having no struct, but not in proto/"


def enum_findings(proto, view):
    known = {row["name"] for row in view["enums"]}
    for name in proto.enums.keys() - known:
        yield f"{name}: the program has no such enumeration"
    for row in view["enums"]:
        if row["name"] not in proto.enums:
            yield f"{row['name']}: not in proto/"
            continue
        prefix = re.sub(r"(?<!^)([A-Z])", r"_\1", row["name"].rsplit(".", 1)[1]).upper() + "_"
        theirs = {value.number: value.name for value in proto.enums[row["name"]].body.value}
        ours = {number: text if text.startswith(prefix) else prefix + text.upper() for number, text in row["values"]}
        # The contract needs a zero; where the program has a word for it, that word means "not set".
        ours[0] = f"{prefix}UNSPECIFIED"
        if ours != theirs:
            yield f"{row['name']}: {sorted(theirs.items())} here, {sorted(ours.items())} in the program"


def service_findings(proto, view):
    """Every message is a method of a Msg service, by its type URL; every query path is a method of a Query service."""
    sent, asked = {}, set()
    for name, item in proto.methods.items():
        service = name.rsplit(".", 1)[0]
        if service.endswith(".Msg"):
            sent["/" + item.body.input_type.lstrip(".")] = item
        elif service.startswith("sublet."):
            asked.add(f"/{service}/{item.body.name}")
    ours = {row["type_url"]: row for row in view["messages"]}
    for url in sorted(sent.keys() ^ ours.keys()):
        yield f"{url}: {'no such message in the program' if url in sent else 'no method of a Msg service'}"
    for url in sorted(sent.keys() & ours.keys()):
        if f"Gas {ours[url]['gas']:,}" not in sent[url].comment:
            yield f"{url}: the method's comment must say `Gas {ours[url]['gas']:,}`"
        if ours[url]["free_for_operator"] != ("free within" in sent[url].comment):
            yield f"{url}: the method's comment must say whether it is free within the quota"
    for path in sorted(asked ^ set(view["query_paths"])):
        yield f"{path}: {'no such path in the program' if path in asked else 'no method of a Query service'}"


def source_findings(view):
    """Structs of the ledger's half with a field list that nobody put into test/contract."""
    known = {row["struct"] for row in view["types"]} | {"sublet::query::ListReply"}
    for room in ("ledger", "modules", "app"):
        for path in sorted((contract.ROOT / "src" / room).rglob("*.[ch]pp")):
            if path.relative_to(contract.ROOT).as_posix() in PRIVATE or path.name.endswith("_test.cpp"):
                continue
            space = name = ""
            for line in path.read_text().splitlines():
                space = (re.match(r"namespace (\w+(?:::\w+)*) \{", line) or [0, space])[1]
                name = (re.match(r"\s*(?:struct|class) (\w+)\b[^;]*$", line) or [0, name])[1]
                if "static constexpr auto fields()" in line and f"{space}::{name}" not in known:
                    yield f"{path.relative_to(contract.ROOT)}: {space}::{name} has a field list but no row in test/contract"


def all_findings(proto, view):
    for row in view["types"]:
        yield from message_findings(proto, row)
    for part in (missing_findings, enum_findings, service_findings):
        yield from part(proto, view)


def main(arguments):
    if len(arguments) != 1:
        print(__doc__)
        return 64
    proto, view, report = contract.Contract(), contract.program_view(arguments[0]), contract.Report()
    for row in view["types"]:
        report.check(f"contract: {row['name']} ({row['struct']})", message_findings(proto, row))
    report.check("contract: every message of proto/ is the program's", missing_findings(proto, view))
    report.check("contract: every struct with a field list is in proto/", source_findings(view))
    report.check("contract: enumerations", enum_findings(proto, view))
    report.check("contract: services, type URLs, gas and query paths", service_findings(proto, view))
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
