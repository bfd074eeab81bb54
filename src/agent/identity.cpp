// identity.cpp: the gateway's own P-256 key, made once and kept in the data folder.
#include "agent/identity.hpp"

#include <memory>

#include <openssl/bio.h>
#include <openssl/pem.h>

#include "net/tls.hpp"

namespace sublet::agent {

namespace {

struct Free {
    void operator()(BIO* bio) const { BIO_free(bio); }
    void operator()(X509* certificate) const { X509_free(certificate); }
};

Result<Hash> pin_of(const std::string& pem) {
    const std::unique_ptr<BIO, Free> bio{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
    const std::unique_ptr<X509, Free> certificate{bio ? PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)
                                                      : nullptr};
    if (!certificate) {
        return fail(Code::kTls, "not a certificate in PEM");
    }
    return net::spki_digest(certificate.get());
}

}  // namespace

Result<net::TlsIdentity> load_identity(net::Files& files, const std::filesystem::path& folder,
                                       const std::string& common_name) {
    const std::filesystem::path certificate = folder / "gateway.crt";
    const std::filesystem::path key = folder / "gateway.key";
    if (!files.exists(certificate) || !files.exists(key)) {
        TRY(made, net::make_tls_identity(common_name));
        TRY_OK(files.write(key, made.private_key_pem, 0600));
        TRY_OK(files.write(certificate, made.certificate_pem, 0600));  // last: both are there when it is
        return made;
    }
    TRY(certificate_pem, files.read(certificate));
    TRY(key_pem, files.read(key));
    const Result<Hash> pin = pin_of(certificate_pem);
    if (!pin) {
        return fail(Code::kTls, certificate.string() + " cannot be read (" + pin.error().message + "); remove it and " +
                                    key.string() +
                                    " to get a new key, which the provider's owner then has to sign for");
    }
    return net::TlsIdentity{certificate_pem, key_pem, *pin};
}

}  // namespace sublet::agent
