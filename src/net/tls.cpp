// tls.cpp: contexts, self-signed identities and key pins over OpenSSL 3.
// Spec: RFC 7469 §2.4 (what an SPKI digest is), RFC 5280.
#include "net/tls.hpp"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>

#include <algorithm>

namespace sublet::net {
namespace {

template <auto kFree>
struct Freer {
    template <class T>
    void operator()(T* object) const {
        kFree(object);
    }
};
using KeyHandle = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using CertificateHandle = std::unique_ptr<X509, Freer<X509_free>>;
using BioHandle = std::unique_ptr<BIO, Freer<BIO_free_all>>;
using ExtensionHandle = std::unique_ptr<X509_EXTENSION, Freer<X509_EXTENSION_free>>;

constexpr long kBackdateS = 3600;  // peers whose clock is a little late
constexpr int kValidityDays = 3650;
constexpr std::size_t kMaxCommonName = 64;  // RFC 5280 ub-common-name

std::unexpected<Error> tls_fail(const std::string& what) { return fail(Code::kTls, what + ": " + tls_error_text()); }

Result<std::string> bio_text(BIO* bio) {
    char* data = nullptr;
    const long length = BIO_get_mem_data(bio, &data);
    if (length <= 0) {
        return tls_fail("writing PEM");
    }
    return std::string(data, static_cast<std::size_t>(length));
}

// An encrypted key is refused; without this OpenSSL would ask for its passphrase on the terminal.
int no_passphrase(char*, int, int, void*) { return -1; }

BioHandle bio_over(const std::string& text) {
    return BioHandle(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

bool is_address(const std::string& name) {
    ASN1_OCTET_STRING* parsed = a2i_IPADDRESS(name.c_str());
    ASN1_OCTET_STRING_free(parsed);
    ERR_clear_error();
    return parsed != nullptr;
}

Result<> fill_certificate(X509* certificate, EVP_PKEY* key, const std::string& common_name) {
    unsigned char serial[16];
    if (RAND_bytes(serial, sizeof serial) != 1) {
        return tls_fail("drawing a serial number");
    }
    serial[0] = static_cast<unsigned char>((serial[0] & 0x7fU) | 0x40U);  // positive, and always 16 bytes
    BIGNUM* number = BN_bin2bn(serial, sizeof serial, nullptr);
    BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));
    BN_free(number);
    X509_set_version(certificate, X509_VERSION_3);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -kBackdateS);
    X509_time_adj_ex(X509_getm_notAfter(certificate), kValidityDays, 0, nullptr);
    X509_NAME* name = X509_get_subject_name(certificate);
    const auto* text = reinterpret_cast<const unsigned char*>(common_name.data());
    if (X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, text, static_cast<int>(common_name.size()), -1, 0) != 1 ||
        X509_set_issuer_name(certificate, name) != 1 || X509_set_pubkey(certificate, key) != 1) {
        return tls_fail("naming the certificate");
    }
    const std::string names = (is_address(common_name) ? "IP:" : "DNS:") + common_name;
    const ExtensionHandle extension(X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names.c_str()));
    if (!extension || X509_add_ext(certificate, extension.get(), -1) != 1) {
        return tls_fail("naming the certificate '" + common_name + "'");
    }
    if (X509_sign(certificate, key, EVP_sha256()) == 0) {
        return tls_fail("signing the certificate");
    }
    return {};
}

Result<> use_identity(SSL_CTX* context, const TlsIdentity& identity) {
    const BioHandle chain = bio_over(identity.certificate_pem);
    const CertificateHandle own(PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr));
    const BioHandle key_bio = bio_over(identity.private_key_pem);
    const KeyHandle key(PEM_read_bio_PrivateKey(key_bio.get(), nullptr, no_passphrase, nullptr));
    if (!own || !key || SSL_CTX_use_certificate(context, own.get()) != 1 ||
        SSL_CTX_use_PrivateKey(context, key.get()) != 1) {
        return tls_fail("using the TLS certificate and key");
    }
    while (X509* next = PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr)) {
        if (SSL_CTX_add_extra_chain_cert(context, next) != 1) {  // owns it on success
            X509_free(next);
            return tls_fail("using the certificate chain");
        }
    }
    ERR_clear_error();  // the end of the PEM text counts as an error
    return {};
}

Result<std::shared_ptr<TlsContext>> new_context(TlsContext::method method) {
    auto context = std::make_shared<TlsContext>(method);
    if (SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION) != 1) {
        return tls_fail("asking for TLS 1.2 or newer");
    }
    SSL_CTX_set_mode(context->native_handle(), SSL_MODE_RELEASE_BUFFERS);
    return context;
}

}  // namespace

std::string tls_error_text() {
    const unsigned long number = ERR_get_error();
    ERR_clear_error();
    if (number == 0) {
        return "no reason given";
    }
    char text[256];
    ERR_error_string_n(number, text, sizeof text);
    return text;
}

Result<std::shared_ptr<TlsContext>> server_tls(const TlsIdentity& identity) {
    TRY(context, new_context(TlsContext::tls_server));
    TRY_OK(use_identity(context->native_handle(), identity));
    // Tickets would be keyed per process and gain a long-lived service little.
    SSL_CTX_set_num_tickets(context->native_handle(), 0);
    return context;
}

Result<std::shared_ptr<TlsContext>> client_tls(bool check_chain) {
    TRY(context, new_context(TlsContext::tls_client));
    if (check_chain) {
        SSL_CTX_set_verify(context->native_handle(), SSL_VERIFY_PEER, nullptr);
        if (SSL_CTX_set_default_verify_paths(context->native_handle()) != 1) {
            return tls_fail("reading this machine's certificate store");
        }
    } else {
        SSL_CTX_set_verify(context->native_handle(), SSL_VERIFY_NONE, nullptr);
    }
    return context;
}

Result<Hash> spki_digest(X509* certificate) {
    if (certificate == nullptr) {
        return fail(Code::kTls, "the peer showed no certificate");
    }
    unsigned char* encoded = nullptr;
    const int length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &encoded);
    if (length <= 0) {
        return tls_fail("encoding a certificate's public key");
    }
    Hash digest{};
    SHA256(encoded, static_cast<std::size_t>(length), digest.data());
    OPENSSL_free(encoded);
    return digest;
}

Result<> check_pin(const Hash& expected, const Hash& presented) {
    if (CRYPTO_memcmp(expected.data(), presented.data(), expected.size()) != 0) {
        return fail(Code::kTls, "the server shows a key with SPKI SHA-256 " + to_hex(view_of(presented)) +
                                    " but its record names " + to_hex(view_of(expected)) +
                                    "; look its record up again, and do not talk to it if they still differ");
    }
    return {};
}

Result<TlsIdentity> make_tls_identity(const std::string& common_name) {
    const auto odd = [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == ',' || c == 0x7f; };
    if (common_name.empty() || common_name.size() > kMaxCommonName || std::ranges::any_of(common_name, odd)) {
        return fail(Code::kTls,
                    "'" + common_name + "' cannot be a certificate's name: 1 to 64 characters, no spaces or commas");
    }
    const KeyHandle key(EVP_EC_gen("P-256"));
    const CertificateHandle certificate(X509_new());
    const BioHandle certificate_bio(BIO_new(BIO_s_mem()));
    const BioHandle key_bio(BIO_new(BIO_s_mem()));
    if (!key || !certificate || !certificate_bio || !key_bio) {
        return tls_fail("making a P-256 key");
    }
    TRY_OK(fill_certificate(certificate.get(), key.get(), common_name));
    if (PEM_write_bio_X509(certificate_bio.get(), certificate.get()) != 1 ||
        PEM_write_bio_PKCS8PrivateKey(key_bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) {
        return tls_fail("writing PEM");
    }
    TRY(certificate_text, bio_text(certificate_bio.get()));
    TRY(key_text, bio_text(key_bio.get()));
    TRY(digest, spki_digest(certificate.get()));
    return TlsIdentity{std::move(certificate_text), std::move(key_text), digest};
}

Result<TlsIdentity> load_tls_identity(std::string certificate_pem, std::string private_key_pem) {
    const BioHandle certificate_bio = bio_over(certificate_pem);
    const CertificateHandle certificate(PEM_read_bio_X509(certificate_bio.get(), nullptr, nullptr, nullptr));
    if (!certificate) {
        return tls_fail("reading a TLS certificate (PEM)");
    }
    const BioHandle key_bio = bio_over(private_key_pem);
    const KeyHandle key(PEM_read_bio_PrivateKey(key_bio.get(), nullptr, no_passphrase, nullptr));
    if (!key) {
        return tls_fail("reading a TLS private key (PEM)");
    }
    if (X509_check_private_key(certificate.get(), key.get()) != 1) {
        return tls_fail("the TLS private key does not belong to the certificate");
    }
    TRY(digest, spki_digest(certificate.get()));
    return TlsIdentity{std::move(certificate_pem), std::move(private_key_pem), digest};
}

}  // namespace sublet::net
