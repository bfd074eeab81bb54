// query.cpp: fuzz target: a query that is taken prints as a query that means the same.
#include "fuzz.hpp"
#include "store/search.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sublet;
    const auto conditions = store::parse_conditions(fuzz::view_of_input(data, size));
    if (!conditions) {
        fuzz::require(!conditions.error().message.empty(), "a refusal says why");
        return 0;
    }
    fuzz::require(!conditions->empty() && conditions->size() <= store::kMaxConditions, "conditions are bounded");
    const std::string text = store::to_text(*conditions);
    const auto again = store::parse_conditions(text);
    fuzz::require(again.has_value(), "a printed query can be read");
    fuzz::require(store::to_text(*again) == text && again->size() == conditions->size(), "and prints the same");
    const std::vector<store::StoredEvent> events;
    const store::Subject subject{.height = Height{7}, .events = &events, .time = BlockTime{1'700'000'000'000}};
    fuzz::require(store::matches(*conditions, subject) == store::matches(*again, subject), "and answers the same");
    return 0;
}
