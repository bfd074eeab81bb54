// matching.cpp: all open orders that a block touched, against the standing offers, together.
// Deterministic. Spec: docs/spec/market.md (matching).
#include <algorithm>
#include <map>
#include <set>

#include "base/must.hpp"
#include "modules/keys.hpp"
#include "modules/market/bookkeeping.hpp"
#include "modules/market/lifecycle.hpp"
#include "modules/market/listing.hpp"

namespace sublet::market {
namespace {

constexpr std::size_t kMaxRounds = 4 * kMaxMatchOrders;

struct OrderRef {
    DeploymentId deployment;
    std::size_t group = 0;
};

// Sorted as T5 wants it: price, then the offer's age and id; between equals the commitment, which no one can order by
// sending first.
struct Choice {
    Rate rate;
    LedgerTime offered_at;
    OfferId offer;
    Hash commitment{};
    DeploymentId deployment;
    std::size_t group = 0;
    auto operator<=>(const Choice&) const = default;
};

bool contains(const std::vector<provider::Attribute>& all, const provider::Attribute& one) {
    return std::ranges::find(all, one) != all.end();
}

bool attributes_match(const View& view, const GroupSpec& spec, const Offer& offer) {
    if (spec.attributes.empty()) {
        return true;
    }
    const provider::Provider provider = must(provider::find(view, offer.provider));
    return std::ranges::all_of(spec.attributes, [&](const provider::Attribute& each) {
        return contains(offer.attributes, each) || contains(provider.attributes, each);
    });
}

// Of an offer that the board showed: what the board leaves open is whether it fits to the byte, has these attributes
// and this GPU, and is not of a provider that failed.
std::optional<Rate> rate_if_it_fits(const View& view, const Group& group, const Offer& offer) {
    const std::vector<Address>& excluded = group.order.excluded;
    if (!fits(group.spec.units, offer.free) || std::ranges::find(excluded, offer.provider) != excluded.end() ||
        !attributes_match(view, group.spec, offer)) {
        return std::nullopt;
    }
    return rate_ceil(group.spec.units, offer.price);
}

// One order against the board. What a listing says is never too little, so the record decides.
class Scan {
public:
    Scan(const Ledger& ledger, const Deployment& deployment, std::size_t group, LedgerTime now)
        : ledger_(ledger),
          deployment_(deployment),
          group_(group),
          wanted_(search_for(deployment.groups[group].spec, now)) {}

    // The least choice that there is: the board shows listings in the order of choices, since ids are given in the
    // order of ages.
    std::optional<Choice> best() {
        if (wanted_) {
            ledger_.board().search(*wanted_, [&](const ledger::Listing& listing, std::uint64_t) {
                return consider(OfferId{listing.id}) || visited_ == kMaxOffersVisited;
            });
        }
        return best_;
    }
    std::optional<Choice> best_of(const std::vector<ledger::Listing>& listings) {
        for (const ledger::Listing& listing : listings) {
            if (wanted_ && wanted_->least_cost(listing)) {
                consider(OfferId{listing.id});
            }
        }
        return best_;
    }

private:
    bool consider(OfferId id) {
        const Offer offer = must(find_offer(ledger_, id));
        // An owner's fifth offer in vain is skipped for nothing: it must not use up the visits of others (T7).
        std::size_t& in_vain = in_vain_[offer.provider];
        if (in_vain == kMaxOffersPerOwner) {
            return false;
        }
        const std::optional<Rate> rate = rate_if_it_fits(ledger_, deployment_.groups[group_], offer);
        if (!rate) {
            ++in_vain;
            ++visited_;
            return false;
        }
        const Choice choice{*rate, offer.created_at, offer.id, deployment_.commitment, deployment_.id, group_};
        best_ = best_ ? std::min(*best_, choice) : choice;
        return true;
    }

    const Ledger& ledger_;
    const Deployment& deployment_;
    std::size_t group_;
    std::optional<ledger::Search> wanted_;
    std::size_t visited_ = 0;
    std::map<Address, std::size_t> in_vain_;
    std::optional<Choice> best_;
};

// What this block wrote: orders to match in full, offers for standing orders to look at.
struct Touched {
    std::set<std::pair<DeploymentId, std::size_t>> orders;
    std::vector<ledger::Listing> offers;
    bool more_orders = false;  // than are listed
    bool more_offers = false;
};

void open_orders_of(const Ledger& ledger, DeploymentId id, Touched& out) {
    const std::optional<Deployment> deployment = find_deployment(ledger, id);
    for (std::size_t i = 0; deployment && i < deployment->groups.size(); ++i) {
        if (deployment->groups[i].order.state != OrderState::kOpen || out.orders.contains({id, i})) {
            continue;
        }
        if (out.orders.size() == kMaxMatchOrders) {
            out.more_orders = true;
            return;
        }
        out.orders.emplace(id, i);
    }
}

// Brings the board up to this block.
Touched take_touched(Ledger& ledger) {
    Touched out;
    std::set<OfferId> offers;
    std::set<Address> providers;
    for (const Bytes& key : ledger.touched()) {
        const BytesView rest = BytesView{key}.substr(std::min<std::size_t>(2, key.size()));
        if (key.starts_with(deployment_prefix())) {
            open_orders_of(ledger, DeploymentId{read_be64(rest)}, out);
        } else if (key.starts_with(offer_prefix())) {
            offers.insert(OfferId{read_be64(rest)});
        } else if (key.starts_with(provider::provider_prefix())) {
            providers.insert(Address{*fixed_from<20>(rest)});
        }
    }
    for (const Address& provider : providers) {
        for (const OfferId id : offers_of_provider(ledger, provider)) {
            offers.insert(id);
        }
    }
    for (const OfferId id : offers) {
        const std::optional<ledger::Listing> listing = relist(ledger, id);
        if (!listing) {
            continue;
        }
        if (out.offers.size() == kMaxOffersVisited) {
            out.more_offers = true;
        } else {
            out.offers.push_back(*listing);
        }
    }
    return out;
}

struct Standing {
    std::vector<OrderRef> orders;
    bool in_full = false;  // they look at the whole board, else at what the block wrote
    std::optional<MatchCursor> rest;
};

// Standing orders, oldest first. When one block cannot show all that it wrote to all of them, a pass begins: over the
// next blocks every one looks at the whole board, and what was written meanwhile makes for another pass. An order might
// never meet the offer that fits otherwise (T7).
Standing standing_orders(const Ledger& ledger, const Touched& touched) {
    Standing out;
    const auto pass = ledger::load<MatchCursor>(ledger, match_cursor_key());
    if (!pass && touched.offers.empty()) {
        return out;
    }
    const Bytes prefix = keys::table(5, 6);
    Bytes next;
    ledger.visit_index(prefix, std::max(prefix, pass ? pass->key : Bytes{}), [&](BytesView key, BytesView) {
        if (out.orders.size() == kMaxMatchOrders) {
            next = key;
            return false;
        }
        out.orders.push_back({DeploymentId{read_be64(key.substr(10))}, read_be64(key.substr(18))});
        return true;
    });
    const bool again = pass && (pass->again || !touched.offers.empty());
    out.in_full = pass || touched.more_offers || !next.empty();
    if (!next.empty() || again) {
        out.rest = MatchCursor{.key = next, .again = again && !next.empty()};
    }
    return out;
}

// Serves choices in their order, the block's place decides nothing (T5). False when some are left for other blocks.
bool serve(Ledger& ledger, std::set<Choice>& queue, const Block& block) {
    for (std::size_t round = 0; round < kMaxRounds && !queue.empty(); ++round) {
        const Choice choice = *queue.begin();
        queue.erase(queue.begin());
        Deployment deployment = must(find_deployment(ledger, choice.deployment));
        Offer offer = must(find_offer(ledger, choice.offer));
        if (rate_if_it_fits(ledger, deployment.groups[choice.group], offer) == choice.rate) {
            assign(ledger, deployment, choice.group, offer, choice.rate, block);
            (void)relist(ledger, offer.id);
        } else if (const std::optional<Choice> other = Scan(ledger, deployment, choice.group, block.now).best()) {
            queue.insert(*other);
        }
    }
    return queue.empty();
}

}  // namespace

void match(Ledger& ledger, const Block& block) {
    const Touched touched = take_touched(ledger);
    Standing standing = standing_orders(ledger, touched);
    std::set<Choice> queue;
    const auto look = [&](DeploymentId id, std::size_t group, bool in_full) {
        const Deployment deployment = must(find_deployment(ledger, id));
        Scan scan(ledger, deployment, group, block.now);
        if (const std::optional<Choice> found = in_full ? scan.best() : scan.best_of(touched.offers)) {
            queue.insert(*found);
        }
    };
    for (const auto& [id, group] : touched.orders) {
        look(id, group, true);
    }
    for (const OrderRef& order : standing.orders) {
        if (!touched.orders.contains({order.deployment, order.group})) {
            look(order.deployment, order.group, standing.in_full);
        }
    }
    const bool all_served = serve(ledger, queue, block);
    if (touched.more_orders || touched.more_offers || !all_served) {
        standing.rest = standing.rest.value_or(MatchCursor{});
        standing.rest->again = !standing.rest->key.empty();
    }
    if (standing.rest) {
        ledger::save(ledger, match_cursor_key(), *standing.rest);
    } else {
        ledger.erase(match_cursor_key());
    }
}

std::optional<Match> find_match(const Ledger& ledger, const Deployment& deployment, std::size_t group, LedgerTime now) {
    const std::optional<Choice> best = Scan(ledger, deployment, group, now).best();
    return best ? std::optional{Match{best->offer, best->rate}} : std::nullopt;
}

bool has_more_to_match(const View& view) { return view.get(match_cursor_key()).has_value(); }

}  // namespace sublet::market
