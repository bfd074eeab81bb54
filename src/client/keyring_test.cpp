// keyring_test.cpp: keys made, listed, opened and removed; one row per refusal; every damaged byte is noticed.
#include "client/keyring.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>

#include "client/counting_random.hpp"
#include "client/key_file.hpp"
#include "client/passphrase.hpp"

namespace sublet::client {
namespace {

namespace fs = std::filesystem;

// Plain files without the durability of the real ones.
class PlainFiles : public net::Files {
public:
    Result<Bytes> read(const fs::path& path) override {
        std::ifstream in(path, std::ios::binary);
        if (!in) {
            return fail(Code::kIo, "cannot read " + path.string());
        }
        return Bytes{std::istreambuf_iterator<char>(in), {}};
    }
    Result<> write(const fs::path& path, BytesView content, unsigned mode) override {
        std::ofstream(path, std::ios::binary) << content;
        ::chmod(path.c_str(), mode);
        return {};
    }
    bool exists(const fs::path& path) override { return fs::exists(path); }
    Result<> make_folder(const fs::path& path, unsigned mode) override {
        fs::create_directories(path);
        ::chmod(path.c_str(), mode);
        return {};
    }
    Result<> remove(const fs::path& path) override {
        fs::remove(path);
        return {};
    }
};

constexpr const char* kPassphrase = "correct horse";
constexpr const char* kAboutWords =
    "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";

unsigned mode_of(const fs::path& path) { return static_cast<unsigned>(fs::status(path).permissions()); }

fs::path fresh_folder() {
    std::string pattern = (fs::temp_directory_path() / "sublet-keyring-XXXXXX").string();
    return ::mkdtemp(pattern.data());
}

class KeyringTest : public ::testing::Test {
protected:
    ~KeyringTest() override {
        std::error_code ignored;
        fs::remove_all(root_, ignored);
    }
    fs::path file(const std::string& name) { return root_ / "keys" / (name + ".json"); }
    void expect_refused(const Error& error, const std::string& why) {
        EXPECT_EQ(error.code, Code::kKeyring);
        EXPECT_NE(error.message.find(why), std::string::npos) << error.message;
    }

    fs::path root_ = fresh_folder();  // before the keyring, which names it
    PlainFiles files_;
    CountingRandom random_;
    Keyring keyring_{files_, random_, root_ / "keys", KeyringOptions{.scrypt_n = 2}};
};

TEST_F(KeyringTest, CreateListUnlockRemove) {
    EXPECT_TRUE(keyring_.list().value().empty());
    const auto tenant = keyring_.create("tenant", kPassphrase);
    ASSERT_TRUE(tenant.has_value()) << tenant.error().message;
    const Mnemonic about = Mnemonic::parse(kAboutWords).value();
    const KeyInfo lender = keyring_.import_mnemonic("lender-1", kPassphrase, about, KeyPath{.index = 7}).value();
    const auto secret = crypto::SecretKey::from_bytes(Bytes(32, 'k')).value();
    const KeyInfo bare = keyring_.import_secret("bare_2", "another one", secret).value();

    EXPECT_EQ(crypto::to_bech32(lender.address), "sublet1ry8ad7xw5n5y4zhplc6s7xruxmamtsaljalwm8");
    EXPECT_EQ(mode_of(root_ / "keys"), 0700U);
    EXPECT_EQ(mode_of(file("tenant")), 0600U);

    files_.write(root_ / "keys" / "tenant.json.tmp", "half", 0600).value();
    const auto all = keyring_.list().value();
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(all[0].name, "bare_2");
    EXPECT_FALSE(all[0].has_mnemonic);
    EXPECT_EQ(all[1].name, "lender-1");
    EXPECT_EQ(all[1].path, KeyPath{.index = 7});
    EXPECT_EQ(all[2].address, tenant->info.address);

    const auto unlocked = keyring_.unlock("tenant", kPassphrase).value();
    EXPECT_EQ(crypto::public_key(unlocked.secret).value(), tenant->info.public_key);
    EXPECT_EQ(unlocked.secret.view(), derive(tenant->mnemonic).value().view());
    EXPECT_EQ(keyring_.reveal_mnemonic("tenant", kPassphrase).value().text(), tenant->mnemonic.text());
    EXPECT_EQ(keyring_.unlock("bare_2", "another one").value().secret.view(), secret.view());
    EXPECT_EQ(keyring_.show("bare_2").value().address, bare.address);
    expect_refused(keyring_.reveal_mnemonic("bare_2", "another one").error(), "bare secret");

    EXPECT_TRUE(keyring_.remove("bare_2").has_value());
    EXPECT_FALSE(fs::exists(file("bare_2")));
    EXPECT_EQ(keyring_.list().value().size(), 2U);
}

TEST_F(KeyringTest, NothingSecretInTheClear) {
    const auto made = keyring_.create("tenant", kPassphrase).value();
    const auto secret = derive(made.mnemonic).value();
    const Bytes content = files_.read(file("tenant")).value();
    EXPECT_EQ(content.find(made.mnemonic.text().substr(0, 12)), Bytes::npos);
    EXPECT_EQ(content.find(to_hex(secret.view())), Bytes::npos);
    EXPECT_EQ(content.find(kPassphrase), Bytes::npos);
    // The same key under the same passphrase gives another file: salt and nonce are fresh.
    keyring_.import_mnemonic("again", kPassphrase, made.mnemonic).value();
    using nlohmann::json;
    EXPECT_NE(json::parse(content)["cipher"], json::parse(files_.read(file("again")).value())["cipher"]);
}

TEST_F(KeyringTest, Refusals) {
    keyring_.create("tenant", kPassphrase).value();
    for (const char* name : {"", "Tenant", "../tenant", "a/b", "a.b", "a b", "abcdefghijklmnopqrstuvwxyz0123456"}) {
        expect_refused(keyring_.create(name, kPassphrase).error(), "1 to 32 characters");
        expect_refused(keyring_.unlock(name, kPassphrase).error(), "1 to 32 characters");
        expect_refused(keyring_.remove(name).error(), "1 to 32 characters");
    }
    EXPECT_TRUE(keyring_.create("abcdefghijklmnopqrstuvwxyz012345", kPassphrase).has_value());
    expect_refused(keyring_.create("short", "1234567").error(), "8 to 1024");
    expect_refused(keyring_.create("long", std::string(1025, 'x')).error(), "8 to 1024");
    EXPECT_EQ(keyring_.create("tenant", kPassphrase).error().code, Code::kConflict);
    expect_refused(keyring_.unlock("nobody", kPassphrase).error(), "no key named \"nobody\"");
    expect_refused(keyring_.remove("nobody").error(), "no key named \"nobody\"");
    for (const char* wrong : {"", "correct hors", "correct horse ", "Correct horse"}) {
        expect_refused(keyring_.unlock("tenant", wrong).error(), "does not open with this passphrase");
    }
    Keyring odd(files_, random_, root_ / "odd", KeyringOptions{.scrypt_n = 3});
    EXPECT_EQ(odd.create("tenant", kPassphrase).error().code, Code::kUsage);
}

TEST_F(KeyringTest, DamagedFilesNameThemselves) {
    using nlohmann::json;
    keyring_.create("tenant", kPassphrase).value();
    const Bytes good = files_.read(file("tenant")).value();
    struct Row {
        const char* why;
        std::string content;
    };
    const auto with = [&good](const char* pointer, const json& value) {
        json changed = json::parse(good);
        changed[json::json_pointer(pointer)] = value;
        return changed.dump();
    };
    const Row rows[] = {
        {"not valid JSON", ""},
        {"not valid JSON", good.substr(0, good.size() / 2)},
        {"not a JSON object", "[]"},
        {"version 2", with("/version", 2)},
        {"another name", with("/name", "lender")},
        {"checksum", with("/address", "sublet19rl4cm2hmr8afy4kldpxz3fka4jguq0acx3njq")},
        {"not that of \"public_key\"", with("/address", "sublet19rl4cm2hmr8afy4kldpxz3fka4jguq0acx3njx")},
        {"\"public_key\" has the wrong length", with("/public_key", "00")},
        {"mnemonic or secret", with("/content", "words")},
        {"is not expected", with("/extra", 1)},
        {"out of range", with("/path/index", 1U << 31U)},
        {"power of two", with("/kdf/n", std::uint64_t{1} << 21U)},
        {"power of two", with("/kdf/n", 6)},
        {"power of two", with("/kdf/r", 1024)},
        {"must be scrypt", with("/kdf/name", "md5")},
        {"aes-256-gcm", with("/cipher/name", "none")},
        {"\"nonce\" has the wrong length", with("/cipher/nonce", "00")},
        {"\"ciphertext\" has the wrong length", with("/cipher/ciphertext", "")},
        {"longer than", good + std::string(kMaxKeyFile, ' ')},
    };
    for (const Row& row : rows) {
        files_.write(file("tenant"), row.content, 0600).value();
        expect_refused(keyring_.unlock("tenant", kPassphrase).error(), row.why);
        expect_refused(keyring_.list().error(), file("tenant").string() + " is damaged");
    }
    // Seen only by whoever has the passphrase: what is in the clear is authenticated as well.
    for (const auto& [pointer, value] : {std::pair<const char*, json>{"/path/index", 1}, {"/content", "secret"}}) {
        files_.write(file("tenant"), with(pointer, value), 0600).value();
        expect_refused(keyring_.unlock("tenant", kPassphrase).error(), "damaged or was changed");
    }
}

TEST_F(KeyringTest, EveryChangedByteIsNoticedOrHarmless) {
    const auto made = keyring_.create("tenant", kPassphrase, MnemonicLength::k12).value();
    const Bytes good = files_.read(file("tenant")).value();
    std::size_t refused = 0;
    for (std::size_t i = 0; i < good.size(); ++i) {
        Bytes bad = good;
        bad[i] = static_cast<char>(bad[i] ^ 0x01);
        const auto opened = open_key(bad, "tenant", kPassphrase);
        refused += opened ? 0U : 1U;
        if (opened) {
            EXPECT_EQ(opened->second.view(), made.mnemonic.text()) << i;
        } else {
            EXPECT_EQ(opened.error().code, Code::kKeyring) << i;
        }
    }
    EXPECT_GT(refused, good.size() * 3 / 4);  // the rest is white space
}

TEST_F(KeyringTest, DefaultCostIsTheDeclaredOne) {
    Keyring real(files_, random_, root_ / "real");
    const auto made = real.create("tenant", kPassphrase).value();
    const auto content = nlohmann::json::parse(files_.read(root_ / "real" / "tenant.json").value());
    EXPECT_EQ(content["kdf"]["n"], 32768);
    EXPECT_EQ(real.unlock("tenant", kPassphrase).value().info.address, made.info.address);
}

TEST_F(KeyringTest, PassphraseSources) {
    ::unsetenv(kPassphraseVariable);
    const fs::path path = root_ / "passphrase";
    const PassphraseSource none{.use_terminal = false};
    const PassphraseSource from_file{.file = path, .use_terminal = false};
    expect_refused(read_passphrase(files_, none).error(), "set SUBLET_PASSPHRASE");
    expect_refused(read_passphrase(files_, from_file).error(), "no passphrase file");
    files_.write(path, "from the file\r\nsecond line\n", 0644).value();
    expect_refused(read_passphrase(files_, from_file).error(), "chmod 600");
    ::chmod(path.c_str(), 0400);
    EXPECT_EQ(read_passphrase(files_, from_file).value(), "from the file");
    ::setenv(kPassphraseVariable, "from the environment", 1);
    EXPECT_EQ(read_passphrase(files_, from_file).value(), "from the environment");
    PassphraseSource file_only = from_file;
    file_only.use_environment = false;
    EXPECT_EQ(read_passphrase(files_, file_only).value(), "from the file");
    ::unsetenv(kPassphraseVariable);
    ::chmod(path.c_str(), 0600);
    files_.write(path, "\nsecond line\n", 0600).value();
    expect_refused(read_passphrase(files_, from_file).error(), "is empty");
}

}  // namespace
}  // namespace sublet::client
