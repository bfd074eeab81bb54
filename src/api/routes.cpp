// routes.cpp: finds the row of a request, holds its parameters to it, and calls the handler.
#include "api/cosmos.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <set>

#include "crypto/address.hpp"
#include "net/quiet.hpp"

namespace sublet::api {

namespace {

std::vector<Route> make_routes() {
    std::vector<Route> out;
    for (std::vector<Route>& list :
         std::vector{record_routes(), chain_routes(), node_routes(), proof_routes(), cosmos_account_routes(),
                     cosmos_tx_routes(), cosmos_chain_routes(), wallet_routes()}) {
        std::ranges::move(list, std::back_inserter(out));
    }
    return out;
}

bool is_name(std::string_view segment) { return segment.starts_with('{') && segment.ends_with('}'); }

std::string_view next_segment(std::string_view& path) {
    path.remove_prefix(path.starts_with('/') ? 1 : 0);
    const std::size_t slash = std::min(path.find('/'), path.size());
    const std::string_view out = path.substr(0, slash);
    path.remove_prefix(slash);
    return out;
}

// Whether the path is an instance of the template; the values of its names go to `values`.
bool fits(std::string_view path, std::string_view pattern, std::map<std::string, std::string, std::less<>>& values) {
    if (std::ranges::count(path, '/') != std::ranges::count(pattern, '/')) {
        return false;
    }
    values.clear();
    while (!pattern.empty()) {
        const std::string_view want = next_segment(pattern);
        const std::string_view have = next_segment(path);
        if (is_name(want) && !have.empty()) {
            values[std::string{want.substr(1, want.size() - 2)}] = have;
        } else if (want != have) {
            return false;
        }
    }
    return true;
}

struct Found {
    const Route* route = nullptr;  // nothing: see `allowed`
    std::map<std::string, std::string, std::less<>> values;
    std::vector<std::string_view> allowed;  // methods that the path has
    Dialect dialect = Dialect::kSublet;
};

Found find_route(const net::Request& request) {
    const std::string_view method = request.method == "HEAD" ? "GET" : std::string_view{request.method};
    Found out;
    out.dialect = request.path.starts_with("/cosmos/") ? Dialect::kCosmos : Dialect::kSublet;
    std::map<std::string, std::string, std::less<>> values;
    for (const Route& route : routes()) {
        if (!fits(request.path, route.path, values)) {
            continue;
        }
        out.dialect = route.dialect;
        out.allowed.push_back(route.method);
        if (route.method == method) {
            out.route = &route;
            out.values = std::move(values);
            break;
        }
    }
    return out;
}

std::optional<std::uint64_t> whole_number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional{value} : std::nullopt;
}

// In UTF-8.
bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }

// What the value should have been; nothing when it is fine.
std::string expected(const Parameter& parameter, std::string_view value) {
    switch (parameter.kind) {
        case Kind::kText: {
            const auto length = static_cast<std::uint64_t>(std::ranges::count_if(value, begins_character));
            return length <= most_characters(parameter)
                       ? ""
                       : "at most " + std::to_string(most_characters(parameter)) + " characters";
        }
        case Kind::kNumber: {
            const std::optional<std::uint64_t> number = whole_number(value);
            const bool fine = number && *number >= parameter.least && *number <= parameter.most;
            return fine ? ""
                        : "a whole number from " + std::to_string(parameter.least) + " to " +
                              std::to_string(parameter.most);
        }
        case Kind::kAddress:
            return crypto::parse_address(value) ? "" : "an address such as sublet1…";
        case Kind::kHash:
            return value.size() == 64 && from_hex(value) ? "" : "64 hex digits";
        case Kind::kHeightOrLatest: {
            const std::optional<std::uint64_t> number = whole_number(value);
            return value == "latest" || (number && *number > 0) ? "" : "a height from 1 on, or latest";
        }
        case Kind::kChoice: {
            std::string list;
            for (const std::string_view each : parameter.choices) {
                if (each == value) {
                    return "";
                }
                list += (list.empty() ? "" : ", ") + std::string{each};
            }
            return "one of " + list;
        }
        case Kind::kTruth:
            return value == "true" || value == "false" ? "" : "true or false";
        case Kind::kQuery: {
            const Result<std::vector<store::Condition>> parsed = store::parse_conditions(value);
            return parsed ? "" : "conditions on events; " + parsed.error().message;
        }
        case Kind::kCursor: {
            const std::size_t dot = value.find('.');
            const bool fine = whole_number(value.substr(0, dot)) &&
                              (dot == std::string_view::npos || whole_number(value.substr(dot + 1)));
            return fine ? "" : "HEIGHT.INDEX, for example 120.3";
        }
    }
    return "";
}

// The pairs of a query in order, decoded.
std::vector<std::pair<std::string, std::string>> pairs_of(const net::Request& request) {
    std::vector<std::pair<std::string, std::string>> out;
    const std::size_t question = std::min(request.target.find('?'), request.target.size());
    std::string_view rest = std::string_view{request.target}.substr(question);
    while (!rest.empty()) {
        rest.remove_prefix(1);
        const std::size_t end = std::min(rest.find('&'), rest.size());
        net::Request one;
        one.target = "/?" + std::string{rest.substr(0, end)};
        net::split_target(one);
        out.insert(out.end(), one.query.begin(), one.query.end());
        rest.remove_prefix(end);
    }
    return out;
}

// Every name once: a client that says a parameter twice means something that we do not do.
Result<> check_once(const Route& route, const net::Request& request) {
    std::set<std::string> seen;
    for (const auto& [name, value] : pairs_of(request)) {
        const auto row = std::ranges::find(route.parameters, name, &Parameter::name);
        const bool many = row != route.parameters.end() && row->many;
        if (!many && !seen.insert(name).second) {
            return fail(Code::kBadField, "a parameter stands there twice");
        }
    }
    return {};
}

Result<> take_values(const Route& route, const net::Request& request,
                     std::map<std::string, std::string, std::less<>>& values) {
    TRY_OK(check_once(route, request));
    for (const auto& [name, value] : request.query) {
        const bool known = std::ranges::find(route.parameters, name, &Parameter::name) != route.parameters.end();
        if (known && !values.contains(name)) {
            values[name] = value;
        } else if (!route.open_query) {
            return fail(Code::kBadField, "there is no parameter '" + name + "' here; /docs lists them");
        }
    }
    for (const Parameter& parameter : route.parameters) {
        const auto value = values.find(parameter.name);
        if (value == values.end()) {
            if (parameter.required) {
                return fail(Code::kBadField, "the parameter '" + std::string{parameter.name} + "' is missing");
            }
            continue;
        }
        const std::string wanted = expected(parameter, value->second);
        if (!wanted.empty()) {
            return fail(Code::kBadField, std::string{parameter.name} + ": expected " + wanted);
        }
    }
    return {};
}

net::Response refuse(const Found& found, const net::Request& request) {
    if (found.allowed.empty()) {
        if (std::optional<net::Response> missing = missing_module(request.path)) {
            return *std::move(missing);
        }
        return problem({Code::kNotFound, "there is no path " + request.path + "; /docs says what is here"},
                       found.dialect);
    }
    std::string allow = "OPTIONS";
    for (const std::string_view each : found.allowed) {
        allow += each == "GET" ? ", GET, HEAD" : ", " + std::string{each};
    }
    const std::string what = "this path answers " + allow + " only";
    net::Response out = found.dialect == Dialect::kCosmos ? unimplemented(405, what)
                                                          : problem({Code::kUnsupported, what}, found.dialect);
    out.status = 405;
    out.headers["allow"] = std::move(allow);
    return out;
}

}  // namespace

const std::vector<Route>& routes() {
    static const std::vector<Route> all = make_routes();
    return all;
}

std::string Call::text(std::string_view name) const {
    const auto found = values.find(name);
    return found == values.end() ? std::string{} : found->second;
}

std::uint64_t Call::number(std::string_view name, std::uint64_t otherwise) const {
    const auto found = values.find(name);
    return found == values.end() ? otherwise : whole_number(found->second).value_or(otherwise);
}

std::uint64_t most_characters(const Parameter& parameter) {
    return std::min<std::uint64_t>(parameter.most, kMaxParameterLength);
}

std::vector<std::string> Call::all(std::string_view name) const {
    std::vector<std::string> out;
    for (auto& [key, value] : pairs_of(request)) {
        if (key == name) {
            out.push_back(std::move(value));
        }
    }
    return out;
}

std::vector<std::string_view> path_names(std::string_view path) {
    std::vector<std::string_view> out;
    while (!path.empty()) {
        const std::string_view segment = next_segment(path);
        if (is_name(segment)) {
            out.push_back(segment.substr(1, segment.size() - 2));
        }
    }
    return out;
}

bool is_rest_path(std::string_view path) {
    std::map<std::string, std::string, std::less<>> values;
    return path.starts_with("/v1/") || path.starts_with("/cosmos/") || path.starts_with("/ibc/") ||
           path.starts_with("/cosmwasm/") ||
           std::ranges::any_of(routes(), [&](const Route& route) { return fits(path, route.path, values); });
}

std::string_view route_label(std::string_view path) {
    std::map<std::string, std::string, std::less<>> values;
    const auto found =
        std::ranges::find_if(routes(), [&](const Route& route) { return fits(path, route.path, values); });
    return found == routes().end() ? "none" : found->path;
}

Task<net::Response> serve_rest(ServicePtr service, net::Request request) {
    Found found = find_route(request);
    if (found.route == nullptr) {
        co_return refuse(found, request);
    }
    const Route& route = *found.route;
    const Result<> taken = take_values(route, request, found.values);
    if (!taken) {
        co_return problem(taken.error(), route.dialect);
    }
    Call call{std::move(request), std::move(found.values)};
    Task<net::Response> handling = route.handler(std::move(service), std::move(call));
    net::Response response = co_await std::move(handling);
    co_return response;
}

}  // namespace sublet::api
