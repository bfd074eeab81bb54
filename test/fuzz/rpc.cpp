// rpc.cpp: fuzz target: the body of a JSON-RPC request: bounded depth, parameters of every form, answers that are JSON.
#include "api/params.hpp"
#include "fuzz.hpp"

namespace sublet::fuzz {
namespace {

std::size_t depth_of(const api::Json& value) {
    std::size_t deepest = 0;
    if (value.is_structured()) {
        for (const auto& each : value) {
            deepest = std::max(deepest, depth_of(each));
        }
        ++deepest;
    }
    return deepest;
}

void read_all(const api::Params& params) {
    for (const std::string_view name : {"query", "height", "prove", "hash", "tx", "page", ""}) {
        const auto number = params.number(name, 7);
        const auto text = params.text(name);
        const auto truth = params.truth(name, true);
        for (const api::BytesText form : {api::BytesText::kBase64, api::BytesText::kHex}) {
            const auto bytes = params.bytes(name, form);
            require(bytes.has_value() || bytes.error().code == Code::kBadField, "a bad parameter is named so");
            require(!bytes || text.has_value(), "bytes are written as text");
        }
        require(number.has_value() || number.error().code == Code::kBadField, "a bad number is named so");
        require(truth.has_value() || truth.error().code == Code::kBadField, "a bad truth is named so");
    }
}

}  // namespace
}  // namespace sublet::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sublet;
    const BytesView text = fuzz::view_of_input(data, size);
    fuzz::read_all(api::Params::from_query({{"query", Bytes{text}}, {"tx", Bytes{text}}, {"height", Bytes{text}}}));
    const auto json = api::parse_json(text);
    if (!json) {
        return 0;
    }
    fuzz::require(fuzz::depth_of(*json) <= api::kMaxJsonDepth, "nothing is nested deeper than the bound");
    const std::string dumped = api::dump(*json);
    fuzz::require(api::Json::accept(dumped), "an answer that repeats a request is JSON");
    for (const api::Json* each : {&*json}) {
        const auto params = api::Params::from_json(*each, {"query", "height", "prove"});
        if (params) {
            fuzz::read_all(*params);
        }
    }
    return 0;
}
