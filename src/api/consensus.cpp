// consensus.cpp: questions to the consensus program, and its hexadecimal answers in Cosmos' base64.
#include "api/consensus.hpp"

#include <array>

#include "api/cosmos.hpp"
#include "api/shapes.hpp"
#include "net/quiet.hpp"

namespace sublet::api {
namespace {

constexpr std::array<std::string_view, 5> kNumbers = {"height", "page", "per_page", "minHeight", "maxHeight"};

Task<Result<Json>> asked(ServicePtr service, std::string method, Json parameters) {
    std::string text = parameters.dump();
    Task<Result<std::string>> asking = service->engine->ask_consensus(std::move(method), std::move(text));
    const Result<std::string> answer = co_await std::move(asking);
    if (!answer) {
        co_return std::unexpected{answer.error()};
    }
    Json parsed = Json::parse(*answer, nullptr, false);
    if (parsed.is_discarded()) {
        co_return fail(Code::kEngine, "CometBFT's answer is no JSON");
    }
    co_return parsed;
}

std::string text_at(const Json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

void to_base64_at(Json& object, std::initializer_list<const char*> keys) {
    for (const char* key : keys) {
        object[key] = base64_of_hex(text_at(object, key));
    }
}

Json proto_id(const Json& id) {
    const Json parts = id.value("parts", Json::object());
    return {{"hash", base64_of_hex(text_at(id, "hash"))},
            {"part_set_header", {{"total", parts.value("total", 0)}, {"hash", base64_of_hex(text_at(parts, "hash"))}}}};
}

std::string flag_name(int flag) {
    constexpr std::array<const char*, 4> kNames = {"UNKNOWN", "ABSENT", "COMMIT", "NIL"};
    const std::size_t at = flag > 0 && flag < 4 ? static_cast<std::size_t>(flag) : 0;
    return std::string{"BLOCK_ID_FLAG_"} + kNames[at];
}

Json proto_of(Json block) {
    Json& header = block["header"];
    header["last_block_id"] = proto_id(header.value("last_block_id", Json::object()));
    to_base64_at(header, {"last_commit_hash", "data_hash", "validators_hash", "next_validators_hash", "consensus_hash",
                          "app_hash", "last_results_hash", "evidence_hash", "proposer_address"});
    Json& commit = block["last_commit"];
    commit["block_id"] = proto_id(commit.value("block_id", Json::object()));
    for (Json& each : commit["signatures"]) {
        to_base64_at(each, {"validator_address"});
        each["block_id_flag"] = flag_name(each.value("block_id_flag", 0));
        each["signature"] = text_at(each, "signature");
    }
    return block;
}

}  // namespace

Task<Result<Json>> ask_consensus(ServicePtr service, std::string method, Params params, bool has_height) {
    const std::uint64_t last = service->engine->committed()->height.value();
    Json parameters = Json::object();
    for (const std::string_view name : kNumbers) {
        CO_TRY(number, params.number(name, 0));
        if (number != 0) {
            parameters[std::string{name}] = text_of(number);
        }
        if (name == "height" && number > last) {
            co_return fail(Code::kNotFound, "height " + text_of(number) +
                                                " must be less than or equal to the current blockchain height " +
                                                text_of(last));
        }
    }
    if (method == "blockchain") {
        CO_TRY(highest, params.number("maxHeight", 0));
        parameters["maxHeight"] = text_of(highest == 0 ? last : std::min(highest, last));
        parameters.emplace("minHeight", "1");
    } else if (has_height && !parameters.contains("height")) {
        parameters["height"] = text_of(last);
    }
    Task<Result<Json>> asking = asked(service, std::move(method), std::move(parameters));
    co_return co_await std::move(asking);
}

Task<Json> consensus_status(ServicePtr service) {
    Task<Result<Json>> asking = asked(service, "status", Json::object());
    Result<Json> answer = co_await std::move(asking);
    co_return answer && answer->is_object() ? *std::move(answer) : Json::object();
}

Task<Result<Json>> consensus_block(ServicePtr service, Height height) {
    Json parameters = {{"height", text_of(height.value())}};
    Task<Result<Json>> asking = asked(service, "block", std::move(parameters));
    Result<Json> answer = co_await std::move(asking);
    if (!answer) {
        co_return answer;
    }
    const Json id = proto_id((*answer)["block_id"]);
    const std::string proposer = text_at((*answer)["block"]["header"], "proposer_address");
    Json block = proto_of((*answer)["block"]);
    Json shown = block;
    shown["header"]["proposer_address"] = consensus_address(proposer);
    co_return Json{{"block_id", id}, {"block", std::move(block)}, {"sdk_block", std::move(shown)}};
}

Task<Result<Json>> consensus_validators(ServicePtr service, Height height) {
    Json parameters = {{"height", text_of(height.value())}, {"per_page", text_of(kMaxShownValidators)}};
    Task<Result<Json>> asking = asked(service, "validators", std::move(parameters));
    const Result<Json> answer = co_await std::move(asking);
    if (!answer) {
        co_return std::unexpected{answer.error()};
    }
    Json out = Json::array();
    for (const Json& each : answer->value("validators", Json::array())) {
        const Json key = each.value("pub_key", Json::object());
        out.push_back({{"address", consensus_address(text_at(each, "address"))},
                       {"pub_key", {{"@type", "/cosmos.crypto.ed25519.PubKey"}, {"key", text_at(key, "value")}}},
                       {"voting_power", text_at(each, "voting_power")},
                       {"proposer_priority", text_at(each, "proposer_priority")}});
    }
    co_return out;
}

}  // namespace sublet::api
