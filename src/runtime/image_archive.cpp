// image_archive.cpp: an image from nothing for the doctor and the tests: a tar of one static program, imported by the
// engine.
#include <cstdio>
#include <fstream>
#include <sstream>

#include "net/quiet.hpp"
#include "runtime/docker_json.hpp"
#include "runtime/doctor.hpp"

namespace sublet::runtime {
namespace {

constexpr std::size_t kBlock = 512;
constexpr std::uint64_t kImportTimeoutMs = 60'000;

// POSIX.1-1988 ustar. `type`: '0' file, '5' folder, '2' symbolic link.
std::string header(const std::string& name, char type, std::size_t size, const std::string& target) {
    std::string block(kBlock, '\0');
    const auto put = [&block](std::size_t place, const std::string& text) { block.replace(place, text.size(), text); };
    char number[16];
    put(0, name);
    put(100, "0000755");
    put(108, "0000000");
    put(116, "0000000");
    std::snprintf(number, sizeof number, "%011zo", size);
    put(124, number);
    put(136, "00000000000");
    put(148, "        ");
    block[156] = type;
    put(157, target);
    put(257, "ustar");
    put(263, "00");
    unsigned sum = 0;
    for (const char c : block) {
        sum += static_cast<unsigned char>(c);
    }
    std::snprintf(number, sizeof number, "%06o", sum);
    put(148, number);
    block[154] = '\0';
    return block;
}

net::Task<Result<>> exchange(net::Transport& transport, net::Endpoint engine, net::Request request) {
    request.headers["host"] = "engine";
    const std::string what = request.method + " " + request.target;
    auto response = co_await transport.send(std::move(engine), std::move(request), kImportTimeoutMs);
    if (!response) {
        co_return std::unexpected{response.error()};
    }
    const bool inside = parse_json(response->body).contains("error");
    if (response->status >= 400 || inside) {
        co_return fail(Code::kEngine, "the container engine refused " + what + ": " + engine_words(response->body));
    }
    co_return Result<>{};
}

}  // namespace

Result<Bytes> busybox_archive(const std::string& busybox_path) {
    std::ifstream file(busybox_path, std::ios::binary);
    if (!file) {
        return fail(Code::kNotFound, busybox_path + " is not there: apt-get install busybox-static");
    }
    std::stringstream content;
    content << file.rdbuf();
    const std::string program = content.str();
    std::string tar;
    for (const char* folder : {"bin/", "etc/", "tmp/", "www/"}) {
        tar += header(folder, '5', 0, "");
    }
    tar += header("bin/busybox", '0', program.size(), "") + program;
    tar.append((kBlock - program.size() % kBlock) % kBlock, '\0');
    for (const char* name :
         {"sh", "cat", "echo", "sleep", "wget", "nc", "httpd", "nslookup", "id", "grep", "dd", "true"}) {
        tar += header(std::string("bin/") + name, '2', 0, "busybox");
    }
    tar.append(2 * kBlock, '\0');
    return tar;
}

net::Task<Result<>> import_image(net::Transport& transport, net::Endpoint engine, std::string image, Bytes archive) {
    net::Request request;
    request.method = "POST";
    // Podman reads no `tag` here; both engines take it within `repo`.
    request.target = "/images/create?fromSrc=-&repo=" + net::percent_encode(image);
    request.headers["content-type"] = "application/x-tar";
    request.body = std::move(archive);
    co_return co_await exchange(transport, std::move(engine), std::move(request));
}

net::Task<Result<>> remove_image(net::Transport& transport, net::Endpoint engine, std::string image) {
    net::Request request;
    request.method = "DELETE";
    request.target = "/images/" + net::percent_encode(image) + "?force=true";
    co_return co_await exchange(transport, std::move(engine), std::move(request));
}

}  // namespace sublet::runtime
