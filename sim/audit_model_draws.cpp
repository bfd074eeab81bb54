// audit_model_draws.cpp: what chance decides of an audit, from hashes: rules 5 to 8 and 12 of docs/spec/audits.md.
#include <algorithm>
#include <cmath>

#include "audit_model.hpp"
#include "base/bytes.hpp"
#include "crypto/sha256.hpp"

namespace sublet::sim {

using properties::fraction;

namespace {

constexpr std::uint64_t kMostTurns = 64;
constexpr std::size_t kMostSeats = 16;
constexpr std::ptrdiff_t kMostInHand = 16;
constexpr std::ptrdiff_t kFewestOwners = 6;
constexpr properties::Wide kPaysAtStake = 40;
constexpr properties::Wide kAllPermille = 1'000;

std::string hash_of(const std::string& what) { return Bytes{view_of(crypto::sha256(what))}; }

std::string in_bytes(std::uint64_t value) {
    Bytes out;
    append_be64(out, value);
    return out;
}

std::string bytes_of(const AuditName& name) {
    const auto& [job, task, attempt] = name;
    Bytes out;
    append_be64(out, job);
    append_be32(out, task);
    append_be32(out, attempt);
    return out;
}

std::uint64_t first_bytes(const std::string& hash) { return read_be64(hash); }

// So many thousandths of all hashes are so low.
bool falls(const std::string& hash, properties::Wide permille) {
    const properties::Wide all = properties::Wide{1} << 64;
    return properties::Wide{first_bytes(hash)} * kAllPermille < permille * all;
}

}  // namespace

// Rule 6: the largest of three; without the creator's element twice as much.
AuditModel::Wide AuditModel::probability_of(const ModelAudit& audit, bool without_element) const {
    if (audit.forced || audit.disputed) {
        return kAllPermille;
    }
    const auto known = standings.find(audit.worker);
    const ModelStanding worker = known == standings.end() ? ModelStanding{} : known->second;
    const double passes = static_cast<double>(std::min<std::uint64_t>(worker.passes, 63));
    const Wide ramp = passes < 5 ? kAllPermille : static_cast<Wide>(std::ceil(1'500 / std::pow(passes, 0.7)));
    const Wide all = worker.exposure + worker.stake + audit.collateral;
    const Wide value = all == 0 ? 0 : properties::ceil_of(fraction(10'000 * worker.exposure) / fraction(9 * all));
    const Wide most = std::max({ramp, value, audit.terms.floor_permille});
    return std::min(kAllPermille, without_element ? 2 * most : most);
}

// Rules 5 to 7: the seed, and whether it is drawn.
void AuditModel::sow(const AuditName& name, const std::string& element) {
    ModelAudit& audit = audits.at(name);
    audit.seed = hash_of(element + audit.seed + bytes_of(name) + audit.digest);
    audit.probability = probability_of(audit, element.empty());
    if (!falls(hash_of(audit.seed + "drawn"), audit.probability)) {
        finish(name, Found::kNotDrawn);
        return;
    }
    const auto others = std::ranges::count_if(standings, [&](const auto& each) {
        return each.first != audit.worker && each.first != audit.creator && has_enough(audit, each.first);
    });
    if (others < kFewestOwners) {
        ++marks_["fewer than six could be drawn"];
        finish(name, Found::kTooFew);
        return;
    }
    audit.step = AuditStep::kSeats;
    audit.round = audit.disputed ? 3 : 1;
    audit.since = height_;
    audit.due = money_.now + 1;
}

// ───── draws ─────

AuditModel::Wide AuditModel::needed_stake(const ModelAudit& audit) const {
    return std::max(rules.least_stake, kPaysAtStake * audit.pay);
}

bool AuditModel::has_enough(const ModelAudit& audit, const std::string& who) const {
    const ModelStanding& owner = standings.at(who);
    return owner.stake >= needed_stake(audit) && std::ranges::count(owner.engines, audit.terms.engine) == 1;
}

// Rule 8.
bool AuditModel::may_sit(const ModelAudit& audit, const std::string& who) const {
    std::ptrdiff_t in_hand = 0;
    for (const auto& [name, other] : audits) {
        in_hand += std::ranges::count_if(
            other.seats, [&](const ModelSeat& each) { return each.who == who && each.due.has_value(); });
    }
    const properties::ModelProvider& provider = money_.providers.at(who);
    const bool beats = provider.last_heartbeat && money_.now - *provider.last_heartbeat <= properties::kCover;
    const bool sat = std::ranges::count(audit.seats, who, &ModelSeat::who) > 0;
    return who != audit.worker && who != audit.creator && !sat && beats && has_enough(audit, who) &&
           in_hand < kMostInHand;
}

std::optional<std::string> AuditModel::drawn(const ModelAudit& audit) const {
    Wide all = 0;
    for (const std::string& each : line) {
        all += standings.at(each).stake;
    }
    for (std::uint64_t turn = 0; all > 0 && audit.seats.size() < kMostSeats && turn < kMostTurns; ++turn) {
        Wide point =
            Wide{first_bytes(hash_of(before_ + audit.seed + in_bytes(audit.seats.size()) + in_bytes(turn)))} % all;
        auto who = line.begin();
        for (; point >= standings.at(*who).stake; ++who) {
            point -= standings.at(*who).stake;
        }
        if (may_sit(audit, *who)) {
            return *who;
        }
    }
    return std::nullopt;
}

// Rule 12.
void AuditModel::roll_for_another_look(const AuditName& name) {
    ModelAudit& audit = audits.at(name);
    if (!falls(hash_of(before_ + audit.seed + "again"), Wide{rules.again_permille})) {
        finish(name, Found::kPass);
        return;
    }
    audit.step = AuditStep::kSeats;
    audit.round = 2;
    audit.since = height_;
    go_on(name);
}

}  // namespace sublet::sim
