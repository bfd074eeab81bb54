// schema.hpp: JSON Schemas of records, made from the codec's own field lists, so that they say what to_json() writes.
// Private to the room. Spec: docs/spec/codec.md (JSON), JSON Schema 2020-12 as OpenAPI 3.1 has it.
#pragma once

#include "api/service.hpp"
#include "codec/json.hpp"

namespace sublet::api {

// The named schemas of one document. A schema names another as {"$ref": "#/components/schemas/NAME"}.
class Schemas {
public:
    // Adds the schema under the name where it is not there yet, and answers a reference to it.
    Json named(const std::string& name, Json (*make)(Schemas&));
    [[nodiscard]] const std::map<std::string, Json>& all() const { return all_; }

private:
    std::map<std::string, Json> all_;
};

// How a row of the route table names the schema of a body.
using SchemaOf = Json (*)(Schemas&);

// The small ones that everything is made of.
Json any_text();
Json uint32_schema();
Json truth_schema();
Json uint64_schema(Schemas& schemas);   // a string of decimal digits
Json address_schema(Schemas& schemas);  // bech32
Json hash_schema(Schemas& schemas);     // 64 upper-case hex digits
Json base64_schema(Schemas& schemas);
Json time_schema();  // RFC 3339
Json fixed_bytes_schema(std::size_t bytes);
Json list_schema(Json items);
Json or_null(Json schema);
// An object that has exactly these fields, all of them.
Json object_schema(Json properties);

namespace detail {

// "sublet::market::Lease" → "market.Lease".
template <class T>
std::string name_of() {
    std::string text = __PRETTY_FUNCTION__;
    text = text.substr(text.find("T = ") + 4);
    text = text.substr(0, text.find_first_of(";]"));
    text = text.starts_with("sublet::") ? text.substr(8) : text;
    const std::size_t colons = text.find("::");
    return colons == std::string::npos ? text : text.replace(colons, 2, ".");
}

template <class T>
Json enum_schema(Schemas&) {
    Json names = Json::array();
    for (unsigned value = 0; value <= 255; ++value) {
        if (valid(static_cast<T>(value))) {
            names.push_back(to_name(static_cast<T>(value)));
        }
    }
    return {{"type", "string"}, {"enum", std::move(names)}};
}

template <class T>
Json struct_schema(Schemas& schemas);

// Follows codec::detail::append_json branch by branch.
template <class T>
Json value_schema(Schemas& schemas, codec::Content content) {
    if constexpr (std::same_as<T, bool>) {
        return truth_schema();
    } else if constexpr (std::is_enum_v<T>) {
        return schemas.named(name_of<T>(), enum_schema<T>);
    } else if constexpr (std::same_as<T, std::uint32_t>) {
        return uint32_schema();
    } else if constexpr (codec::Varint<T>) {
        return uint64_schema(schemas);
    } else if constexpr (std::same_as<T, Bytes>) {
        return content == codec::Content::kRaw ? base64_schema(schemas) : any_text();
    } else if constexpr (codec::IsFixedBytes<T>::value) {
        return fixed_bytes_schema(T{}.size());
    } else if constexpr (codec::BytesLike<T>) {
        return address_schema(schemas);
    } else if constexpr (codec::IsVector<T>::value) {
        return list_schema(value_schema<typename T::value_type>(schemas, content));
    } else if constexpr (codec::IsOptional<T>::value) {
        return or_null(value_schema<typename T::value_type>(schemas, content));
    } else {
        return schemas.named(name_of<T>(), struct_schema<T>);
    }
}

template <class T>
Json struct_schema(Schemas& schemas) {
    Json properties = Json::object();
    codec::for_each_field<T>([&]<class Class, class Member>(const codec::Field<Class, Member>& each) {
        properties[std::string{each.name}] = value_schema<Member>(schemas, each.content);
    });
    return object_schema(std::move(properties));
}

}  // namespace detail

// The schema of what codec::to_json(T) writes.
template <codec::Struct T>
Json schema_of(Schemas& schemas) {
    return detail::value_schema<T>(schemas, codec::Content::kText);
}

}  // namespace sublet::api
