// tls_test.cpp: identities, pins, chain checks, and HTTP and WebSocket over TLS.
#include "net/tls.hpp"
#include "net/net_fixture.hpp"

namespace sublet::net {
namespace {

class TlsTest : public NetTest {
protected:
    Endpoint serve_tls(const TlsIdentity& identity) {
        ServerOptions options;
        options.tls = identity;
        Endpoint endpoint = serve(std::move(options));
        endpoint.spki_pin = identity.spki;
        return endpoint;
    }
    TlsIdentity identity_ = make_tls_identity("provider.example").value();
};

TEST_F(TlsTest, RightPin) {
    const Endpoint endpoint = serve_tls(identity_);
    const auto first = get(endpoint, "/t");
    ASSERT_TRUE(first) << first.error().message;
    EXPECT_EQ(first->body, "GET /t |");
    const auto second = get(endpoint, "/big");
    ASSERT_TRUE(second) << second.error().message;
    EXPECT_EQ(second->body.size(), 3U << 20U);
    const auto third = get(endpoint, "/3");
    ASSERT_TRUE(third);
    EXPECT_EQ(third->headers.at("x-remote"), first->headers.at("x-remote")) << "kept";
}

TEST_F(TlsTest, WrongPinNamesBothDigests) {
    Endpoint endpoint = serve_tls(identity_);
    endpoint.spki_pin->at(31) ^= 1U;
    const auto response = get(endpoint, "/t");
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code, Code::kTls);
    EXPECT_NE(response.error().message.find(to_hex(view_of(*endpoint.spki_pin))), std::string::npos);
    EXPECT_NE(response.error().message.find(to_hex(view_of(identity_.spki))), std::string::npos);
}

TEST_F(TlsTest, WithoutAPinASelfSignedCertificateIsRefused) {
    Endpoint endpoint = serve_tls(identity_);
    endpoint.spki_pin.reset();
    const auto response = get(endpoint, "/t");
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code, Code::kTls) << response.error().message;
    EXPECT_NE(response.error().message.find("not trusted"), std::string::npos) << response.error().message;
}

TEST_F(TlsTest, PinnedConnectionIsNotUsedForAnotherPin) {
    Endpoint endpoint = serve_tls(identity_);
    ASSERT_TRUE(get(endpoint, "/t"));
    endpoint.spki_pin = Hash{};
    EXPECT_FALSE(get(endpoint, "/t"));
}

TEST_F(TlsTest, PlainAndTlsDoNotMix) {
    Endpoint endpoint = serve_tls(identity_);
    endpoint.tls = false;
    EXPECT_FALSE(get(endpoint, "/t"));
    Endpoint plain = serve({});
    plain.tls = true;
    plain.spki_pin = identity_.spki;
    const auto response = get(plain, "/t");
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code, Code::kTls) << response.error().message;
}

TEST_F(TlsTest, WebSocket) {
    const Endpoint endpoint = serve_tls(identity_);
    Request request;
    const auto socket = run(loop_, client_->open_socket(endpoint, request, kTestTimeoutMs));
    ASSERT_TRUE(socket) << socket.error().message;
    EXPECT_EQ(run(loop_, (*socket)->receive())->data, "hello /");
    const Bytes long_text(1'000'000, 'w');
    ASSERT_TRUE(run(loop_, (*socket)->send(SocketMessage{Frame::kText, long_text})));
    EXPECT_TRUE(run(loop_, (*socket)->receive())->data == long_text);
    run(loop_, (*socket)->close(1000, ""));
}

TEST_F(TlsTest, LargeUpload) {
    Request request;
    request.method = "POST";
    request.body.assign(5U << 20U, 'u');
    const auto response = ask(serve_tls(identity_), std::move(request));
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->body.size(), (5U << 20U) + 8U);
}

TEST_F(TlsTest, IdentitiesComeBackFromPem) {
    const auto loaded = load_tls_identity(identity_.certificate_pem, identity_.private_key_pem);
    ASSERT_TRUE(loaded) << loaded.error().message;
    EXPECT_EQ(loaded->spki, identity_.spki);
    EXPECT_TRUE(get(serve_tls(*loaded), "/t"));
    const TlsIdentity other = make_tls_identity("127.0.0.1").value();
    EXPECT_NE(other.spki, identity_.spki);
    const auto mixed = load_tls_identity(identity_.certificate_pem, other.private_key_pem);
    EXPECT_EQ(mixed ? Code::kOk : mixed.error().code, Code::kTls);
    EXPECT_FALSE(load_tls_identity("", identity_.private_key_pem));
    EXPECT_FALSE(
        load_tls_identity(identity_.certificate_pem, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"));
    for (const std::string& name : {std::string(), std::string(65, 'a'), std::string("a,DNS:b"), std::string("a\nb")}) {
        EXPECT_FALSE(make_tls_identity(name)) << name;
    }
    EXPECT_TRUE(make_tls_identity(std::string(64, 'a')));
}

TEST(Host, FilesAreReplacedWhole) {
    const TestFolder folder;
    const auto files = system_files();
    const std::string path = folder.file("a/b/c");
    EXPECT_EQ(files->read(path).error().code, Code::kNotFound);
    EXPECT_FALSE(files->write(path, "x", 0600)) << "its folder is missing";
    ASSERT_TRUE(files->make_folder(folder.file("a/b"), 0700));
    ASSERT_TRUE(files->make_folder(folder.file("a/b"), 0700)) << "twice is fine";
    for (const Bytes& content : {Bytes(), Bytes("one"), Bytes(100'000, '\0')}) {
        ASSERT_TRUE(files->write(path, content, 0600));
        EXPECT_EQ(files->read(path).value(), content);
    }
    const auto status = std::filesystem::status(path);
    EXPECT_EQ(static_cast<unsigned>(status.permissions()), 0600U);
    std::size_t entries = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder.file("a/b"))) {
        ++entries;
    }
    EXPECT_EQ(entries, 1U) << "no temporary file stays";
    EXPECT_TRUE(files->exists(path));
    EXPECT_TRUE(files->remove(path));
    EXPECT_FALSE(files->exists(path));
    EXPECT_EQ(files->remove(path).error().code, Code::kNotFound);
}

TEST(Host, RandomAndClock) {
    const auto random = system_random();
    EXPECT_EQ(random->bytes(0).size(), 0U);
    EXPECT_NE(random->bytes(32), random->bytes(32));
    const auto clock = system_clock();
    EXPECT_GT(clock->unix_ms(), 1'600'000'000'000U);
    Loop loop;
    const std::uint64_t start = clock->monotonic_ms();
    run(loop, clock->sleep(20));
    EXPECT_GE(clock->monotonic_ms(), start + 19);
}

}  // namespace
}  // namespace sublet::net
