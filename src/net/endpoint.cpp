// endpoint.cpp: addresses of servers and targets of requests, read and written.
// Spec: RFC 3986 §2.1 and §3, RFC 9112 §3.2.
#include <charconv>

#include "net/http.hpp"

namespace sublet::net {
namespace {

constexpr std::size_t kMaxHostBytes = 253;       // RFC 1035
constexpr std::size_t kMaxUnixPathBytes = 107;   // sockaddr_un
constexpr std::size_t kMaxQueryParameters = 64;  // more are ignored

std::unexpected<Error> bad_url(std::string_view url, const char* why) {
    return fail(Code::kParse, "'" + std::string(url) + "' is no server address: " + why +
                                  "; write http://host:port, https://host:port or unix:///path");
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// An escape that is none stays as it is, as browsers do it.
std::string percent_decode(std::string_view text, bool plus_is_space) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const int high = text[i] == '%' && i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
        const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
        if (low >= 0) {
            out += static_cast<char>(high * 16 + low);
            i += 2;
        } else {
            out += plus_is_space && text[i] == '+' ? ' ' : text[i];
        }
    }
    return out;
}

bool is_host(std::string_view host) {
    constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";
    return !host.empty() && host.size() <= kMaxHostBytes && host.find_first_not_of(kAllowed) == std::string_view::npos;
}

Result<Endpoint> parse_unix(std::string_view url, std::string_view path) {
    if (path.size() < 2 || path.front() != '/' || path.size() > kMaxUnixPathBytes ||
        path.find('\0') != std::string_view::npos) {
        return bad_url(url, "the socket's path must be absolute and shorter than 108 bytes");
    }
    Endpoint endpoint;
    endpoint.unix_path = path;
    return endpoint;
}

}  // namespace

Result<Endpoint> parse_endpoint(std::string_view url) {
    const std::size_t mark = url.find("://");
    if (mark == std::string_view::npos) {
        return bad_url(url, "it does not start with a scheme");
    }
    const std::string_view scheme = url.substr(0, mark);
    std::string_view rest = url.substr(mark + 3);
    if (scheme == "unix") {
        return parse_unix(url, rest);
    }
    if (scheme != "http" && scheme != "https" && scheme != "ws" && scheme != "wss") {
        return bad_url(url, "the scheme is unknown");
    }
    Endpoint endpoint;
    endpoint.tls = scheme == "https" || scheme == "wss";
    endpoint.port = endpoint.tls ? 443 : 80;
    if (rest.ends_with('/')) {
        rest.remove_suffix(1);
    }
    const bool bracketed = rest.starts_with('[');  // an IPv6 address
    const std::size_t host_end = bracketed ? rest.find(']') : rest.find(':');
    if (bracketed && host_end == std::string_view::npos) {
        return bad_url(url, "a bracket is not closed");
    }
    endpoint.host = bracketed ? rest.substr(1, host_end - 1) : rest.substr(0, host_end);
    const bool host_fits =
        bracketed
            ? !endpoint.host.empty() && endpoint.host.find_first_not_of("0123456789abcdefABCDEF:.") == std::string::npos
            : is_host(endpoint.host);
    if (!host_fits) {
        return bad_url(url, "the host is missing or has characters that no host has");
    }
    rest = host_end == std::string_view::npos ? std::string_view{} : rest.substr(host_end + (bracketed ? 1 : 0));
    if (rest.empty()) {
        return endpoint;
    }
    const char* first = rest.data() + 1;
    const char* last = rest.data() + rest.size();
    const auto [end, error] = std::from_chars(first, last, endpoint.port);
    if (rest.front() != ':' || error != std::errc{} || end != last || endpoint.port == 0) {
        return bad_url(url, "the port must be a number from 1 to 65535, with nothing behind it");
    }
    return endpoint;
}

void split_target(Request& request) {
    std::string_view target = request.target;
    if (const std::size_t mark = target.find("://"); !target.starts_with('/') && mark != std::string_view::npos) {
        const std::size_t slash = target.find_first_of("/?", mark + 3);  // absolute form, as proxies send it
        target = slash == std::string_view::npos ? std::string_view("/") : target.substr(slash);
    }
    target = target.substr(0, target.find('#'));
    const std::size_t question = target.find('?');
    request.path = percent_decode(target.substr(0, question), false);
    request.query.clear();
    std::string_view rest = question == std::string_view::npos ? std::string_view{} : target.substr(question + 1);
    while (!rest.empty() && request.query.size() < kMaxQueryParameters) {
        const std::size_t end = std::min(rest.find('&'), rest.size());
        const std::string_view pair = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        const std::size_t equals = std::min(pair.find('='), pair.size());
        if (!pair.empty()) {
            request.query.insert_or_assign(percent_decode(pair.substr(0, equals), true),
                                           percent_decode(pair.substr(std::min(equals + 1, pair.size())), true));
        }
    }
}

std::string percent_encode(std::string_view text) {
    constexpr std::string_view kUnreserved = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        if (kUnreserved.find(c) != std::string_view::npos) {
            out += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out += '%';
        out += kDigits[byte >> 4U];
        out += kDigits[byte & 15U];
    }
    return out;
}

}  // namespace sublet::net
