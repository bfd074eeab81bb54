// akash_record.cpp: a verdict in the shape in which Akash's own compiler's answers are recorded.
// Spec: docs/spec/deployment-files.md (agreement with the official compiler).
#include "sdl/akash_record.hpp"

#include "sdl/json_text.hpp"

namespace sublet::sdl {
namespace {

void put_unit(Bytes& out, const ResourceUnit& unit) {
    out += "{\"count\":" + number_text(unit.count, unit.foreign_count) + ",\"price\":{\"amount\":";
    put_text(out, unit.price_amount);
    out += ",\"denom\":";
    put_text(out, unit.denom);
    out += "},\"resource\":";
    put_resources(out, unit.resources);
    out += '}';
}

void put_group(Bytes& out, const Group& group) {
    out += "{\"name\":";
    put_text(out, group.name);
    out += ",\"requirements\":{\"attributes\":";
    put_attributes(out, group.attributes);
    out += ",\"signed_by\":{\"all_of\":";
    put_text_list(out, group.signed_by_all_of, "null");
    out += ",\"any_of\":";
    put_text_list(out, group.signed_by_any_of, "null");
    out += "}},\"resources\":";
    put_list(out, group.units, "[]", put_unit);
    out += '}';
}

void put_finding(Bytes& out, const Finding& finding) {
    out += "{\"keyword\":";
    put_text(out, finding.rule);
    out += ",\"message\":";
    put_text(out, finding.message);
    out += ",\"path\":";
    put_text(out, finding.path);
    out += '}';
}

}  // namespace

Bytes groups_json(const std::vector<Group>& groups) {
    Bytes out;
    put_list(out, groups, "[]", put_group);
    return out;
}

Bytes akash_record(const std::string& file, const std::expected<Deployment, std::vector<Finding>>& verdict) {
    Bytes out = "{";
    if (!verdict && verdict.error().front().rule == "yaml") {
        const Finding& finding = verdict.error().front();
        out += "\"error\":";
        put_text(out,
                 finding.message + " (" + std::to_string(finding.line) + ":" + std::to_string(finding.column) + ")");
        out += ",\"file\":";
        put_text(out, file);
        return out + ",\"status\":\"yaml-error\"}";
    }
    if (!verdict) {
        out += "\"errors\":";
        put_list(out, verdict.error(), "[]", put_finding);
        out += ",\"file\":";
        put_text(out, file);
        return out + ",\"status\":\"invalid\"}";
    }
    out += "\"file\":";
    put_text(out, file);
    out += ",\"groupSpecs\":" + groups_json(verdict->groups) + ",\"manifest\":" + verdict->canonical_json;
    return out + ",\"status\":\"ok\",\"version\":\"" + to_hex(view_of(verdict->hash)) + "\"}";
}

}  // namespace sublet::sdl
