// auditor.cpp: what each message does to the model, and what a new lease must cost.
#include "auditor.hpp"
#include "rates.hpp"
#include "told.hpp"

#include <algorithm>

#include "modules/bank/bank.hpp"
#include "modules/bank/messages.hpp"
#include "modules/market/market.hpp"
#include "modules/market/messages.hpp"
#include "modules/provider/messages.hpp"

namespace sublet::sim {

using properties::Fraction;
using properties::fraction;
using properties::ModelDeployment;
using properties::ModelLease;
using properties::State;
using told::attribute_of;
using told::name_of;
using told::number_of;
using told::on;

namespace {

constexpr properties::Time kTermsDelay = 60'000;
constexpr properties::Time kNoManifestAfter = 60'000;

bool dearer(const market::PriceVector& next, const market::PriceVector& now) {
    return next.cpu_core > now.cpu_core || next.memory_gib > now.memory_gib || next.storage_gib > now.storage_gib ||
           next.gpu > now.gpu;
}

}  // namespace

Auditor::Auditor(const app::Genesis& genesis) : time_(genesis.time) {
    jobs_.audits.rules = {
        Wide{genesis.params.min_work_stake.value()}, static_cast<properties::Time>(genesis.params.work_unlock_ms),
        static_cast<properties::Time>(genesis.params.audit_silence_ms), genesis.params.audit_again_permille};
    for (const app::GenesisBalance& each : genesis.balances) {
        if (each.denom == bank::kCredit) {
            model_.balances[name_of(each.address)] += Wide{each.amount.value()};
        }
    }
}

void Auditor::complain(const std::string& what) {
    if (!problem_) {
        problem_ = "the auditor: " + what;
    }
}

std::optional<std::string> Auditor::follow(const store::FullBlock& block, const ledger::View& after) {
    const BlockTime time = block.block.header.time;
    model_.begin_block(static_cast<properties::Time>(time.value() - time_.value()),
                       [this](properties::Time at) { terms_due_before(at); });
    terms_due_before(model_.now + 1);
    jobs_.begin_block(block.block.header.height.value(), app_hash_);
    app_hash_ = Bytes{view_of(block.block.app_hash_after)};
    time_ = time;
    for (const store::StoredTx& tx : block.transactions) {
        transaction(tx);
    }
    model_.end_block();
    take_new_leases(after);
    if (!problem_) {
        compare(after);
    }
    return problem_;
}

void Auditor::watch(const std::string& tenant) { watched_.insert(name_of(tenant)); }

// Rule 9: what is leased by then stays within the capacity.
void Auditor::terms_due_before(properties::Time at) {
    for (auto& [id, offer] : offers_) {
        if (!offer.pending || offer.pending->from >= at) {
            continue;
        }
        offer.price = offer.pending->price;
        offer.notice = offer.pending->notice;
        if (offer.pending->capacity) {
            const Need used = leased_of(id);
            offer.capacity = *offer.pending->capacity;
            offer.capacity.cpu_milli = std::max(offer.capacity.cpu_milli, used.cpu_milli);
            offer.capacity.memory_bytes = std::max(offer.capacity.memory_bytes, used.memory_bytes);
            offer.capacity.storage_bytes = std::max(offer.capacity.storage_bytes, used.storage_bytes);
        }
        offer.pending.reset();
        ++marks_["worse terms took effect"];
    }
}

// ───── transactions ─────

// The fee is what the transaction declares, or nothing for what is free; nothing at all happens without it.
bool Auditor::charge(const store::StoredTx& tx, const ledger::Transaction& decoded) {
    const std::string fee = attribute_of(tx.events, "tx", "fee");
    if (fee.empty()) {
        if (tx.code == 0) {
            complain("transaction " + to_hex(view_of(tx.hash)) + " was accepted and never charged");
        }
        return false;
    }
    const std::vector<ledger::FeeCoin>& declared = decoded.auth.fee->amount;
    const std::uint64_t offered = declared.empty() ? 0 : number_of(declared.front().amount);
    const std::uint64_t paid = number_of(fee);
    const std::string& type = decoded.body.messages.front().type_url;
    const bool may_be_free = type == provider::MsgHeartbeat::kTypeUrl || type == market::MsgLeaseReady::kTypeUrl ||
                             type == market::MsgEndLease::kTypeUrl || type == market::MsgWithdraw::kTypeUrl ||
                             type.ends_with("Offer");
    const std::optional<std::uint64_t> job = job_of_all(decoded);
    const bool prepaid = job && jobs_.take_free_messages(*job, decoded.body.messages.size());
    if (prepaid ? paid != 0 : paid != offered && (paid != 0 || !(may_be_free || job))) {
        complain("a fee of " + fee + " was taken, " + std::to_string(offered) + " ucredit were declared");
    }
    model_.balances[name_of(attribute_of(tx.events, "tx", "fee_payer"))] -= Wide{paid};
    return true;
}

void Auditor::transaction(const store::StoredTx& tx) {
    const Result<ledger::Transaction> decoded = ledger::decode_transaction(tx.bytes);
    if (!decoded || !charge(tx, *decoded)) {
        return;
    }
    const auto provider = operators_.find(name_of(attribute_of(tx.events, "tx", "fee_payer")));
    if (provider != operators_.end()) {
        model_.heartbeat(provider->second);
    }
    if (tx.code == 0) {
        for (const ledger::Any& each : decoded->body.messages) {
            message(each, tx);
        }
    } else {
        refused(*decoded, tx);
    }
}

void Auditor::message(const ledger::Any& any, const store::StoredTx& tx) {
    const bool sent = on<bank::MsgSend>(any, [&](const bank::MsgSend& m) {
        for (const auto& coin : m.amount) {
            model_.balances[name_of(m.from_address)] -= Wide{number_of(coin.amount)};
            model_.balances[name_of(m.to_address)] += Wide{number_of(coin.amount)};
        }
    });
    if (!sent && !of_provider(any) && !of_offer(any, tx) && !of_deployment(any, tx) && !of_lease(any) &&
        !of_job(any, tx) && !of_audit(any)) {
        complain("no rule of the model is about " + any.type_url);
    }
}

bool Auditor::of_provider(const ledger::Any& any) {
    return on<provider::MsgHeartbeat>(any,
                                      [&](const provider::MsgHeartbeat& m) {
                                          for (const provider::MachineChange& each : m.changes) {
                                              model_.machine(operators_.at(name_of(m.operator_address)), each.up);
                                          }
                                      }) ||
           on<provider::MsgRegister>(any,
                                     [&](const provider::MsgRegister& m) {
                                         operators_[name_of(m.operator_address)] = name_of(m.owner);
                                         model_.providers[name_of(m.owner)] = {};
                                     }) ||
           on<provider::MsgUpdate>(any, [&](const provider::MsgUpdate& m) {
               const std::string owner = name_of(m.owner);
               std::erase_if(operators_, [&](const auto& each) { return each.second == owner; });
               operators_[name_of(m.operator_address)] = owner;
           });
}

bool Auditor::of_offer(const ledger::Any& any, const store::StoredTx& tx) {
    return on<market::MsgPostOffer>(any,
                                    [&](const market::MsgPostOffer& m) {
                                        const std::string owner = operators_.at(name_of(m.operator_address));
                                        const std::string id =
                                            attribute_of(tx.events, "sublet.market.offer_posted", "offer");
                                        offers_[number_of(id)] = {owner, m.price, m.capacity, m.notice, {}, true};
                                        model_.balances[owner] -= properties::kBond;
                                    }) ||
           on<market::MsgUpdateOffer>(any, [&](const market::MsgUpdateOffer& m) { update(m); }) ||
           on<market::MsgCloseOffer>(any, [&](const market::MsgCloseOffer& m) {
               model_.balances[offers_.at(m.offer.value()).provider] += properties::kBond;
               offers_.erase(m.offer.value());
           });
}

// Rule T5: better terms hold at once, worse ones a minute later; saying the same again does not put them off.
void Auditor::update(const market::MsgUpdateOffer& m) {
    Offer& offer = offers_.at(m.offer.value());
    offer.active = m.state == market::OfferState::kActive;
    const bool shrinks = m.capacity.cpu_milli < offer.capacity.cpu_milli ||
                         m.capacity.memory_bytes < offer.capacity.memory_bytes ||
                         m.capacity.storage_bytes < offer.capacity.storage_bytes;
    if (!shrinks) {
        offer.capacity = m.capacity;
    }
    if (!shrinks && !dearer(m.price, offer.price) && m.notice >= offer.notice) {
        offer.price = m.price;
        offer.notice = m.notice;
        offer.pending.reset();
        return;
    }
    Waiting next{model_.now + kTermsDelay, m.price, m.notice, shrinks ? std::optional{m.capacity} : std::nullopt};
    if (offer.pending && offer.pending->price == next.price && offer.pending->notice == next.notice &&
        offer.pending->capacity == next.capacity) {
        next.from = offer.pending->from;
    }
    offer.pending = std::move(next);
}

void Auditor::create(const market::MsgCreateDeployment& m, std::uint64_t id) {
    ModelDeployment deployment;
    deployment.owner = name_of(m.owner);
    deployment.max_rate = highest_rate(m.groups.front());
    deployment.deposit = Wide{m.deposit.value()};
    deployment.deposit_time =
        m.deposit_time.is_zero() ? properties::kDay : static_cast<properties::Time>(m.deposit_time.value());
    const bool alike = std::ranges::all_of(
        m.groups, [&](const market::GroupSpec& each) { return highest_rate(each) == deployment.max_rate; });
    if (!alike || !m.start_timeout.is_zero() || !m.order_life.is_zero()) {
        complain("the model has one rate for all groups and the usual times; deployment " + std::to_string(id) +
                 " has others");
    }
    groups_[id] = m.groups;
    model_.create(id, std::move(deployment), m.groups.size());
}

bool Auditor::of_deployment(const ledger::Any& any, const store::StoredTx& tx) {
    return on<market::MsgCreateDeployment>(
               any,
               [&](const market::MsgCreateDeployment& m) {
                   create(m, number_of(attribute_of(tx.events, "sublet.market.deployment_created", "deployment")));
               }) ||
           on<market::MsgUpdateDeployment>(any, [](const market::MsgUpdateDeployment&) {}) ||
           on<market::MsgCloseDeployment>(
               any, [&](const market::MsgCloseDeployment& m) { model_.close_deployment(m.deployment.value()); }) ||
           on<market::MsgTopUp>(any, [&](const market::MsgTopUp& m) {
               model_.top_up(name_of(m.depositor), m.deployment.value(), Wide{m.amount.value()});
           });
}

bool Auditor::of_lease(const ledger::Any& any) {
    using market::CloseReason;
    return on<market::MsgLeaseReady>(any, [&](const market::MsgLeaseReady& m) { model_.ready(m.lease.value()); }) ||
           on<market::MsgCloseLease>(
               any, [&](const market::MsgCloseLease& m) { model_.end(m.lease.value(), false, false); }) ||
           on<market::MsgWithdraw>(any,
                                   [&](const market::MsgWithdraw& m) {
                                       std::vector<std::uint64_t> ids;
                                       for (const LeaseId each : m.leases) {
                                           ids.push_back(each.value());
                                       }
                                       model_.withdraw(ids);
                                   }) ||
           on<market::MsgEndLease>(any, [&](const market::MsgEndLease& m) {
               const ModelLease& lease = model_.leases.at(m.lease.value());
               const properties::Time begun = lease.start_by - properties::kStartTimeout;
               if (m.reason == CloseReason::kNoManifest && model_.now - begun < kNoManifestAfter) {
                   complain("lease " + std::to_string(m.lease.value()) + " ended without a manifest before its minute");
               }
               const bool by_provider =
                   m.reason == CloseReason::kDecommission || m.reason == CloseReason::kProviderFault;
               const bool penalty = m.reason == CloseReason::kNoManifest || m.reason == CloseReason::kImageFailed;
               model_.end(m.lease.value(), by_provider, penalty);
           });
}

// ───── new leases ─────

// Which offer an order meets is the market's business; its price, its room and the one stream per order are not.
void Auditor::take_new_leases(const ledger::View& after) {
    while (const auto lease = market::find_lease(after, LeaseId{last_lease_ + 1})) {
        const std::uint64_t id = ++last_lease_;
        ModelLease model;
        model.deployment = lease->deployment.value();
        model.group = lease->group;
        model.provider = name_of(lease->provider);
        for (const auto& [other_id, other] : model_.leases) {
            if (other.deployment == model.deployment && other.group == model.group && other.state != State::kClosed) {
                complain("leases " + std::to_string(other_id) + " and " + std::to_string(id) + " serve one order");
            }
        }
        const auto offer = offers_.find(lease->offer.value());
        if (offer == offers_.end() || offer->second.provider != model.provider) {
            complain("lease " + std::to_string(id) + " is of no offer of its provider");
            return;
        }
        const market::GroupSpec& group = groups_.at(model.deployment).at(model.group);
        model.rate = rate_of(group, offer->second.price);
        if (model.rate != Wide{lease->account.rate.value()} || model.rate > highest_rate(group)) {
            complain("lease " + std::to_string(id) + " costs " + std::to_string(lease->account.rate.value()) +
                     " nano-ucredit a second; by the price in force it is " + text_of(model.rate) +
                     ", the order's limit " + text_of(highest_rate(group)));
        }
        offer_of_[id] = lease->offer.value();
        if (offer->second.pending) {
            ++marks_["a lease began while worse terms waited"];
        }
        model_.assign(id, std::move(model));
    }
}

}  // namespace sublet::sim
