// auditor.hpp: follows the blocks of a world with nothing but the naive model of docs/spec/money.md: every balance,
// deposit, payment and state of a lease is predicted to the unit, and compared with the ledger after every block.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "app/app.hpp"
#include "job_model.hpp"
#include "modules/market/messages.hpp"
#include "money_model.hpp"
#include "store/records.hpp"

namespace sublet::sim {

inline std::string text_of(properties::Wide value) { return boost::multiprecision::cpp_int{value}.str(); }

class Auditor {
public:
    explicit Auditor(const app::Genesis& genesis);
    Auditor(const Auditor&) = delete;
    Auditor& operator=(const Auditor&) = delete;
    // Rare things that it saw, and how often.
    [[nodiscard]] const std::map<std::string, std::uint64_t>& marks() const { return marks_; }
    // No order of these waits while an offer fits it (T7).
    void watch(const std::string& tenant);
    // One block, as it was decided, and the state after it. Gives the first thing that is not as predicted.
    std::optional<std::string> follow(const store::FullBlock& block, const ledger::View& after);

private:
    using Wide = properties::Wide;
    // What an offer asks and has, by the messages alone: worse terms wait (docs/spec/market.md 8).
    struct Waiting {
        properties::Time from = 0;
        market::PriceVector price;
        Millis notice;
        std::optional<market::Capacity> capacity;  // a smaller one
    };
    struct Offer {
        std::string provider;
        market::PriceVector price;
        market::Capacity capacity;
        Millis notice;
        std::optional<Waiting> pending;
        bool active = true;
    };
    // What all replicas of a group take together.
    struct Need {
        std::uint64_t cpu_milli = 0, memory_bytes = 0, storage_bytes = 0;
        void add(const market::GroupSpec& group);
        [[nodiscard]] bool within(const market::Capacity& capacity) const;
    };
    void complain(const std::string& what);
    void terms_due_before(properties::Time at);
    [[nodiscard]] Need leased_of(std::uint64_t offer) const;
    void transaction(const store::StoredTx& tx);
    bool charge(const store::StoredTx& tx, const ledger::Transaction& decoded);
    void message(const ledger::Any& any, const store::StoredTx& tx);
    bool of_provider(const ledger::Any& any);
    bool of_offer(const ledger::Any& any, const store::StoredTx& tx);
    bool of_deployment(const ledger::Any& any, const store::StoredTx& tx);
    bool of_lease(const ledger::Any& any);
    // auditor_jobs.cpp
    [[nodiscard]] std::optional<JobAct> job_act(const ledger::Any& any) const;
    [[nodiscard]] std::optional<std::uint64_t> job_of_all(const ledger::Transaction& decoded) const;
    bool of_job(const ledger::Any& any, const store::StoredTx& tx);
    void refused(const ledger::Transaction& decoded, const store::StoredTx& tx);
    void compare_jobs(const ledger::View& after);
    void compare_job(std::uint64_t id, const ledger::View& after);
    void compare_tasks(std::uint64_t id, const ledger::View& after);
    void compare_task(std::uint64_t id, std::uint32_t index, const ledger::View& after);
    // auditor_audits.cpp
    [[nodiscard]] std::optional<AuditAct> audit_act(const ledger::Any& any) const;
    [[nodiscard]] std::optional<std::uint64_t> job_of_word(const ledger::Any& any) const;
    bool of_audit(const ledger::Any& any);
    void refused_about_audit(const ledger::Transaction& decoded, const store::StoredTx& tx);
    void compare_audits(const ledger::View& after);
    void compare_audit(const AuditName& name, const ModelAudit& audit, const ledger::View& after);
    void compare_standing(const std::string& owner, const ModelStanding& standing, const ledger::View& after);
    void create(const market::MsgCreateDeployment& message, std::uint64_t id);
    void update(const market::MsgUpdateOffer& message);
    void take_new_leases(const ledger::View& after);
    void compare(const ledger::View& after);
    void compare_lease(std::uint64_t id, const ledger::View& after);
    void compare_offers(const ledger::View& after);
    void look_at_waiting();
    [[nodiscard]] bool takes(const Offer& offer, std::uint64_t id, std::uint64_t deployment, std::size_t group) const;

    properties::Model model_;
    BlockTime time_;
    std::map<std::string, std::string> operators_;  // operator: owner; both as hex, in the ledger's order
    std::map<std::uint64_t, Offer> offers_;
    std::map<std::uint64_t, std::vector<market::GroupSpec>> groups_;  // of a deployment
    std::map<std::uint64_t, std::uint64_t> offer_of_;                 // of a lease
    std::set<std::uint64_t> over_;                                    // leases that were compared for the last time
    std::uint64_t last_lease_ = 0;
    std::set<std::string> watched_;
    std::map<std::pair<std::uint64_t, std::size_t>, properties::Time> fits_since_;  // deployment, group
    std::map<std::string, std::uint64_t> marks_;
    JobModel jobs_{model_, marks_};
    std::set<std::uint64_t> jobs_over_;                      // that were compared for the last time
    std::set<AuditName> audits_over_;                        // the same of audits
    std::string app_hash_;                                   // of the last block, raw
    std::map<std::uint64_t, std::uint32_t> looked_at_next_;  // of a job's tasks, a few more after every block
    std::optional<std::string> problem_;
};

}  // namespace sublet::sim
