// forward.cpp: reads what a program asks for, has its addresses judged, and copies bytes both ways.
#include "net/forward.hpp"

#include <algorithm>
#include <charconv>
#include <map>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net/dial.hpp"
#include "net/lookup.hpp"
#include "net/notify.hpp"
#include "net/run.hpp"

namespace sublet::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using WirePtr = std::shared_ptr<Wire>;

constexpr std::uint64_t kHead_ms = 10'000;
constexpr std::uint64_t kDial_ms = 15'000;
constexpr std::uint64_t kSilence_ms = 600'000;  // of a connection: a registry may think for long
constexpr std::string_view kEnd = "\r\n\r\n";
constexpr std::string_view kScheme = "http://";
constexpr std::uint16_t kPlainPort = 80;

std::unexpected<Error> no_request() { return fail(Code::kParse, "this is no request to a proxy"); }

// "host:port", "[::1]:443", and without a port where `port` has one already.
Result<> read_authority(std::string_view text, Forwarded& out) {
    const std::size_t colon = text.rfind(':');
    if (colon != std::string_view::npos && text.find(']', colon) == std::string_view::npos) {
        const std::string_view digits = text.substr(colon + 1);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out.port);
        if (error != std::errc{} || end != digits.data() + digits.size()) {
            return no_request();
        }
        text = text.substr(0, colon);
    }
    if (text.starts_with('[') && text.ends_with(']')) {
        text = text.substr(1, text.size() - 2);
    }
    const bool bad = text.empty() || out.port == 0 || text.find_first_of("@[] ") != std::string_view::npos;
    out.host = text;
    return bad ? Result<>{no_request()} : Result<>{};
}

bool is_for_the_proxy(std::string_view line) {
    constexpr std::string_view kNames[] = {"connection:", "proxy-connection:", "proxy-authorization:", "keep-alive:"};
    for (const std::string_view name : kNames) {
        const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; };
        if (line.size() >= name.size() &&
            std::equal(name.begin(), name.end(), line.begin(), [&](char n, char c) { return same(c, n); })) {
            return true;
        }
    }
    return false;
}

Bytes refusal(unsigned status, std::string why) {
    for (char& c : why) {
        c = c < ' ' || c > '~' ? ' ' : c;
    }
    return "HTTP/1.1 " + std::to_string(status) + " " + why +
           "\r\nContent-Type: text/plain\r\nContent-Length: " + std::to_string(why.size()) +
           "\r\nConnection: close\r\n\r\n" + why;
}

}  // namespace

struct Forwarder::Core {
    Core(Loop& own_loop, AddressJudge own_judge)
        : loop(own_loop), judge(std::move(own_judge)), acceptor(own_loop), pause(own_loop) {}
    Loop& loop;
    AddressJudge judge;
    tcp::acceptor acceptor;
    Notifier pause;
    bool stopped = false;
    unsigned open = 0;
    std::uint64_t next = 0;
    std::map<std::uint64_t, std::weak_ptr<Wire>> wires;

    WirePtr keep(WirePtr wire) {
        wires[next++] = wire;
        std::erase_if(wires, [](const auto& each) { return each.second.expired(); });
        return wire;
    }
};

namespace {

template <class Core>
Task<Result<WirePtr>> dial_judged(std::shared_ptr<Core> core, Forwarded wanted) {
    Task<Result<std::vector<std::string>>> looking = look_up(core->loop, wanted.host, kDial_ms);
    const Result<std::vector<std::string>> found = co_await std::move(looking);
    if (!found) {
        co_return std::unexpected{found.error()};
    }
    for (const std::string& ip : *found) {
        if (const Result<> may = core->judge(ip); !may) {
            co_return fail(Code::kRefused, wanted.host + " is at " + ip + ": " + may.error().message);
        }
    }
    Result<WirePtr> out = fail(Code::kIo, "no address");
    for (std::size_t i = 0; i < found->size() && !out && !core->stopped; ++i) {
        Endpoint endpoint;
        endpoint.host = (*found)[i];
        endpoint.port = wanted.port;
        Task<Result<WirePtr>> dialing = dial(core->loop, std::move(endpoint), nullptr, kDial_ms);
        out = co_await std::move(dialing);
    }
    co_return out;
}

Task<> copy(WirePtr from, WirePtr to) {
    while (true) {
        from->set_deadline(kSilence_ms);
        to->set_deadline(kSilence_ms);
        Bytes piece;
        Task<Result<std::size_t>> reading = from->read(piece);
        const Result<std::size_t> count = co_await std::move(reading);
        if (!count || *count == 0) {
            break;
        }
        Task<Result<>> writing = to->write(piece);
        const Result<> written = co_await std::move(writing);
        if (!written) {
            break;
        }
    }
    from->close();
    to->close();
}

Task<Result<Bytes>> read_head(WirePtr wire) {
    Bytes out;
    while (out.find(kEnd) == Bytes::npos) {
        Task<Result<std::size_t>> reading = wire->read(out);
        const Result<std::size_t> count = co_await std::move(reading);
        if (!count || *count == 0 || out.size() > kMaxHeaderBytes) {
            co_return no_request();
        }
    }
    const std::size_t end = out.find(kEnd) + kEnd.size();
    wire->unread(out.substr(end));
    out.resize(end);
    co_return out;
}

template <class Core>
Task<> forward(std::shared_ptr<Core> core, WirePtr client) {
    client->set_deadline(kHead_ms);
    Task<Result<Bytes>> reading = read_head(client);
    const Result<Bytes> head = co_await std::move(reading);
    const Result<Forwarded> wanted = head ? forwarded_from(*head) : std::unexpected{head.error()};
    Bytes answer = "HTTP/1.1 200 Connection established\r\n\r\n";
    WirePtr server;
    if (!wanted) {
        answer = refusal(400, wanted.error().message);
    } else {
        client->set_deadline(0);
        Forwarded where = *wanted;
        Task<Result<WirePtr>> dialing = dial_judged(core, std::move(where));
        Result<WirePtr> dialed = co_await std::move(dialing);
        if (dialed) {
            server = core->keep(*std::move(dialed));
        } else {
            answer = refusal(dialed.error().code == Code::kRefused ? 403 : 502, dialed.error().message);
        }
    }
    const bool tunnel = !server || wanted->head.empty();
    client->set_deadline(kHead_ms);
    Task<Result<>> writing = tunnel ? client->write(answer) : server->write(wanted->head);
    const Result<> written = co_await std::move(writing);
    if (server && written && !core->stopped) {
        spawn(core->loop, copy(client, server));
        Task<> copying = copy(server, client);
        co_await std::move(copying);
    } else {
        Task<> closing = client->finish();
        co_await std::move(closing);
    }
    --core->open;
}

template <class Core>
Task<> accept_all(std::shared_ptr<Core> core) {
    constexpr std::uint64_t kPause_ms = 50;  // after an error, for example no descriptor left
    while (!core->stopped) {
        tcp::socket socket(core->loop);
        error_code error;
        co_await core->acceptor.async_accept(socket, asio::redirect_error(asio::use_awaitable, error));
        if (error && !core->stopped) {
            Task<bool> pausing = core->pause.wait_for(kPause_ms);
            (void)co_await std::move(pausing);
        } else if (!error && !core->stopped && core->open < kMaxForwarded) {
            ++core->open;
            WirePtr wire = core->keep(std::make_shared<Wire>(Socket(std::move(socket)), "a program here"));
            spawn(core->loop, forward(core, std::move(wire)));
        }
    }
}

}  // namespace

Result<Forwarded> forwarded_from(const std::string& head) {
    const std::size_t end = head.find("\r\n");
    const std::string_view line = std::string_view{head}.substr(0, end);
    const std::size_t first = line.find(' ');
    const std::size_t second = line.rfind(' ');
    if (end == std::string::npos || first == std::string_view::npos || second == first || !head.ends_with(kEnd)) {
        return no_request();
    }
    const std::string method{line.substr(0, first)};
    std::string_view target = line.substr(first + 1, second - first - 1);
    Forwarded out;
    if (method == "CONNECT") {
        TRY_OK(read_authority(target, out));
        return out;
    }
    if (!target.starts_with(kScheme)) {
        return no_request();
    }
    target.remove_prefix(kScheme.size());
    const std::size_t slash = std::min(target.find('/'), target.size());
    out.port = kPlainPort;
    TRY_OK(read_authority(target.substr(0, slash), out));
    out.head = method + " " + (slash == target.size() ? "/" : std::string{target.substr(slash)}) + " HTTP/1.1\r\n";
    for (std::size_t at = end + 2; at < head.size() - 2;) {
        const std::size_t next = head.find("\r\n", at);
        const std::string_view field = std::string_view{head}.substr(at, next - at);
        out.head += is_for_the_proxy(field) ? "" : std::string{field} + "\r\n";
        at = next + 2;
    }
    out.head += "Connection: close\r\n\r\n";  // one request each: the next one may be for another host
    return out;
}

Result<std::unique_ptr<Forwarder>> Forwarder::serve(Loop& loop, int listening, AddressJudge judge) {
    auto core = std::make_shared<Core>(loop, std::move(judge));
    error_code error;
    core->acceptor.assign(tcp::v4(), listening, error);
    if (error) {
        return fail(Code::kIo, "a proxy cannot listen: " + error.message());
    }
    spawn(loop, accept_all(core));
    return std::unique_ptr<Forwarder>{new Forwarder{std::move(core)}};
}

Forwarder::~Forwarder() {
    core_->stopped = true;
    error_code ignored;
    core_->acceptor.close(ignored);
    core_->pause.notify_all();
    for (const auto& [number, weak] : core_->wires) {
        if (const WirePtr wire = weak.lock()) {
            wire->close();
        }
    }
}

}  // namespace sublet::net
