// cheats.cpp: what bench/cheats.py asks of the program's own rules, a JSON line in, a JSON line out: which crops a seed
// draws, what compare/1 says of a picture, where noise is, which parts are suspicious.
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "crypto/sha256.hpp"
#include "jobs/compare.hpp"
#include "jobs/noise.hpp"

namespace sublet::jobs {
namespace {

using Json = nlohmann::json;

std::optional<NoiseMap> map_of(const Json& json) {
    if (json.is_null()) {
        return std::nullopt;
    }
    return NoiseMap{json["columns"], json["rows"], json["weights"]};
}

Json crops(const Json& asked) {
    Json out = Json::array();
    const PictureSize size{asked["width"], asked["height"]};
    for (const Crop& each :
         choose_crops(crypto::sha256(asked["seed"].get<std::string>()), size, CropRule{}, map_of(asked["map"]))) {
        out.push_back({each.x, each.y, each.width, each.height});
    }
    return out;
}

Json compare(const Json& asked) {
    std::vector<Crop> where;
    for (const Json& each : asked["crops"]) {
        where.push_back({each[0], each[1], each[2], each[3]});
    }
    const std::vector<std::string> own = asked["own"];
    const Comparison found =
        compare_crops(asked["theirs"].get<std::string>(), PictureSize{asked["width"], asked["height"]}, where,
                      {own.begin(), own.end()});
    Json tiles = Json::array();
    for (const TileResult& each : found.tiles) {
        tiles.push_back({verdict_name(each.verdict), each.differ, each.slightly, each.quiet});
    }
    return {{"verdict", verdict_name(found.verdict)}, {"says", found.says}, {"tiles", tiles}};
}

Json weights(const Json& asked) {
    std::vector<NoisePair> pairs;
    for (const Json& each : asked["pairs"]) {
        pairs.push_back({each[0].get<std::string>(), each[1].get<std::string>()});
    }
    const Result<NoiseMap> map = noise_map(pairs);
    return map ? Json{{"columns", map->columns}, {"rows", map->rows}, {"weights", map->weights}} : Json{};
}

Json parts(const Json& asked) {
    std::map<std::uint32_t, RangePart> which;
    for (std::uint32_t part = 0; part < asked["parts"].size(); ++part) {
        which[part] = {asked["parts"][part].get<std::string>(), asked["samples"]};
    }
    Json suspicious = Json::array();
    const auto found = cross_check(which);
    for (const SuspiciousPart& each : found ? *found : std::vector<SuspiciousPart>{}) {
        suspicious.push_back({each.part, each.why});
    }
    Json noise = Json::array();
    const auto measured = part_noise(which);
    for (const PartNoise& each : measured ? *measured : std::vector<PartNoise>{}) {
        noise.push_back({each.ratio, each.spread, each.smooth, each.low, each.high, each.same_as});
    }
    return {{"suspicious", suspicious}, {"noise", noise}, {"error", found ? "" : found.error().message}};
}

Json answer(const Json& asked) {
    const std::string what = asked["what"];
    return what == "crops"     ? crops(asked)
           : what == "compare" ? compare(asked)
           : what == "map"     ? weights(asked)
                               : parts(asked);
}

}  // namespace
}  // namespace sublet::jobs

int main() {
    for (std::string line; std::getline(std::cin, line);) {
        std::cout << sublet::jobs::answer(nlohmann::json::parse(line)).dump() << std::endl;
    }
    return 0;
}
