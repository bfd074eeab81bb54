// parser.hpp: an incremental HTTP/1.1 parser (Beast's, behind a wall) and the writing of message heads.
// Spec: RFC 9112.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "net/http.hpp"

namespace sublet::net {

// Feeds on whatever came from the wire and gives the parts of one message. Not reusable: one parser per message.
class HttpParser {
public:
    enum class Kind : std::uint8_t { kRequest, kResponse, kHeadResponse };

    // `body_bytes_max`: nothing means endless (the caller takes the body away as it comes).
    HttpParser(Kind kind, std::optional<std::uint64_t> body_bytes_max);
    ~HttpParser();
    HttpParser(const HttpParser&) = delete;
    HttpParser& operator=(const HttpParser&) = delete;

    // Eats what it can from the front of `input`. Errors: kMalformed, kTooLarge; refusal_status() is then set.
    Result<> feed(Bytes& input);
    // The peer will send no more. Errors: kIo when the message is not complete.
    Result<> feed_end();

    [[nodiscard]] bool header_done() const;
    [[nodiscard]] bool done() const;
    // The end of the body is the end of the connection.
    [[nodiscard]] bool ends_with_connection() const;
    [[nodiscard]] bool keep_alive() const;
    [[nodiscard]] bool is_http10() const;
    // What a server answers after an error of feed(): 400, 413, 431 or 505.
    [[nodiscard]] unsigned refusal_status() const;

    [[nodiscard]] const Headers& headers() const;
    [[nodiscard]] unsigned status() const;  // responses
    // Each takes the part away.
    Headers take_headers();
    Bytes take_body();  // what has come since the last call
    std::string take_method();
    std::string take_target();

    class Impl;

private:
    std::unique_ptr<Impl> impl_;
};

struct HeadOptions {
    bool keep_alive = true;
    bool with_body = true;  // false: no body follows (HEAD)
    bool http10 = false;
};

// The head of a response up to the empty line. Errors: kMalformed when a header would break the message apart.
Result<Bytes> write_head(const Response& response, HeadOptions options);
// The head of a request for `host` (as in the Host header). Errors: kMalformed, as above.
Result<Bytes> write_head(const Request& request, const std::string& host);

// True for a name that may stand as a header's name or a method (RFC 9110 §5.6.2).
bool is_token(std::string_view text);
// True for a value without control characters, which would let it end its line.
bool is_field_value(std::string_view text);
// The words of a comma-separated header, compared without case.
bool header_lists(const Headers& headers, std::string_view name, std::string_view word);

}  // namespace sublet::net
