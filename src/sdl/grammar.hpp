// grammar.hpp: the structure that a deployment file must have, as tables of fields.
// Spec: docs/spec/deployment-files.md (grammar); the paths of the findings are those of Akash's official schema.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "sdl/node.hpp"
#include "sdl/report.hpp"

namespace sublet::sdl {

// kOfficial: Akash's rules alone, to compare verdicts with. kOurs: also what a lease here needs, and our own
// denomination.
enum class Rules : std::uint8_t { kOurs, kOfficial };

struct Checker {
    Report& report;
    Rules rules = Rules::kOurs;
};

using Check = void (*)(Checker&, const Node&, const std::string& path);

struct Field {
    std::string_view name;
    bool required = false;
    Check check = nullptr;
};

// Reports everything about the structure. The cross-references are rules.hpp.
void check_structure(Checker& checker, const Node& root);

// The building blocks; each answers whether the node may be looked into.
bool want(Checker& checker, const Node& node, const std::string& path, Kind kind);
bool check_fields(Checker& checker, const Node& node, const std::string& path, std::span<const Field> fields);
void check_each_value(Checker& checker, const Node& node, const std::string& path, Check check);
void check_each_item(Checker& checker, const Node& node, const std::string& path, Check check);
bool check_integer(Checker& checker, const Node& node, const std::string& path, double least, double most);
void check_one_of(Checker& checker, const Node& node, const std::string& path,
                  std::span<const std::string_view> values);
void check_text(Checker& checker, const Node& node, const std::string& path);
void check_text_at_least(Checker& checker, const Node& node, const std::string& path, std::size_t least);
void check_bool(Checker& checker, const Node& node, const std::string& path);
void check_any_map(Checker& checker, const Node& node, const std::string& path);
void check_text_list(Checker& checker, const Node& node, const std::string& path);

// Parts of the file, each in its own source.
void check_services(Checker& checker, const Node& node, const std::string& path);
void check_compute_profile(Checker& checker, const Node& node, const std::string& path);
void check_placement_profile(Checker& checker, const Node& node, const std::string& path);

}  // namespace sublet::sdl
