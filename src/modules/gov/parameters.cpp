// parameters.cpp: every parameter of the network by its name.
// Deterministic. Spec: docs/spec/governance.md (parameters).
#include "modules/gov/process.hpp"

namespace sublet::gov {
namespace {

template <codec::Struct P>
consteval bool has_name(std::string_view name) {
    bool found = false;
    codec::for_each_field<P>([&](const auto& field) { found = found || field.name == name; });
    return found;
}
// Beside the records' own version no name is in two of them.
template <codec::Struct A, codec::Struct B>
consteval bool apart() {
    bool ok = true;
    codec::for_each_field<A>([&](const auto& field) {
        bool twice = false;
        codec::for_each_field<B>([&](const auto& other) { twice = twice || other.name == field.name; });
        ok = ok && (!twice || field.name == "version");
    });
    return ok;
}
static_assert(apart<ledger::Params, stake::Params>() && apart<ledger::Params, Params>() &&
                  apart<stake::Params, Params>(),
              "two parameters have one name");
static_assert(has_name<ledger::Params>("version") && has_name<stake::Params>("version") && has_name<Params>("version"));

// Nothing: no parameter of these has the name.
template <codec::Struct P>
std::optional<Result<>> change_in(P& params, const Change& what) {
    std::optional<Result<>> out;
    codec::for_each_field<P>([&](const auto& field) {
        if (field.name != what.name || field.name == "version") {
            return;
        }
        using Member = std::remove_cvref_t<decltype(params.*field.member)>;
        const Result<Member> value = codec::from_number<Member>(what.value);
        if (value) {
            params.*field.member = *value;
        }
        out = value ? Result<>{} : fail(Code::kUnknownParameter, what.name + ": " + value.error().message);
    });
    return out;
}

}  // namespace

AllParams all_params(const View& view) {
    return {ledger::load<ledger::Params>(view, ledger::params_key()).value_or(ledger::Params{}), stake::params(view),
            params(view)};
}

Result<> change(AllParams& params, const Change& what) {
    if (const auto done = change_in(params.ledger, what)) {
        return *done;
    }
    if (const auto done = change_in(params.stake, what)) {
        return *done;
    }
    if (const auto done = change_in(params.gov, what)) {
        return *done;
    }
    return fail(Code::kUnknownParameter, "there is no parameter '" + what.name + "'");
}

Result<AllParams> changed(const View& view, const std::vector<Change>& changes) {
    AllParams out = all_params(view);
    for (const Change& each : changes) {
        TRY_OK(change(out, each));
    }
    TRY_OK(ledger::check(out.ledger));
    TRY_OK(stake::check(out.stake));
    TRY_OK(check(out.gov));
    TRY_OK(stake::check_change(view, out.stake));
    return out;
}

}  // namespace sublet::gov
