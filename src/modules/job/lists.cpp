// lists.cpp: walks over the indexes of jobs and tasks.
// Deterministic. Spec: docs/spec/transactions.md (queries).
#include "modules/job/lists.hpp"

#include "base/must.hpp"
#include "modules/ids_under.hpp"
#include "modules/job/keys.hpp"

namespace sublet::job {

std::vector<JobId> jobs_of(const ledger::View& view, const Address& owner, JobId after, std::size_t most) {
    return keys::ids_under<JobId>(view, keys::with(keys::table(6, 1), owner), after.value(), most);
}

std::vector<JobId> jobs_on_offer(const ledger::View& view, std::size_t most) {
    std::vector<JobId> out;
    const Bytes dearest_first = keys::table(6, 2);
    view.visit_index(dearest_first, dearest_first, [&](BytesView key, BytesView) {
        if (out.size() < most) {
            out.emplace_back(read_be64(key.substr(key.size() - 8)));
        }
        return out.size() < most;
    });
    return out;
}

std::vector<Task> tasks_of(const ledger::View& view, JobId job, std::uint32_t from, std::size_t most) {
    std::vector<Task> out;
    view.visit(task_prefix(job), task_key(job, from), [&](BytesView key, BytesView) {
        if (out.size() < most) {
            out.push_back(must(find_task(view, job, index_at_end(key))));
        }
        return out.size() < most;
    });
    return out;
}

std::vector<JobId> probes_in_hand(const ledger::View& view, const Address& worker, std::size_t most) {
    return keys::ids_under<JobId>(view, probes_of(worker), 0, most);
}

std::vector<Rates> all_rates(const ledger::View& view, std::uint64_t after, std::size_t most) {
    std::vector<Rates> out;
    if (after == ~std::uint64_t{0}) {
        return out;
    }
    view.visit_index(keys::table(6, 7), by_number(after + 1), [&](BytesView, BytesView worker) {
        if (out.size() < most) {
            out.push_back(must(find_rates(view, Address{*fixed_from<20>(worker)})));
        }
        return out.size() < most;
    });
    return out;
}

std::vector<Task> tasks_in_hand(const ledger::View& view, const Address& worker, std::size_t most) {
    std::vector<Task> out;
    const Bytes mine = of_worker(worker);
    view.visit_index(mine, mine, [&](BytesView key, BytesView) {
        if (out.size() < most) {
            const JobId job{read_be64(key.substr(key.size() - 12))};
            out.push_back(must(find_task(view, job, index_at_end(key))));
        }
        return out.size() < most;
    });
    return out;
}

}  // namespace sublet::job
