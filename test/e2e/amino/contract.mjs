// contract.mjs: the messages of proto/ for CosmJS: codecs for its Registry and converters for its AminoTypes, made from
// the descriptors that protoc wrote. Nothing here knows a field: amino JSON is protobuf's own JSON with the contract's
// names and enumerations as numbers.
import { readFileSync } from "node:fs";
import { createFileRegistry, create, fromBinary, fromJson, toBinary, toJson } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";

export function readContract(file) {
  return createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(file)));
}

// [[type URL, amino name]] of ours → what `new Registry([...])` and `new AminoTypes({...})` take.
export function forCosmjs(contract, names) {
  const types = [];
  const converters = {};
  for (const [typeUrl, aminoType] of names) {
    const schema = contract.getMessage(typeUrl.slice(1));
    types.push([
      typeUrl,
      {
        encode: (value) => ({ finish: () => toBinary(schema, create(schema, value)) }),
        decode: (bytes) => fromBinary(schema, bytes),
        fromPartial: (value) => create(schema, value),
      },
    ]);
    converters[typeUrl] = {
      aminoType,
      toAmino: (value) => toJson(schema, create(schema, value), { useProtoFieldName: true, enumAsInteger: true }),
      fromAmino: (json) => fromJson(schema, json),
    };
  }
  return { types, converters };
}
