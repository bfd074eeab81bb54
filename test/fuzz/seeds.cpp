// seeds.cpp: writes first inputs for the fuzz targets: fuzz-seeds FOLDER (made when new messages want seeds).
#include <filesystem>
#include <fstream>

#include "../contract/types.hpp"
#include "abci_models.hpp"
#include "agent/swarm_input.hpp"
#include "client/delegation.hpp"
#include "client/receipt.hpp"
#include "client/token.hpp"
#include "codec/wire.hpp"
#include "crypto/sha256.hpp"
#include "jobs/archive.hpp"
#include "jobs/frame.hpp"
#include "jobs/package.hpp"
#include "jobs/still.hpp"
#include "world.hpp"

namespace sublet::fuzz {
namespace {

void write(const std::filesystem::path& folder, const std::string& name, BytesView bytes) {
    std::filesystem::create_directories(folder);
    std::ofstream{folder / name, std::ios::binary} << bytes;
}

template <class M>
void message(const std::filesystem::path& out, std::size_t row, M value) {
    const Bytes bytes = codec::encode(value);
    write(out / "codec", std::to_string(row), Bytes(1, static_cast<char>(row)) + bytes);
    ledger::TxBody body;
    body.messages.push_back({std::string{M::kTypeUrl}, bytes});
    ledger::AuthInfo auth;
    auth.signer_infos.push_back(
        {ledger::Any{std::string{ledger::kPubKeyTypeUrl},
                     codec::encode(ledger::PubKey{Bytes{view_of(*crypto::public_key(scenario::World::key("a")))}})},
         ledger::ModeInfo{ledger::SingleMode{ledger::SignMode::kDirect}}, 3});
    auth.fee = ledger::Fee{{{"ucredit", "5000"}}, 500'000, ""};
    const ledger::TxRaw raw{codec::encode(body), codec::encode(auth), {Bytes(64, 's')}};
    write(out / "transaction", std::to_string(row), codec::encode(raw));
}

void all(const std::filesystem::path& out) {
    const std::string a = scenario::World::address("a");
    const std::string b = scenario::World::address("b");
    message(out, 0, bank::MsgSend{a, b, {{"ucredit", "7"}}});
    message(out, 1, bank::MsgFaucet{});
    provider::MsgRegister provider;
    provider.owner = a;
    provider.operator_address = b;
    provider.gateway_uri = "https://localhost:1";
    provider.tls_pin = Bytes(32, 'p');
    provider.machines = {"m"};
    message(out, 2, provider);
    message(out, 4, provider::MsgHeartbeat{a, {{0, true}}});
    market::MsgPostOffer offer;
    offer.operator_address = a;
    offer.capacity.cpu_milli = 8'000;
    offer.capacity.memory_bytes = 64ULL << 30U;
    offer.price.cpu_core = 7'000'000'000;
    message(out, 5, offer);
    market::MsgCreateDeployment deployment;
    deployment.owner = a;
    market::GroupSpec group;
    group.name = "g";
    market::ResourceUnit unit;
    unit.cpu_milli = 100;
    unit.memory_bytes = 1ULL << 28U;
    unit.count = 1;
    unit.max_rate = Rate{1'000'000'000};
    group.units = {unit};
    deployment.groups = {group};
    deployment.commitment = Bytes(32, 'c');
    deployment.depositors = {b};
    message(out, 8, deployment);
    message(out, 10, market::MsgCloseDeployment{a, DeploymentId{1}});
    message(out, 11, market::MsgTopUp{a, DeploymentId{1}, Amount{9}});
    message(out, 12, market::MsgLeaseReady{a, LeaseId{7}});
    message(out, 13, market::MsgCloseLease{a, LeaseId{7}});
    message(out, 14, market::MsgEndLease{a, LeaseId{7}, market::CloseReason::kUnstable});
    write(out / "text", "address", a);
    write(out / "text", "base64", to_base64("some bytes"));
}

// The key and the claims of token.cpp.
void tokens(const std::filesystem::path& out) {
    const auto key = *crypto::SecretKey::from_bytes(view_of(crypto::sha256("fuzz")));
    client::TokenClaims claims;
    claims.issuer = claims.audience = crypto::address_of(*crypto::public_key(key));
    claims.chain_id = "fuzz-1";
    claims.lease = LeaseId{7};
    claims.scopes = {client::Scope::kLogs, client::Scope::kShell};
    claims.issued_s = claims.begins_s = 1'700'000'000;
    claims.expires_s = claims.issued_s + 60;
    claims.id = "abcdefghijklmnop";
    const std::string token = *client::make_token(claims, key);
    const auto claims_of = [](const std::string& text) {
        const std::size_t from = text.find('.') + 1;
        return *from_base64url(text.substr(from, text.rfind('.') - from));
    };
    client::Delegation delegation;
    delegation.keeper = claims.issuer;
    delegation.chain_id = claims.chain_id;
    delegation.job = JobId{7};
    delegation.issued_s = claims.issued_s;
    delegation.expires_s = claims.expires_s;
    write(out / "token", "delegation", "w" + claims_of(*client::make_delegation(delegation, key)));
    client::Receipt receipt;
    receipt.provider = receipt.creator = claims.issuer;
    receipt.chain_id = claims.chain_id;
    receipt.job = JobId{7};
    receipt.at_s = claims.issued_s;
    receipt.kept_for = {JobId{8}};
    write(out / "token", "receipt", "w" + claims_of(*client::make_receipt(receipt, key)));
    write(out / "token", "whole", "t" + token);
    write(out / "token", "claims", "c" + claims_of(token));
}

void packages(const std::filesystem::path& out) {
    jobs::Package package;
    package.image = "registry.example/blender:4";
    package.command = {"/bin/sh", "-c", "render \"$TASK\"\n"};
    package.env = {"QUALITY=high"};
    package.first = -5;
    package.tasks = 3;
    package.salt = Bytes(jobs::kSaltBytes, 's');
    write(out / "package", "plain", *jobs::to_json(package));
    package.input = jobs::Input{.bytes = 1'024, .sha256 = crypto::sha256("input")};
    write(out / "package", "input", *jobs::to_json(package));
    package.audit = jobs::AuditTerms{.crops = {}, .map = jobs::NoiseMap{2, 1, {1, 255}}};
    write(out / "package", "audit", *jobs::to_json(package));
    write(out / "seed", "a", "content");
    write(out / "seed" / "b", "c", "");
    write(out / "seed", std::string(120, 'n'), "long");
    std::filesystem::create_directories(out / "unpack");
    (void)jobs::pack(out / "seed", out / "unpack" / "tree", {.max_bytes = 1'024});
    std::filesystem::remove_all(out / "seed");
}

// One MiB, as swarm_input.cpp has it.
void swarms(const std::filesystem::path& out) {
    swarm::TorrentMaker maker = *swarm::TorrentMaker::begin(1U << 20U);
    maker.update(Bytes(1U << 20U, 'c'));
    agent::SwarmInput input{.torrent = *maker.finish(), .key = {}, .place = 1, .of = 3, .peers = {}};
    write(out / "swarm_input", "torrent", swarm::to_metadata(input.torrent));
    input.peers = {{"192.0.2.1", 6881}, {"2001:db8::1", 6882}};
    write(out / "swarm_input", "said", agent::to_json(input));
    write(out / "swarm_input", "peer", "[2001:db8::1]:6881");
    write(out / "left", "code", "3\n");
    write(out / "left", "share", "4 128");
    write(out / "left", "benchmark", R"({"crowd":0.3,"glass":0.4,"room":0.75})");
    write(out / "left", "still", jobs::still_json({.by = jobs::SplitBy::kTiles, .columns = 3, .rows = 2}));
    write(out / "left", "frame", jobs::frame_shape_json({.format = "PNG", .width = 64, .height = 36}));
    write(
        out / "gateway_answer", "state",
        R"({"job":7,"input_bytes":9,"complete":false,"image":true,"trouble":"no","swarm":{"port":1,"bytes":2},"running":[]})");
}

void frames(const std::filesystem::path& out) {
    Bytes all;
    for (const abci::Request& each : abci_models()) {
        codec::write_length(all, codec::encode(each));
    }
    write(out / "abci", "every_request", all);
    write(out / "abci", "announces_a_gibibyte", Bytes{"\x80\x80\x80\x80\x04rest"});
    write(out / "abci", "no_varint", Bytes(11, '\xff'));
}

}  // namespace
}  // namespace sublet::fuzz

int main(int count, char** arguments) {
    if (count != 2) {
        return 64;
    }
    sublet::fuzz::all(arguments[1]);
    sublet::fuzz::tokens(arguments[1]);
    sublet::fuzz::packages(arguments[1]);
    sublet::fuzz::swarms(arguments[1]);
    sublet::fuzz::frames(arguments[1]);
    return 0;
}
