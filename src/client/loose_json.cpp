// loose_json.cpp: forgiving reads of JSON.
#include "client/loose_json.hpp"

#include <charconv>

namespace sublet::client::loose {

Result<nlohmann::json> parse(std::string_view text, std::string_view from) {
    bool deep = false;
    const nlohmann::json::parser_callback_t shallow = [&deep](int depth, nlohmann::json::parse_event_t,
                                                              nlohmann::json&) {
        deep = deep || depth > kMaxDepth;
        return !deep;
    };
    nlohmann::json value = nlohmann::json::parse(text, shallow, false);
    if (deep) {  // whoever writes it out again would recurse into it
        return fail(Code::kParse,
                    std::string{from} + " answers JSON that is nested deeper than " + std::to_string(kMaxDepth));
    }
    if (value.is_discarded()) {
        return fail(Code::kParse, std::string{from} + " did not answer JSON: " + std::string{text.substr(0, 120)});
    }
    return value;
}

const nlohmann::json& at(const nlohmann::json& value, const char* key) {
    static const nlohmann::json kNull;
    if (!value.is_object()) {
        return kNull;
    }
    const auto found = value.find(key);
    return found == value.end() ? kNull : *found;
}

std::string text(const nlohmann::json& value, const char* key) {
    const nlohmann::json& member = at(value, key);
    return member.is_string() ? member.get_ref<const std::string&>() : std::string{};
}

std::uint64_t number(const nlohmann::json& value, const char* key) {
    const nlohmann::json& member = at(value, key);
    if (member.is_number_unsigned()) {
        return member.get<std::uint64_t>();
    }
    std::uint64_t out = 0;
    if (member.is_string()) {
        const std::string& digits = member.get_ref<const std::string&>();
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
        if (error != std::errc{} || end != digits.data() + digits.size()) {
            return 0;
        }
    }
    return out;
}

bool flag(const nlohmann::json& value, const char* key) { return at(value, key) == nlohmann::json(true); }

}  // namespace sublet::client::loose
