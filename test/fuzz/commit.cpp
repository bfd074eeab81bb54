// commit.cpp: fuzz target: whatever a node answers to `commit` and `validators`, reading it is bounded, what was read
// is read again the same way, and no block is believed that was not signed.
#include "client/light_verify.hpp"
#include "client/loose_json.hpp"
#include "fuzz.hpp"

// The answer to `commit`, a zero byte, the answer to `validators`.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sublet;
    namespace light = client::light;
    const BytesView input = fuzz::view_of_input(data, size);
    const std::size_t zero = std::min(input.find('\0'), input.size());
    const auto commit = client::loose::parse(input.substr(0, zero), "the node");
    const auto validators = client::loose::parse(input.substr(std::min(zero + 1, input.size())), "the node");
    if (!commit || !validators) {
        return 0;
    }
    auto block = light::parse_commit(*commit);
    const auto page = light::parse_validators(*validators);
    if (!block || !page) {
        return 0;
    }
    fuzz::require(block->commit.signatures.size() <= light::kMaxValidators, "signatures are bounded");
    fuzz::require(page->validators.size() <= light::kMaxValidators, "validators are bounded");
    const auto time = light::parse_time(light::time_text(block->header.time));
    fuzz::require(time && *time == block->header.time, "a time is written as it was read");
    block->validators = page->validators;
    const auto power = light::check_block(*block, block->header.chain_id);
    fuzz::require(!power || power->signed_for * 3 > power->total * 2, "a block that is believed has its signatures");
    return 0;
}
