// config.cpp: reads the TOML files strictly: every name known, every value of its type.
#include "cli/config.hpp"

#define TOML_EXCEPTIONS 0
// Debian's compiled library has only the throwing half.
#undef TOML_SHARED_LIB
#undef TOML_HEADER_ONLY
#define TOML_HEADER_ONLY 1
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wduplicated-branches"
#include <toml++/toml.h>
#pragma GCC diagnostic pop

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <sstream>

#include "engine/cometbft/snapshot_folder.hpp"

namespace sublet::cli {
namespace {

// One value of the file, by its full name ("gateway.port").
using Set = std::function<bool(const toml::node&)>;
using Names = std::map<std::string, Set, std::less<>>;

Set text(std::string& out) {
    return [&out](const toml::node& node) {
        const auto value = node.value_exact<std::string>();
        out = value.value_or(std::string{});
        return value.has_value();
    };
}

Set path(std::filesystem::path& out) {
    return [&out](const toml::node& node) {
        const auto value = node.value_exact<std::string>();
        out = value.value_or(std::string{});
        return value.has_value();
    };
}

Set truth(bool& out) {
    return [&out](const toml::node& node) {
        const auto value = node.value_exact<bool>();
        out = value.value_or(false);
        return value.has_value();
    };
}

template <class Number>
Set number(Number& out, std::uint64_t most = std::numeric_limits<Number>::max()) {
    return [&out, most](const toml::node& node) {
        const auto value = node.value_exact<std::int64_t>();
        if (!value || *value < 0 || static_cast<std::uint64_t>(*value) > most) {
            return false;
        }
        out = static_cast<Number>(*value);
        return true;
    };
}

// A price is text, so that no binary fraction comes between the file and the ledger.
Set price(std::string& out) { return text(out); }

Set attributes(std::vector<provider::Attribute>& out) {
    return [&out](const toml::node& node) {
        const toml::table* table = node.as_table();
        if (table == nullptr) {
            return false;
        }
        for (const auto& [key, value] : *table) {
            const auto text_value = value.value_exact<std::string>();
            if (!text_value) {
                return false;
            }
            out.push_back({std::string{key.str()}, *text_value});
        }
        std::ranges::sort(out);
        return true;
    };
}

std::string place(const std::filesystem::path& file, const toml::source_region& source) {
    return fmt::format("{}:{}:{}", file.string(), source.begin.line, source.begin.column);
}

Result<> read_table(const std::filesystem::path& file, const toml::table& table, const std::string& prefix,
                    const Names& names) {
    for (const auto& [key, value] : table) {
        const std::string name = prefix + std::string{key.str()};
        const auto known = names.find(name);
        if (known == names.end() && value.is_table() && prefix.empty()) {
            TRY_OK(read_table(file, *value.as_table(), name + ".", names));
            continue;
        }
        if (known == names.end()) {
            return fail(Code::kUsage, fmt::format("{}: \"{}\" is no setting; examples/ has a file that lists them all",
                                                  place(file, value.source()), name));
        }
        if (!known->second(value)) {
            return fail(Code::kUsage,
                        fmt::format("{}: \"{}\" has a value of the wrong type or size; prices and paths are "
                                    "text in quotes",
                                    place(file, value.source()), name));
        }
    }
    return {};
}

Result<> read_file(const std::filesystem::path& file, const Names& names) {
    std::error_code error;
    const auto size = std::filesystem::file_size(file, error);
    if (error || size > kMaxConfigBytes) {
        return fail(Code::kUsage, fmt::format("cannot read {}: {}", file.string(),
                                              error ? error.message() : std::string{"it is over a mebibyte"}));
    }
    const toml::parse_result parsed = toml::parse_file(file.string());
    if (!parsed) {
        return fail(Code::kUsage,
                    fmt::format("{}: {}", place(file, parsed.error().source()), parsed.error().description()));
    }
    return read_table(file, parsed.table(), "", names);
}

}  // namespace

Result<LendSettings> read_lend_config(const std::filesystem::path& file) {
    LendSettings out;
    constexpr std::uint64_t kThousandths = 1000;
    Names names;
    names["data"] = path(out.data);
    names["node"] = text(out.node);
    names["keys.owner"] = text(out.owner_key);
    names["log_format"] = text(out.log_format);
    names["keys.owner_address"] = text(out.owner);
    names["keys.operator"] = text(out.operator_key);
    names["keys.passphrase_file"] = text(out.passphrase_file);
    names["engine.socket"] = text(out.engine_socket);
    names["engine.own"] = truth(out.own_engine);
    names["engine.registries_conf"] = text(out.registries_conf);
    names["engine.require_isolation"] = truth(out.require_isolation);
    names["gateway.address"] = text(out.gateway_address);
    names["gateway.port"] = number(out.gateway_port);
    names["gateway.public_host"] = text(out.public_host);
    names["gateway.ports_address"] = text(out.ports_address);
    names["machine.name"] = text(out.machine);
    names["machine.cpu_permille"] = number(out.share.cpu_permille, kThousandths);
    names["machine.memory_permille"] = number(out.share.memory_permille, kThousandths);
    names["machine.storage_permille"] = number(out.share.storage_permille, kThousandths);
    names["machine.gpus"] = truth(out.share.gpus);
    names["price.cpu_core_hour"] = price(out.cpu_core_hour);
    names["price.memory_gib_hour"] = price(out.memory_gib_hour);
    names["price.storage_gib_hour"] = price(out.storage_gib_hour);
    names["price.gpu_hour"] = price(out.gpu_hour);
    names["price.notice_s"] = number(out.notice_s);
    names["price.withdraw_every_s"] = number(out.withdraw_every_s, 86'400);
    names["jobs.swarm"] = truth(out.swarm);
    names["jobs.swarm_port"] = number(out.swarm_port);
    names["jobs.swarm_upload_kib_s"] = number(out.swarm_upload_kib_s, 1ULL << 30U);
    names["jobs.storage_gib"] = number(out.storage_gib, kMaxStorageGib);
    names["jobs.storage_gib_each"] = number(out.storage_gib_each, kMaxStorageGib);
    names["jobs.slots"] = number(out.job_slots, 1'024);
    names["jobs.overrun_percent"] = number(out.overrun_percent, 100'000);
    names["jobs.benchmark_image"] = text(out.benchmark_image);
    names["attributes"] = attributes(out.attributes);
    TRY_OK(read_file(file, names));
    return out;
}

Result<NodeSettings> read_node_config(const std::filesystem::path& file) {
    NodeSettings out;
    Names names;
    names["engine"] = text(out.engine);
    names["cometbft"] = text(out.cometbft);
    names["data"] = path(out.data);
    names["genesis"] = path(out.genesis);
    names["address"] = text(out.address);
    names["port"] = number(out.port);
    names["block_interval_ms"] = number(out.block_interval_ms, 60'000);
    names["check_invariants"] = truth(out.check_invariants);
    names["snapshot_every"] = number(out.snapshot_every);
    names["snapshot_keep"] = number(out.snapshot_keep, engine::kMaxSnapshots);
    names["keep_blocks"] = number(out.keep_blocks);
    names["log_format"] = text(out.log_format);
    TRY_OK(read_file(file, names));
    return out;
}

}  // namespace sublet::cli
