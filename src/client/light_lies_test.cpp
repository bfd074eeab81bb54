// light_lies_test.cpp: the light client against a node that lies: about the record, its proof, the block, its signers.
#include "client/light_world_fixture.hpp"
#include "client/loose_json.hpp"

namespace sublet::client::light {
namespace {

struct Lie {
    const char* name;
    std::function<void(LightWorld&, const std::string& method, json& answer)> tell;
    const char* said;
};

json& response_in(json& answer) { return answer["result"]["response"]; }

const Lie kLies[] = {
    {"another value",
     [](LightWorld&, const std::string& method, json& answer) {
         if (method == "abci_query") {
             response_in(answer)["value"] = to_base64("value z");
         }
     },
     "another value than it proves"},
    {"a value that is absent",
     [](LightWorld&, const std::string& method, json& answer) {
         if (method == "abci_query") {
             response_in(answer)["value"] = "";
         }
     },
     "another value than it proves"},
    {"a proof of its own tree",
     [](LightWorld& world, const std::string& method, json& answer) {
         if (method == "abci_query") {
             ledger::Tree other = world.network.tree;
             other.put("key-a", "value z");
             response_in(answer)["value"] = to_base64("value z");
             response_in(answer)["proofOps"]["ops"][0]["data"] =
                 to_base64(ledger::encode_ics23(other.prove("key-a"), "key-a"));
         }
     },
     "it is of another state"},
    {"a proof of another key",
     [](LightWorld& world, const std::string& method, json& answer) {
         if (method == "abci_query") {
             response_in(answer)["value"] = to_base64("value c");
             response_in(answer)["proofOps"]["ops"][0]["data"] =
                 to_base64(ledger::encode_ics23(world.network.tree.prove("key-c"), "key-c"));
         }
     },
     "it is of another key"},
    {"no proof",
     [](LightWorld&, const std::string& method, json& answer) {
         if (method == "abci_query") {
             response_in(answer)["proofOps"] = nullptr;
         }
     },
     "gives no proof"},
    {"a proof of another kind",
     [](LightWorld&, const std::string& method, json& answer) {
         if (method == "abci_query") {
             response_in(answer)["proofOps"]["ops"][0]["type"] = "ics23:iavl";
         }
     },
     "gives no proof"},
    {"two proofs",
     [](LightWorld&, const std::string& method, json& answer) {
         if (method == "abci_query") {
             json& operations = response_in(answer)["proofOps"]["ops"];
             const json first = operations[0];
             operations.push_back(first);
         }
     },
     "gives no proof"},
    {"another block",
     [](LightWorld& world, const std::string& method, json& answer) {
         if (method == "commit") {
             answer["result"] = commit_json(world.network.block(980));
         }
     },
     "answers with block 980 for block 990"},
    {"validators of its own",
     [](LightWorld&, const std::string& method, json& answer) {
         const PaperSet own = paper_set(70, 4);
         const bool is_commit = method == "commit";
         const std::uint64_t height =
             is_commit ? loose::number(answer["result"]["signed_header"]["header"], "height") : 991;
         const Block forged = paper_block({.height = height, .time_s = kStart_s + height}, own, own);
         if (is_commit) {
             answer["result"] = commit_json(forged);
         } else if (method == "validators") {
             answer["result"] = validators_json(forged);
         }
     },
     "an attack: "},
    {"a ledger of its own, under another name",
     [](LightWorld&, const std::string& method, json& answer) {
         if (method == "commit") {
             answer["result"]["signed_header"]["header"]["chain_id"] = "../../keys/owner";
         }
     },
     "has no name of a chain"},
    {"a node alone",
     [](LightWorld&, const std::string& method, json& answer) {
         if (method == "commit") {
             answer["result"]["signed_header"]["commit"]["signatures"] = json::array();
         }
     },
     "engine solo"},
    {"no JSON that makes sense",
     [](LightWorld&, const std::string& method, json& answer) {
         if (method == "validators") {
             answer["result"] = {{"validators", "all of them"}, {"total", "4"}};
         }
     },
     "has no list in \"validators\""},
};

TEST(LightClient, LiesAreToldAsLies) {
    for (const Lie& each : kLies) {
        LightWorld world;
        world.trust(990);
        const auto before = world.files.content;
        world.network.bend = [&](const std::string&, const std::string& method, json& answer) {
            each.tell(world, method, answer);
        };
        const std::string said = world.told();
        EXPECT_NE(said.find(each.said), std::string::npos) << each.name << ": " << said;
        EXPECT_FALSE(said.starts_with("believed")) << each.name;
        EXPECT_EQ(world.files.content, before) << each.name << " leaves a trace in what is trusted";
    }
}

}  // namespace
}  // namespace sublet::client::light
