// doctor.hpp: what this machine can do and what it lacks; each finding comes with the command that mends it.
#pragma once

#include <string>
#include <vector>

#include "net/host.hpp"
#include "runtime/engine_process.hpp"
#include "runtime/firewall.hpp"
#include "runtime/runtime.hpp"

namespace sublet::runtime {

enum class Verdict : std::uint8_t { kOk, kWarn, kFail };

struct Finding {
    std::string what;  // "container engine"
    Verdict verdict = Verdict::kOk;
    std::string detail;  // what was seen
    std::string mend;    // a command, or empty
};

struct DoctorOptions {
    EngineOptions engine;              // how to find or start one
    std::vector<std::uint16_t> ports;  // that the caller wants to listen on
    std::uint64_t disk_min_bytes = 5ULL << 30U;
    bool run_container = true;  // really run one (takes a second; needs busybox-static)
};

// Looks at everything, in an order where the first kFail is the cause of later ones. Never errs itself; leaves nothing
// behind.
net::Task<std::vector<Finding>> examine(net::Transport& transport, net::Clock& clock, DoctorOptions options);

std::string_view verdict_name(Verdict verdict);  // "ok", "warn", "fail"

// A tar archive (ustar) with one static program at /bin/busybox: an image made from nothing. Errors: kIo, kNotFound.
Result<Bytes> busybox_archive(const std::string& busybox_path);
// Imports it under `image`; the engine keeps it until removed. Errors: as Runtime.
net::Task<Result<>> import_image(net::Transport& transport, net::Endpoint engine, std::string image, Bytes archive);
net::Task<Result<>> remove_image(net::Transport& transport, net::Endpoint engine, std::string image);

}  // namespace sublet::runtime
