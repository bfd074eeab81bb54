// signer.hpp: the one writer of an account: its key, its next sequence, and the queue of those who want to sign.
// Spec: docs/spec/transactions.md (sequences).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "crypto/address.hpp"
#include "net/notify.hpp"

namespace sublet::client {

using net::Task;

// At most this many of one account wait for a block at once; the node takes 16.
inline constexpr std::size_t kMaxInFlight = 12;

// Make one per key and process; everybody who signs with the key shares it.
class Signer {
public:
    // kMalformed never comes from a SecretKey that exists, but its public key is computed here.
    static Result<std::unique_ptr<Signer>> make(net::Loop& loop, const crypto::SecretKey& secret);

    [[nodiscard]] const crypto::Address& address() const { return address_; }
    [[nodiscard]] const std::string& text() const { return text_; }  // bech32
    [[nodiscard]] const crypto::SecretKey& secret() const { return secret_; }
    [[nodiscard]] const crypto::PublicKey& public_key() const { return public_key_; }

private:
    friend class Chain;
    Signer(net::Loop& loop, const crypto::SecretKey& secret, const crypto::PublicKey& key);

    // The turn to take a sequence and broadcast with it.
    Task<> lock();
    void unlock();
    // Broadcast transactions that are in no block yet.
    Task<bool> wait_settled(std::uint64_t timeout_ms);
    void settled();

    crypto::SecretKey secret_;
    crypto::PublicKey public_key_;
    crypto::Address address_;
    std::string text_;
    net::Notifier changed_;
    bool locked_ = false;
    std::size_t in_flight_ = 0;
    std::uint64_t account_number_ = 0;
    std::optional<std::uint64_t> next_sequence_;  // nothing: read it first
};

}  // namespace sublet::client
