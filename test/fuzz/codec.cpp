// codec.cpp: fuzz target: for every type of the contract, encode(decode(b)) == b, and what is taken prints as JSON.
#include <array>
#include <nlohmann/json.hpp>

#include "../contract/types.hpp"
#include "fuzz.hpp"

namespace sublet::fuzz {
namespace {

template <class T>
void try_one(BytesView bytes) {
    const Result<T> value = codec::decode<T>(bytes);
    if (value) {
        require(codec::encode(*value) == bytes, "encode(decode(b)) == b");
        // Texts of the contract are UTF-8, so what is taken can always be shown.
        require(nlohmann::json::accept(codec::to_json(*value)), "a value prints as JSON");
    }
}

using Try = void (*)(BytesView);
template <std::size_t... I>
constexpr auto tries(std::index_sequence<I...>) {
    using Rows = std::remove_cvref_t<decltype(contract::kTypes)>;
    return std::array<Try, sizeof...(I)>{try_one<typename std::tuple_element_t<I, Rows>::Type>...};
}
constexpr auto kTries = tries(std::make_index_sequence<std::tuple_size_v<decltype(contract::kTypes)>>{});

}  // namespace
}  // namespace sublet::fuzz

// The first byte names the type.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sublet;
    if (size > 0) {
        fuzz::kTries[data[0] % fuzz::kTries.size()](fuzz::view_of_input(data, size).substr(1));
    }
    return 0;
}
