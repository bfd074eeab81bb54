// input_swarm.cpp: brings an input to workers by a swarm that is seeded here.
#include "cli/input_swarm.hpp"

#include "cli/task_array.hpp"
#include "client/loose_json.hpp"
#include "net/lookup.hpp"

namespace sublet::cli {
namespace {

namespace fs = std::filesystem;
namespace loose = client::loose;

constexpr std::uint64_t kAsk_ms = 500;
constexpr std::uint64_t kGather_ms = 300;  // others that come at the same time have places of their own
constexpr std::uint64_t kLookUp_ms = 10'000;
constexpr unsigned kStepsAtOnce = 4;  // of the encryption, before others have their turn

bool may_pass(Code code) { return code == Code::kIo || code == Code::kTimeout || code == Code::kTls; }

}  // namespace

void add_swarm_terms(CLI::App* command, bool& off, std::string& upload_limit) {
    command->add_flag("--no-swarm", off,
                      "Send the input to each worker whole; else workers have most of it from others");
    command->add_option("--upload-limit", upload_limit, "Most of the input that is sent in a second, such as 2Mi");
}

Result<SwarmTerms> swarm_terms(bool off, const std::string& upload_limit) {
    SwarmTerms out{.off = off, .upload_bytes_s = 0};
    if (!upload_limit.empty()) {
        TRY(bytes, parse_size("--upload-limit", upload_limit));
        out.upload_bytes_s = bytes;
    }
    return out;
}

InputSwarm::InputSwarm(Context& context, SavedJob saved, ContentName content, SwarmTerms terms)
    : context_(context), saved_(std::move(saved)), content_(content), bytes_(content.input.bytes), terms_(terms) {}

bool InputSwarm::suits(const nlohmann::json& state) const {
    const auto found = state.find("swarm");
    return !terms_.off && bytes_ >= kSwarmFromBytes && bytes_ <= swarm::kMaxSwarmBytes && found != state.end() &&
           found->is_object();
}

net::Task<Result<>> InputSwarm::bring(Address worker, client::ProviderClient& client, std::string host) {
    Result<std::vector<std::string>> ips = co_await net::look_up(context_.loop, std::move(host), kLookUp_ms);
    if (!ips) {
        co_return std::unexpected{ips.error()};
    }
    const auto place = static_cast<unsigned>(members_.size());
    Member& member = members_.try_emplace(worker, Member{place, "", 0}).first->second;
    member.ip = ips->front();
    net::Task<Result<>> preparing = prepare();
    CO_TRY_OK(co_await std::move(preparing));
    co_await context_.clock->sleep(kGather_ms);
    Seen seen{.growth = {bytes_, now_ms()}, .told = {}};
    while (!stopped_) {
        net::Task<Result<nlohmann::json>> asking = ask(member, client, seen);
        const Result<nlohmann::json> state = co_await std::move(asking);
        if (!state && !may_pass(state.error().code)) {
            co_return std::unexpected{state.error()};
        }
        if (state) {
            CO_TRY(done, judge(*state, member, seen));
            if (done) {
                co_return Result<>{};
            }
        }
        if (seen.growth.stalled(now_ms())) {
            co_return fail(Code::kTimeout, "the worker gets nothing from the swarm");
        }
        co_await context_.clock->sleep(kAsk_ms);
    }
    co_return fail(Code::kCancelled, "the job is over");
}

// Tells the worker what it does not know yet; else asks how it stands.
net::Task<Result<nlohmann::json>> InputSwarm::ask(const Member& member, client::ProviderClient& client, Seen& seen) {
    std::vector<swarm::PeerAddress> peers = before(member);
    if (seen.known && peers == seen.told) {
        co_return co_await client.job_state(saved_.id);
    }
    agent::SwarmInput input = input_;
    input.of = static_cast<unsigned>(std::min(members_.size(), agent::kMaxPeersTold));
    input.place = member.place % input.of;
    input.peers = peers;
    Bytes said = agent::to_json(input);
    Result<nlohmann::json> out = co_await client.put_swarm(saved_.id, std::move(said));
    seen.told = out ? std::move(peers) : seen.told;
    seen.known = seen.known || out.has_value();
    co_return out;
}

// True when the worker has everything.
Result<bool> InputSwarm::judge(const nlohmann::json& state, Member& member, Seen& seen) {
    if (loose::flag(state, "complete")) {
        return true;
    }
    const auto found = state.find("swarm");
    if (found == state.end() || !found->is_object()) {
        return fail(Code::kUnsupported, "the worker takes part in no swarms any more");
    }
    if (const std::string trouble = loose::text(*found, "trouble"); !trouble.empty()) {
        return fail(Code::kRefused, trouble);
    }
    const std::uint64_t port = loose::number(*found, "port");
    seen.known = port != 0;  // else it is told again
    if (port == 0 || port > 65'535) {
        return false;
    }
    member.port = static_cast<std::uint16_t>(port);
    TRY_OK(peer_->connect(input_.torrent.info_hash, {{member.ip, member.port}}));
    seen.growth.has(loose::number(*found, "bytes"), now_ms());
    return false;
}

// Each pair once: who came later dials.
std::vector<swarm::PeerAddress> InputSwarm::before(const Member& member) const {
    std::vector<swarm::PeerAddress> out;
    for (const auto& [owner, each] : members_) {
        if (each.place < member.place && each.port != 0 && out.size() < agent::kMaxPeersTold) {
            out.push_back({each.ip, each.port});
        }
    }
    return out;
}

net::Task<Result<>> InputSwarm::prepare() {
    while (preparing_) {
        co_await context_.clock->sleep(kAsk_ms / 10);
    }
    if (!prepared_) {
        preparing_ = true;
        Result<> done = load();
        if (!done) {
            net::Task<Result<>> encrypting = encrypt();
            done = co_await std::move(encrypting);
        }
        prepared_ = done ? open() : done;
        preparing_ = false;
    }
    co_return *prepared_;
}

// What an earlier run encrypted.
Result<> InputSwarm::load() {
    TRY(text, context_.files->read(folder() / "swarm.json"));
    TRY(input, agent::swarm_input_from_json(text, bytes_));
    std::error_code error;
    if (fs::file_size(folder() / swarm::kContentName, error) != bytes_ || error) {
        return fail(Code::kNotFound, "the encrypted input is gone");
    }
    input_ = std::move(input);
    return {};
}

net::Task<Result<>> InputSwarm::encrypt() {
    CO_TRY_OK(context_.files->make_folder(folder(), 0700));
    const std::optional<SameContent> same = find_content(context_, saved_, content_);
    if (same) {
        input_.torrent = same->swarm.torrent;
        input_.key = same->swarm.key;
        std::error_code error;
        fs::remove(folder() / swarm::kContentName, error);
        fs::create_hard_link(same->encrypted, folder() / swarm::kContentName, error);
        if (!error && fs::file_size(folder() / swarm::kContentName, error) == bytes_ && !error) {
            co_return keep();
        }
    } else {
        CO_TRY(key, fixed_from<sizeof(swarm::Key)>(context_.random->bytes(sizeof(swarm::Key))));
        input_.key = key;
    }
    net::Task<Result<swarm::Torrent>> encrypting = encrypt_with(input_.key);
    CO_TRY(torrent, co_await std::move(encrypting));
    if (same && torrent != input_.torrent) {  // one key is for one content
        co_return fail(Code::kConflict, "the input is not what it was when it was packed; create the job again");
    }
    input_.torrent = torrent;
    co_return keep();
}

Result<> InputSwarm::keep() {
    TRY_OK(note_content(context_, saved_, content_, input_));
    return context_.files->write(folder() / "swarm.json", agent::to_json(input_), 0600);
}

net::Task<Result<swarm::Torrent>> InputSwarm::encrypt_with(swarm::Key key) {
    CO_TRY(maker, swarm::TorrentMaker::begin(bytes_));
    CO_TRY(cipher, swarm::FileCipher::open(saved_.input(), folder() / swarm::kContentName, key));
    for (unsigned steps = 1;; ++steps) {
        CO_TRY(piece, cipher.step());
        if (piece.empty()) {
            break;
        }
        maker.update(piece);
        if (steps % kStepsAtOnce == 0) {
            co_await context_.clock->sleep(1);
        }
    }
    co_return maker.finish();
}

Result<> InputSwarm::open() {
    TRY(peer, swarm::Peer::open({.address = "", .port = 0, .upload_bytes_s = terms_.upload_bytes_s}));
    peer_ = std::move(peer);
    return peer_->add(input_.torrent, folder(), swarm::Part::kSeed, bytes_);
}

Hash InputSwarm::identity() const { return prepared_ && *prepared_ ? agent::identity_of(input_) : Hash{}; }

std::uint64_t InputSwarm::uploaded() const {
    if (!peer_) {
        return 0;
    }
    const Result<swarm::Progress> progress = peer_->progress(input_.torrent.info_hash);
    return progress ? progress->uploaded : 0;
}

void InputSwarm::forget() {
    peer_.reset();
    std::error_code ignored;
    fs::remove_all(folder(), ignored);
}

}  // namespace sublet::cli
