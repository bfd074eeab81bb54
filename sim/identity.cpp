// identity.cpp: a gateway's P-256 key from a name, so that the same seed gives the same pin on the ledger.
#include "identity.hpp"

#include <memory>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/assert.hpp"
#include "crypto/sha256.hpp"

namespace sublet::sim {
namespace {

template <auto Free>
struct Freed {
    template <class T>
    void operator()(T* what) const {
        Free(what);
    }
};
template <class T, auto Free>
using Owned = std::unique_ptr<T, Freed<Free>>;

constexpr std::size_t kPointBytes = 65;  // uncompressed
constexpr long kTenYears_s = 10L * 365 * 24 * 3600;

Owned<EVP_PKEY, EVP_PKEY_free> key_from(const Hash& scalar) {
    const Owned<EC_GROUP, EC_GROUP_free> group{EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1)};
    const Owned<BIGNUM, BN_free> secret{BN_bin2bn(scalar.data(), static_cast<int>(scalar.size()), nullptr)};
    const Owned<EC_POINT, EC_POINT_free> point{EC_POINT_new(group.get())};
    SUBLET_ASSERT(EC_POINT_mul(group.get(), point.get(), secret.get(), nullptr, nullptr, nullptr) == 1);
    unsigned char encoded[kPointBytes];
    SUBLET_ASSERT(EC_POINT_point2oct(group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED, encoded, sizeof encoded,
                                     nullptr) == sizeof encoded);
    const Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free> build{OSSL_PARAM_BLD_new()};
    OSSL_PARAM_BLD_push_utf8_string(build.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0);
    OSSL_PARAM_BLD_push_BN(build.get(), OSSL_PKEY_PARAM_PRIV_KEY, secret.get());
    OSSL_PARAM_BLD_push_octet_string(build.get(), OSSL_PKEY_PARAM_PUB_KEY, encoded, sizeof encoded);
    const Owned<OSSL_PARAM, OSSL_PARAM_free> parameters{OSSL_PARAM_BLD_to_param(build.get())};
    const Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free> context{EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr)};
    EVP_PKEY* out = nullptr;
    SUBLET_ASSERT(EVP_PKEY_fromdata_init(context.get()) == 1);
    SUBLET_ASSERT(EVP_PKEY_fromdata(context.get(), &out, EVP_PKEY_KEYPAIR, parameters.get()) == 1);
    return Owned<EVP_PKEY, EVP_PKEY_free>{out};
}

template <class Write>
std::string pem_of(Write&& write) {
    const Owned<BIO, BIO_free> bio{BIO_new(BIO_s_mem())};
    SUBLET_ASSERT(write(bio.get()) == 1);
    char* text = nullptr;
    const long length = BIO_get_mem_data(bio.get(), &text);
    return {text, static_cast<std::size_t>(length)};
}

}  // namespace

Identity identity_of(const std::string& name) {
    const Owned<EVP_PKEY, EVP_PKEY_free> key = key_from(crypto::sha256("sublet simulator's gateway: " + name));
    const Owned<X509, X509_free> certificate{X509_new()};
    X509_set_version(certificate.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), kTenYears_s);
    X509_set_pubkey(certificate.get(), key.get());
    SUBLET_ASSERT(X509_sign(certificate.get(), key.get(), EVP_sha256()) != 0);
    return {pem_of([&](BIO* bio) { return PEM_write_bio_X509(bio, certificate.get()); }), pem_of([&](BIO* bio) {
                return PEM_write_bio_PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
            })};
}

}  // namespace sublet::sim
