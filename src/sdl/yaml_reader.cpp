// yaml_reader.cpp: yaml-cpp's events become a tree with marks; what js-yaml refuses and yaml-cpp lets through is
// refused here. Spec: docs/spec/deployment-files.md (YAML dialect).
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <map>
#include <sstream>

#include "sdl/node.hpp"
#include "sdl/yaml_lint.hpp"

namespace sublet::sdl {
namespace {

constexpr std::string_view kStandardTag = "tag:yaml.org,2002:";
constexpr std::size_t kNodeBytes = 64;  // what an empty node weighs against kMaxTreeBytes

constexpr std::size_t kMaxKeys = 4096;  // of one map: looking for a key twice takes time by the square
constexpr std::size_t kMaxIdleRetries = 64;

// Never leaves this file: yaml-cpp's callbacks have no other way to stop the parser.
struct Refused {
    Mark mark;
    std::string message;
    std::string fix;
    bool may_be_idle = false;  // the parser stopped at a line that may hold nothing but white space or a comment
};

Mark mark_of(const YAML::Mark& mark) {
    return {static_cast<std::size_t>(mark.line) + 1, static_cast<std::size_t>(mark.column) + 1};
}

// yaml-cpp makes single bytes of the escapes \_ and \N. The text itself is UTF-8, so a byte that is none came from
// there.
std::string with_latin_escapes(const std::string& value) {
    std::string out;
    std::size_t expected = 0;  // continuation bytes
    for (const char c : value) {
        const auto byte = static_cast<unsigned char>(c);
        const bool continuation = (byte & 0xc0U) == 0x80U;
        if (continuation && expected == 0) {
            out += '\xc2';
        }
        expected = continuation   ? expected - (expected > 0 ? 1 : 0)
                   : byte >= 0xf0 ? 3U
                   : byte >= 0xe0 ? 2U
                   : byte >= 0xc0 ? 1U
                                  : 0U;
        out += c;
    }
    return out;
}

Node scalar(const std::string& tag, const std::string& value, Mark mark) {
    if (tag == "?" || tag.empty()) {
        return resolve_plain(value, mark);
    }
    Node text;
    text.kind = Kind::kText;
    text.mark = mark;
    text.text = value;
    if (tag == "!" || tag == std::string(kStandardTag) + "str") {
        return text;
    }
    Node node = resolve_plain(value, mark);
    const bool fits = (tag == std::string(kStandardTag) + "null" && node.is(Kind::kNull)) ||
                      (tag == std::string(kStandardTag) + "bool" && node.is(Kind::kBool)) ||
                      (tag == std::string(kStandardTag) + "int" && node.is_integer()) ||
                      (tag == std::string(kStandardTag) + "float" && node.is(Kind::kNumber));
    if (!fits) {
        throw Refused{mark, "the tag " + tag + " is unknown or does not fit its value", "remove the tag"};
    }
    return node;
}

// Builds the tree from events; the innermost open list or map is the back of open_.
class Builder final : public YAML::EventHandler {
public:
    [[nodiscard]] Node take() { return std::move(root_); }
    [[nodiscard]] const std::vector<LayoutSpot>& spots() const { return spots_; }

    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        add(resolve_plain("", mark_of(mark)), anchor);
    }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        if (tag != "?") {
            remember(LayoutSpot::What::kValue, mark_of(mark));
        }
        add(scalar(tag, with_latin_escapes(value), mark_of(mark)), anchor);
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        const auto found = anchors_.find(anchor);
        if (found == anchors_.end()) {
            throw Refused{mark_of(mark), "this alias refers to something that contains it", "write the value out"};
        }
        charge(found->second.weight, mark_of(mark));
        Node copy = found->second.node;
        copy.mark = mark_of(mark);
        add(std::move(copy), 0);
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value style) override {
        open(Kind::kList, mark, tag, "seq", anchor, style);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value style) override {
        open(Kind::kMap, mark, tag, "map", anchor, style);
    }
    void OnMapEnd() override { close(); }

private:
    struct Open {
        Node node;
        YAML::anchor_t anchor = 0;
        std::size_t weight_before = 0;
        bool has_key = false;
        bool flow = false;           // inside brackets
        std::ptrdiff_t indent = -1;  // columns before this block, or before the one around it
        Entry pending;
    };
    struct Anchored {
        Node node;
        std::size_t weight = 0;
    };

    void charge(std::size_t bytes, Mark mark) {
        weight_ += bytes;
        if (weight_ > kMaxTreeBytes) {
            throw Refused{mark, "the document grows beyond " + std::to_string(kMaxTreeBytes) + " bytes",
                          "use fewer aliases"};
        }
    }

    void open(Kind kind, const YAML::Mark& mark, const std::string& tag, std::string_view own, YAML::anchor_t anchor,
              YAML::EmitterStyle::value style) {
        if (!tag.empty() && tag != "?" && tag != "!" && tag != std::string(kStandardTag) + std::string(own)) {
            throw Refused{mark_of(mark), "the tag " + tag + " is unknown here", "remove the tag"};
        }
        if (open_.size() >= kMaxDepth) {
            throw Refused{mark_of(mark), "nested deeper than " + std::to_string(kMaxDepth) + " levels",
                          "flatten the file"};
        }
        if (!open_.empty() && open_.back().node.is(Kind::kMap) && !open_.back().has_key) {
            throw Refused{mark_of(mark), "a list or map cannot be a key", "use text as the key"};
        }
        charge(kNodeBytes, mark_of(mark));
        Open next;
        next.flow = style == YAML::EmitterStyle::Flow;
        next.indent = open_.empty() ? -1 : open_.back().indent;
        if (next.flow) {
            remember(LayoutSpot::What::kValue, mark_of(mark));
        } else if (kind == Kind::kList && anchor == 0) {
            next.indent = mark.column;  // of the first dash; of a map it is the first key's, see place()
        }
        next.node.kind = kind;
        next.node.mark = mark_of(mark);
        next.anchor = anchor;
        next.weight_before = weight_ - kNodeBytes;
        open_.push_back(std::move(next));
    }

    void close() {
        Open done = std::move(open_.back());
        open_.pop_back();
        if (done.anchor != 0) {
            anchors_[done.anchor] = Anchored{done.node, weight_ - done.weight_before};
        }
        place(std::move(done.node));
    }

    void add(Node node, YAML::anchor_t anchor) {
        const std::size_t weight = kNodeBytes + node.text.size();
        charge(weight, node.mark);
        if (anchor != 0) {
            anchors_[anchor] = Anchored{node, weight};
        }
        place(std::move(node));
    }

    void place(Node node) {
        if (open_.empty()) {
            root_ = std::move(node);
            return;
        }
        Open& parent = open_.back();
        if (parent.node.is(Kind::kList)) {
            parent.node.items.push_back(std::move(node));
        } else if (!parent.has_key) {
            parent.has_key = true;
            if (!parent.flow && parent.node.entries.empty()) {
                parent.indent = static_cast<std::ptrdiff_t>(node.mark.column) - 1;
            }
            parent.pending = Entry{plain_text(node), node.mark, {}};
            check_key(parent, node);
        } else {
            parent.has_key = false;
            if (node.is(Kind::kNull)) {
                remember(LayoutSpot::What::kKey, parent.pending.mark);
            }
            parent.pending.value = std::move(node);
            parent.node.entries.push_back(std::move(parent.pending));
        }
    }

    static void check_key(const Open& parent, const Node& key) {
        if (parent.node.entries.size() >= kMaxKeys) {
            throw Refused{key.mark, "more than " + std::to_string(kMaxKeys) + " keys in one map", "split the map"};
        }
        if (parent.node.find(parent.pending.key) != nullptr) {
            throw Refused{key.mark, "the key \"" + parent.pending.key + "\" is there twice in one map",
                          "keep one of the two"};
        }
    }

    // What starts here is looked at again in the text. Not inside brackets: these are walked as a whole.
    void remember(LayoutSpot::What what, Mark mark) {
        const bool flow = !open_.empty() && open_.back().flow;
        if (!flow) {
            spots_.push_back({what, mark, open_.empty() ? -1 : open_.back().indent});
        }
    }

    Node root_;
    std::vector<LayoutSpot> spots_;
    std::vector<Open> open_;
    std::map<YAML::anchor_t, Anchored> anchors_;
    std::size_t weight_ = 0;
};

Finding yaml_finding(const std::string& file, Mark mark, std::string message, std::string fix) {
    return Finding{file, mark.line, mark.column, "", "yaml", std::move(message), std::move(fix)};
}

std::expected<Node, Refused> read_document(const std::string& text) {
    Builder builder;
    try {
        std::istringstream stream(text);
        YAML::Parser parser(stream);
        if (!parser.HandleNextDocument(builder)) {
            return std::unexpected(Refused{{1, 1}, "the file is empty", "start with version: \"2.0\""});
        }
        Builder second;
        if (parser.HandleNextDocument(second)) {
            return std::unexpected(Refused{second.take().mark, "the file holds more than one document",
                                           "keep one document; remove the line that is only ---"});
        }
    } catch (const Refused& refused) {
        return std::unexpected(refused);
    } catch (const YAML::Exception& error) {
        return std::unexpected(
            Refused{mark_of(error.mark), error.msg, "mend the YAML here or on the line before", true});
    }
    if (auto problem = check_layout(text, builder.spots())) {
        return std::unexpected(Refused{problem->mark, problem->message, problem->fix});
    }
    return builder.take();
}

}  // namespace

std::expected<Node, Finding> read_yaml(std::string_view input, const std::string& file_name) {
    if (input.size() > kMaxFileBytes) {
        return std::unexpected(
            yaml_finding(file_name, {1, 1}, "the file is larger than 1 MiB", "move data out of the file"));
    }
    std::string text = normalise_yaml(input);
    if (auto problem = lint_yaml(text)) {
        return std::unexpected(yaml_finding(file_name, problem->mark, problem->message, problem->fix));
    }
    for (std::size_t attempt = 0;; ++attempt) {
        auto tree = read_document(text);
        if (tree) {
            return std::move(*tree);
        }
        if (attempt < kMaxIdleRetries && tree.error().message.starts_with("invalid unicode") &&
            rewrite_surrogates(text, tree.error().mark.line)) {
            continue;
        }
        const bool may_be_idle = attempt < kMaxIdleRetries && tree.error().may_be_idle;
        if (!may_be_idle || !blank_idle_lines(text, tree.error().mark.line)) {
            return std::unexpected(yaml_finding(file_name, tree.error().mark, tree.error().message, tree.error().fix));
        }
    }
}

}  // namespace sublet::sdl
