// dial.cpp: name lookup with a time limit, then one address after the other, then TLS.
#include "net/dial.hpp"

#include <cstring>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include "net/lookup.hpp"
#include "net/notify.hpp"

namespace sublet::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Addresses = std::vector<Socket::endpoint_type>;
using SteadyTime = std::chrono::steady_clock::time_point;

constexpr std::size_t kMaxAddresses = 8;

// The lookup runs on Asio's own thread and cannot be interrupted: whoever gives up leaves this to it.
struct Lookup {
    explicit Lookup(Loop& loop) : resolver(loop), finished(loop) {}
    tcp::resolver resolver;
    Notifier finished;
    bool done = false;
    error_code error;
    Addresses addresses;
};

std::uint64_t left_ms(SteadyTime end) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now()).count();
    return left > 0 ? static_cast<std::uint64_t>(left) : 0;
}

void start_lookup(const std::shared_ptr<Lookup>& lookup, const Endpoint& endpoint) {
    lookup->resolver.async_resolve(endpoint.host, std::to_string(endpoint.port), tcp::resolver::numeric_service,
                                   [lookup](const error_code& error, const tcp::resolver::results_type& results) {
                                       lookup->error = error;
                                       for (const auto& row : results) {
                                           if (lookup->addresses.size() < kMaxAddresses) {
                                               lookup->addresses.emplace_back(row.endpoint());
                                           }
                                       }
                                       lookup->done = true;
                                       lookup->finished.notify_all();
                                   });
}

Task<Result<Addresses>> addresses_of(Loop& loop, Endpoint endpoint, SteadyTime end) {
    Addresses addresses;
    error_code error;
    if (!endpoint.unix_path.empty()) {
        if (endpoint.unix_path.size() > 107) {  // sockaddr_un
            co_return fail(Code::kIo, "the socket path " + endpoint.unix_path + " is longer than 107 bytes");
        }
        addresses.emplace_back(asio::local::stream_protocol::endpoint(endpoint.unix_path));
        co_return addresses;
    }
    const asio::ip::address literal = asio::ip::make_address(endpoint.host, error);
    if (!error) {
        addresses.emplace_back(tcp::endpoint(literal, endpoint.port));
        co_return addresses;
    }
    auto lookup = std::make_shared<Lookup>(loop);
    start_lookup(lookup, endpoint);
    while (!lookup->done) {
        Task<bool> waiting = lookup->finished.wait_for(left_ms(end));
        const bool finished = co_await std::move(waiting);
        if (!finished) {
            co_return fail(Code::kTimeout,
                           "looking up " + endpoint.host + ": no answer in time; check this machine's name service");
        }
    }
    if (lookup->error || lookup->addresses.empty()) {
        co_return fail(Code::kIo, "looking up " + endpoint.host + ": " + lookup->error.message());
    }
    co_return std::move(lookup->addresses);
}

// The generic endpoint holds a socket address of either kind.
std::string numeric(const Socket::endpoint_type& endpoint) {
    tcp::endpoint out;
    out.resize(endpoint.size());
    std::memcpy(out.data(), endpoint.data(), endpoint.size());
    return out.address().to_string();
}

}  // namespace

Task<Result<std::vector<std::string>>> look_up(Loop& loop, std::string host, std::uint64_t timeout_ms) {
    Endpoint endpoint;
    endpoint.host = std::move(host);
    endpoint.port = 1;
    const SteadyTime end = std::chrono::steady_clock::now() + std::chrono::milliseconds{timeout_ms};
    Task<Result<Addresses>> looking = addresses_of(loop, std::move(endpoint), end);
    const Result<Addresses> found = co_await std::move(looking);
    if (!found) {
        co_return std::unexpected{found.error()};
    }
    std::vector<std::string> out;
    for (const Socket::endpoint_type& each : *found) {
        out.push_back(numeric(each));
    }
    co_return out;
}

std::string host_header(const Endpoint& endpoint) {
    if (!endpoint.unix_path.empty()) {
        return "localhost";
    }
    const bool is_v6 = endpoint.host.find(':') != std::string::npos;
    const std::string host = is_v6 ? "[" + endpoint.host + "]" : endpoint.host;
    const bool usual_port = endpoint.port == (endpoint.tls ? 443 : 80);
    return usual_port ? host : host + ":" + std::to_string(endpoint.port);
}

std::string endpoint_name(const Endpoint& endpoint) {
    if (!endpoint.unix_path.empty()) {
        return "unix://" + endpoint.unix_path;
    }
    return (endpoint.tls ? "https://" : "http://") + host_header(endpoint);
}

Result<std::shared_ptr<TlsContext>> ClientTls::get(bool check_chain) {
    std::shared_ptr<TlsContext>& kept = check_chain ? checked_ : unchecked_;
    if (!kept) {
        TRY(fresh, client_tls(check_chain));
        kept = std::move(fresh);
    }
    return kept;
}

Task<Result<std::shared_ptr<Wire>>> dial(Loop& loop, Endpoint endpoint, std::shared_ptr<ClientTls> tls,
                                         std::uint64_t timeout_ms) {
    const SteadyTime end = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
    Task<Result<Addresses>> looking = addresses_of(loop, endpoint, end);
    Result<Addresses> addresses = co_await std::move(looking);
    if (!addresses) {
        co_return std::unexpected(std::move(addresses).error());
    }
    Result<> connected = fail(Code::kIo, "no address for " + endpoint_name(endpoint));
    std::shared_ptr<Wire> wire;
    for (const Socket::endpoint_type& address : *addresses) {
        wire = std::make_shared<Wire>(Socket(loop), endpoint_name(endpoint));
        wire->set_deadline(std::max<std::uint64_t>(left_ms(end), 1));
        Task<Result<>> connecting = wire->connect(address);
        connected = co_await std::move(connecting);
        if (connected || connected.error().code == Code::kTimeout) {
            break;
        }
    }
    if (connected && endpoint.tls) {
        auto context = tls->get(!endpoint.spki_pin.has_value());
        if (!context) {
            co_return std::unexpected(std::move(context).error());
        }
        Task<Result<>> shaking = wire->start_tls(*context, endpoint.host, endpoint.spki_pin);
        connected = co_await std::move(shaking);
    }
    if (!connected) {
        wire->close();
        co_return std::unexpected(std::move(connected).error());
    }
    co_return wire;
}

}  // namespace sublet::net
