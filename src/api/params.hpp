// params.hpp: the parameters of one JSON-RPC call: an object by name, a list by position, or a URI's query.
#pragma once

#include "api/service.hpp"

namespace sublet::api {

// How the bytes of a parameter are written in JSON: base64, or 0x… where it is no base64; or hex. In a URI they are 0x…
// (hex) or "…" (as they are).
enum class BytesText : std::uint8_t { kBase64, kHex };

class Params {
public:
    // `names` gives positions their names. Errors: kBadField (not an object and not a list, too many).
    static Result<Params> from_json(const Json& params, const std::vector<std::string_view>& names);
    static Params from_query(const std::map<std::string, std::string>& query);

    // A parameter that is missing, null or empty gives `otherwise`. Errors: kBadField naming the parameter.
    [[nodiscard]] Result<std::string> text(std::string_view name) const;
    [[nodiscard]] Result<std::uint64_t> number(std::string_view name, std::uint64_t otherwise) const;
    [[nodiscard]] Result<bool> truth(std::string_view name, bool otherwise) const;
    [[nodiscard]] Result<Bytes> bytes(std::string_view name, BytesText form) const;

private:
    [[nodiscard]] const Json* find(std::string_view name) const;
    Json values_ = Json::object();
    bool uri_ = false;
};

}  // namespace sublet::api
