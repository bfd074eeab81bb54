// keys.hpp: where jobs and tasks stand in state and index, and their timers.
// Deterministic. Spec: docs/spec/transactions.md (keys), docs/spec/jobs.md.
#pragma once

#include "modules/job/task.hpp"
#include "modules/keys.hpp"

namespace sublet::job {

// State: 6/1 jobs, 6/2 tasks, 6/3 the last id, 6/4 rates by worker, 6/5 the last worker's number.
// Index: 6/1 jobs by owner, 6/2 jobs with work, dearest first, 6/3 waiting tasks of a job, 6/4 active tasks by worker,
// 6/5 active tasks of a job, 6/6 tasks of a job with a rejected result, 6/7 workers by number, 6/8 probes by worker;
// 9/2 timers.
enum class Timer : std::uint8_t {
    kTask = 1,
    kClose = 2,
    kArchive = 3,
    kProbe = 4,
    kRate = 5
};  // kRate: of a worker's number

inline Bytes timers() { return keys::table(9, 2); }
inline Bytes timer(LedgerTime due, Timer kind, JobId job, std::uint32_t task = 0) {
    Bytes key = keys::with(timers(), due.value());
    key += static_cast<char>(kind);
    key = keys::with(std::move(key), job.value());
    append_be32(key, task);
    return key;
}

inline Bytes of_owner(const Address& owner, JobId id) {
    return keys::with(keys::with(keys::table(6, 1), owner), id.value());
}
inline Bytes on_offer(const Job& job) {
    return keys::with(keys::with(keys::table(6, 2), ~job.pay.value()), job.id.value());
}
inline Bytes task_list(std::uint8_t table, JobId job) { return keys::with(keys::table(6, table), job.value()); }
inline Bytes in_list(std::uint8_t table, JobId job, std::uint32_t index) {
    Bytes key = task_list(table, job);
    append_be32(key, index);
    return key;
}
// The task's number, with which such a key ends.
inline std::uint32_t index_at_end(BytesView key) {
    std::uint32_t out = 0;
    for (const char each : key.substr(key.size() - 4)) {
        out = (out << 8U) | static_cast<unsigned char>(each);
    }
    return out;
}
inline constexpr std::uint8_t kWaitingList = 3, kActiveList = 5, kRejectedList = 6;
inline Bytes last_worker() { return keys::table(6, 5); }
inline Bytes by_number(std::uint64_t number) { return keys::with(keys::table(6, 7), number); }
inline Bytes probes_of(const Address& worker) { return keys::with(keys::table(6, 8), worker); }
inline Bytes of_worker(const Address& worker) { return keys::with(keys::table(6, 4), worker); }

}  // namespace sublet::job
