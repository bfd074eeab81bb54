// standing.cpp: work stakes, records of results, and the numbers that draws find.
// Deterministic. Spec: docs/spec/audits.md (standing).
#include "modules/audit/standing.hpp"

#include <algorithm>

#include "base/must.hpp"
#include "modules/audit/keys.hpp"
#include "modules/audit/weights.hpp"

namespace sublet::audit {
namespace {

std::optional<Address> owner_number(const ledger::View& view, std::uint64_t number) {
    const std::optional<BytesView> found = view.get_index(by_number(number));
    return found ? std::optional{Address{*fixed_from<20>(*found)}} : std::nullopt;
}

void put_in_index(ledger::Ledger& ledger, const Standing& standing) {
    ledger::save(ledger, standing_key(standing.owner), standing);
    ledger::replace_index(ledger, {}, index_entries(standing));
}
void take_from_index(ledger::Ledger& ledger, const Address& owner) {
    ledger::replace_index(ledger, index_entries(standing_of(ledger, owner)), {});
}

// Numbers stay dense: the last one gets the place of who leaves.
void leave_draws(ledger::Ledger& ledger, Standing& standing) {
    const std::uint64_t number = standing.number;
    const std::uint64_t last = weights(ledger).count;
    change_weight(ledger, number, standing.stake.value(), 0);
    take_from_index(ledger, standing.owner);
    if (number != last) {
        Standing moved = standing_of(ledger, must(owner_number(ledger, last)));
        change_weight(ledger, last, moved.stake.value(), 0);
        change_weight(ledger, number, 0, moved.stake.value());
        take_from_index(ledger, moved.owner);
        moved.number = number;
        put_in_index(ledger, moved);
    }
    standing.number = 0;
    put_in_index(ledger, standing);
    drop_last_weight(ledger);
}

}  // namespace

Bytes standing_prefix() { return keys::table(7, 1); }
Bytes standing_key(const Address& owner) { return keys::with(standing_prefix(), owner); }

Standing standing_of(const ledger::View& view, const Address& owner) {
    return ledger::load<Standing>(view, standing_key(owner)).value_or(Standing{.owner = owner});
}

ledger::IndexEntries index_entries(const Standing& standing) {
    ledger::IndexEntries entries;
    if (standing.number != 0) {
        entries.emplace(by_number(standing.number), Bytes{standing.owner.view()});
        for (const std::string& engine : standing.engines) {
            entries.emplace(keys::with(of_engine(engine), standing.owner), "1");
        }
    }
    if (!standing.leaves_at.is_zero()) {
        entries.emplace(timer(standing.leaves_at, standing.owner), "1");
    }
    return entries;
}

void save(ledger::Ledger& ledger, const Standing& standing) {
    const std::optional<Standing> before = ledger::load<Standing>(ledger, standing_key(standing.owner));
    ledger::save(ledger, standing_key(standing.owner), standing);
    ledger::replace_index(ledger, before ? index_entries(*before) : ledger::IndexEntries{}, index_entries(standing));
}

bool audits(const Standing& standing, std::string_view engine) {
    return std::ranges::find(standing.engines, engine) != standing.engines.end();
}

bool is_engine(std::string_view name) {
    return !name.empty() && name.size() <= kMaxEngineBytes && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
    });
}

void expose(ledger::Ledger& ledger, const Address& owner, Amount pay) {
    Standing standing = standing_of(ledger, owner);
    standing.exposure = saturating_add(standing.exposure, pay);
    save(ledger, standing);
}

void expose_no_more(ledger::Ledger& ledger, const Address& owner, Amount pay) {
    Standing standing = standing_of(ledger, owner);
    standing.exposure = must(checked_sub(standing.exposure, pay));
    save(ledger, standing);
}

void set_stake(ledger::Ledger& ledger, Standing& standing, Amount stake) {
    if (standing.number != 0 && stake.is_zero()) {
        leave_draws(ledger, standing);
    } else if (standing.number != 0) {
        change_weight(ledger, standing.number, standing.stake.value(), stake.value());
    } else if (!stake.is_zero()) {
        append_weight(ledger, stake.value());
        standing.number = weights(ledger).count;
    }
    standing.stake = stake;
    save(ledger, standing);
}

Amount take(ledger::Ledger& ledger, Standing& standing, Amount amount) {
    const Amount of_stake = std::min(standing.stake, amount);
    const Amount of_leaving = std::min(standing.leaving, saturating_sub(amount, of_stake));
    standing.leaving = saturating_sub(standing.leaving, of_leaving);
    if (standing.leaving.is_zero()) {
        standing.leaves_at = LedgerTime{};
    }
    const Amount taken = saturating_add(of_stake, of_leaving);
    standing.slashed = saturating_add(standing.slashed, taken);
    set_stake(ledger, standing, saturating_sub(standing.stake, of_stake));
    return taken;
}

Amount hundredth_of(const Standing& standing) {
    return Amount{(saturating_add(standing.stake, standing.leaving).value() + 99) / 100};
}

Amount all_stakes(const ledger::View& view) { return Amount{weights(view).total}; }

std::optional<Address> staker_at(const ledger::View& view, std::uint64_t point) {
    return owner_number(view, number_at(view, point));
}

std::string broken_draws(const ledger::View& view) {
    const Weights all = weights(view);
    std::uint64_t before = 0;
    for (std::uint64_t number = 1; number <= all.count; ++number) {
        const std::optional<Address> owner = owner_number(view, number);
        const std::uint64_t stake = owner ? standing_of(view, *owner).stake.value() : 0;
        // Both ends of its share.
        if (stake == 0 || number_at(view, before) != number || number_at(view, before + stake - 1) != number) {
            return "a draw finds number " + std::to_string(number) + " not where its stake is";
        }
        before += stake;
    }
    return before == all.total ? "" : "all stakes are " + std::to_string(before) + ", not " + std::to_string(all.total);
}

std::size_t count_auditors(const ledger::View& view, std::string_view engine, Amount least, std::size_t most) {
    constexpr std::size_t kMaxLookedAt = 256;
    std::size_t found = 0;
    std::size_t looked_at = 0;
    const Bytes prefix = of_engine(engine);
    view.visit_index(prefix, prefix, [&](BytesView key, BytesView) {
        const Address owner{*fixed_from<20>(key.substr(prefix.size()))};
        found += standing_of(view, owner).stake >= least ? 1U : 0U;
        return found < most && ++looked_at < kMaxLookedAt;
    });
    return found;
}

}  // namespace sublet::audit
