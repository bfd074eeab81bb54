// wiped.hpp: bytes that are overwritten when they die: mnemonics, seeds, passphrases.
#pragma once

#include <openssl/crypto.h>

#include <utility>

#include "base/bytes.hpp"

namespace sublet::client {

class Wiped {
public:
    explicit Wiped(Bytes bytes) : bytes_(std::move(bytes)) {}
    // Copies, then wipes the source: a short string's bytes stay behind in an ordinary move.
    Wiped(Wiped&& other) noexcept : bytes_(other.bytes_) { other.wipe(); }
    Wiped& operator=(Wiped&& other) noexcept {
        if (this != &other) {
            wipe();
            bytes_ = other.bytes_;
            other.wipe();
        }
        return *this;
    }
    Wiped(const Wiped&) = delete;
    Wiped& operator=(const Wiped&) = delete;
    ~Wiped() { wipe(); }

    [[nodiscard]] BytesView view() const noexcept { return bytes_; }
    [[nodiscard]] const unsigned char* data() const noexcept {
        return reinterpret_cast<const unsigned char*>(bytes_.data());
    }
    [[nodiscard]] unsigned char* data() noexcept { return reinterpret_cast<unsigned char*>(bytes_.data()); }
    [[nodiscard]] std::size_t size() const noexcept { return bytes_.size(); }

private:
    void wipe() noexcept {
        OPENSSL_cleanse(bytes_.data(), bytes_.size());
        bytes_.clear();
    }
    Bytes bytes_;
};

}  // namespace sublet::client
