// parser.cpp: Beast's basic_parser fed by hand: one of the three units that see Beast.
// Spec: RFC 9112.
#include <utility>  // before Asio with GCC 12

#include "net/parser.hpp"

#include <limits>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

namespace sublet::net {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;

// A chunk's header or the trailers must fit; without this bound a peer could make us hold an endless line.
constexpr std::size_t kMaxUnparsedBytes = 4 * kMaxHeaderBytes;
constexpr std::size_t kMaxHeaderCount = 128;

struct Parts {
    std::string method;
    std::string target;
    unsigned status = 0;
    Headers headers;
    std::size_t header_count = 0;
    bool http10 = false;
    bool header_done = false;
    Bytes body;
};

std::string lower(beast::string_view text) {
    std::string out(text.data(), text.size());
    for (char& c : out) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return out;
}

// The callbacks of the parser write into Parts. Names and signatures are Beast's.
template <bool kIsRequest>
class Collector final : public http::basic_parser<kIsRequest> {
public:
    explicit Collector(Parts& parts) : parts_(parts) {}

private:
    using Error = beast::error_code;
    using View = beast::string_view;

    void on_request_impl(http::verb, View method, View target, int version, Error&) override {
        parts_.method.assign(method.data(), method.size());
        parts_.target.assign(target.data(), target.size());
        parts_.http10 = version < 11;
    }
    void on_response_impl(int code, View, int version, Error&) override {
        parts_.status = static_cast<unsigned>(code);
        parts_.http10 = version < 11;
    }
    void on_field_impl(http::field, View name, View value, Error& error) override {
        if (parts_.header_done) {
            return;  // trailers say nothing we use
        }
        if (++parts_.header_count > kMaxHeaderCount) {
            error = http::error::header_limit;
            return;
        }
        auto [place, fresh] = parts_.headers.try_emplace(lower(name));
        if (!fresh) {
            place->second += place->first == "cookie" ? "; " : ", ";
        }
        place->second.append(value.data(), value.size());
    }
    void on_header_impl(Error& error) override {
        parts_.header_done = true;
        // Beast takes a request with an encoding that it does not know for one without a body, and reads the body as
        // the next request; a proxy before us may not (RFC 9112 §6.3).
        const auto encoding = parts_.headers.find("transfer-encoding");
        if (kIsRequest && encoding != parts_.headers.end() && lower(encoding->second) != "chunked") {
            error = http::error::bad_transfer_encoding;
        }
    }
    void on_body_init_impl(const boost::optional<std::uint64_t>&, Error&) override {}
    std::size_t on_body_impl(View body, Error&) override {
        parts_.body.append(body.data(), body.size());
        return body.size();
    }
    void on_chunk_header_impl(std::uint64_t, View, Error&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, View body, Error&) override {
        parts_.body.append(body.data(), body.size());
        return body.size();
    }
    void on_finish_impl(Error&) override {}

    Parts& parts_;
};

}  // namespace

class HttpParser::Impl {
public:
    Impl(Kind kind, std::optional<std::uint64_t> body_bytes_max) {
        if (kind == Kind::kRequest) {
            set_up(request_.emplace(parts), body_bytes_max);
        } else {
            set_up(response_.emplace(parts), body_bytes_max);
            response_->skip(kind == Kind::kHeadResponse);
        }
    }

    // Calls `use` with whichever parser there is.
    template <class Use>
    auto with(Use use) {
        return request_ ? use(*request_) : use(*response_);
    }

    Parts parts;
    unsigned refusal_status = 400;

private:
    template <class Parser>
    static void set_up(Parser& parser, std::optional<std::uint64_t> body_bytes_max) {
        parser.eager(true);
        parser.header_limit(static_cast<std::uint32_t>(kMaxHeaderBytes));
        // Not boost::none for endless: Beast 1.74 compares a Content-Length with it and finds none the smaller.
        parser.body_limit(body_bytes_max.value_or(std::numeric_limits<std::uint64_t>::max()));
    }

    std::optional<Collector<true>> request_;
    std::optional<Collector<false>> response_;
};

HttpParser::HttpParser(Kind kind, std::optional<std::uint64_t> body_bytes_max)
    : impl_(std::make_unique<Impl>(kind, body_bytes_max)) {}

HttpParser::~HttpParser() = default;

Result<> HttpParser::feed(Bytes& input) {
    std::size_t eaten = 0;
    beast::error_code error;
    impl_->with([&](auto& parser) {
        while (eaten < input.size() && !parser.is_done() && !error) {
            const std::size_t used =
                parser.put(boost::asio::const_buffer(input.data() + eaten, input.size() - eaten), error);
            eaten += used;
            if (used == 0) {
                break;
            }
        }
    });
    input.erase(0, eaten);
    if (error == http::error::need_more) {
        error = {};
        if (input.size() > kMaxUnparsedBytes) {
            error = http::error::header_limit;
        }
    }
    if (!error) {
        return {};
    }
    if (error == http::error::body_limit) {
        impl_->refusal_status = 413;
        return fail(Code::kTooLarge, "the body is longer than allowed");
    }
    if (error == http::error::header_limit || error == http::error::buffer_overflow) {
        impl_->refusal_status = 431;
        return fail(Code::kTooLarge, "the headers are longer than " + std::to_string(kMaxHeaderBytes) + " bytes");
    }
    impl_->refusal_status = error == http::error::bad_version ? 505 : 400;
    return fail(Code::kMalformed, "not HTTP/1.1: " + error.message());
}

Result<> HttpParser::feed_end() {
    beast::error_code error;
    impl_->with([&](auto& parser) {
        if (!parser.got_some()) {
            error = http::error::partial_message;
        } else if (!parser.is_done()) {
            parser.put_eof(error);
        }
    });
    if (error) {
        return fail(Code::kIo, "the connection ended in the middle of a message");
    }
    return {};
}

bool HttpParser::header_done() const { return impl_->parts.header_done; }
bool HttpParser::done() const {
    return impl_->with([](auto& parser) { return parser.is_done(); });
}
bool HttpParser::ends_with_connection() const {
    return impl_->with([](auto& parser) { return parser.is_header_done() && parser.need_eof(); });
}
bool HttpParser::keep_alive() const {
    return impl_->with([](auto& parser) { return parser.is_header_done() && parser.keep_alive(); });
}
bool HttpParser::is_http10() const { return impl_->parts.http10; }
unsigned HttpParser::refusal_status() const { return impl_->refusal_status; }
const Headers& HttpParser::headers() const { return impl_->parts.headers; }
unsigned HttpParser::status() const { return impl_->parts.status; }
Headers HttpParser::take_headers() { return std::exchange(impl_->parts.headers, {}); }
Bytes HttpParser::take_body() { return std::exchange(impl_->parts.body, {}); }
std::string HttpParser::take_method() { return std::exchange(impl_->parts.method, {}); }
std::string HttpParser::take_target() { return std::exchange(impl_->parts.target, {}); }

}  // namespace sublet::net
