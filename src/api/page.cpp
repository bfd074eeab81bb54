// page.cpp: the page that lists the API, written from its document and its methods: HTML and CSS only, light and dark.
#include <cctype>

#include "api/methods.hpp"
#include "api/routes.hpp"
#include "net/html.hpp"

namespace sublet::api {

namespace {

constexpr std::string_view kStyle = R"(
:root{color-scheme:light dark;--ink:#1c2430;--soft:#5b6675;--line:#dfe4ea;--back:#fff;--panel:#f6f8fa;--get:#0b6b4f;--post:#8a4b00;--link:#0a58ca}
@media(prefers-color-scheme:dark){:root{--ink:#e4e9f0;--soft:#9aa7b6;--line:#2c3642;--back:#10151c;--panel:#171e27;--get:#5fd3ac;--post:#f0b060;--link:#7db3ff}}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--ink);font:16px/1.55 system-ui,sans-serif}
main,header{max-width:60rem;margin:0 auto;padding:0 1.25rem}
header{padding-top:2.5rem}
h1{font-size:1.9rem;margin:0}
h2{margin:2.5rem 0 .75rem;padding-bottom:.3rem;border-bottom:1px solid var(--line);font-size:1.3rem}
h3{margin:0;font-size:1rem;font-weight:600;overflow-wrap:anywhere}
p{margin:.4rem 0}
a{color:var(--link);text-decoration-thickness:1px;text-underline-offset:2px}
code,pre,h3 span{font-family:ui-monospace,monospace;font-size:.9em}
pre{background:var(--panel);border:1px solid var(--line);border-radius:6px;padding:.7rem .9rem;overflow-x:auto}
nav{margin:1.25rem 0;display:flex;flex-wrap:wrap;gap:.4rem 1.1rem}
section.one{scroll-margin-top:1rem;padding:.9rem 0;border-bottom:1px solid var(--line)}
.soft{color:var(--soft)}
.get,.post{display:inline-block;min-width:3.2rem;font-weight:700}
.get{color:var(--get)}.post{color:var(--post)}
.wide{overflow-x:auto}
table{border-collapse:collapse;margin:.5rem 0;font-size:.92rem;width:100%}
th,td{text-align:left;vertical-align:top;padding:.25rem .9rem .25rem 0;border-bottom:1px solid var(--line)}
th{color:var(--soft);font-weight:500}
section:target h3 span{background:var(--panel);outline:2px solid var(--line)}
footer{margin:3rem 0 2rem}
)";

std::string code(std::string_view text) { return "<code>" + net::html_escape(text) + "</code>"; }
std::string cells(std::initializer_list<std::string> list) {
    std::string out = "<tr>";
    for (const std::string& each : list) {
        out += "<td>" + each + "</td>";
    }
    return out + "</tr>\n";
}
std::string text_at(const Json& value, const char* name) {
    const auto found = value.find(name);
    return found != value.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

// "Blocks and transactions" → "blocks-and-transactions".
std::string anchor(std::string text) {
    for (char& c : text) {
        c = c == ' ' ? '-' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    return text;
}

std::string joined_types(const Json& schemas);

// A schema in a few words, with links to the named ones.
std::string type_text(const Json& schema) {
    if (const std::string reference = text_at(schema, "$ref"); !reference.empty()) {
        const std::string name = reference.substr(reference.rfind('/') + 1);
        return "<a href=\"#schema-" + net::html_escape(name) + "\">" + net::html_escape(name) + "</a>";
    }
    if (schema.contains("anyOf")) {
        return joined_types(schema["anyOf"]);
    }
    if (schema.contains("allOf")) {
        return type_text(schema["allOf"][0]);
    }
    if (schema.contains("enum")) {
        std::string out;
        for (const Json& each : schema["enum"]) {
            out += (out.empty() ? "" : ", ") + code(each.is_string() ? each.get<std::string>() : each.dump());
        }
        return out;
    }
    if (schema.contains("const")) {
        return code(schema["const"].is_string() ? schema["const"].get<std::string>() : schema["const"].dump());
    }
    const std::string type = text_at(schema, "type");
    if (type == "array") {
        return "list of " + type_text(schema.value("items", Json::object()));
    }
    if (type == "object" && schema.contains("properties") && !schema["properties"].empty()) {
        std::string out;
        for (const auto& [name, each] : schema["properties"].items()) {
            out += (out.empty() ? "{ " : ", ") + code(name) + ": " + type_text(each);
        }
        return out + " }";
    }
    const std::string shape = text_at(schema, schema.contains("pattern") ? "pattern" : "format");
    return net::html_escape(type.empty() ? "anything" : type) + (shape.empty() ? "" : " " + code(shape));
}

std::string joined_types(const Json& schemas) {
    std::string out;
    for (const Json& each : schemas) {
        out += (out.empty() ? "" : " or ") + type_text(each);
    }
    return out;
}

std::string parameter_rows(const Json& operation) {
    std::string out;
    if (!operation.contains("parameters")) {
        return out;
    }
    for (const Json& each : operation["parameters"]) {
        const std::string place = text_at(each, "in") + (each["required"] == true ? ", required" : "");
        out += cells({code(text_at(each, "name")), net::html_escape(place), type_text(each["schema"]),
                      net::html_escape(text_at(each, "description"))});
    }
    return "<div class=\"wide\"><table><tr><th>Parameter</th><th>In</th><th>Type</th><th></th></tr>\n" + out +
           "</table></div>\n";
}

std::string answer_rows(const Json& operation) {
    std::string out;
    for (const auto& [status, response] : operation["responses"].items()) {
        std::string bodies;
        if (response.contains("content")) {
            for (const auto& [type, media] : response["content"].items()) {
                const std::string body = media.contains("schema") ? type_text(media["schema"]) : "";
                bodies += (bodies.empty() ? "" : "<br>") +
                          (type == "application/json" && !body.empty() ? body : code(type) + " " + body);
            }
        }
        out += cells({code(status), bodies, net::html_escape(text_at(response, "description"))});
    }
    return "<div class=\"wide\"><table><tr><th>Answer</th><th>Body</th><th></th></tr>\n" + out + "</table></div>\n";
}

std::string operation_section(const std::string& path, const std::string& method, const Json& operation) {
    const std::string id = text_at(operation, "operationId");
    std::string upper = method == "get" ? "GET" : "POST";
    std::string out = "<section class=\"one\" id=\"" + id + "\"><h3><span class=\"" + method + "\">" + upper +
                      "</span> <span>" + net::html_escape(path) + "</span></h3>\n<p>" +
                      net::html_escape(text_at(operation, "summary")) + "</p>\n" + parameter_rows(operation);
    if (operation.contains("requestBody")) {
        out +=
            "<p class=\"soft\">Body: " + type_text(operation["requestBody"]["content"]["application/json"]["schema"]) +
            "</p>\n";
    }
    return out + answer_rows(operation) + "</section>\n";
}

std::string rest_sections(const Json& document) {
    std::string out;
    for (const Json& tag : document["tags"]) {
        const std::string name = text_at(tag, "name");
        out += "<h2 id=\"" + anchor(name) + "\">" + net::html_escape(name) + "</h2>\n";
        for (const auto& [path, operations] : document["paths"].items()) {
            for (const auto& [method, operation] : operations.items()) {
                if (operation["tags"][0] == name) {
                    out += operation_section(path, method, operation);
                }
            }
        }
    }
    return out;
}

std::string rpc_section() {
    std::string rows;
    for (const MethodRow& row : methods()) {
        std::string parameters;
        for (const std::string_view each : row.parameters) {
            parameters += (parameters.empty() ? "" : " ") + code(each);
        }
        rows += cells({code(row.name), parameters, net::html_escape(row.summary)});
    }
    return R"(<h2 id="json-rpc">JSON-RPC</h2>
<p>CometBFT 0.38's methods, so that wallets and libraries work as they are: <code>POST /</code> with a request or a batch, a
<code>GET</code> with the method as its path and the parameters as its query, or a WebSocket at <code>/websocket</code>.</p>
<pre>curl -s localhost:26657/block?height=2
curl -s localhost:26657 -d '{"jsonrpc":"2.0","id":1,"method":"status"}'</pre>
<div class="wide"><table><tr><th>Method</th><th>Parameters</th><th></th></tr>
)" + rows + "</table></div>\n";
}

constexpr std::string_view kSockets = R"(<h2 id="websockets">WebSockets</h2>
<p><code>/websocket</code> takes the methods above and these:</p>
<div class="wide"><table><tr><th>Method</th><th>Parameters</th><th></th></tr>
<tr><td><code>subscribe</code></td><td><code>query</code></td><td>Each block or transaction that answers the query, from now on.</td></tr>
<tr><td><code>unsubscribe</code></td><td><code>query</code></td><td>Ends the subscription with exactly this query.</td></tr>
<tr><td><code>unsubscribe_all</code></td><td></td><td>Ends all of this connection.</td></tr>
</table></div>
<p>A query is conditions joined by <code>AND</code>: a key, an operator (<code>=</code> <code>&lt;</code> <code>&lt;=</code>
<code>&gt;</code> <code>&gt;=</code> <code>CONTAINS</code> <code>EXISTS</code>) and a text in single quotes, a number,
<code>TIME 2026-01-02T03:04:05Z</code> or <code>DATE 2026-01-02</code>. A key is an event's type and attribute, or
<code>tm.event</code> (<code>Tx</code>, <code>NewBlock</code>, <code>NewBlockHeader</code>), <code>tx.height</code>, <code>tx.hash</code>,
<code>block.height</code>.</p>
<pre>tm.event='Tx' AND message.sender='sublet1…'
tm.event='NewBlock' AND sublet.market.lease_running.lease EXISTS
tx.height&gt;100 AND transfer.amount CONTAINS 'ucredit'</pre>
<p><code>/v1/events?after=120.3&amp;query=…</code> sends every event of the ledger in order, one message each, from the place after
<code>HEIGHT.INDEX</code> on and then live. A reader that comes back names the last place it saw: nothing is lost, nothing comes twice.
<code>type=sublet.market.</code> keeps types that begin so; any other parameter keeps events that have this attribute with this value.
A reader that does not read is cut, with the reason in its close frame; it comes back with its place.</p>
)";

std::string schema_section(const Json& document) {
    std::string out = "<h2 id=\"schemas\">Schemas</h2>\n";
    for (const auto& [name, schema] : document["components"]["schemas"].items()) {
        out += "<section class=\"one\" id=\"schema-" + net::html_escape(name) + "\"><h3><span>" +
               net::html_escape(name) + "</span></h3>\n";
        const std::string description = text_at(schema, "description");
        out += description.empty() ? "" : "<p>" + net::html_escape(description) + "</p>\n";
        if (schema.contains("properties")) {
            out += "<div class=\"wide\"><table>\n";
            for (const auto& [field, each] : schema["properties"].items()) {
                out += cells({code(field), type_text(each), net::html_escape(text_at(each, "description"))});
            }
            out += "</table></div>\n";
        } else {
            out += "<p>" + type_text(schema) + "</p>\n";
        }
        out += "</section>\n";
    }
    return out;
}

std::string write_page() {
    const Json document = Json::parse(openapi_json());
    std::string links;
    const auto link = [&](const std::string& name) {
        links += "<a href=\"#" + anchor(name) + "\">" + net::html_escape(name) + "</a>\n";
    };
    for (const Json& tag : document["tags"]) {
        link(text_at(tag, "name"));
    }
    for (const char* name : {"JSON-RPC", "WebSockets", "Schemas"}) {
        link(name);
    }
    std::string out = R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>sublet: the API of a ledger node</title><style>)";
    out += kStyle;
    out += R"(</style></head><body>
<header><h1>The API of a ledger node</h1>
<p class="soft">sublet )" +
           net::html_escape(app::kVersion) +
           R"( · the same table routes what is listed here · <a href="/openapi.json">OpenAPI 3.1</a></p>
<nav>
)";
    out += links + "</nav></header>\n<main>\n" + rest_sections(document) + rpc_section();
    out += kSockets;
    out += schema_section(document);
    return out +
           "<footer class=\"soft\">64-bit numbers are strings, bytes are base64, hashes are hex, enumerations go by "
           "their names. Money is in millionths: 1 credit is 1000000 ucredit.</footer>\n</main></body></html>\n";
}

}  // namespace

const std::string& api_page() {
    static const std::string text = write_page();
    return text;
}

}  // namespace sublet::api
