// signer.cpp: lets one coroutine at a time take the account's next sequence.
// Spec: docs/spec/transactions.md (sequences).
#include "client/signer.hpp"
#include "net/quiet.hpp"

namespace sublet::client {

Result<std::unique_ptr<Signer>> Signer::make(net::Loop& loop, const crypto::SecretKey& secret) {
    TRY(key, crypto::public_key(secret));
    return std::unique_ptr<Signer>{new Signer{loop, secret, key}};
}

Signer::Signer(net::Loop& loop, const crypto::SecretKey& secret, const crypto::PublicKey& key)
    : secret_(secret),
      public_key_(key),
      address_(crypto::address_of(key)),
      text_(crypto::to_bech32(address_)),
      changed_(loop) {}

Task<> Signer::lock() {
    while (locked_ || in_flight_ >= kMaxInFlight) {
        co_await changed_.wait();
    }
    locked_ = true;
}

void Signer::unlock() {
    locked_ = false;
    changed_.notify_all();
}

Task<bool> Signer::wait_settled(std::uint64_t timeout_ms) {
    bool in_time = true;
    while (in_flight_ > 0 && in_time) {
        in_time = co_await changed_.wait_for(timeout_ms);
    }
    co_return in_flight_ == 0;
}

void Signer::settled() {
    --in_flight_;
    if (account_number_ == 0) {
        next_sequence_.reset();  // the account was made by this transaction: its number is known only now
    }
    changed_.notify_all();
}

}  // namespace sublet::client
