// ledger.cpp: a ledger without jobs.
#include "agent/ledger.hpp"

namespace sublet::agent {

Task<Result<std::optional<job::Job>>> Ledger::job(JobId id) {
    static_cast<void>(id);
    co_return std::optional<job::Job>{};
}

Task<Result<std::optional<job::Task>>> Ledger::task(JobId id, std::uint32_t index) {
    static_cast<void>(id), static_cast<void>(index);
    co_return std::optional<job::Task>{};
}

Task<Result<std::vector<job::Task>>> Ledger::tasks_in_hand(crypto::Address owner) {
    static_cast<void>(owner);
    co_return std::vector<job::Task>{};
}

Task<Result<job::Task>> Ledger::claim(JobId id) {
    co_return fail(Code::kJobUnknown, "there is no job " + std::to_string(id.value()));
}

}  // namespace sublet::agent
