// money_action.hpp: what may happen in a random history, and to whom.
#pragma once

#include <rapidcheck.h>

#include <iterator>
#include <ostream>
#include <string>

#include "codec/encode.hpp"
#include "ledger/message.hpp"
#include "ledger/transaction.hpp"

namespace sublet::properties {

inline constexpr int kProviders = 3;
inline constexpr int kTenants = 3;
inline constexpr std::uint64_t kRich = 1'000'000'000'000;

enum class Kind {
    kHeartbeats,
    kSilence,
    kRent,
    kReady,
    kTopUp,
    kClose,
    kCloseDeployment,
    kEnd,
    kWithdraw,
    kMachine,
    kCount
};

// Numbers are taken modulo what there is.
struct Action {
    Kind kind = Kind::kSilence;
    std::uint32_t a = 0;
    std::uint32_t b = 0;
    std::uint32_t c = 0;
    std::uint32_t passed_ms = 0;
};

inline std::ostream& operator<<(std::ostream& out, const Action& action) {
    static constexpr const char* kNames[] = {"heartbeats",  "silence",          "rent",          "ready",    "top up",
                                             "close lease", "close deployment", "provider ends", "withdraw", "machine"};
    static_assert(std::size(kNames) == static_cast<std::size_t>(Kind::kCount));
    return out << "{" << kNames[static_cast<std::size_t>(action.kind)] << " " << action.a << " " << action.b << " "
               << action.c << " +" << action.passed_ms << "ms}";
}

inline rc::Gen<Action> any_action() {
    using rc::gen::inRange;
    const auto kind = rc::gen::weightedElement<Kind>({{8, Kind::kHeartbeats},
                                                      {2, Kind::kSilence},
                                                      {4, Kind::kRent},
                                                      {9, Kind::kReady},
                                                      {6, Kind::kTopUp},
                                                      {1, Kind::kClose},
                                                      {1, Kind::kCloseDeployment},
                                                      {1, Kind::kEnd},
                                                      {3, Kind::kWithdraw},
                                                      {1, Kind::kMachine}});
    return rc::gen::build<Action>(rc::gen::set(&Action::kind, kind),
                                  rc::gen::set(&Action::a, inRange<std::uint32_t>(0, 1000)),
                                  rc::gen::set(&Action::b, inRange<std::uint32_t>(0, 1000)),
                                  rc::gen::set(&Action::c, inRange<std::uint32_t>(0, 1'000'000)),
                                  rc::gen::set(&Action::passed_ms, inRange<std::uint32_t>(0, 45'000)));
}

inline std::string provider_name(std::uint32_t index) { return "provider" + std::to_string(index % kProviders); }
inline std::string agent_of(const std::string& provider) { return provider + "-agent"; }
inline std::string tenant_name(std::uint32_t index) { return "tenant" + std::to_string(index % kTenants); }

template <ledger::Message M>
ledger::Any wrap(const M& message) {
    return {std::string{M::kTypeUrl}, codec::encode(message)};
}

}  // namespace sublet::properties
