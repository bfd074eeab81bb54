// facts.hpp: a fact of the state, and how the scenario's word for it is read.
#pragma once

#include <optional>

#include "world.hpp"

namespace sublet::scenario {

enum class Kind { kText, kNumber, kAmount, kRate, kTime, kName, kMilli, kSize };
struct Fact {
    Kind kind = Kind::kText;
    std::string text;
    std::uint64_t number = 0;
};
using Facts = std::map<std::string, Fact>;

inline Fact text(std::string_view value) { return {Kind::kText, std::string{value}, 0}; }
inline Fact counted(std::uint64_t value) { return {Kind::kNumber, "", value}; }
inline Fact money(Amount value) { return {Kind::kAmount, "", value.value()}; }
inline Fact speed(std::uint64_t value) { return {Kind::kRate, "", value}; }
inline Fact time(std::uint64_t value) { return {Kind::kTime, "", value}; }
inline Fact who(const Address& value) { return {Kind::kName, crypto::to_bech32(value), 0}; }

template <class Record>
const Record& there(const std::optional<Record>& record, const std::string& what) {
    if (!record) {
        throw Failure("expected " + what + ", there is none");
    }
    return *record;
}

// Of validators, delegations and proposals (expect_stake.cpp); nothing where `thing` is none of them.
std::optional<Facts> stake_facts(const std::string& thing, const std::string& which, const World& world);

}  // namespace sublet::scenario
