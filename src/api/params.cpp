// params.cpp: CometBFT writes 64-bit numbers as strings, and clients send either.
#include "api/params.hpp"

#include <charconv>

namespace sublet::api {

namespace {

std::unexpected<Error> wrong(std::string_view name, std::string_view expected) {
    return fail(Code::kBadField, "parameter '" + std::string{name} + "': expected " + std::string{expected});
}

bool is_quoted(std::string_view text) { return text.size() >= 2 && text.front() == '"' && text.back() == '"'; }

}  // namespace

Result<Params> Params::from_json(const Json& params, const std::vector<std::string_view>& names) {
    Params out;
    if (params.is_null()) {
        return out;
    }
    if (params.is_object()) {
        out.values_ = params;
        return out;
    }
    if (!params.is_array() || params.size() > names.size()) {
        return fail(Code::kBadField,
                    "params: expected an object, or a list of at most " + std::to_string(names.size()) + " values");
    }
    for (std::size_t i = 0; i < params.size(); ++i) {
        out.values_[std::string{names[i]}] = params[i];
    }
    return out;
}

Params Params::from_query(const std::map<std::string, std::string>& query) {
    Params out;
    out.uri_ = true;
    for (const auto& [name, value] : query) {
        out.values_[name] = value;
    }
    return out;
}

const Json* Params::find(std::string_view name) const {
    const auto found = values_.find(std::string{name});
    if (found == values_.end() || found->is_null() ||
        (found->is_string() && found->get_ref<const std::string&>().empty())) {
        return nullptr;
    }
    return &*found;
}

Result<std::string> Params::text(std::string_view name) const {
    const Json* const value = find(name);
    if (value == nullptr) {
        return std::string{};
    }
    if (!value->is_string()) {
        return wrong(name, "text");
    }
    const std::string& text = value->get_ref<const std::string&>();
    return uri_ && is_quoted(text) ? text.substr(1, text.size() - 2) : text;
}

Result<std::uint64_t> Params::number(std::string_view name, std::uint64_t otherwise) const {
    const Json* const value = find(name);
    if (value == nullptr) {
        return otherwise;
    }
    if (value->is_number_unsigned()) {
        return value->get<std::uint64_t>();
    }
    if (value->is_string()) {
        TRY(text, this->text(name));
        std::uint64_t out = 0;
        const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), out);
        if (problem == std::errc{} && end == text.data() + text.size()) {
            return out;
        }
    }
    return wrong(name, "a whole number that is not negative");
}

Result<bool> Params::truth(std::string_view name, bool otherwise) const {
    const Json* const value = find(name);
    if (value == nullptr) {
        return otherwise;
    }
    if (value->is_boolean()) {
        return value->get<bool>();
    }
    if (uri_ && (*value == "true" || *value == "false")) {
        return *value == "true";
    }
    return wrong(name, "true or false");
}

Result<Bytes> Params::bytes(std::string_view name, BytesText form) const {
    TRY(text, this->text(name));
    if (uri_) {
        const Json* const value = find(name);
        if (value != nullptr && is_quoted(value->get_ref<const std::string&>())) {
            return text;
        }
    }
    const bool prefixed = text.starts_with("0x");
    if (!uri_ && form == BytesText::kBase64) {  // one base64 text in 4,096 starts with 0x
        Result<Bytes> out = from_base64(text);
        if (out || !prefixed) {
            return out ? out : wrong(name, "base64");
        }
    }
    Result<Bytes> out = from_hex(prefixed ? std::string_view{text}.substr(2) : std::string_view{text});
    return out ? out : wrong(name, "hex digits");
}

}  // namespace sublet::api
