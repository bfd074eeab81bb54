// session.cpp: reads a program's word that it is done.
#include "jobs/session.hpp"

#include <charconv>

namespace sublet::jobs {

Result<int> parse_exit_code(BytesView text) {
    constexpr int kMost = 255;
    int out = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    const BytesView rest = text.substr(static_cast<std::size_t>(end - text.data()));
    const bool blank = rest.find_first_not_of(" \t\r\n") == BytesView::npos;
    if (text.size() > kMaxExitCodeText || error != std::errc{} || !blank || out < 0 || out > kMost) {
        return fail(Code::kParse, "the program's word that it is done holds no exit code");
    }
    return out;
}

}  // namespace sublet::jobs
