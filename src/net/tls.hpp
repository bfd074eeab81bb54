// tls.hpp: OpenSSL for this room: contexts, identities, the digest of a public key.
#pragma once

#include <utility>  // before Asio with GCC 12

#include <boost/asio/ssl/context.hpp>

#include "net/http.hpp"

namespace sublet::net {

using TlsContext = boost::asio::ssl::context;

// TLS 1.2 and newer, with this key. Errors: kTls.
Result<std::shared_ptr<TlsContext>> server_tls(const TlsIdentity& identity);
// A client without a certificate of its own. `check_chain`: trust this machine's certificate store; else nobody (the
// pin decides).
Result<std::shared_ptr<TlsContext>> client_tls(bool check_chain);

// SHA-256 of the certificate's SubjectPublicKeyInfo. Errors: kTls.
Result<Hash> spki_digest(X509* certificate);
// Compares in constant time. Errors: kTls, naming both digests.
Result<> check_pin(const Hash& expected, const Hash& presented);
// OpenSSL's oldest queued error as text; empties the queue.
std::string tls_error_text();

}  // namespace sublet::net
