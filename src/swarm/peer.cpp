// peer.cpp: libtorrent behind a plain interface; the only source that sees its headers.
#include "swarm/peer.hpp"

#include <libtorrent/add_torrent_params.hpp>
#include <libtorrent/extensions/smart_ban.hpp>
#include <libtorrent/ip_filter.hpp>
#include <libtorrent/posix_disk_io.hpp>
#include <libtorrent/session.hpp>
#include <libtorrent/session_params.hpp>
#include <libtorrent/settings_pack.hpp>
#include <libtorrent/torrent_flags.hpp>
#include <libtorrent/torrent_handle.hpp>
#include <libtorrent/torrent_info.hpp>
#include <libtorrent/torrent_status.hpp>

#include <algorithm>
#include <limits>
#include <map>

namespace sublet::swarm {
namespace {

namespace lt = libtorrent;
using Settings = lt::settings_pack;

constexpr int kSoonAgain_s = 2;       // before a lost peer is dialled again
constexpr int kManyFailures = 1'000;  // a worker that is down for a while is not forgotten
constexpr int kDialTimeout_s = 10;
constexpr int kAskedAhead_s = 1;
constexpr int kSilent_s = 10;  // without a block that was asked for
constexpr int kTick_ms = 100;  // of rate limits
constexpr int kUnchoked = 64;  // peers that are given something at once
constexpr int kDials_s = 10;   // a second

// Rates are ints in libtorrent, and 0 is no limit.
int rate_of(std::uint64_t bytes_s) {
    constexpr std::uint64_t kMost = std::numeric_limits<int>::max();
    return static_cast<int>(std::min(bytes_s, kMost));
}

Settings settings_of(const PeerOptions& options) {
    Settings out;
    for (const int off :
         {Settings::enable_dht, Settings::enable_lsd, Settings::enable_upnp, Settings::enable_natpmp,
          Settings::enable_outgoing_utp, Settings::enable_incoming_utp, Settings::listen_system_port_fallback}) {
        out.set_bool(off, false);
    }
    out.set_bool(Settings::allow_multiple_connections_per_ip, true);  // workers behind one address
    out.set_str(Settings::listen_interfaces, options.address.empty() ? "" : to_text({options.address, options.port}));
    out.set_str(Settings::user_agent, "sublet");
    out.set_str(Settings::handshake_client_version, "sublet");
    out.set_str(Settings::dht_bootstrap_nodes, "");
    out.set_int(Settings::max_retry_port_bind, 0);
    out.set_int(Settings::alert_mask, 0);
    out.set_int(Settings::connections_limit, kMaxConnections);
    out.set_int(Settings::unchoke_slots_limit, kUnchoked);
    out.set_int(Settings::connection_speed, kDials_s);
    out.set_int(Settings::max_peerlist_size, kMaxPeersKnown);
    // What take_first() says holds from the first piece on, and whoever fetches asks for little ahead: what is asked of
    // the creator and not here yet cannot come from a neighbour, so with a thin uplink it would go out twice.
    out.set_int(Settings::initial_picker_threshold, 0);
    out.set_int(Settings::whole_pieces_threshold, 0);
    out.set_int(Settings::request_queue_time, kAskedAhead_s);
    out.set_int(Settings::tick_interval, kTick_ms);
    out.set_int(Settings::min_reconnect_time, kSoonAgain_s);
    out.set_int(Settings::max_failcount, kManyFailures);
    out.set_int(Settings::peer_connect_timeout, kDialTimeout_s);
    out.set_int(Settings::upload_rate_limit, rate_of(options.upload_bytes_s));
    out.set_int(Settings::download_rate_limit, rate_of(options.download_bytes_s));
    // A piece that was wrong says which of its blocks were (version 2): nobody else is held to whole pieces for it,
    // which with a slow peer takes minutes. Who does not answer is asked for nothing more than one block until he does.
    out.set_bool(Settings::use_parole_mode, false);
    out.set_int(Settings::piece_timeout, kSilent_s);
    out.set_int(Settings::request_timeout, 2 * kSilent_s);
    // The content is encrypted; hiding the protocol as well would cost time and prove nothing.
    out.set_int(Settings::in_enc_policy, Settings::pe_disabled);
    out.set_int(Settings::out_enc_policy, Settings::pe_disabled);
    return out;
}

// Else neighbours in a local network would be free of the limits.
lt::ip_filter all_alike() {
    constexpr std::uint32_t kGlobal = 1U << static_cast<std::uint32_t>(lt::session::global_peer_class_id);
    lt::ip_filter out;
    out.add_rule(lt::make_address("0.0.0.0"), lt::make_address("255.255.255.255"), kGlobal);
    out.add_rule(lt::make_address("::"), lt::make_address("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), kGlobal);
    return out;
}

// libtorrent dials what any peer names (ut_holepunch, which cannot be switched off), so the session itself is bounded.
// Who does not listen knows all whom he has to do with.
lt::ip_filter reachable(const PeerOptions& options) {
    lt::ip_filter out;
    for (const DialRule& each : dial_rules(options.own)) {
        const bool may = each.may && !options.address.empty();
        out.add_rule(lt::make_address(each.first), lt::make_address(each.last), may ? 0 : lt::ip_filter::blocked);
    }
    return out;
}

lt::torrent_flags_t flags_of(Part part) {
    lt::torrent_flags_t out = lt::torrent_flags::disable_dht | lt::torrent_flags::disable_lsd |
                              lt::torrent_flags::disable_pex | lt::torrent_flags::apply_ip_filter;
    out |= part == Part::kFetch ? lt::torrent_flags_t{} : lt::torrent_flags::seed_mode;
    return out;
}

Phase phase_of(const lt::torrent_status& status) {
    if (status.errc) {
        return Phase::kFailed;
    }
    switch (status.state) {
        case lt::torrent_status::downloading_metadata:
        case lt::torrent_status::downloading:
            return Phase::kFetching;
        case lt::torrent_status::finished:
        case lt::torrent_status::seeding:
            return Phase::kComplete;
        default:
            return Phase::kChecking;
    }
}

template <class Number>
std::uint64_t count_of(Number number) {
    return static_cast<std::uint64_t>(std::max<Number>(number, 0));
}

std::unexpected<Error> unknown() { return fail(Code::kNotFound, "this is no swarm of ours"); }
std::unexpected<Error> refused(const std::string& why) { return fail(Code::kInternal, "libtorrent: " + why); }

}  // namespace

struct Peer::Session {
    struct Swarm {
        lt::torrent_handle handle;
        std::filesystem::path file;
        std::size_t pieces = 0;
        std::uint64_t bytes = 0;
    };
    explicit Session(lt::session_params params) : session(std::move(params)) {}
    [[nodiscard]] const Swarm* find(const Hash& info_hash) const {
        const auto found = swarms.find(info_hash);
        return found == swarms.end() ? nullptr : &found->second;
    }
    lt::session session;
    lt::ip_filter reachable;
    std::map<Hash, Swarm> swarms;
    std::uint16_t port = 0;
};

Peer::Peer(std::unique_ptr<Session> session) : session_(std::move(session)) {}
Peer::~Peer() = default;

Result<std::unique_ptr<Peer>> Peer::open(PeerOptions options) {
    if (!options.address.empty() && options.port == 0) {
        TRY(port, free_port(options.address));  // libtorrent would take another one for each interface
        options.port = port;
    }
    try {
        // Without the default plugins, peers would learn torrents and other peers from each other.
        lt::session_params params{settings_of(options), {}};
        params.disk_io_constructor = lt::posix_disk_io_constructor;  // a full disk is an error there, not a signal
        auto session = std::make_unique<Session>(std::move(params));
        session->session.set_peer_class_filter(all_alike());
        session->reachable = reachable(options);
        session->session.set_ip_filter(session->reachable);
        session->session.add_extension(&lt::create_smart_ban_plugin);
        session->port = session->session.listen_port();
        if (!options.address.empty() && session->port == 0) {
            return fail(Code::kIo, "the swarm cannot listen on " + to_text({options.address, options.port}) +
                                       ": is the port taken? Choose another one");
        }
        session->port = options.address.empty() ? std::uint16_t{0} : session->port;
        return std::unique_ptr<Peer>{new Peer{std::move(session)}};
    } catch (const std::exception& problem) {
        return refused(problem.what());
    }
}

std::uint16_t Peer::port() const { return session_->port; }

void Peer::limit(std::uint64_t upload_bytes_s, std::uint64_t download_bytes_s) {
    Settings changed;
    changed.set_int(Settings::upload_rate_limit, rate_of(upload_bytes_s));
    changed.set_int(Settings::download_rate_limit, rate_of(download_bytes_s));
    session_->session.apply_settings(std::move(changed));
}

Result<> Peer::add(const Torrent& torrent, const std::filesystem::path& folder, Part part, std::uint64_t max_bytes) {
    if (has(torrent.info_hash)) {
        return {};
    }
    if (torrent.bytes > max_bytes) {
        return fail(Code::kTooLarge, "the content has " + std::to_string(torrent.bytes) + " bytes, allowed are " +
                                         std::to_string(max_bytes));
    }
    if (session_->swarms.size() >= kMaxSwarms) {
        return fail(Code::kRefused, "so many swarms and no more: " + std::to_string(kMaxSwarms));
    }
    try {
        const Bytes metadata = to_metadata(torrent);
        lt::error_code error;
        lt::add_torrent_params params;
        params.ti = std::make_shared<lt::torrent_info>(metadata, error, lt::from_span);
        params.save_path = folder.string();
        params.flags = flags_of(part);
        params.max_connections = kMaxConnectionsEach;
        if (error) {
            return refused(error.message());
        }
        lt::torrent_handle handle = session_->session.add_torrent(std::move(params), error);
        if (error) {
            return refused(error.message());
        }
        session_->swarms[torrent.info_hash] = {std::move(handle), folder / kContentName, torrent.pieces.size(),
                                               torrent.bytes};
        return {};
    } catch (const std::exception& problem) {
        return refused(problem.what());
    }
}

bool Peer::has(const Hash& info_hash) const { return session_->find(info_hash) != nullptr; }

Result<> Peer::connect(const Hash& info_hash, const std::vector<PeerAddress>& peers) {
    const Session::Swarm* swarm = session_->find(info_hash);
    if (swarm == nullptr) {
        return unknown();
    }
    try {
        for (const PeerAddress& each : peers) {
            lt::error_code error;
            const lt::address ip = lt::make_address(each.ip, error);
            if (error) {
                continue;
            }
            if (session_->port == 0 && session_->reachable.access(ip) != 0) {
                session_->reachable.add_rule(ip, ip, 0);
                session_->session.set_ip_filter(session_->reachable);
            }
            swarm->handle.connect_peer({ip, each.port});
        }
        return {};
    } catch (const std::exception& problem) {
        return refused(problem.what());
    }
}

Result<> Peer::take_first(const Hash& info_hash, unsigned place, unsigned of) {
    const Session::Swarm* swarm = session_->find(info_hash);
    if (swarm == nullptr) {
        return unknown();
    }
    try {
        std::vector<lt::download_priority_t> wanted(swarm->pieces, lt::low_priority);
        for (std::size_t piece = 0; piece < wanted.size(); ++piece) {
            wanted[piece] = of == 0 || piece % of == place ? lt::top_priority : lt::low_priority;
        }
        swarm->handle.prioritize_pieces(wanted);
        return {};
    } catch (const std::exception& problem) {
        return refused(problem.what());
    }
}

Result<Progress> Peer::progress(const Hash& info_hash) const {
    const Session::Swarm* swarm = session_->find(info_hash);
    if (swarm == nullptr) {
        return unknown();
    }
    try {
        const lt::torrent_status status = swarm->handle.status(lt::status_flags_t{});
        Progress out;
        out.phase = phase_of(status);
        out.bytes = std::min(count_of(status.total_done), swarm->bytes);  // it counts what fills the last piece up
        out.uploaded = count_of(status.total_payload_upload);
        out.downloaded = count_of(status.total_payload_download);
        out.refused = count_of(status.total_failed_bytes);
        out.peers = static_cast<unsigned>(count_of(status.num_peers));
        out.trouble = status.errc ? status.errc.message() : "";
        return out;
    } catch (const std::exception& problem) {
        return refused(problem.what());
    }
}

Result<> Peer::pause(const Hash& info_hash, bool paused) {
    const Session::Swarm* swarm = session_->find(info_hash);
    if (swarm == nullptr) {
        return unknown();
    }
    try {
        paused ? swarm->handle.pause() : swarm->handle.resume();
        return {};
    } catch (const std::exception& problem) {
        return refused(problem.what());
    }
}

void Peer::remove(const Hash& info_hash, bool with_file) {
    const auto found = session_->swarms.find(info_hash);
    if (found == session_->swarms.end()) {
        return;
    }
    const std::filesystem::path file = found->second.file;
    try {
        session_->session.remove_torrent(found->second.handle);
        (void)session_->session.is_paused();  // answered after the removal: its thread also writes the files
    } catch (const std::exception&) {         // it was not there any more
    }
    session_->swarms.erase(found);
    if (with_file) {
        std::error_code ignored;
        std::filesystem::remove(file, ignored);
    }
}

}  // namespace sublet::swarm
