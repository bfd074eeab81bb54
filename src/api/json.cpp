// json.cpp: text to JSON and back, for texts of strangers.
#include "api/service.hpp"

namespace sublet::api {

std::string dump(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

Result<Json> parse_json(std::string_view text) {
    // The parser recurses into what is nested; a bound on brackets comes first.
    std::size_t depth = 0;
    bool quoted = false;
    bool escaped = false;
    for (const char c : text) {
        if (quoted) {
            quoted = escaped || c != '"';
            escaped = !escaped && c == '\\';
        } else if (c == '"') {
            quoted = true;
        } else if (c == '[' || c == '{') {
            if (++depth > kMaxJsonDepth) {
                return fail(Code::kParse, "JSON is nested deeper than " + std::to_string(kMaxJsonDepth));
            }
        } else if ((c == ']' || c == '}') && depth > 0) {
            --depth;
        }
    }
    Json out = Json::parse(text, nullptr, false);
    if (out.is_discarded()) {
        return fail(Code::kParse, "the body is not JSON");
    }
    return out;
}

}  // namespace sublet::api
