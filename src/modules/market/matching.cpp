// matching.cpp: all open orders that a block touched, against the standing offers, together.
// Deterministic. Spec: docs/spec/market.md (matching).
#include <algorithm>
#include <map>
#include <set>

#include "base/must.hpp"
#include "modules/keys.hpp"
#include "modules/market/bookkeeping.hpp"
#include "modules/market/bucket.hpp"
#include "modules/market/lifecycle.hpp"

namespace sublet::market {
namespace {

constexpr std::size_t kMaxBucketsVisited = 512;
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

bool attributes_match(const GroupSpec& spec, const Offer& offer, const provider::Provider& provider) {
    return std::ranges::all_of(spec.attributes, [&](const provider::Attribute& each) {
        return contains(offer.attributes, each) || contains(provider.attributes, each);
    });
}

std::optional<Rate> acceptable_rate(const View& view, const Deployment& deployment, std::size_t group,
                                    const Offer& offer, LedgerTime now) {
    const GroupSpec& spec = deployment.groups[group].spec;
    const std::vector<Address>& excluded = deployment.groups[group].order.excluded;
    const provider::Provider provider = must(provider::find(view, offer.provider));
    const bool usable = offer.state == OfferState::kActive && provider.beating && provider.machines[offer.machine].up &&
                        (offer.available_until == LedgerTime{} || offer.available_until > now) &&
                        offer.notice >= spec.min_notice && spec.signed_by_all_of.empty() &&
                        spec.signed_by_any_of.empty() && std::ranges::find(excluded, offer.provider) == excluded.end();
    if (!usable || !fits(spec.units, offer.free) || !attributes_match(spec, offer, provider)) {
        return std::nullopt;
    }
    const Rate rate = rate_ceil(spec.units, offer.price);
    return rate <= max_rate(spec) ? std::optional{rate} : std::nullopt;
}

// The first coordinate in which `at` is too small for `least` makes the scan jump; nothing when `at` can hold the
// group.
std::optional<Bucket> jump(const Bucket& at, const Bucket& least) {
    for (std::size_t i = 0; i < at.classes.size(); ++i) {
        if (at.classes[i] < least.classes[i]) {
            Bucket next = at;
            for (std::size_t j = i; j < at.classes.size(); ++j) {
                next.classes[j] = least.classes[j];
            }
            return next;
        }
    }
    return std::nullopt;
}

class Scan {
public:
    Scan(const View& view, const Deployment& deployment, std::size_t group, LedgerTime now)
        : view_(view),
          deployment_(deployment),
          group_(group),
          now_(now),
          demand_(demand_of(spec().units)),
          limit_(max_rate(spec())) {}

    std::optional<Choice> best() {
        const Bucket least = least_bucket(spec());
        Bytes from = encode(least);
        for (std::size_t buckets = 0; buckets < kMaxBucketsVisited && visited_ < kMaxOffersVisited; ++buckets) {
            std::optional<Bytes> first;
            view_.visit_index(bucket_prefix(), from, [&](BytesView key, BytesView) {
                first = Bytes{key};
                return false;
            });
            if (!first) {
                break;
            }
            const Bucket bucket = bucket_of_key(*first);
            if (const std::optional<Bucket> next = jump(bucket, least)) {
                from = encode(*next);
                continue;
            }
            visit_bucket(encode(bucket));
            from = encode(bucket) + Bytes(17, '\xff');
        }
        return best_;
    }

    void consider(const Offer& offer) {
        if (const std::optional<Rate> rate = acceptable_rate(view_, deployment_, group_, offer, now_)) {
            const Choice choice = choice_of(*rate, offer.created_at, offer.id);
            if (!best_ || choice < *best_) {
                best_ = choice;
            }
        }
    }
    [[nodiscard]] const std::optional<Choice>& found() const { return best_; }

private:
    [[nodiscard]] const GroupSpec& spec() const { return deployment_.groups[group_].spec; }
    [[nodiscard]] Choice choice_of(Rate rate, LedgerTime offered_at, OfferId offer) const {
        return {rate, offered_at, offer, deployment_.commitment, deployment_.id, group_};
    }

    // Whether the offer is to be looked at whole: it has the room, and would win if the rest fits too.
    [[nodiscard]] bool may_win(const Listing& listing, OfferId offer) const {
        if (demand_.cpu_milli > listing.cpu_milli || demand_.memory_bytes > listing.memory_bytes ||
            demand_.storage_bytes > listing.storage_bytes) {
            return false;
        }
        const Rate rate = rate_ceil(demand_, listing.price);
        return rate <= limit_ && (!best_ || choice_of(rate, listing.created_at, offer) < *best_);
    }

    void visit_bucket(const Bytes& bucket) {
        view_.visit_index(bucket, bucket, [&](BytesView key, BytesView value) {
            // An owner's fifth offer is skipped for nothing: it must not use up the visits of others (T7). An owner has
            // at most kMaxOffersPerProvider, so the loop stays bounded.
            const Listing listing = listing_of_value(value);
            if (++of_owner_[listing.provider] <= kMaxOffersPerOwner) {
                if (const OfferId offer = offer_of_key(key); may_win(listing, offer)) {
                    consider(must(find_offer(view_, offer)));
                }
                ++visited_;
            }
            return visited_ < kMaxOffersVisited;
        });
    }

    const View& view_;
    const Deployment& deployment_;
    std::size_t group_;
    LedgerTime now_;
    Demand demand_;
    Rate limit_;
    std::size_t visited_ = 0;
    std::map<Address, std::size_t> of_owner_;
    std::optional<Choice> best_;
};

// What this block wrote: orders to match in full, offers for standing orders to look at.
struct Touched {
    std::set<std::pair<DeploymentId, std::size_t>> orders;
    std::vector<Offer> offers;
    bool more = false;  // offers than are listed
};

Touched touched_by_block(const Ledger& ledger) {
    Touched out;
    std::set<OfferId> offers;
    for (const Bytes& key : ledger.touched()) {
        const BytesView rest = BytesView{key}.substr(std::min<std::size_t>(2, key.size()));
        if (key.starts_with(deployment_prefix())) {
            const std::optional<Deployment> deployment = find_deployment(ledger, DeploymentId{read_be64(rest)});
            for (std::size_t i = 0; deployment && i < deployment->groups.size(); ++i) {
                if (deployment->groups[i].order.state == OrderState::kOpen && out.orders.size() < kMaxMatchOrders) {
                    out.orders.emplace(deployment->id, i);
                }
            }
        } else if (key.starts_with(offer_prefix())) {
            offers.insert(OfferId{read_be64(rest)});
        } else if (key.starts_with(provider::provider_prefix())) {
            for (const OfferId id : offers_of_provider(ledger, Address{*fixed_from<20>(rest)})) {
                offers.insert(id);
            }
        }
    }
    for (const OfferId id : offers) {
        const std::optional<Offer> offer = find_offer(ledger, id);
        if (offer && out.offers.size() == kMaxOffersVisited) {
            out.more = true;
        } else if (offer) {
            out.offers.push_back(*offer);
        }
    }
    return out;
}

struct Standing {
    std::vector<OrderRef> orders;
    bool all = true;  // false: there are more than one block looks at
};

// Standing orders, oldest first, from where the last unfinished scan stopped.
Standing standing_orders(Ledger& ledger) {
    const Bytes cursor_key = keys::table(5, 5);
    const Bytes prefix = keys::table(5, 6);
    const MatchCursor cursor = ledger::load<MatchCursor>(ledger, cursor_key).value_or(MatchCursor{});
    Standing out;
    std::vector<OrderRef>& orders = out.orders;
    MatchCursor next;
    ledger.visit_index(prefix, std::max(prefix, cursor.key), [&](BytesView key, BytesView) {
        if (orders.size() == kMaxMatchOrders) {
            next.key = key;
            return false;
        }
        orders.push_back({DeploymentId{read_be64(key.substr(10))}, read_be64(key.substr(18))});
        return true;
    });
    if (next.key.empty()) {
        ledger.erase(cursor_key);
    } else {
        ledger::save(ledger, cursor_key, next);
    }
    out.all = cursor.key.empty() && next.key.empty();
    return out;
}

}  // namespace

void match(Ledger& ledger, const Block& block) {
    const Touched touched = touched_by_block(ledger);
    std::set<Choice> queue;
    const auto scan = [&](DeploymentId id, std::size_t group) {
        const Deployment deployment = must(find_deployment(ledger, id));
        if (const std::optional<Choice> best = Scan(ledger, deployment, group, block.now).best()) {
            queue.insert(*best);
        }
    };
    for (const auto& [id, group] : touched.orders) {
        scan(id, group);
    }
    if (!touched.offers.empty()) {
        const Standing standing = standing_orders(ledger);
        for (const OrderRef& order : standing.orders) {
            if (touched.orders.contains({order.deployment, order.group})) {
                continue;
            }
            // When a block cannot show every touched offer to every order, an order might never meet the offer that
            // fits: it then looks at all offers.
            if (!standing.all || touched.more) {
                scan(order.deployment, order.group);
                continue;
            }
            const Deployment deployment = must(find_deployment(ledger, order.deployment));
            Scan narrow(ledger, deployment, order.group, block.now);
            for (const Offer& offer : touched.offers) {
                narrow.consider(offer);
            }
            if (const std::optional<Choice>& found = narrow.found()) {
                queue.insert(*found);
            }
        }
    }
    for (std::size_t round = 0; round < kMaxRounds && !queue.empty(); ++round) {
        const Choice choice = *queue.begin();
        queue.erase(queue.begin());
        Deployment deployment = must(find_deployment(ledger, choice.deployment));
        Offer offer = must(find_offer(ledger, choice.offer));
        if (acceptable_rate(ledger, deployment, choice.group, offer, block.now) == choice.rate) {
            assign(ledger, deployment, choice.group, offer, choice.rate, block);
        } else {
            scan(choice.deployment, choice.group);
        }
    }
}

}  // namespace sublet::market
