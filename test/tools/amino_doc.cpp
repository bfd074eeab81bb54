// amino_doc.cpp: prints what SIGN_MODE_LEGACY_AMINO_JSON signs, for checks against another implementation.
// amino-doc < LINES: each line "ACCOUNT_NUMBER CHAIN_ID_HEX TRANSACTION_HEX", each answer the document or "refused: …".
// amino-doc --names: type URL and amino name of every message.
#include <iostream>
#include <sstream>
#include <string>

#include "app/amino.hpp"

namespace sublet {
namespace {

Result<std::string> document_of(const std::string& line) {
    std::istringstream words{line};
    std::uint64_t account_number = 0;
    std::string chain_hex;
    std::string transaction_hex;
    words >> account_number >> chain_hex >> transaction_hex;
    TRY(chain_id, from_hex(chain_hex));
    TRY(bytes, from_hex(transaction_hex));
    TRY(transaction, ledger::decode_transaction(bytes));
    std::vector<app::AnyMessage> messages;
    for (const ledger::Any& wire : transaction.body.messages) {
        TRY(message, app::Messages::decode(wire));
        messages.push_back(std::move(message));
    }
    return app::amino_sign_doc(transaction, messages, chain_id, account_number);
}

int run(bool names) {
    if (names) {
        for (std::size_t i = 0; i < app::Messages::kTypeUrls.size(); ++i) {
            std::cout << app::Messages::kTypeUrls[i] << ' ' << app::Messages::kAminoNames[i].view() << '\n';
        }
        return 0;
    }
    std::string line;
    while (std::getline(std::cin, line)) {
        const Result<std::string> document = document_of(line);
        std::cout << (document ? *document : "refused: " + document.error().message) << '\n';
    }
    return 0;
}

}  // namespace
}  // namespace sublet

int main(int argc, char** argv) { return sublet::run(argc > 1 && std::string_view{argv[1]} == "--names"); }
