// chain_ledger.cpp: the agent's view of the ledger over a node's API.
#include "agent/chain_ledger.hpp"

#include <charconv>

namespace sublet::agent {

namespace {

// No such record is an answer, not an error.
template <class T>
Result<std::optional<T>> maybe(Result<T> read) {
    if (read) {
        return std::optional<T>{std::move(*read)};
    }
    if (read.error().code == Code::kNotFound) {
        return std::optional<T>{};
    }
    return std::unexpected{std::move(read).error()};
}

bool concerns(const client::LedgerEvent& event, const std::string& owner) {
    if (!event.event.type.starts_with("sublet.")) {
        return false;
    }
    const std::string provider = event.attribute("provider");
    if (!provider.empty()) {
        return provider == owner;
    }
    return event.event.type.starts_with("sublet.market.lease") || event.attribute("owner") == owner;
}

}  // namespace

Task<Result<query::StatusReply>> ChainLedger::status() { return chain_.status(); }

Task<Result<std::optional<provider::Provider>>> ChainLedger::provider(crypto::Address owner) {
    Result<provider::Provider> read = co_await chain_.provider(owner);
    co_return maybe(std::move(read));
}

Task<Result<std::vector<provider::Provider>>> ChainLedger::providers() { return chain_.providers(); }

Task<Result<std::vector<market::Offer>>> ChainLedger::offers(crypto::Address owner) {
    return chain_.offers_of_provider(owner);
}

Task<Result<std::vector<market::Lease>>> ChainLedger::leases(crypto::Address owner) {
    return chain_.leases_of_provider(owner);
}

Task<Result<std::optional<market::Lease>>> ChainLedger::lease(LeaseId id) {
    Result<market::Lease> read = co_await chain_.lease(id);
    co_return maybe(std::move(read));
}

Task<Result<std::optional<market::Deployment>>> ChainLedger::deployment(DeploymentId id) {
    Result<market::Deployment> read = co_await chain_.deployment(id);
    co_return maybe(std::move(read));
}

Task<Result<std::optional<job::Job>>> ChainLedger::job(JobId id) {
    Result<job::Job> read = co_await chain_.job(id);
    co_return maybe(std::move(read));
}

Task<Result<std::optional<job::Task>>> ChainLedger::task(JobId id, std::uint32_t index) {
    Result<job::Task> read = co_await chain_.task(id, index);
    co_return maybe(std::move(read));
}

Task<Result<std::vector<job::Task>>> ChainLedger::tasks_in_hand(crypto::Address owner) {
    return chain_.tasks_in_hand(owner);
}

Task<Result<job::Task>> ChainLedger::claim(JobId id) {
    std::vector<client::TxMessage> messages{
        client::pack(job::MsgClaimTask{crypto::to_bech32(operator_.address()), id, true})};
    Task<Result<client::TxOutcome>> submitting = chain_.submit(operator_, std::move(messages));
    const Result<client::TxOutcome> done = co_await std::move(submitting);
    if (!done) {
        co_return std::unexpected{done.error()};
    }
    const std::string told = done->attribute("sublet.job.task_claimed", "task");
    std::uint32_t index = 0;
    if (std::from_chars(told.data(), told.data() + told.size(), index).ec != std::errc{}) {
        co_return fail(Code::kInternal, "the ledger took the claim and did not tell which task it gave");
    }
    co_return co_await chain_.task(id, index);
}

Task<Result<std::vector<audit::Audit>>> ChainLedger::audits_in_hand(crypto::Address owner) {
    return chain_.audits_in_hand(owner);
}
Task<Result<std::optional<audit::Audit>>> ChainLedger::audit(audit::AuditId id) { return chain_.audit(id); }
Task<Result<std::vector<job::Job>>> ChainLedger::probes(crypto::Address owner) { return chain_.probes_of(owner); }

Task<Result<std::optional<job::Rates>>> ChainLedger::rates(crypto::Address owner) {
    Result<job::Rates> read = co_await chain_.rates(owner);
    co_return maybe(std::move(read));
}

Task<Result<RecentBlock>> ChainLedger::recent_block() {
    Result<client::RecentBlock> read = co_await chain_.recent_block();
    if (!read) {
        co_return std::unexpected{read.error()};
    }
    co_return RecentBlock{read->height, std::move(read->app_hash)};
}

Task<Result<>> ChainLedger::send(Message message) {
    const bool by_owner =
        std::holds_alternative<provider::MsgRegister>(message) || std::holds_alternative<provider::MsgUpdate>(message);
    if (by_owner && owner_ == nullptr) {
        co_return fail(Code::kKeyring, "this needs the key of the provider's owner, which is not here");
    }
    client::Signer& signer = by_owner ? *owner_ : operator_;
    std::vector<client::TxMessage> messages;
    messages.push_back(std::visit([](const auto& each) { return client::pack(each); }, message));
    Task<Result<client::TxOutcome>> submitting = chain_.submit(signer, std::move(messages));
    Result<client::TxOutcome> done = co_await std::move(submitting);
    if (!done) {
        co_return std::unexpected{std::move(done).error()};
    }
    co_return Result<>{};
}

Task<Result<>> ChainLedger::watch(crypto::Address owner, std::function<void()> wake) {
    Result<query::StatusReply> now = co_await chain_.status();
    if (!now) {
        co_return std::unexpected{now.error()};
    }
    const auto control = std::make_shared<client::FollowControl>();
    following_ = control;
    const std::string text = crypto::to_bech32(owner);
    client::EventCursor from;
    from.height = now->height.value();
    client::LedgerEventSink sink = [text, wake](client::LedgerEvent event) -> Task<Result<>> {
        if (concerns(event, text)) {
            wake();
        }
        co_return Result<>{};
    };
    wake();  // what happened before the connection stood
    Task<Result<>> following = chain_.follow_events(from, control, sink);
    Result<> ended = co_await std::move(following);
    co_return ended;
}

Task<> ChainLedger::stop_watching() {
    const std::shared_ptr<client::FollowControl> control = following_;
    if (control) {
        co_await control->stop();
    }
}

}  // namespace sublet::agent
