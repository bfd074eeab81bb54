// world.hpp: a folder that goes away, a clock that is set by hand, and a small genesis.
#pragma once

#include <unistd.h>

#include <filesystem>

#include "app/app.hpp"
#include "engine/testing/signed_tx.hpp"
#include "net/host.hpp"

namespace sublet::engine::testing {

class Folder {
public:
    Folder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "sublet-engine-XXXXXX").string();
        root_ = ::mkdtemp(pattern.data());
    }
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(root_, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    [[nodiscard]] std::filesystem::path path() const { return root_; }

private:
    std::filesystem::path root_;
};

class HandClock final : public net::Clock {
public:
    std::uint64_t unix_ms() override { return now; }
    std::uint64_t monotonic_ms() override { return now; }
    net::Task<> sleep(std::uint64_t length_ms) override {
        now += length_ms;
        co_return;
    }
    std::uint64_t now = 1'800'000'000'000;
};

// Whoever has the first account of small_genesis(), and somebody who gets some of it.
inline const Key& rich() {
    static const Key key{'r'};
    return key;
}
inline const Key& poor() {
    static const Key key{'p'};
    return key;
}

inline app::Genesis small_genesis(const Key& rich) {
    app::Genesis out{.chain_id = "test-1", .time = BlockTime{1'800'000'000'000}, .params = {}, .balances = {}};
    out.params.faucet_amount = Amount{5'000'000};
    out.balances.push_back({rich.address, "ucredit", Amount{1'000'000'000}});
    return out;
}

}  // namespace sublet::engine::testing
