// gateway_streams.cpp: the WebSockets of the gateway: logs and events of a lease, followed or up to now.
#include <charconv>
#include <set>

#include <nlohmann/json.hpp>

#include "agent/gateway.hpp"
#include "agent/lease_view.hpp"

namespace sublet::agent {

namespace {

constexpr std::uint64_t kLookAgain_ms = 500;      // for a container that comes back
constexpr std::uint32_t kTailAfterRestart = 500;  // lines looked at for what was missed

std::optional<std::uint32_t> number_of(const std::map<std::string, std::string>& query, const std::string& key) {
    const auto found = query.find(key);
    std::uint32_t value = 0;
    if (found == query.end()) {
        return std::nullopt;
    }
    const std::string& text = found->second;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

std::string text_of(const std::map<std::string, std::string>& query, const std::string& key) {
    const auto found = query.find(key);
    return found == query.end() ? std::string{} : found->second;
}

client::Scope scope_of_stream(const std::string& what) {
    return what == "logs" ? client::Scope::kLogs : client::Scope::kEvents;
}

}  // namespace

struct Gateway::Stream {
    std::shared_ptr<net::WebSocket> socket;
    LeaseId lease;
    std::string what;
    std::string service;  // "": all
    bool follow = false;
    std::optional<std::uint32_t> tail;
    bool closed = false;                             // the peer went away
    std::map<ReplicaKey, std::string> last_time;     // of the last line sent
    std::map<ReplicaKey, std::string> resume_after;  // lines up to here were sent by an earlier read
    std::size_t replicas_running = 0;
    std::shared_ptr<net::Notifier> changed;
};

// Looks at what was read last only: an upgrade cannot wait. A lease that is too new is refused and asked for again.
std::optional<net::Response> Gateway::gate(const net::Request& request) {
    const std::optional<Target> target = target_of(request.path);
    if (!target || (target->what != "logs" && target->what != "events")) {
        return to_response(refuse(404, "there is no WebSocket at " + request.path, "").error());
    }
    const Answer<client::TokenClaims> claims = verify(request, target->lease, scope_of_stream(target->what));
    if (!claims) {
        return to_response(claims.error());
    }
    const market::Lease* lease = core_->seen.find(target->lease);
    if (lease == nullptr) {
        core_->wake_up(true);
        return to_response(
            refuse(404, "no lease " + lease_key_of(target->lease) + " at this provider", "try again in a second")
                .error());
    }
    const Answer<std::monostate> tenant = check_tenant(*claims, *lease);
    if (!tenant) {
        return to_response(tenant.error());
    }
    if (!has_room_for(target->lease)) {
        return to_response(refuse(503, "too many streams are followed at once", "end some of them").error());
    }
    return std::nullopt;
}

bool Gateway::has_room_for(LeaseId lease) const {
    const auto own = streams_of_.find(lease);
    return streams_ < kMaxStreams && (own == streams_of_.end() || own->second < kMaxStreamsPerLease);
}

Task<> Gateway::serve_socket(net::Request request, std::shared_ptr<net::WebSocket> socket) {
    const std::shared_ptr<Gateway> self = shared_from_this();
    const std::optional<Target> target = target_of(request.path);
    if (!target) {
        co_return;
    }
    if (!has_room_for(target->lease)) {  // several upgrades may pass the gate before the first of them gets here
        std::string reason = "too many streams are followed at once";
        co_await socket->close(1013, std::move(reason));
        co_return;
    }
    auto stream = std::make_shared<Stream>();
    stream->socket = std::move(socket);
    stream->lease = target->lease;
    stream->what = target->what;
    stream->service = text_of(request.query, "service");
    stream->follow = text_of(request.query, "follow") == "1" || text_of(request.query, "follow") == "true";
    stream->tail = number_of(request.query, "tail");
    stream->changed = std::make_shared<net::Notifier>(core_->parts.loop);
    streams_ += 1;
    streams_of_[stream->lease] += 1;
    net::spawn(core_->parts.loop, watch_peer(stream));
    if (stream->what == "logs") {
        co_await serve_logs(stream);
    } else {
        co_await serve_events(stream);
    }
    streams_ -= 1;
    if (--streams_of_[stream->lease] == 0) {
        streams_of_.erase(stream->lease);
    }
    if (!stream->closed) {
        std::string reason = "end";
        co_await stream->socket->close(1000, std::move(reason));
    }
}

// Tenants say nothing on these sockets; reading only finds out when they leave.
Task<> Gateway::watch_peer(std::shared_ptr<Stream> stream) {
    while (true) {
        const Result<net::SocketMessage> message = co_await stream->socket->receive();
        if (!message) {
            break;
        }
    }
    stream->closed = true;
    stream->changed->notify_all();
}

Task<> Gateway::serve_logs(std::shared_ptr<Stream> stream) {
    std::set<ReplicaKey> replicas;
    const std::string key = lease_key_of(stream->lease);
    for (const runtime::ContainerState& container : core_->actual.containers) {
        if (container.lease == key) {
            replicas.insert({container.service, container.replica});
        }
    }
    if (const auto workload = core_->workloads.find(stream->lease); workload != core_->workloads.end()) {
        for (const Replica& replica : workload->second.replicas) {
            replicas.insert({replica.spec.service, replica.spec.replica});
        }
    }
    for (const ReplicaKey& replica : replicas) {
        if (stream->service.empty() || stream->service == replica.first) {
            stream->replicas_running += 1;
            net::spawn(core_->parts.loop, serve_replica(stream, replica.first, replica.second));
        }
    }
    if (stream->replicas_running == 0) {
        net::SocketMessage message;
        message.data = error_json("lease " + key + " has no service \"" + stream->service + "\"", "");
        co_await stream->socket->send(std::move(message));
        co_return;
    }
    while (stream->replicas_running > 0 && !stream->closed && !core_->stopping) {
        co_await stream->changed->wait_for(kLookAgain_ms);
    }
}

Task<> Gateway::serve_replica(std::shared_ptr<Stream> stream, std::string service, std::uint32_t replica) {
    const std::shared_ptr<Gateway> self = shared_from_this();
    const ReplicaKey key{service, replica};
    bool first = true;
    while (!stream->closed && !core_->stopping) {
        std::string id;
        bool runs = false;
        for (const runtime::ContainerState& container : core_->actual.containers) {
            if (container.lease == lease_key_of(stream->lease) && container.service == service &&
                container.replica == replica) {
                id = container.id;
                runs = container.phase == runtime::Phase::kRunning;
            }
        }
        if (!id.empty() && (first || runs)) {
            runtime::LogOptions options;
            options.follow = stream->follow;
            options.tail = first ? stream->tail : kTailAfterRestart;
            options.timestamps = true;
            first = false;
            stream->resume_after[key] = stream->last_time[key];
            runtime::LogSink sink = [stream, service, replica](runtime::LogLine line) {
                return send_line(stream, service, replica, std::move(line));
            };
            Task<Result<>> reading = core_->parts.runtime.logs(std::move(id), std::move(options), std::move(sink));
            const Result<> done = co_await std::move(reading);
            static_cast<void>(done);  // the container is gone or the peer is: both are looked at above
        }
        const bool over = core_->unwanted(stream->lease) || core_->seen.find(stream->lease) == nullptr;
        if (!stream->follow || over) {
            break;
        }
        co_await core_->parts.clock.sleep(kLookAgain_ms);
    }
    stream->replicas_running -= 1;
    stream->changed->notify_all();
}

Task<Result<>> Gateway::send_line(std::shared_ptr<Stream> stream, std::string service, std::uint32_t replica,
                                  runtime::LogLine line) {
    if (stream->closed) {
        co_return fail(Code::kCancelled, "the reader went away");
    }
    const ReplicaKey key{service, replica};
    const std::string& resumed = stream->resume_after[key];
    if (!resumed.empty() && line.time <= resumed) {
        co_return Result<>{};  // sent before the container came back
    }
    stream->last_time[key] = line.time;
    nlohmann::json value{{"service", service}, {"replica", replica}, {"time", line.time}, {"line", line.text}};
    net::SocketMessage message;
    message.data = value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    Task<Result<>> sending = stream->socket->send(std::move(message));
    Result<> sent = co_await std::move(sending);
    stream->closed = stream->closed || !sent;
    co_return sent;
}

Task<> Gateway::serve_events(std::shared_ptr<Stream> stream) {
    std::uint64_t after = 0;
    while (!stream->closed && !core_->stopping) {
        const Result<std::vector<StoredEvent>> events = core_->state->events(stream->lease, after);
        if (!events) {
            co_return;
        }
        for (const StoredEvent& event : *events) {
            after = event.sequence;
            net::SocketMessage message;
            message.data = event_json(event);
            Task<Result<>> sending = stream->socket->send(std::move(message));
            const Result<> sent = co_await std::move(sending);
            if (!sent) {
                stream->closed = true;
                co_return;
            }
        }
        const market::Lease* lease = core_->seen.find(stream->lease);
        const bool over = lease == nullptr || lease->state == market::LeaseState::kClosed;
        const bool cleaned = over && !core_->workloads.contains(stream->lease);
        if (!stream->follow || cleaned) {
            co_return;
        }
        co_await core_->news.wait_for(kLookAgain_ms);
    }
}

}  // namespace sublet::agent
