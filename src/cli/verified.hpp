// verified.hpp: records of the ledger as a node says them, or proved by signatures where --verify asks for it.
// Spec: docs/spec/light-client.md.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

#include "cli/context.hpp"
#include "client/light_client.hpp"
#include "codec/decode.hpp"

namespace sublet::cli {

struct VerifyOptions {
    bool verify = false;
    std::string trust;  // HEIGHT:HASH, or empty
    bool trust_first = false;
    std::vector<std::string> witnesses;  // URLs
};
void add_verify(CLI::App* command, VerifyOptions& options);

// A record that was read, if there is one.
template <codec::Struct T>
Result<std::optional<T>> decoded(const std::optional<Bytes>& bytes) {
    if (!bytes) {
        return std::optional<T>{};
    }
    TRY(value, codec::decode<T>(*bytes));
    return std::optional<T>{std::move(value)};
}

class Records {
public:
    // Errors: kUsage, kParse (a URL). The context outlives it.
    static Result<std::unique_ptr<Records>> open(Context& context, const VerifyOptions& options);

    // Of each key; nothing: the ledger has no such record. With --verify all are of one state. Errors: those of Chain
    // and LightClient.
    Result<std::vector<std::optional<Bytes>>> read_all(std::vector<Bytes> keys);
    Result<std::optional<Bytes>> read(Bytes key);
    template <codec::Struct T>
    Result<std::optional<T>> record(Bytes key) {
        TRY(bytes, read(std::move(key)));
        return decoded<T>(bytes);
    }

    // Of the last read: what proved it, for people (a line on standard output; none without --verify) and as JSON
    // ("null").
    void print_evidence() const;
    [[nodiscard]] std::string evidence_json() const;

private:
    Records(Context& context, client::Chain& chain) : context_(context), chain_(chain) {}

    Context& context_;
    client::Chain& chain_;
    std::unique_ptr<client::light::TrustStore> store_;
    std::unique_ptr<client::light::LightClient> light_;  // with --verify
    std::optional<client::light::Evidence> evidence_;
};

// `wallet balance` and `query balance`: both denominations of an account.
Result<int> show_balance(Context& context, const Address& address, const VerifyOptions& options);

}  // namespace sublet::cli
