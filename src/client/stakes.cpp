// stakes.cpp: lists of records, page by page.
#include "client/stakes.hpp"

#include <algorithm>

namespace sublet::client {
namespace {

template <codec::Struct T>
Result<T> decoded(const Result<Bytes>& value, const std::string& what) {
    if (!value) {
        return std::unexpected{value.error()};
    }
    if (value->empty()) {
        return fail(Code::kNotFound, what);
    }
    return codec::decode<T>(*value);
}

template <codec::Struct T>
Task<Result<T>> record(Chain& chain, Bytes key, std::string what) {
    std::string path{query::kRawKey};
    Task<Result<Bytes>> asking = chain.abci_query(std::move(path), std::move(key));
    const Result<Bytes> value = co_await std::move(asking);
    co_return decoded<T>(value, what);
}

template <codec::Struct T>
Task<Result<std::vector<T>>> page(Chain& chain, std::string_view path, query::ListRequest request) {
    std::string where{path};
    Bytes data = codec::encode(request);
    Task<Result<Bytes>> asking = chain.abci_query(std::move(where), std::move(data));
    const Result<Bytes> value = co_await std::move(asking);
    if (!value) {
        co_return std::unexpected{value.error()};
    }
    const Result<query::ListReply> reply = codec::decode<query::ListReply>(*value);
    if (!reply) {
        co_return std::unexpected{reply.error()};
    }
    std::vector<T> out;
    for (const Bytes& each : reply->records) {
        Result<T> one = codec::decode<T>(each);
        if (!one) {
            co_return std::unexpected{one.error()};
        }
        out.push_back(*std::move(one));
    }
    co_return out;
}

query::ListRequest by(const Address& address) {
    query::ListRequest request;
    request.address = crypto::to_bech32(address);
    return request;
}

Task<Result<std::vector<stake::Validator>>> all_validators(Chain& chain) {
    std::vector<stake::Validator> out;
    query::ListRequest request;
    for (std::size_t pages = 0; pages < kMaxPages; ++pages) {
        Task<Result<std::vector<stake::Validator>>> asking = page<stake::Validator>(chain, query::kValidators, request);
        Result<std::vector<stake::Validator>> some = co_await std::move(asking);
        if (!some) {
            co_return std::unexpected{some.error()};
        }
        const bool last = some->size() < query::kMaxListed;
        std::ranges::move(*some, std::back_inserter(out));
        if (last) {
            break;
        }
        request = by(out.back().operator_address);
    }
    co_return out;
}

}  // namespace

std::uint64_t Stakes::power(const stake::Validator& validator) const {
    const auto found = std::ranges::find(set.members, validator.consensus_key, &stake::Member::key);
    return found == set.members.end() ? 0 : found->power;
}

stake::Validator Stakes::settled(stake::Validator validator) const {
    return stake::settled(pool, std::move(validator));
}

Task<Result<Stakes>> stakes(Chain& chain) {
    Stakes out;
    Bytes key = stake::params_key();
    const std::string none = "this network has no validators: one process orders its transactions";
    CO_TRY(params, co_await record<stake::Params>(chain, std::move(key), none));
    out.params = params;
    key = stake::pool_key();
    CO_TRY(pool, co_await record<stake::Pool>(chain, std::move(key), none));
    out.pool = pool;
    key = stake::engine_set_key();
    CO_TRY(set, co_await record<stake::EngineSet>(chain, std::move(key), none));
    out.set = std::move(set);
    CO_TRY(validators, co_await all_validators(chain));
    out.validators = std::move(validators);
    co_return out;
}

Task<Result<std::vector<stake::Delegation>>> delegations(Chain& chain, Address delegator) {
    return page<stake::Delegation>(chain, query::kDelegations, by(delegator));
}
Task<Result<std::vector<stake::Unbonding>>> unbondings(Chain& chain, Address delegator) {
    return page<stake::Unbonding>(chain, query::kUnbondings, by(delegator));
}
Task<Result<std::vector<gov::Proposal>>> proposals(Chain& chain) {
    return page<gov::Proposal>(chain, query::kProposals, {});
}
Task<Result<std::vector<gov::Upgrade>>> upgrades(Chain& chain) {
    return page<gov::Upgrade>(chain, query::kUpgrades, {});
}

}  // namespace sublet::client
