#!/usr/bin/env python3
"""style.py [FOLDER]: buf's STANDARD and COMMENTS rules over proto/, and its breaking changes against proto/contract.txt.

proto/contract.txt is the contract in one line per name. A line may be added (UPDATE_GOLDEN=1 writes it) but never changed
or lost: a field that goes leaves `reserved` behind, so that its number is never used again. Prints ok / not ok lines.
"""
import os
import pathlib
import re
import sys

import contract

OWN = "sublet."
# Two of buf's rules do not hold here. SERVICE_SUFFIX: Cosmos calls its services Msg and Query, and so do its tools.
# RPC_REQUEST_STANDARD_NAME: the request of a Msg service is the message itself, whose name is its type URL.
SNAKE, PASCAL, UPPER = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*"), re.compile(r"([A-Z][a-z0-9]*)+"), re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")
RESERVED = "reserved"


def upper_snake(name):
    return re.sub(r"(?<!^)([A-Z])", r"_\1", name).upper()


def file_findings(proto):
    for file in proto.files:
        folder, stem = os.path.split(file.name)
        if file.syntax != "proto3":
            yield f"SYNTAX_SPECIFIED: {file.name}: write syntax = \"proto3\";"
        if not file.package:
            yield f"PACKAGE_DEFINED: {file.name}"
        if folder != file.package.replace(".", "/"):
            yield f"PACKAGE_DIRECTORY_MATCH: {file.name} has package {file.package}"
        if not all(map(SNAKE.fullmatch, file.package.split("."))):
            yield f"PACKAGE_LOWER_SNAKE_CASE: {file.package}"
        if not SNAKE.fullmatch(stem.removesuffix(".proto")):
            yield f"FILE_LOWER_SNAKE_CASE: {file.name}"
        if file.public_dependency or file.weak_dependency:
            yield f"IMPORT_NO_PUBLIC: {file.name}"
        if file.package.startswith(OWN) and not re.search(r"\.v[1-9][0-9]*((alpha|beta)[1-9][0-9]*)?$", file.package):
            yield f"PACKAGE_VERSION_SUFFIX: {file.package}"
    for line in proto.warnings:
        if "is unused" in line:
            yield f"IMPORT_USED: {line}"


def name_findings(proto):
    for name, item in proto.messages.items():
        if not PASCAL.fullmatch(item.body.name):
            yield f"MESSAGE_PASCAL_CASE: {name}"
        for oneof in item.body.oneof_decl:
            if not SNAKE.fullmatch(oneof.name.removeprefix("_")):
                yield f"ONEOF_LOWER_SNAKE_CASE: {name}.{oneof.name}"
    for name, item in proto.fields.items():
        if not SNAKE.fullmatch(item.body.name):
            yield f"FIELD_LOWER_SNAKE_CASE: {name}"
        if item.body.type not in contract.KINDS:
            yield f"FIELD_KIND: {name}: the codec writes {', '.join(sorted(contract.KINDS.values()))}"
    for name, item in proto.enums.items():
        if not PASCAL.fullmatch(item.body.name):
            yield f"ENUM_PASCAL_CASE: {name}"
        prefix = upper_snake(item.body.name) + "_"
        if item.body.options.allow_alias:
            yield f"ENUM_NO_ALLOW_ALIAS: {name}"
        if item.body.value[0].number != 0 or item.body.value[0].name != f"{prefix}UNSPECIFIED":
            yield f"ENUM_ZERO_VALUE_SUFFIX: {name}: the first value is {prefix}UNSPECIFIED = 0"
        for value in item.body.value:
            if not UPPER.fullmatch(value.name):
                yield f"ENUM_VALUE_UPPER_SNAKE_CASE: {name}.{value.name}"
            if not value.name.startswith(prefix):
                yield f"ENUM_VALUE_PREFIX: {name}.{value.name}: begin with {prefix}"


def service_findings(proto):
    users = {}
    for name, item in proto.services.items():
        if item.body.name not in ("Msg", "Query") and name.startswith(OWN):
            yield f"SERVICE_SUFFIX: {name}: Msg or Query"
    for name, item in proto.methods.items():
        method, request, response = item.body.name, item.body.input_type.rsplit(".", 1)[-1], item.body.output_type.rsplit(".", 1)[-1]
        if not PASCAL.fullmatch(method):
            yield f"RPC_PASCAL_CASE: {name}"
        if item.body.client_streaming or item.body.server_streaming:
            yield f"RPC_NO_STREAMING: {name}"
        if name.startswith(OWN):
            wanted = (f"Msg{method}", f"Msg{method}Response") if ".Msg." in name else (f"{method}Request", f"{method}Response")
            if (request, response) != wanted:
                yield f"RPC_STANDARD_NAME: {name}({request}) returns ({response}): call them {wanted[0]} and {wanted[1]}"
        for used in (item.body.input_type, item.body.output_type):
            if used in users:
                yield f"RPC_REQUEST_RESPONSE_UNIQUE: {used.lstrip('.')} is used by {users[used]} and {name}"
            users[used] = name


def comment_findings(proto):
    for kind in ("messages", "fields", "enums", "values", "services", "methods"):
        for name, item in getattr(proto, kind).items():
            if len(item.comment.strip(" .")) < 1:
                yield f"COMMENT: {name} ({kind[:-1]}) says nothing"
    for file in proto.files:
        stem = os.path.basename(file.name)
        opening = [place.leading_detached_comments[0] if place.leading_detached_comments else place.leading_comments
                   for place in file.source_code_info.location if list(place.path) == [12]]
        if not opening or not opening[0].strip().startswith(f"{stem}: "):
            yield f"COMMENT: {file.name}: first line: `// {stem}: what is in it.`"


def summary(proto):
    """{name: what must not change}: one line for each message, field, enumeration, value, method and reserved number."""
    lines = {}
    for name, item in proto.messages.items():
        lines[name] = "message"
        for field in item.body.field:
            kind = field.type_name.lstrip(".") or contract.KINDS.get(field.type, str(field.type))
            label = "repeated " if field.label == field.LABEL_REPEATED else "optional " if field.proto3_optional else ""
            oneof = "" if field.proto3_optional or not field.HasField("oneof_index") else f" in {item.body.oneof_decl[field.oneof_index].name}"
            lines[f"{name} {field.number}"] = f"{label}{kind} {field.name}{oneof}"
        for span in item.body.reserved_range:
            for number in range(span.start, min(span.end, span.start + 1000)):
                lines[f"{name} {number}"] = RESERVED
    for name, item in proto.enums.items():
        lines[name] = "enum"
        for value in item.body.value:
            lines[f"{name} {value.number}"] = value.name
        for span in item.body.reserved_range:
            for number in range(span.start, min(span.end, span.start + 1000) + 1):
                lines[f"{name} {number}"] = RESERVED
    for name, item in proto.methods.items():
        lines[name] = f"rpc {item.body.input_type.lstrip('.')} -> {item.body.output_type.lstrip('.')}"
    return lines


def sort_key(name):
    head, _, number = name.partition(" ")
    return head, int(number or 0)


def breaking_findings(proto, golden):
    """What another program built on the golden contract would trip over; then, what it only does not know yet."""
    now = summary(proto)
    if not golden.exists():
        if not os.environ.get("UPDATE_GOLDEN"):
            yield f"{golden.name} is missing: UPDATE_GOLDEN=1 writes it"
            return
        golden.write_text("")
    then = dict(line.split(": ", 1) for line in golden.read_text().splitlines() if not line.startswith("#"))
    broken = []
    for name in sorted(then, key=sort_key):
        if name not in now and " " in name and name.split(" ")[0] in now:
            broken.append(f"{name} ({then[name]}) is gone: write `reserved {name.split(' ')[1]};`")
        elif name not in now:
            broken.append(f"{name} ({then[name]}) is gone")
        elif now[name] != then[name] and now[name] != RESERVED:
            broken.append(f"{name} was `{then[name]}` and is `{now[name]}`" + (": that number was used before" if then[name] == RESERVED else ""))
    yield from broken
    if not broken and now != then and os.environ.get("UPDATE_GOLDEN"):
        head = "# The contract in one line per name, written by UPDATE_GOLDEN=1 test/contract/style.py; lines are added, never changed.\n"
        golden.write_text(head + "".join(f"{name}: {now[name]}\n" for name in sorted(now, key=sort_key)))
    elif not broken:
        for name in sorted(name for name in now if then.get(name) != now[name]):
            yield f"{name} ({now[name]}) is not in {golden.name}: UPDATE_GOLDEN=1 python3 test/contract/style.py, and look at the diff"


def main(arguments):
    folder = pathlib.Path(arguments[0]) if arguments else contract.PROTO
    proto, report = contract.Contract(folder), contract.Report()
    report.check("contract style: files, packages, imports", file_findings(proto))
    report.check("contract style: names", name_findings(proto))
    report.check("contract style: services", service_findings(proto))
    report.check("contract style: comments", comment_findings(proto))
    report.check("contract style: nothing that breaks others", breaking_findings(proto, folder / "contract.txt"))
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
