// sdl.hpp: what the sdl room offers: read a deployment file, read a manifest back, compare it with the ledger's groups,
// explain it. Spec: docs/spec/deployment-files.md.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "sdl/manifest.hpp"

namespace sublet::sdl {

// Reads SDL 2.0 or 2.1. Either everything a lease needs, or every finding (at least one, in the order of the file).
// `file_name` only labels the findings.
std::expected<Deployment, std::vector<Finding>> parse(std::string_view text, const std::string& file_name);

// The same without the words of docker compose: they are mistakes, and the manifest is Akash's own.
std::expected<Deployment, std::vector<Finding>> parse_strict(std::string_view text, const std::string& file_name);

// The same with Akash's official rules alone, to compare verdicts and hashes with. What it accepts may be more than can
// run here.
std::expected<Deployment, std::vector<Finding>> parse_official(std::string_view text, const std::string& file_name);

// "deploy.yaml:12:5: expected … [type] — fix: …"
std::string to_text(const Finding& finding);
// "deploy.yaml:12:5: warning: … [compose-ignored] instead: …", or "…: note: …"
std::string to_text(const std::string& file, const Note& note);

// The manifest as Akash's Go encoder writes it: keys sorted, nil lists null, < > & escaped. SHA-256 of it is the
// manifest's hash.
Bytes canonical_json(const Manifest& manifest);

// Strict reader of that form for the provider: kTooLarge over kMaxManifestBytes, kParse for what is no JSON or not that
// shape, kNotCanonical if encoding it again gives other bytes. What it accepts satisfies the manifest rules (images,
// counts, ports, names).
Result<Manifest> manifest_from_json(BytesView json);

// The provider's check that a manifest is the one the ledger's groups were made for: same group names, and for each
// group the same resources, counts and endpoints. kConflict says what differs.
Result<> check_manifest_against_groups(const Manifest& manifest, const std::vector<Group>& groups);

}  // namespace sublet::sdl
