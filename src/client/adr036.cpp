// adr036.cpp: the document of ADR-036 as the text that is hashed: keys sorted, no spaces.
// Spec: Cosmos ADR-036.
#include "client/adr036.hpp"

namespace sublet::client {

std::string adr036_document(const crypto::Address& signer, BytesView data) {
    // Neither base64 nor bech32 has a character that JSON would escape.
    return R"({"account_number":"0","chain_id":"","fee":{"amount":[],"gas":"0"},"memo":"","msgs":[)"
           R"({"type":"sign/MsgSignData","value":{"data":")" +
           to_base64(data) + R"(","signer":")" + crypto::to_bech32(signer) + R"("}}],"sequence":"0"})";
}

}  // namespace sublet::client
