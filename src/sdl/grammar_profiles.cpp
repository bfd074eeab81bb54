// grammar_profiles.cpp: the structure of /profiles/compute and /profiles/placement.
// Spec: docs/spec/deployment-files.md (grammar, units).
#include <cmath>

#include "sdl/grammar.hpp"
#include "sdl/units.hpp"

namespace sublet::sdl {
namespace {

constexpr std::string_view kOfficialDenoms[] = {"uakt", "uact"};
constexpr std::string_view kDenoms[] = {"uakt", "uact", "ucredit"};
constexpr std::string_view kInterfaces[] = {"pcie", "sxm"};
constexpr std::string_view kPersistentClasses[] = {"beta1", "beta2", "beta3", "default"};

void bad_value(Checker& c, const Node& node, const std::string& path, std::string message, std::string fix) {
    c.report.find(node.mark, path, {.rule = "pattern", .message = std::move(message), .fix = std::move(fix)});
}

void want_a_number(Checker& c, const Node& node, const std::string& path) {
    c.report.find(node.mark, path,
                  {.rule = "type", .message = node.text + " is no number that counts", .fix = "write a number"});
}

void size(Checker& c, const Node& node, const std::string& path) {
    if (!want(c, node, path, Kind::kText) || c.rules == Rules::kOfficial) {
        return;  // officially a size is read where it is used: rules.cpp
    }
    const auto count = read_bytes(node.text);
    if (!count) {
        bad_value(c, node, path, "\"" + node.text + "\" is not a size",
                  "write a number and Ki, Mi, Gi, Ti, k, M, G or T: 512Mi");
    } else if (count->bytes == 0) {
        bad_value(c, node, path, "a size of zero", "ask for at least 1Mi");
    } else if (!count->usual_suffix) {
        c.report.note(node.mark, "the size \"" + node.text + "\" is read as " + std::to_string(count->bytes) +
                                     " bytes; write Ki, Mi, Gi, Ti for powers of 1024");
    }
}

void cpu_units(Checker& c, const Node& node, const std::string& path) {
    const bool official = c.rules == Rules::kOfficial;
    constexpr std::string_view kFix = "write cores as 0.5 or thousandths as \"500m\"";
    std::optional<std::uint64_t> milli;
    if (node.is(Kind::kNumber)) {
        milli = read_cpu_number(node.number);
        if (!(node.number > 0)) {
            c.report.find(
                node.mark, path,
                {.rule = "exclusiveMinimum", .message = "CPU units must be more than zero", .fix = std::string(kFix)});
            return;
        }
    } else if (node.is(Kind::kText)) {
        milli = is_cpu_text(node.text) ? read_cpu_text(node.text) : std::nullopt;
        if (is_zero_text(node.text, true)) {
            c.report.find(node.mark, path,
                          {.rule = "not", .message = "CPU units must be more than zero", .fix = std::string(kFix)});
            return;
        }
    } else {
        want(c, node, path, Kind::kNumber);
        return;
    }
    if (official ? node.is(Kind::kText) && !is_cpu_text(node.text) : !milli) {
        bad_value(c, node, path, "\"" + node.text + "\" is not an amount of CPU", std::string(kFix));
    } else if (!official && *milli == 0) {
        bad_value(c, node, path, "less than a thousandth of a core", std::string(kFix));
    }
}

void cpu(Checker& c, const Node& node, const std::string& path) {
    static constexpr Field kFields[] = {{"attributes", false, check_any_map}, {"units", true, cpu_units}};
    check_fields(c, node, path, kFields);
}

void memory(Checker& c, const Node& node, const std::string& path) {
    static constexpr Field kFields[] = {{"size", true, size}};
    check_fields(c, node, path, kFields);
}

void bool_or_text(Checker& c, const Node& node, const std::string& path) {
    if (!node.is(Kind::kText)) {
        want(c, node, path, Kind::kBool);
    }
}

bool is_true(const Node* node) {
    return node != nullptr && ((node->is(Kind::kBool) && node->boolean) || text_of(node) == "true");
}

void storage_attributes(Checker& c, const Node& node, const std::string& path) {
    static constexpr Field kFields[] = {{"class", true, check_text}, {"persistent", true, bool_or_text}};
    if (!check_fields(c, node, path, kFields)) {
        return;
    }
    const std::string name = text_of(node.find("class"));
    const Node* persistent = node.find("persistent");
    if (name == "ram" && is_true(persistent)) {
        c.report.find(
            node.mark, path,
            {.rule = "not", .message = "\"ram\" storage cannot be persistent", .fix = "write persistent: false"});
    }
    for (const std::string_view wanted : kPersistentClasses) {
        if (name == wanted && persistent != nullptr && !is_true(persistent)) {
            c.report.find(persistent->mark, join(path, "persistent"),
                          {.rule = "const",
                           .message = "storage of class " + name + " must be persistent",
                           .fix = "write persistent: true, or remove the attributes for plain storage"});
        }
    }
}

void storage_volume(Checker& c, const Node& node, const std::string& path) {
    static constexpr Field kFields[] = {
        {"attributes", false, storage_attributes}, {"name", false, check_text}, {"size", true, size}};
    check_fields(c, node, path, kFields);
}

void storage(Checker& c, const Node& node, const std::string& path) {
    if (node.is(Kind::kList)) {
        check_each_item(c, node, path, storage_volume);
    } else {
        storage_volume(c, node, path);
    }
}

void interface(Checker& c, const Node& node, const std::string& path) { check_one_of(c, node, path, kInterfaces); }

void gpu_model(Checker& c, const Node& node, const std::string& path) {
    static constexpr Field kFields[] = {
        {"interface", false, interface}, {"model", false, check_text}, {"ram", false, check_text}};
    if (check_fields(c, node, path, kFields) && c.rules == Rules::kOurs) {
        const Node* ram = node.find("ram");
        if (ram != nullptr && ram->is(Kind::kText) && !ram->text.empty() && !read_bytes(ram->text)) {
            bad_value(c, *ram, join(path, "ram"), "\"" + ram->text + "\" is not a size", "write whole gibibytes: 80Gi");
        }
    }
}

void gpu_models(Checker& c, const Node& node, const std::string& path) {
    if (!node.is(Kind::kNull)) {
        check_each_item(c, node, path, gpu_model);
    }
}

void gpu_vendor(Checker& c, const Node& node, const std::string& path) {
    static constexpr Field kFields[] = {{"nvidia", false, gpu_models}};
    if (check_fields(c, node, path, kFields) && node.entries.empty()) {
        c.report.find(node.mark, path, {.rule = "minProperties", .message = "no GPU vendor", .fix = "add nvidia:"});
    }
}

void gpu_attributes(Checker& c, const Node& node, const std::string& path) {
    static constexpr Field kFields[] = {{"vendor", false, gpu_vendor}};
    check_fields(c, node, path, kFields);
}

void gpu_units(Checker& c, const Node& node, const std::string& path) {
    if (!node.is(Kind::kText) && !want(c, node, path, Kind::kNumber)) {
        return;
    }
    if (node.is(Kind::kNumber) && std::isnan(node.number)) {
        want_a_number(c, node, path);
        return;
    }
    const bool whole = node.is(Kind::kText) ? !node.text.empty() && node.text.size() < 7 &&
                                                  node.text.find_first_not_of("0123456789") == std::string::npos
                                            : node.is_integer() && node.number >= 0 && node.number < 1e6;
    if (!whole && c.rules == Rules::kOurs) {
        bad_value(c, node, path, "GPU units must be a whole number", "write 1, 2, 4 …");
    }
}

void gpu(Checker& c, const Node& node, const std::string& path) {
    static constexpr Field kFields[] = {{"attributes", false, gpu_attributes}, {"units", false, gpu_units}};
    if (!check_fields(c, node, path, kFields)) {
        return;
    }
    const Node* units = node.find("units");
    const bool attributes = node.find("attributes") != nullptr;
    const bool positive =
        units != nullptr &&
        (units->is(Kind::kNumber) ? units->number > 0 : units->is(Kind::kText) && !is_zero_text(units->text, false));
    if (positive && !attributes) {
        c.report.find(node.mark, path,
                      {.rule = "required",
                       .message = "a GPU needs attributes that say which would do",
                       .fix = "add attributes: { vendor: { nvidia: } } for any NVIDIA card"});
    }
    if (attributes && !positive) {
        c.report.find(units == nullptr ? node.mark : units->mark, units == nullptr ? path : join(path, "units"),
                      {.rule = "if",
                       .message = "GPU attributes without GPU units",
                       .fix = "set units to 1 or more, or remove gpu"});
    }
}

void resources(Checker& c, const Node& node, const std::string& path) {
    static constexpr Field kFields[] = {
        {"cpu", true, cpu}, {"gpu", false, gpu}, {"memory", true, memory}, {"storage", true, storage}};
    check_fields(c, node, path, kFields);
}

// Officially any number that is not negative, and any decimal as text.
void official_amount(Checker& c, const Node& node, const std::string& path) {
    if (node.is(Kind::kNumber) && std::isnan(node.number)) {
        want_a_number(c, node, path);
    } else if (node.is(Kind::kText) && (!is_cpu_text(node.text) || node.text.back() < '0' || node.text.back() > '9')) {
        bad_value(c, node, path, "\"" + node.text + "\" is not a price", "write a decimal: 100 or \"0.25\"");
    }
}

void amount(Checker& c, const Node& node, const std::string& path) {
    if (!node.is(Kind::kText) && !want(c, node, path, Kind::kNumber)) {
        return;
    }
    const std::string text = plain_text(node);
    if (node.is(Kind::kNumber) && node.number < 0) {
        c.report.find(node.mark, path,
                      {.rule = "minimum", .message = "a negative price", .fix = "write a number above zero"});
        return;
    }
    if (c.rules == Rules::kOfficial) {
        official_amount(c, node, path);
        return;
    }
    const auto value = read_decimal(text);
    if (!value) {
        bad_value(c, node, path, "\"" + text + "\" is not a price",
                  "write a decimal with at most 18 places: 100 or \"0.25\"");
    } else if (*value == 0 && c.rules == Rules::kOurs) {
        bad_value(c, node, path, "a price of zero: no offer matches it", "write the most you would pay");
    }
}

void denom(Checker& c, const Node& node, const std::string& path) {
    if (c.rules == Rules::kOfficial) {
        check_one_of(c, node, path, kOfficialDenoms);
    } else {
        check_one_of(c, node, path, kDenoms);
    }
}

void price(Checker& c, const Node& node, const std::string& path) {
    static constexpr Field kFields[] = {{"amount", true, amount}, {"denom", true, denom}};
    check_fields(c, node, path, kFields);
}

void pricing(Checker& c, const Node& node, const std::string& path) { check_each_value(c, node, path, price); }

void signed_by(Checker& c, const Node& node, const std::string& path) {
    static constexpr Field kFields[] = {{"allOf", false, check_text_list}, {"anyOf", false, check_text_list}};
    check_fields(c, node, path, kFields);
}

}  // namespace

void check_compute_profile(Checker& checker, const Node& node, const std::string& path) {
    static constexpr Field kFields[] = {{"resources", true, resources}};
    check_fields(checker, node, path, kFields);
}

void check_placement_profile(Checker& checker, const Node& node, const std::string& path) {
    static constexpr Field kFields[] = {
        {"attributes", false, check_any_map}, {"pricing", true, pricing}, {"signedBy", false, signed_by}};
    check_fields(checker, node, path, kFields);
}

}  // namespace sublet::sdl
