// metrics.cpp: /metrics in Prometheus' text format, /health for whoever restarts things, /ready for whoever sends work.
#include <fmt/format.h>

#include "api/shapes.hpp"
#include "modules/query.hpp"

namespace sublet::api {

namespace {

constexpr std::uint64_t kMaxCounted = 200'000;  // records of a table that one scrape looks at

class Text {
public:
    void metric(std::string_view name, std::string_view type, std::string_view help) {
        out_ += "# HELP sublet_" + std::string{name} + " " + std::string{help} + "\n# TYPE sublet_" +
                std::string{name} + " " + std::string{type} + "\n";
    }
    void value(std::string_view name, const std::string& number, const std::string& labels = {}) {
        out_ += "sublet_" + std::string{name} + labels + " " + number + "\n";
    }
    void single(std::string_view name, std::string_view type, std::string_view help, const std::string& number) {
        metric(name, type, help);
        value(name, number);
    }
    [[nodiscard]] std::string take() { return std::move(out_); }

private:
    std::string out_;
};

// Keys of a table are its prefix and an id or an address at the end.
std::uint64_t count(const ledger::View& view, const Bytes& some_key, std::size_t own_bytes) {
    std::uint64_t out = 0;
    const Bytes prefix = some_key.substr(0, some_key.size() - own_bytes);
    view.visit(prefix, prefix, [&](BytesView, BytesView) { return ++out < kMaxCounted; });
    return out;
}

std::string seconds_text(double seconds) { return fmt::format("{:.9g}", seconds); }
std::string seconds_of_ms(std::uint64_t unix_ms) { return fmt::format("{}.{:03}", unix_ms / 1000, unix_ms % 1000); }

// The series of one histogram; `labels` without braces, perhaps empty.
void write_histogram(Text& text, const std::string& name, const std::string& labels, const engine::Histogram& values) {
    const std::string before = labels.empty() ? "" : labels + ",";
    const std::string braced = labels.empty() ? "" : "{" + labels + "}";
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < values.counts.size(); ++i) {
        below += values.counts[i];
        const std::string bound =
            i < engine::kBucketSeconds.size() ? fmt::format("{}", engine::kBucketSeconds[i]) : "+Inf";
        text.value(name + "_bucket", text_of(below), "{" + before + "le=\"" + bound + "\"}");
    }
    text.value(name + "_sum", seconds_text(values.sum), braced);
    text.value(name + "_count", text_of(below), braced);
}

void write_ledger(Text& text, const app::Committed& committed) {
    text.single("height", "gauge", "Height of the last committed block.", text_of(committed.height.value()));
    text.single("last_block_timestamp_seconds", "gauge", "Header time of the last block, seconds since 1970.",
                seconds_of_ms(committed.time.value()));
    const app::QueryResult status = app::query(committed, query::kStatus, {}, false);
    if (const auto reply = codec::decode<query::StatusReply>(status.value); status.code == Code::kOk && reply) {
        text.single("ledger_time_seconds", "gauge", "Ledger time L, seconds since genesis.",
                    seconds_of_ms(reply->now.value()));
    }
    text.metric("records", "gauge", "Records in the hashed state, by kind; any is all of them.");
    const ledger::View& view = committed.view;
    text.value("records", text_of(count(view, market::lease_key(LeaseId{}), 8)), "{kind=\"lease\"}");
    text.value("records", text_of(count(view, market::offer_key(OfferId{}), 8)), "{kind=\"offer\"}");
    text.value("records", text_of(count(view, market::deployment_key(DeploymentId{}), 8)), "{kind=\"deployment\"}");
    text.value("records", text_of(count(view, provider::provider_key(Address{}), 20)), "{kind=\"provider\"}");
    text.value("records", text_of(view.state().size()), "{kind=\"any\"}");
}

void write_engine(Text& text, const engine::Engine& engine) {
    const engine::EngineCounters counters = engine.counters();
    const engine::MempoolSize mempool = engine.mempool_size();
    text.single("mempool_transactions", "gauge", "Transactions waiting for a block.", text_of(mempool.transactions));
    text.single("mempool_size_bytes", "gauge", "Size of the transactions waiting for a block.", text_of(mempool.bytes));
    text.single("blocks_total", "counter", "Blocks made since the start.", text_of(counters.blocks));
    text.single("checks_refused_total", "counter", "Transactions refused before a block.",
                text_of(counters.checks_refused));
    text.metric("transactions_total", "counter", "Transactions in blocks, by result code.");
    for (const auto& [code, number] : counters.by_code) {
        text.value("transactions_total", text_of(number),
                   "{code=\"" + std::string{code_name(static_cast<Code>(code))} + "\"}");
    }
    text.metric("block_duration_seconds", "histogram", "Making a block, from its first transaction to durable.");
    write_histogram(text, "block_duration_seconds", "", counters.block_seconds);
    text.metric("commit_duration_seconds", "histogram", "The synced write of a block alone.");
    write_histogram(text, "commit_duration_seconds", "", counters.commit_seconds);
    text.metric("check_duration_seconds", "histogram", "The check of a transaction before it is queued.");
    write_histogram(text, "check_duration_seconds", "", counters.check_seconds);
    text.single("subscribers_dropped_total", "counter", "Readers of events that were too slow and were cut.",
                text_of(counters.subscribers_dropped));
    text.single("halted", "gauge", "1 when the engine stopped by itself.", engine.halted() ? "1" : "0");
}

}  // namespace

net::Response serve_metrics(const Service& service) {
    Text text;
    text.metric("build_info", "gauge", "The program; always 1.");
    text.value(
        "build_info", "1",
        "{version=\"" + std::string{app::kVersion} + "\",chain_id=\"" + service.engine->genesis().chain_id + "\"}");
    text.single("start_timestamp_seconds", "gauge", "When the node started, seconds since 1970.",
                seconds_of_ms(service.started_ms));
    write_ledger(text, *service.engine->committed());
    write_engine(text, *service.engine);
    text.single("websocket_connections", "gauge", "Open WebSockets.", text_of(service.sockets));
    text.metric("http_request_duration_seconds", "histogram", "Answers to HTTP requests, by route, method and status.");
    for (const auto& [kind, values] : service.requests) {
        write_histogram(text, "http_request_duration_seconds",
                        fmt::format(R"(route="{}",method="{}",status="{}")", kind.route, kind.method, kind.status),
                        values);
    }
    net::Response out;
    out.headers["content-type"] = "text/plain; version=0.0.4";
    out.body = text.take();
    return out;
}

net::Response serve_ready(const Service& service) {
    const Height height = service.engine->committed()->height;
    std::string state = "working";
    std::string why;
    if (const std::optional<std::string> halted = service.engine->halted()) {
        state = "halted";
        why = *halted;
    } else if (const Result<store::StoredBlock> last = service.engine->header(height); !last) {
        state = "store";
        why = last.error().message;
    }
    const bool ready = state == "working";
    return json_response(ready ? 200 : 503,
                         {{"ready", ready}, {"state", state}, {"height", text_of(height.value())}, {"why", why}});
}

net::Response serve_health(const Service& service) {
    if (const std::optional<std::string> why = service.engine->halted()) {
        return json_response(503, {{"jsonrpc", "2.0"},
                                   {"id", -1},
                                   {"error", {{"code", -32603}, {"message", "Internal error"}, {"data", *why}}}});
    }
    return json_response(200, {{"jsonrpc", "2.0"}, {"id", -1}, {"result", Json::object()}});
}

}  // namespace sublet::api
