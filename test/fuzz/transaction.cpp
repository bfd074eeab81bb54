// transaction.cpp: fuzz target: what is taken as a transaction is canonical to its last message, and can be shown.
#include <nlohmann/json.hpp>

#include "app/amino.hpp"
#include "app/app.hpp"
#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sublet;
    const BytesView bytes = fuzz::view_of_input(data, size);
    const auto parsed = app::parse_transaction(bytes);
    if (!parsed) {
        fuzz::require(!parsed.error().message.empty(), "a refusal says why");
        return 0;
    }
    const ledger::Transaction& transaction = parsed->transaction;
    fuzz::require(size <= ledger::kMaxTxBytes, "no transaction is larger than its maximum");
    fuzz::require(codec::encode(transaction.raw) == bytes, "the envelope is canonical");
    fuzz::require(codec::encode(transaction.body) == transaction.raw.body_bytes, "the body is canonical");
    fuzz::require(codec::encode(transaction.auth) == transaction.raw.auth_info_bytes, "the auth info is canonical");
    fuzz::require(!parsed->messages.empty() && parsed->messages.size() == transaction.body.messages.size(),
                  "every message was read");
    for (std::size_t i = 0; i < parsed->messages.size(); ++i) {
        const Bytes again = std::visit([](const auto& each) { return codec::encode(each); }, parsed->messages[i]);
        fuzz::require(again == transaction.body.messages[i].value, "a message is canonical");
        fuzz::require(app::check_static_of(parsed->messages[i]).has_value(), "a message passed its static check");
    }
    const auto document = app::amino_sign_doc(transaction, parsed->messages, "fuzz-1", 7);
    fuzz::require(!document || nlohmann::json::accept(*document), "the amino document is JSON");
    fuzz::require(nlohmann::json::accept(app::transaction_json(transaction)), "the shown transaction is JSON");
    return 0;
}
