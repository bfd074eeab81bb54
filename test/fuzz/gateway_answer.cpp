// gateway_answer.cpp: fuzz target: whatever a worker's gateway answers, each key reads as a value of its type.
#include "client/loose_json.hpp"
#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sublet;
    namespace loose = client::loose;
    const BytesView text = fuzz::view_of_input(data, size);
    const auto answer = loose::parse(text, "the worker");
    if (!answer) {
        fuzz::require(answer.error().message.size() < 256, "what is no JSON is quoted shortly");
        return 0;
    }
    for (const char* key : {"job", "input_bytes", "complete", "image", "trouble", "swarm", "running"}) {
        const nlohmann::json& member = loose::at(*answer, key);
        fuzz::require(!loose::flag(*answer, key) || member.is_boolean(), "a flag is one");
        fuzz::require(loose::text(*answer, key).empty() || member.is_string(), "a text is one");
        fuzz::require(loose::number(*answer, key) == 0 || member.is_number_unsigned() || member.is_string(),
                      "a number is one");
        for (const char* inner : {"port", "uploaded", "trouble"}) {
            static_cast<void>(loose::number(member, inner));
            static_cast<void>(loose::text(member, inner));
        }
    }
    return 0;
}
