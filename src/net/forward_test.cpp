// forward_test.cpp: what a program behind the proxy reaches, and what it is told of the rest.
#include "net/forward.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/net_fixture.hpp"

namespace sublet::net {
namespace {

struct AskedRow {
    const char* head;
    const char* host;  // null: refused
    std::uint16_t port;
    const char* passed_on;
};

TEST(ForwardedFrom, ReadsWhatProxiesAreAskedFor) {
    const AskedRow rows[] = {
        {"CONNECT a.b:443 HTTP/1.1\r\nHost: a.b:443\r\n\r\n", "a.b", 443, ""},
        {"CONNECT [::1]:8443 HTTP/1.1\r\n\r\n", "::1", 8443, ""},
        {"GET http://a.b/v2/?x=1 HTTP/1.1\r\nHost: a.b\r\nProxy-Connection: keep-alive\r\nX: y\r\n\r\n", "a.b", 80,
         "GET /v2/?x=1 HTTP/1.1\r\nHost: a.b\r\nX: y\r\nConnection: close\r\n\r\n"},
        {"GET http://[fd00::1]:5000 HTTP/1.1\r\nCONNECTION: keep-alive\r\n\r\n", "fd00::1", 5000,
         "GET / HTTP/1.1\r\nConnection: close\r\n\r\n"},
        {"CONNECT a.b HTTP/1.1\r\n\r\n", nullptr, 0, ""},        // no port
        {"CONNECT a.b:0 HTTP/1.1\r\n\r\n", nullptr, 0, ""},      // none that there is
        {"CONNECT a.b:70000 HTTP/1.1\r\n\r\n", nullptr, 0, ""},  // the same
        {"CONNECT :443 HTTP/1.1\r\n\r\n", nullptr, 0, ""},
        {"GET /v2/ HTTP/1.1\r\nHost: a.b\r\n\r\n", nullptr, 0, ""},  // meant for a server
        {"GET https://a.b/ HTTP/1.1\r\n\r\n", nullptr, 0, ""},
        {"GET http://user@a.b/ HTTP/1.1\r\n\r\n", nullptr, 0, ""},
        {"\r\n\r\n", nullptr, 0, ""},
        {"CONNECT\r\n\r\n", nullptr, 0, ""},
    };
    for (const AskedRow& row : rows) {
        const Result<Forwarded> got = forwarded_from(row.head);
        ASSERT_EQ(got.has_value(), row.host != nullptr) << row.head;
        if (got) {
            EXPECT_EQ(got->host, row.host) << row.head;
            EXPECT_EQ(got->port, row.port) << row.head;
            EXPECT_EQ(got->head, row.passed_on) << row.head;
        }
    }
}

class ForwardTest : public NetTest {
protected:
    void SetUp() override {
        const int listening = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in where{};
        where.sin_family = AF_INET;
        where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof where;
        ASSERT_EQ(::bind(listening, reinterpret_cast<sockaddr*>(&where), size), 0);
        ASSERT_EQ(::listen(listening, 8), 0);
        ASSERT_EQ(::getsockname(listening, reinterpret_cast<sockaddr*>(&where), &size), 0);
        proxy_.host = "127.0.0.1";
        proxy_.port = ntohs(where.sin_port);
        const AddressJudge judge = [this](const std::string& ip) {
            asked_.push_back(ip);
            return allowed_ ? Result<>{} : fail(Code::kRefused, "not\r\nthere");
        };
        auto made = Forwarder::serve(loop_, listening, judge);
        ASSERT_TRUE(made) << made.error().message;
        forwarder_ = std::move(*made);
        server_at_ = "127.0.0.1:" + std::to_string(serve({}).port);
    }

    Endpoint proxy_;
    std::string server_at_;
    bool allowed_ = true;
    std::vector<std::string> asked_;
    std::unique_ptr<Forwarder> forwarder_;
};

TEST_F(ForwardTest, PassesOnWhatIsAllowed) {
    const std::string plain = raw(proxy_, "GET http://" + server_at_ + "/p?a=1 HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_TRUE(plain.ends_with("GET /p 1|")) << plain;
    const std::string tunnel = raw(proxy_, "CONNECT " + server_at_ +
                                               " HTTP/1.1\r\n\r\nGET /q HTTP/1.1\r\nHost: x\r\n"
                                               "Connection: close\r\n\r\n");
    EXPECT_TRUE(tunnel.starts_with("HTTP/1.1 200 Connection established\r\n\r\nHTTP/1.1 200")) << tunnel;
    EXPECT_TRUE(tunnel.ends_with("GET /q |")) << tunnel;
    EXPECT_EQ(asked_, (std::vector<std::string>{"127.0.0.1", "127.0.0.1"}));
}

TEST_F(ForwardTest, SaysWhyItPassesNothingOn) {
    allowed_ = false;
    for (const std::string& each :
         {"CONNECT " + server_at_ + " HTTP/1.1\r\n\r\n", "GET http://" + server_at_ + "/ HTTP/1.1\r\n\r\n"}) {
        const std::string refused = raw(proxy_, each);
        EXPECT_TRUE(refused.starts_with("HTTP/1.1 403 127.0.0.1 is at 127.0.0.1: not  there\r\n")) << refused;
    }
    EXPECT_TRUE(raw(proxy_, "GET / HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 400 "));
    EXPECT_EQ(raw(proxy_, std::string(2 * kMaxHeaderBytes, 'x')).substr(0, 13), "HTTP/1.1 400 ");
}

// A name is judged by what it means, whatever it is called.
TEST_F(ForwardTest, NamesAreLookedUpHere) {
    allowed_ = false;
    const std::string refused = raw(proxy_, "CONNECT localhost:443 HTTP/1.1\r\n\r\n");
    EXPECT_TRUE(refused.starts_with("HTTP/1.1 403 localhost is at ")) << refused;
}

}  // namespace
}  // namespace sublet::net
