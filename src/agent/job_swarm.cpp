// job_swarm.cpp: the agent's part in swarms of inputs.
#include "agent/job_swarm.hpp"

#include <charconv>

#include <fmt/format.h>

#include "agent/worker.hpp"
#include "net/log.hpp"

namespace sublet::agent {
namespace {

constexpr const char* kPortSetting = "swarm_port";
constexpr unsigned kStepsAtOnce = 4;  // of a decryption, before others have their turn

void warn(JobId id, const std::string& what) {
    net::log(net::LogLevel::kWarning, "worker", fmt::format("job {}, its swarm: {}", id.value(), what));
}

}  // namespace

swarm::Reach own_reach(const std::string& public_host) {
    const swarm::Reach out = public_host == "localhost" ? swarm::Reach::kLoopback : swarm::reach_of(public_host);
    return out == swarm::Reach::kNowhere ? swarm::Reach::kPublic : out;
}

std::vector<swarm::PeerAddress> peers_to_dial(swarm::Reach own, const std::vector<swarm::PeerAddress>& named,
                                              std::set<swarm::PeerAddress>& told, std::size_t most) {
    std::vector<swarm::PeerAddress> out;
    for (const swarm::PeerAddress& each : named) {
        const bool may = swarm::may_dial(own, each) && (told.contains(each) || told.size() < most);
        if (may) {
            told.insert(each);
            out.push_back(each);
        }
    }
    return out;
}

// The same port as last time where it can be had: other workers know it.
Result<> JobSwarm::open() {
    if (peer_) {
        return {};
    }
    if (!on()) {
        return fail(Code::kUnsupported, "this worker takes part in no swarms; send the input through the gateway");
    }
    TRY(remembered, core_.state->setting(kPortSetting));
    swarm::PeerOptions options{.address = core_.options.gateway_address,
                               .port = *core_.options.swarm_port,
                               .upload_bytes_s = core_.options.swarm_upload_bytes_s,
                               .own = own_reach(core_.options.public_host)};
    if (options.port == 0 && remembered) {
        std::from_chars(remembered->data(), remembered->data() + remembered->size(), options.port);
    }
    Result<std::unique_ptr<swarm::Peer>> opened = swarm::Peer::open(options);
    if (!opened && *core_.options.swarm_port == 0 && options.port != 0) {
        options.port = 0;
        opened = swarm::Peer::open(options);
    }
    TRY(peer, std::move(opened));
    peer_ = std::move(peer);
    return core_.state->set_setting(kPortSetting, std::to_string(peer_->port()));
}

void JobSwarm::resume() {
    for (const JobId id : store_.ids()) {
        const std::optional<SwarmInput> input = store_.swarm_input(id);
        if (!on() || !input) {
            continue;
        }
        if (const Result<> joined = join(id, *input); !joined) {
            give_up(id, joined.error().message);
        }
    }
}

Result<> JobSwarm::take(JobId id, const SwarmInput& input, std::size_t most_peers) {
    TRY_OK(open());
    TRY_OK(store_.put_swarm(id, input));
    trouble_.erase(id);
    Result<> joined = join(id, input, most_peers);
    if (!joined && !joined_.contains(id)) {
        TRY_OK(store_.drop_swarm(id));
    }
    return joined;
}

void JobSwarm::meet(JobId id, const swarm::PeerAddress& worker) {
    const auto joined = joined_.find(id);
    if (joined == joined_.end()) {
        return;
    }
    const std::vector<swarm::PeerAddress> dialled =
        peers_to_dial(own_reach(core_.options.public_host), {worker}, told_[id]);
    if (const Result<> met = peer_->connect(joined->second, dialled); !met) {
        warn(id, met.error().message);
    }
}

Result<> JobSwarm::join(JobId id, const SwarmInput& input, std::size_t most_peers) {
    TRY_OK(open());
    const Hash& name = input.torrent.info_hash;
    const KeptJob* job = store_.find(id);
    for (const auto& [other, joined] : joined_) {
        const KeptJob* theirs = store_.find(other);
        const bool same = job != nullptr && theirs != nullptr && same_content(*job, *theirs);
        if (joined == name && other != id && !same) {  // keys are random: somebody shows what another creator made
            return fail(Code::kConflict, "this swarm is another job's");
        }
    }
    const bool fresh = !peer_->has(name);
    TRY_OK(peer_->add(input.torrent, store_.swarm_folder(id), swarm::Part::kFetch, kMaxJobInputBytes));
    joined_[id] = name;
    if (fresh) {
        TRY_OK(peer_->take_first(name, input.place, input.of));
    }
    return peer_->connect(name,
                          peers_to_dial(own_reach(core_.options.public_host), input.peers, told_[id], most_peers));
}

void JobSwarm::look() {
    const std::map<JobId, Hash> joined = joined_;
    for (const auto& [id, name] : joined) {
        const Result<swarm::Progress> progress = peer_->progress(name);
        const KeptJob* job = store_.find(id);
        if (!progress || job == nullptr) {
            drop(id);
        } else if (!job->complete && share(id)) {
            core_.worker->wake();
        } else if (progress->phase == swarm::Phase::kFailed) {
            give_up(id, progress->trouble);
        } else if (progress->phase == swarm::Phase::kFetching && job->complete && !unpacking_.contains(id)) {
            give_up(id, "the input came through the gateway");
        } else if (progress->phase == swarm::Phase::kComplete && !job->complete && unpacking_.insert(id).second) {
            core_.tasks.spawn(unpack(id));
        }
    }
}

Task<> JobSwarm::unpack(JobId id) {
    Result<> done;
    if (const std::optional<SwarmInput> input = store_.swarm_input(id); input) {
        Task<Result<>> decrypting = decrypt(id, input->key);
        done = co_await std::move(decrypting);
    }
    unpacking_.erase(id);
    if (!done && !core_.stopping && store_.find(id) != nullptr) {
        give_up(id, done.error().message);
    }
    core_.worker->wake();
}

Task<Result<>> JobSwarm::decrypt(JobId id, swarm::Key key) {
    const std::filesystem::path plain = store_.swarm_folder(id) / "plain.tar";
    CO_TRY(cipher, swarm::FileCipher::open(store_.swarm_folder(id) / swarm::kContentName, plain, key));
    for (unsigned steps = 1;; ++steps) {
        CO_TRY(piece, cipher.step());
        if (piece.empty()) {
            break;
        }
        if (steps % kStepsAtOnce == 0) {
            co_await core_.parts.clock.sleep(1);
        }
        if (core_.stopping || store_.find(id) == nullptr) {
            co_return Result<>{};
        }
    }
    CO_TRY_OK(store_.take_input(id, plain));
    core_.worker->settle(id);
    constexpr std::uint64_t kForever_ms = 1ULL << 40U;
    co_return co_await core_.worker->settled(id, kForever_ms);
}

void JobSwarm::give_up(JobId id, const std::string& why) {
    warn(id, why);
    drop(id);
    trouble_[id] = why;
    if (const Result<> dropped = store_.drop_swarm(id); !dropped) {
        warn(id, dropped.error().message);
    }
}

void JobSwarm::drop(JobId id) {
    const auto found = joined_.find(id);
    const Hash name = found == joined_.end() ? Hash{} : found->second;
    if (found != joined_.end() && peer_) {
        peer_->remove(name, false);
        joined_.erase(found);
        hand_over(name);
    }
    told_.erase(id);
    trouble_.erase(id);
}

// Another job of the same creator has this swarm too: it goes on from that job's folder.
void JobSwarm::hand_over(const Hash& name) {
    for (const auto& [id, joined] : joined_) {
        const std::optional<SwarmInput> input = joined == name ? store_.swarm_input(id) : std::nullopt;
        if (!input) {
            continue;
        }
        const KeptJob* job = store_.find(id);
        std::error_code error;
        const std::uintmax_t here = std::filesystem::file_size(store_.swarm_folder(id) / swarm::kContentName, error);
        const bool whole = job != nullptr && job->complete && !error && here == input->torrent.bytes;
        const swarm::Part part = whole ? swarm::Part::kSeed : swarm::Part::kFetch;
        Result<> added = peer_->add(input->torrent, store_.swarm_folder(id), part, kMaxJobInputBytes);
        if (added) {
            const auto& told = told_[id];
            added = peer_->connect(name, {told.begin(), told.end()});
        }
        if (!added) {
            warn(id, added.error().message);
        }
        return;
    }
}

// What came for another job of this creator is here for this one too.
bool JobSwarm::share(JobId id) {
    const Result<bool> shared = store_.share_input(id);
    if (!shared) {
        warn(id, shared.error().message);
    }
    return shared && *shared;
}

SwarmView JobSwarm::view(JobId id) const {
    SwarmView out;
    if (const auto found = trouble_.find(id); found != trouble_.end()) {
        out.trouble = found->second;
    }
    const auto joined = joined_.find(id);
    if (joined == joined_.end()) {
        return out;
    }
    if (const Result<swarm::Progress> progress = peer_->progress(joined->second); progress) {
        out.port = peer_->port();
        out.progress = *progress;
    }
    return out;
}

}  // namespace sublet::agent
