// metrics.cpp: /metrics in Prometheus' text format, /health for whoever restarts things.
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

void write_ledger(Text& text, const app::Committed& committed) {
    text.single("height", "gauge", "Last committed block.", text_of(committed.height.value()));
    text.single("block_time_seconds", "gauge", "Header time of the last block, unix seconds.",
                std::to_string(static_cast<double>(committed.time.value()) / 1000.0));
    const app::QueryResult status = app::query(committed, query::kStatus, {}, false);
    if (const auto reply = codec::decode<query::StatusReply>(status.value); status.code == Code::kOk && reply) {
        text.single("ledger_time_seconds", "gauge", "Ledger time L.",
                    std::to_string(static_cast<double>(reply->now.value()) / 1000.0));
    }
    text.metric("records", "gauge", "Records in the hashed state.");
    const ledger::View& view = committed.view;
    text.value("records", text_of(count(view, market::lease_key(LeaseId{}), 8)), "{kind=\"lease\"}");
    text.value("records", text_of(count(view, market::offer_key(OfferId{}), 8)), "{kind=\"offer\"}");
    text.value("records", text_of(count(view, market::deployment_key(DeploymentId{}), 8)), "{kind=\"deployment\"}");
    text.value("records", text_of(count(view, provider::provider_key(Address{}), 20)), "{kind=\"provider\"}");
    text.value("records", text_of(view.state().size()), "{kind=\"any\"}");
}

}  // namespace

net::Response serve_metrics(const Service& service) {
    const engine::EngineCounters counters = service.engine->counters();
    const engine::MempoolSize mempool = service.engine->mempool_size();
    Text text;
    write_ledger(text, *service.engine->committed());
    text.single("mempool_transactions", "gauge", "Transactions waiting for a block.", text_of(mempool.transactions));
    text.single("mempool_bytes", "gauge", "Bytes of them.", text_of(mempool.bytes));
    text.single("blocks_total", "counter", "Blocks made since the start.", text_of(counters.blocks));
    text.single("checks_refused_total", "counter", "Transactions refused before a block.",
                text_of(counters.checks_refused));
    text.metric("transactions_total", "counter", "Transactions in blocks, by result code.");
    for (const auto& [code, number] : counters.by_code) {
        text.value("transactions_total", text_of(number),
                   "{code=\"" + std::string{code_name(static_cast<Code>(code))} + "\"}");
    }
    text.metric("block_seconds", "summary", "From finalize to durable.");
    text.value("block_seconds_sum", std::to_string(counters.block_seconds_sum));
    text.value("block_seconds_count", text_of(counters.blocks));
    text.metric("commit_seconds", "summary", "The synced write alone.");
    text.value("commit_seconds_sum", std::to_string(counters.commit_seconds_sum));
    text.value("commit_seconds_count", text_of(counters.blocks));
    text.single("subscribers_dropped_total", "counter", "Readers that were too slow.",
                text_of(counters.subscribers_dropped));
    text.single("sockets", "gauge", "Open WebSockets.", text_of(service.sockets));
    text.single("requests_total", "counter", "HTTP requests.", text_of(service.requests));
    text.single("halted", "gauge", "1 when the engine stopped by itself.", service.engine->halted() ? "1" : "0");
    net::Response out;
    out.headers["content-type"] = "text/plain; version=0.0.4";
    out.body = text.take();
    return out;
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
