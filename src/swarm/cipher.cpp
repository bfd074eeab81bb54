// cipher.cpp: OpenSSL's AES-256-CTR over memory and files.
#include "swarm/cipher.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace sublet::swarm {
namespace {

constexpr std::uint64_t kCipherBlockBytes = 16;

std::unexpected<Error> write_error(const std::filesystem::path& file) {
    return fail(Code::kIo, "writing " + file.string() + " failed: is the disk full?");
}

}  // namespace

void Cipher::Free::operator()(void* context) const { EVP_CIPHER_CTX_free(static_cast<EVP_CIPHER_CTX*>(context)); }

Result<Cipher> Cipher::at(const Key& key, std::uint64_t offset) {
    Cipher out;
    out.context_.reset(EVP_CIPHER_CTX_new());
    auto* context = static_cast<EVP_CIPHER_CTX*>(out.context_.get());
    std::array<std::uint8_t, kCipherBlockBytes> counter{};  // big-endian
    std::uint64_t block = offset / kCipherBlockBytes;
    for (std::size_t at = counter.size(); block != 0; block >>= 8U) {
        counter[--at] = static_cast<std::uint8_t>(block);
    }
    if (context == nullptr ||
        EVP_EncryptInit_ex(context, EVP_aes_256_ctr(), nullptr, key.data(), counter.data()) != 1) {
        return fail(Code::kInternal, "OpenSSL gives no AES-256-CTR");
    }
    Bytes before(offset % kCipherBlockBytes, '\0');
    TRY_OK(out.apply(before));
    return out;
}

Result<> Cipher::apply(Bytes& bytes) {
    auto* context = static_cast<EVP_CIPHER_CTX*>(context_.get());
    for (std::size_t from = 0; from < bytes.size();) {
        const std::size_t size = std::min(bytes.size() - from, kStepBytes);
        auto* here = reinterpret_cast<unsigned char*>(bytes.data() + from);
        int written = 0;
        if (EVP_EncryptUpdate(context, here, &written, here, static_cast<int>(size)) != 1) {
            return fail(Code::kInternal, "OpenSSL does not encrypt");
        }
        from += size;
    }
    return {};
}

FileCipher::FileCipher(std::ifstream from, std::filesystem::path to, Cipher cipher)
    : from_(std::move(from)),
      out_(to, std::ios::binary | std::ios::trunc),
      to_(std::move(to)),
      cipher_(std::move(cipher)) {}

Result<FileCipher> FileCipher::open(const std::filesystem::path& from, const std::filesystem::path& to,
                                    const Key& key) {
    TRY(cipher, Cipher::at(key, 0));
    std::ifstream in{from, std::ios::binary};
    if (!in) {
        return fail(Code::kNotFound, "cannot read " + from.string());
    }
    const int made = ::open(to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (made < 0) {
        return write_error(to);
    }
    ::close(made);
    FileCipher out{std::move(in), to, std::move(cipher)};
    if (!out.out_) {
        return write_error(to);
    }
    return out;
}

Result<BytesView> FileCipher::step() {
    piece_.resize(kStepBytes);
    from_.read(piece_.data(), static_cast<std::streamsize>(piece_.size()));
    piece_.resize(static_cast<std::size_t>(from_.gcount()));
    if (piece_.empty()) {
        TRY_OK(finish());
        return BytesView{};
    }
    TRY_OK(cipher_.apply(piece_));
    out_.write(piece_.data(), static_cast<std::streamsize>(piece_.size()));
    if (!out_) {
        return write_error(to_);
    }
    return BytesView{piece_};
}

Result<> FileCipher::finish() {
    out_.close();
    const int handle = ::open(to_.c_str(), O_WRONLY | O_CLOEXEC);
    const bool good = !out_.fail() && handle >= 0 && ::fdatasync(handle) == 0;
    if (handle >= 0) {
        ::close(handle);
    }
    return good ? Result<>{} : write_error(to_);
}

}  // namespace sublet::swarm
