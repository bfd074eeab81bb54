// head.cpp: writes the heads of requests and responses and refuses what would break a message apart.
// Spec: RFC 9110 §5, RFC 9112 §2-3.
#include <algorithm>
#include <ctime>

#include "net/parser.hpp"

namespace sublet::net {
namespace {

std::string_view reason_phrase(unsigned status) {
    switch (status) {
        case 100:
            return "Continue";
        case 101:
            return "Switching Protocols";
        case 200:
            return "OK";
        case 201:
            return "Created";
        case 202:
            return "Accepted";
        case 204:
            return "No Content";
        case 301:
            return "Moved Permanently";
        case 302:
            return "Found";
        case 304:
            return "Not Modified";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 408:
            return "Request Timeout";
        case 409:
            return "Conflict";
        case 410:
            return "Gone";
        case 413:
            return "Content Too Large";
        case 415:
            return "Unsupported Media Type";
        case 422:
            return "Unprocessable Content";
        case 426:
            return "Upgrade Required";
        case 429:
            return "Too Many Requests";
        case 431:
            return "Request Header Fields Too Large";
        case 500:
            return "Internal Server Error";
        case 501:
            return "Not Implemented";
        case 502:
            return "Bad Gateway";
        case 503:
            return "Service Unavailable";
        case 504:
            return "Gateway Timeout";
        case 505:
            return "HTTP Version Not Supported";
        default:
            return "Status";
    }
}

bool equals_without_case(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::ranges::equal(a, b, {}, lower, lower);
}

// Headers that this room writes itself, because they decide where a message ends.
bool is_framing(std::string_view name) {
    return equals_without_case(name, "content-length") || equals_without_case(name, "transfer-encoding") ||
           equals_without_case(name, "connection") || equals_without_case(name, "date");
}

void add(Bytes& out, std::string_view name, std::string_view value) {
    out += name;
    out += ": ";
    out += value;
    out += "\r\n";
}

Result<> add_headers(Bytes& out, const Headers& headers) {
    for (const auto& [name, value] : headers) {
        if (is_framing(name)) {
            continue;
        }
        if (!is_token(name) || !is_field_value(value)) {
            return fail(Code::kMalformed, "header '" + name + "' has characters that a header may not have");
        }
        add(out, name, value);
    }
    return {};
}

std::string http_date() {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    char text[40];
    const std::size_t length = std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
    return {text, length};
}

bool may_have_body(unsigned status) { return status >= 200 && status != 204 && status != 304; }

}  // namespace

bool is_token(std::string_view text) {
    static constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
    const auto allowed = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               kMarks.find(c) != std::string_view::npos;
    };
    return !text.empty() && std::ranges::all_of(text, allowed);
}

bool is_field_value(std::string_view text) {
    return std::ranges::all_of(
        text, [](char c) { return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f); });
}

bool header_lists(const Headers& headers, std::string_view name, std::string_view word) {
    const auto found = headers.find(name);
    if (found == headers.end()) {
        return false;
    }
    std::string_view rest = found->second;
    while (!rest.empty()) {
        const std::size_t comma = std::min(rest.find(','), rest.size());
        std::string_view item = rest.substr(0, comma);
        rest.remove_prefix(std::min(comma + 1, rest.size()));
        item.remove_prefix(std::min(item.find_first_not_of(" \t"), item.size()));
        item = item.substr(0, item.find_last_not_of(" \t") + 1);
        if (equals_without_case(item, word)) {
            return true;
        }
    }
    return false;
}

Result<Bytes> write_head(const Response& response, HeadOptions options) {
    Bytes out = "HTTP/1.1 " + std::to_string(response.status) + " ";
    out += reason_phrase(response.status);
    out += "\r\n";
    add(out, "Date", http_date());
    TRY_OK(add_headers(out, response.headers));
    if (may_have_body(response.status)) {
        // A handler of HEAD may say how long the body would be.
        const auto length = response.headers.find("content-length");
        const bool given = !options.with_body && response.body.empty() && length != response.headers.end() &&
                           is_field_value(length->second);
        add(out, "Content-Length", given ? length->second : std::to_string(response.body.size()));
    }
    if (!options.keep_alive) {
        add(out, "Connection", "close");
    } else if (options.http10) {
        add(out, "Connection", "keep-alive");
    }
    out += "\r\n";
    if (options.with_body && may_have_body(response.status)) {
        out += response.body;
    }
    return out;
}

Result<Bytes> write_head(const Request& request, const std::string& host) {
    const auto splits = [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; };
    if (!is_token(request.method) || request.target.empty() || std::ranges::any_of(request.target, splits)) {
        return fail(Code::kMalformed, "'" + request.method + " " + request.target +
                                          "' is no HTTP request line; percent-encode spaces and control characters");
    }
    Bytes out = request.method + " " + request.target + " HTTP/1.1\r\n";
    if (!request.headers.contains("host")) {
        add(out, "Host", host);
    }
    if (!request.headers.contains("user-agent")) {
        add(out, "User-Agent", "sublet");
    }
    TRY_OK(add_headers(out, request.headers));
    if (!request.body.empty() || (request.method != "GET" && request.method != "HEAD")) {
        add(out, "Content-Length", std::to_string(request.body.size()));
    }
    out += "\r\n";
    out += request.body;
    return out;
}

}  // namespace sublet::net
