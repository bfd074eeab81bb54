// official.mjs: what Akash's published compiler says of a deployment file, as a record in the shape of `sdl check --akash-json`.
// YAML is read by js-yaml 5, which is the dialect that the recorded answers were made with.
import { generateManifest, generateManifestVersion, manifestToSortedJSON } from "@akashnetwork/chain-sdk";
import { load } from "js-yaml";

const orNull = (list) => (list?.length ? list : null);

// Prices stand in the groups with 18 places.
function decimal(amount) {
  if (!/^[0-9]+(\.[0-9]*)?$/.test(amount)) return amount;
  const [whole, places = ""] = amount.split(".");
  return `${whole.replace(/^0+(?=\d)/, "")}.${places.padEnd(18, "0").slice(0, 18)}`;
}

function groupSpec(group) {
  return {
    name: group.name,
    requirements: {
      attributes: orNull(group.requirements.attributes),
      signed_by: { all_of: orNull(group.requirements.signedBy.allOf), any_of: orNull(group.requirements.signedBy.anyOf) },
    },
    resources: group.resources.map((unit) => ({
      count: unit.count,
      price: { amount: decimal(String(unit.price.amount)), denom: unit.price.denom },
      resource: unit.resource,
    })),
  };
}

// status `stumbles`: the compiler has no rule and throws while it compiles.
export async function officialRecord(text) {
  let document;
  try {
    document = load(text);
  } catch (error) {
    return { status: "yaml-error", error: error.message.split("\n")[0] };
  }
  try {
    const result = generateManifest(document);
    if (!result.ok) {
      return { status: "invalid", errors: result.value.map((e) => ({ keyword: e.keyword, message: e.message, path: e.instancePath })) };
    }
    return {
      status: "ok",
      version: Buffer.from(await generateManifestVersion(result.value.groups)).toString("hex"),
      manifest: JSON.parse(manifestToSortedJSON(result.value.groups)),
      groupSpecs: JSON.parse(manifestToSortedJSON(result.value.groupSpecs)).map(groupSpec),
    };
  } catch (error) {
    return { status: "stumbles", error: error.message };
  }
}
