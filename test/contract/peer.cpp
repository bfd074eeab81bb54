// peer.cpp: our half of the contract's tests: prints the field lists, or re-encodes what another program encoded.
//
// contract-peer describe   the field lists as JSON
// contract-peer serve      answers batches on stdin until it ends. A batch: u32 length, then that many bytes of frames.
//                          A frame: u16 row in `describe`'s order, u8 flags (1: JSON too), u32 length, bytes. Answered
//                          by one batch: per frame u8 (0 taken, 1 refused), u32 length, the bytes re-encoded or the
//                          refusal's code and sentence; and, if asked and taken, u32 length, JSON. Numbers are
//                          little-endian.
#include <cstdio>
#include <functional>

#include "codec/decode.hpp"
#include "describe.hpp"

namespace sublet::contract {
namespace {

constexpr std::size_t kMaxBatchBytes = 256U << 20U;

void put_number(Bytes& out, std::uint64_t value, unsigned bytes) {
    for (unsigned i = 0; i < bytes; ++i) {
        out += static_cast<char>((value >> (8 * i)) & 0xffU);
    }
}
void put_piece(Bytes& out, BytesView piece) {
    put_number(out, piece.size(), 4);
    out += piece;
}

// Reads numbers and pieces from the front of a view; what is not there reads as zero and empty.
struct Frames {
    BytesView rest;
    std::uint64_t number(unsigned bytes) {
        std::uint64_t out = 0;
        for (unsigned i = 0; i < bytes && i < rest.size(); ++i) {
            out |= std::uint64_t{static_cast<std::uint8_t>(rest[i])} << (8 * i);
        }
        rest.remove_prefix(std::min<std::size_t>(bytes, rest.size()));
        return out;
    }
    BytesView piece() {
        const std::size_t size = std::min<std::size_t>(number(4), rest.size());
        const BytesView out = rest.substr(0, size);
        rest.remove_prefix(size);
        return out;
    }
};

template <codec::Struct T>
void answer(Bytes& out, BytesView bytes, bool json) {
    const Result<T> value = codec::decode<T>(bytes);
    if (!value) {
        out += '\1';
        put_piece(out, std::string{code_name(value.error().code)} + ": " + value.error().message);
        return;
    }
    out += '\0';
    put_piece(out, codec::encode(*value));
    if (json) {
        put_piece(out, codec::to_json(*value));
    }
}

using Answer = void (*)(Bytes&, BytesView, bool);

template <std::size_t... I>
std::vector<Answer> answers(std::index_sequence<I...>) {
    return {answer<typename std::tuple_element_t<I, decltype(kTypes)>::Type>...};
}

bool read_exactly(Bytes& out, std::size_t size) {
    out.resize(size);
    return std::fread(out.data(), 1, size, stdin) == size;
}

int serve() {
    const std::vector<Answer> table = answers(std::make_index_sequence<std::tuple_size_v<decltype(kTypes)>>{});
    Bytes head;
    Bytes batch;
    while (read_exactly(head, 4)) {
        const std::uint64_t size = Frames{head}.number(4);
        if (size > kMaxBatchBytes || !read_exactly(batch, size)) {
            std::fputs("contract-peer: a batch is too large or ends early\n", stderr);
            return 1;
        }
        Bytes out;
        Frames frames{batch};
        while (!frames.rest.empty()) {
            const std::size_t row = frames.number(2);
            const bool json = frames.number(1) == 1;
            const BytesView bytes = frames.piece();
            if (row >= table.size()) {
                std::fputs("contract-peer: no such row\n", stderr);
                return 1;
            }
            table[row](out, bytes, json);
        }
        Bytes framed;
        put_piece(framed, out);
        std::fwrite(framed.data(), 1, framed.size(), stdout);
        std::fflush(stdout);
    }
    return 0;
}

template <class Rows, class Line>
std::string list(const Rows& rows, const Line& line) {
    std::string out;
    const auto add_line = [&](const auto& row) { out += (out.empty() ? "\n" : ",\n") + line(row); };
    std::apply([&](const auto&... row) { (add_line(row), ...); }, rows);
    return out;
}

int describe_all() {
    const auto message = [](const auto& row) {
        return describe<typename std::remove_cvref_t<decltype(row)>::Type>(row.name);
    };
    const auto enumeration = [](const auto& row) {
        return describe_enum<typename std::remove_cvref_t<decltype(row)>::Type>(row.name);
    };
    const auto price = [](const auto& row) {
        using M = typename std::remove_cvref_t<decltype(row)>::Type;
        return "{\"type_url\":\"" + std::string{M::kTypeUrl} + "\",\"gas\":" + std::to_string(M::kGas) +
               ",\"free_for_operator\":" + (M::kFeeClass == ledger::FeeClass::kFreeForOperator ? "true" : "false") +
               "}";
    };
    std::string paths;
    for (const std::string_view path :
         {query::kStatus,           query::kProviders,   query::kProviderOfOperator, query::kOffers,
          query::kOffersOfProvider, query::kDeployments, query::kLeasesOfTenant,     query::kLeasesOfProvider,
          query::kJobsOfOwner,      query::kJobsOnOffer, query::kTasksOfJob,         query::kTasksOfWorker,
          query::kProbesOfWorker,   query::kRates,       query::kAuditsOfJob,        query::kAuditsOfAuditor,
          query::kStandings,        query::kValidators,  query::kDelegations,        query::kUnbondings,
          query::kProposals,        query::kUpgrades}) {
        paths += (paths.empty() ? "\"" : ",\"") + std::string{path} + "\"";
    }
    std::printf("{\"enums\":[%s],\n\"messages\":[%s],\n\"query_paths\":[%s],\n\"max_repeated\":%zu,\n\"types\":[%s]}\n",
                list(kEnums, enumeration).c_str(), list(kMessages, price).c_str(), paths.c_str(), codec::kMaxRepeated,
                list(kTypes, message).c_str());
    return 0;
}

}  // namespace
}  // namespace sublet::contract

int main(int count, char** arguments) {
    const std::string_view verb = count == 2 ? arguments[1] : "";
    if (verb == "describe") {
        return sublet::contract::describe_all();
    }
    if (verb == "serve") {
        return sublet::contract::serve();
    }
    std::fputs("usage: contract-peer describe | serve\n", stderr);
    return 64;
}
