// make_node.hpp: nodes of a deployment file's tree that no reader made. Spec: docs/spec/compose.md.
#pragma once

#include "sdl/node.hpp"

namespace sublet::sdl {

inline Node text_node(std::string text, Mark mark) {
    Node node;
    node.kind = Kind::kText;
    node.mark = mark;
    node.text = std::move(text);
    return node;
}

inline Node number_node(std::uint64_t value, Mark mark) {
    Node node = text_node(std::to_string(value), mark);
    node.kind = Kind::kNumber;
    node.number = static_cast<double>(value);
    return node;
}

inline Node bool_node(bool value, Mark mark) {
    Node node = text_node(value ? "true" : "false", mark);
    node.kind = Kind::kBool;
    node.boolean = value;
    return node;
}

inline Node map_node(Mark mark, std::vector<Entry> entries) {
    Node node;
    node.kind = Kind::kMap;
    node.mark = mark;
    node.entries = std::move(entries);
    return node;
}

}  // namespace sublet::sdl
