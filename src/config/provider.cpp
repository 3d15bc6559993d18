#include "config/provider.hpp"

#include "base/ascii.hpp"
#include "config/choices.hpp"
#include "config/names.hpp"
#include "config/suggest.hpp"
#include "config/values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

namespace inferometer::config {
namespace {

constexpr std::size_t k_most_headers = 64;

/// Turns a path of the file into an absolute one.
auto path_parser(const std::filesystem::path& folder) {
  return [&folder](std::string_view text) {
    return parse_not_empty(text).map(
        [&](const std::string& path) { return (folder / path).string(); });
  };
}

base::Result<std::string> parse_protocol(std::string_view text,
                                         const std::vector<std::string>& protocols) {
  const std::vector<std::string_view> known(protocols.begin(), protocols.end());
  if (std::find(known.begin(), known.end(), text) == known.end()) {
    return base::fail(suggest(text, "protocols", known));
  }
  return std::string(text);
}

struct SecretKeys {
  std::string_view variable;
  std::string_view file;
};

std::optional<SecretRef> read_secret_ref(const MappingReader& mapping, SecretKeys keys,
                                         const std::filesystem::path& folder) {
  SecretRef in_variable{.kind = SecretRef::Kind::environment, .name = {}};
  SecretRef in_file{.kind = SecretRef::Kind::file, .name = {}};
  mapping.read(keys.variable, in_variable.name, parse_variable_name);
  mapping.read(keys.file, in_file.name, path_parser(folder));
  if (mapping.find(keys.variable) != nullptr && mapping.find(keys.file) != nullptr) {
    mapping.problems().add(mapping.mark(keys.file),
                           fmt::format("both {} and {} are given", keys.variable, keys.file),
                           "keep one of them");
  }
  if (!in_variable.name.empty()) {
    return in_variable;
  }
  return in_file.name.empty() ? std::nullopt : std::optional(in_file);
}

Auth read_auth(const MappingReader& mapping, const std::filesystem::path& folder) {
  if (auto token = read_secret_ref(mapping, {"bearer_env", "bearer_file"}, folder)) {
    return BearerAuth{*std::move(token)};
  }
  return {};
}

Tls read_tls(const MappingReader& mapping, const std::filesystem::path& folder) {
  Tls tls;
  mapping.read("ca_file", tls.ca_file, path_parser(folder));
  mapping.read("cert_file", tls.cert_file, path_parser(folder));
  mapping.read("key_file", tls.key_file, path_parser(folder));
  mapping.read("server_name", tls.server_name, parse_not_empty);
  mapping.read("insecure_skip_verify", tls.insecure_skip_verify, parse_boolean);
  if ((mapping.find("cert_file") == nullptr) != (mapping.find("key_file") == nullptr)) {
    mapping.problems().add(
        mapping.mark(mapping.find("cert_file") != nullptr ? "cert_file" : "key_file"),
        "cert_file and key_file belong together", "give both or none");
  }
  return tls;
}

Proxy read_proxy(const MappingReader& mapping, const std::filesystem::path& folder) {
  Proxy proxy;
  mapping.read("url", proxy.url, parse_proxy_url);
  mapping.read("username", proxy.username, parse_not_empty);
  mapping.read("no_proxy", proxy.no_proxy, parse_not_empty);
  proxy.password = read_secret_ref(mapping, {"password_env", "password_file"}, folder);
  if (proxy.password && mapping.find("username") == nullptr) {
    mapping.problems().add(mapping.mark("username"), "a proxy password without a username",
                           "add username");
  }
  return proxy;
}

using Headers = std::map<std::string, std::string>;

void read_header(const Node::Entry& entry, Names& names, Problems& problems, Headers& headers) {
  const Node& key = *entry.key;
  const Node& value = *entry.value;
  if (key.kind == Node::Kind::refused || value.kind == Node::Kind::refused) {
    return;
  }
  // A refused name is not shown: it may be a whole header line, with its value.
  if (key.kind != Node::Kind::scalar || !is_header_name(key.written)) {
    problems.add(key.mark, "headers: a key is no HTTP header's name", "use letters, digits and -");
  } else if (is_credential_header(key.written)) {
    problems.add(key.mark, fmt::format("a literal secret: header {}", quote(key.written)),
                 std::string(schema::k_bearer_hint));
  } else if (value.kind != Node::Kind::scalar) {
    problems.add(value.mark, fmt::format("header {}: expected text, found {}", quote(key.written),
                                         describe(value.kind)));
  } else if (names.add(base::to_lower(key.written), key.mark)) {
    headers.emplace(key.written, value.text);
  }
}

Headers read_headers(const MappingReader& provider) {
  Headers headers;
  const Node* node = provider.find("headers");
  if (node == nullptr || node->kind == Node::Kind::refused) {
    return headers;
  }
  if (node->kind != Node::Kind::mapping) {
    provider.refuse("headers", *node, {});
    return headers;
  }
  if (node->entries.size() > k_most_headers) {
    provider.problems().add(node->mark, fmt::format("more than {} headers", k_most_headers),
                            "send fewer");
    return headers;
  }
  Names names("header", provider.problems());
  for (const Node::Entry& entry : node->entries) {
    read_header(entry, names, provider.problems(), headers);
  }
  return headers;
}

std::vector<Model> read_models(const MappingReader& provider) {
  std::vector<Model> models;
  Names names("model", provider.problems());
  provider.each("models", [&](const Node& node) {
    Model model;
    if (node.kind == Node::Kind::mapping) {
      const MappingReader mapping(node, schema::k_model, provider.problems());
      mapping.read("name", model.name, parse_name);
    } else {
      provider.read_item(node, "models", model.name, parse_name);
    }
    if (!model.name.empty() && names.add(model.name, node.mark)) {
      models.push_back(std::move(model));
    }
  });
  return models;
}

Provider read_provider(const MappingReader& mapping, const std::vector<std::string>& protocols,
                       const std::filesystem::path& folder) {
  Provider provider;
  Problems& problems = mapping.problems();
  mapping.read("name", provider.name, parse_name);
  mapping.read("protocol", provider.protocol,
               [&](std::string_view text) { return parse_protocol(text, protocols); });
  mapping.read("base_url", provider.base_url, parse_base_url);
  mapping.read("max_tokens_parameter", provider.max_tokens_parameter,
               [](std::string_view text) { return parse_choice(text, k_max_tokens_parameters); });
  mapping.read("http_version", provider.http_version,
               [](std::string_view text) { return parse_choice(text, k_http_versions); });
  if (const Node* node = mapping.find("auth")) {
    provider.auth = read_auth(MappingReader(*node, schema::k_auth, problems), folder);
  }
  if (const Node* node = mapping.find("tls")) {
    provider.tls = read_tls(MappingReader(*node, schema::k_tls, problems), folder);
  }
  if (const Node* node = mapping.find("proxy")) {
    provider.proxy = read_proxy(MappingReader(*node, schema::k_proxy, problems), folder);
  }
  provider.headers = read_headers(mapping);
  provider.models = read_models(mapping);
  return provider;
}

}  // namespace

std::vector<Provider> read_providers(const MappingReader& file,
                                     const std::vector<std::string>& protocols,
                                     const std::filesystem::path& folder) {
  std::vector<Provider> providers;
  Names names("provider", file.problems());
  file.each("providers", [&](const Node& node) {
    const MappingReader mapping(node, schema::k_provider, file.problems());
    Provider provider = read_provider(mapping, protocols, folder);
    if (!provider.name.empty() && names.add(provider.name, mapping.mark("name"))) {
      providers.push_back(std::move(provider));
    }
  });
  return providers;
}

}  // namespace inferometer::config
