// html.hpp: text of others in a page of ours.
#pragma once

#include <string>
#include <string_view>

namespace sublet::net {

// For the text of elements and for quoted attributes: & < > " as references.
std::string html_escape(std::string_view text);

}  // namespace sublet::net
