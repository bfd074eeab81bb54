// host.hpp: the world as constructor arguments: clock, randomness, files. The simulator passes its own.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "base/bytes.hpp"
#include "net/task.hpp"

namespace sublet::net {

class Clock {
public:
    virtual ~Clock() = default;
    virtual std::uint64_t unix_ms() = 0;       // wall clock, milliseconds since 1970
    virtual std::uint64_t monotonic_ms() = 0;  // never goes back
    virtual Task<> sleep(std::uint64_t length_ms) = 0;
};

class Random {
public:
    virtual ~Random() = default;
    virtual Bytes bytes(std::size_t count) = 0;  // fit for keys and nonces
};

class Files {
public:
    virtual ~Files() = default;
    virtual Result<Bytes> read(const std::filesystem::path& path) = 0;
    // Replaces the file in one step (temporary file, fsync, rename); `mode` as in chmod.
    virtual Result<> write(const std::filesystem::path& path, BytesView content, unsigned mode) = 0;
    virtual bool exists(const std::filesystem::path& path) = 0;
    virtual Result<> make_folder(const std::filesystem::path& path, unsigned mode) = 0;
    virtual Result<> remove(const std::filesystem::path& path) = 0;
};

std::unique_ptr<Clock> system_clock();
std::unique_ptr<Random> system_random();
std::unique_ptr<Files> system_files();

}  // namespace sublet::net
