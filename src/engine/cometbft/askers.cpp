// askers.cpp: each asker is answered once.
#include "engine/cometbft/askers.hpp"

#include <algorithm>

namespace sublet::engine {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kCheckLife{60};  // of who waits for a check; waits are shorter
constexpr std::chrono::seconds kLookEvery{10};

Submitted submitted_of(const Hash& hash, const abci::TxAnswer& answer) {
    Submitted out{.hash = hash, .check = {}};
    out.check.code = static_cast<Code>(answer.code);
    out.check.log = answer.log;
    out.check.gas_wanted = answer.gas_wanted;
    out.check.gas_used = answer.gas_used;
    return out;
}

bool says(const Error& why, std::string_view words) { return why.message.find(words) != std::string::npos; }

}  // namespace

std::optional<Error> Askers::add(const Hash& hash, ReplyPtr<Submitted> on_check) {
    return add(hash, Asker{std::move(on_check), nullptr, std::nullopt, Clock::now() + kCheckLife});
}

std::optional<Error> Askers::add(const Hash& hash, ReplyPtr<Included> on_block, std::uint64_t timeout_ms) {
    return add(hash, Asker{nullptr, std::move(on_block), std::nullopt,
                           Clock::now() + kCheckLife + std::chrono::milliseconds{timeout_ms}});
}

std::optional<Error> Askers::add(const Hash& hash, Asker asker) {
    const std::scoped_lock lock{mutex_};
    if (count_ >= kMaxAskers) {
        return Error{Code::kRefused, "the node has too much to do; try again in a moment"};
    }
    ++count_;
    asked_[hash].push_back(std::move(asker));
    return std::nullopt;
}

// What the check said: an answer for who asked for no more, and the end for who hoped for a block in vain.
void Askers::settle(Map::iterator at, const Submitted& submitted) {
    const std::size_t before = at->second.size();
    std::erase_if(at->second, [&](Asker& each) {
        each.checked = submitted;
        if (each.on_check) {
            fulfil<Submitted>(each.on_check, submitted);
            return true;
        }
        if (submitted.check.code != Code::kOk) {
            fulfil<Included>(each.on_block, Included{submitted, std::nullopt});
            return true;
        }
        return false;
    });
    count_ -= before - at->second.size();
    if (at->second.empty()) {
        asked_.erase(at);
    }
}

void Askers::checked(const Hash& hash, const abci::TxAnswer& answer, bool again) {
    if (again && answer.code == 0) {
        return;
    }
    const std::scoped_lock lock{mutex_};
    if (const auto found = asked_.find(hash); found != asked_.end()) {
        settle(found, submitted_of(hash, answer));
    }
}

void Askers::refused(const Hash& hash, const Error& why) {
    Submitted submitted{.hash = hash, .check = {}};
    std::optional<store::StoredTx> included;
    if (says(why, "already exists in cache")) {
        if (Result<store::StoredTx> stored = store_.transaction(hash)) {
            submitted.check = {.code = Code::kWrongSequence,
                               .log = "this transaction is in block " + std::to_string(stored->height.value())};
            included = std::move(*stored);
        } else {
            submitted.check.log = "already in the mempool";
        }
    } else if (says(why, "mempool is full")) {
        submitted.check = {.code = Code::kMempoolFull, .log = "the mempool is full; try again in a moment"};
    } else {
        submitted.check.code = Code::kEngine;
    }
    const std::scoped_lock lock{mutex_};
    const auto found = asked_.find(hash);
    if (found == asked_.end()) {
        return;
    }
    if (submitted.check.code != Code::kEngine && !included) {
        settle(found, submitted);
        return;
    }
    for (Asker& each : found->second) {
        if (!included) {
            each.on_check ? fulfil<Submitted>(each.on_check, std::unexpected{why})
                          : fulfil<Included>(each.on_block, std::unexpected{why});
        } else {
            each.on_check ? fulfil<Submitted>(each.on_check, submitted)
                          : fulfil<Included>(each.on_block, Included{{hash, {}}, included});
        }
    }
    count_ -= found->second.size();
    asked_.erase(found);
}

void Askers::made(const BlockPtr& block) {
    const std::scoped_lock lock{mutex_};
    if (asked_.empty()) {
        return;
    }
    for (const store::StoredTx& tx : block->transactions) {
        const auto found = asked_.find(tx.hash);
        if (found == asked_.end()) {
            continue;
        }
        for (Asker& each : found->second) {
            const Submitted submitted = each.checked.value_or(Submitted{tx.hash, {}});
            each.on_check ? fulfil<Submitted>(each.on_check, submitted)
                          : fulfil<Included>(each.on_block, Included{submitted, tx});
        }
        count_ -= found->second.size();
        asked_.erase(found);
    }
    forget_old();
}

// Of those whose transaction was lost on its way.
void Askers::forget_old() {
    const Clock::time_point now = Clock::now();
    if (now < look_again_) {
        return;
    }
    look_again_ = now + kLookEvery;
    for (auto each = asked_.begin(); each != asked_.end();) {
        count_ -= std::erase_if(each->second, [&](const Asker& asker) { return asker.until < now; });
        each = each->second.empty() ? asked_.erase(each) : std::next(each);
    }
}

void Askers::lost(const Error& why) { fail_all(why, false); }
void Askers::end(const Error& why) { fail_all(why, true); }

void Askers::fail_all(const Error& why, bool also_checked) {
    const std::scoped_lock lock{mutex_};
    for (auto each = asked_.begin(); each != asked_.end();) {
        count_ -= std::erase_if(each->second, [&](const Asker& asker) {
            if (asker.checked && !also_checked) {
                return false;
            }
            asker.on_check ? fulfil<Submitted>(asker.on_check, std::unexpected{why})
                           : fulfil<Included>(asker.on_block, std::unexpected{why});
            return true;
        });
        each = each->second.empty() ? asked_.erase(each) : std::next(each);
    }
}

}  // namespace sublet::engine
