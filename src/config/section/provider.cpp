#include "config/section/provider.hpp"

#include "base/ascii.hpp"
#include "config/choices.hpp"
#include "config/names.hpp"
#include "config/secret_names.hpp"
#include "config/section/auth.hpp"
#include "config/yaml/suggest.hpp"
#include "config/yaml/url_values.hpp"
#include "config/yaml/values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace inferometer::config {
namespace {

using namespace std::chrono_literals;

using NameValues = std::map<std::string, std::string>;

/// What a mapping of names of the user's own takes, and how messages speak of it.
struct NameValueKind {
  std::string_view key;
  std::string_view entry;    ///< one entry in words: `header`
  std::string_view entries;  ///< several
  std::size_t most;
  bool (*is_name)(std::string_view name);
  std::string_view bad_name;  ///< a refused name itself is not shown: it may hold a value as well
  std::string_view name_hint;
  std::string_view (*hint_for_secret)(std::string_view name);
  bool ignores_case;
  std::size_t shortest_value = 0;
  std::size_t longest_value = std::numeric_limits<std::size_t>::max();
};

bool is_parameter_name(std::string_view name) {
  return parse_name(name).has_value();
}

/// A label is shown to all: it is for no secret, whatever its name.
std::string_view no_hint(std::string_view /*name*/) {
  return {};
}

constexpr NameValueKind k_headers{.key = "headers",
                                  .entry = "header",
                                  .entries = "headers",
                                  .most = 64,
                                  .is_name = is_header_name,
                                  .bad_name = "headers: a key is no HTTP header's name",
                                  .name_hint = "use letters, digits and -",
                                  .hint_for_secret = hint_for_secret_header,
                                  .ignores_case = true};
constexpr NameValueKind k_query{.key = "query",
                                .entry = "query parameter",
                                .entries = "query parameters",
                                .most = 16,
                                .is_name = is_parameter_name,
                                .bad_name = "query: a key is no name of 1 to 128 bytes",
                                .name_hint = "write one parameter a line, as name: value",
                                .hint_for_secret = hint_for_secret_parameter,
                                .ignores_case = false};
constexpr NameValueKind k_labels{
    .key = "labels",
    .entry = "label",
    .entries = "labels",
    .most = 8,
    .is_name = is_label_name,
    .bad_name = "labels: a key is no name of a label, or one that series have",
    .name_hint =
        "use letters, digits and _, no __ at the start, and none of "
        "provider, model, workload, kind, phase, reason, outcome, "
        "resource, le, quantile, job and instance",
    .hint_for_secret = no_hint,
    .ignores_case = false,
    .shortest_value = 1,
    .longest_value = 128};

void read_entry(const Node::Entry& entry, const NameValueKind& kind, Names& names,
                Problems& problems, NameValues& into) {
  const Node& key = *entry.key;
  const Node& value = *entry.value;
  if (key.kind == Node::Kind::refused || value.kind == Node::Kind::refused) {
    return;
  }
  if (key.kind != Node::Kind::scalar || !kind.is_name(key.written)) {
    problems.add(key.mark, std::string(kind.bad_name), std::string(kind.name_hint));
  } else if (const std::string_view hint = kind.hint_for_secret(key.written); !hint.empty()) {
    problems.add(key.mark, fmt::format("a literal secret: {} {}", kind.entry, quote(key.written)),
                 std::string(hint));
  } else if (value.kind != Node::Kind::scalar) {
    problems.add(value.mark, fmt::format("{} {}: expected text, found {}", kind.entry,
                                         quote(key.written), describe(value.kind)));
  } else if (value.text.size() < kind.shortest_value || value.text.size() > kind.longest_value) {
    problems.add(value.mark,
                 fmt::format("{} {}: expected {} to {} bytes", kind.entry, quote(key.written),
                             kind.shortest_value, kind.longest_value));
  } else if (names.add(kind.ignores_case ? base::to_lower(key.written) : key.written, key.mark)) {
    into.emplace(key.written, value.text);
  }
}

NameValues read_name_values(const MappingReader& provider, const NameValueKind& kind) {
  NameValues read;
  const Node* node = provider.find(kind.key);
  if (node == nullptr || node->kind == Node::Kind::refused) {
    return read;
  }
  if (node->kind != Node::Kind::mapping) {
    provider.refuse(kind.key, *node, {});
    return read;
  }
  if (node->entries.size() > kind.most) {
    provider.problems().add(node->mark, fmt::format("more than {} {}", kind.most, kind.entries),
                            "send fewer");
    return read;
  }
  Names names(kind.entry, provider.problems());
  for (const Node::Entry& entry : node->entries) {
    read_entry(entry, kind, names, provider.problems(), read);
  }
  return read;
}

base::Result<std::string> parse_protocol(std::string_view text,
                                         const std::vector<ProtocolTraits>& protocols) {
  std::vector<std::string_view> known;
  known.reserve(protocols.size());
  for (const ProtocolTraits& protocol : protocols) {
    known.push_back(protocol.name);
  }
  if (std::find(known.begin(), known.end(), text) == known.end()) {
    return base::fail(suggest(text, "protocols", known));
  }
  return std::string(text);
}

Tls read_tls(const MappingReader& mapping, const std::filesystem::path& folder) {
  const auto parse = [&folder](std::string_view text) { return parse_path(text, folder); };
  Tls tls;
  mapping.read("ca_file", tls.ca_file, parse);
  mapping.read("cert_file", tls.cert_file, parse);
  mapping.read("key_file", tls.key_file, parse);
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

RateLimit read_rate_limit(const MappingReader& mapping) {
  RateLimit limit;
  mapping.read("requests_per_minute", limit.requests_per_minute,
               [](std::string_view text) { return parse_whole_number(text, 1, 1'000'000); });
  mapping.read("max_hold", limit.max_hold,
               [](std::string_view text) { return parse_duration_within(text, 1s, 24h); });
  return limit;
}

ServerMetrics read_server_metrics(const MappingReader& mapping,
                                  const std::filesystem::path& folder) {
  ServerMetrics metrics;
  mapping.read("kind", metrics.kind,
               [](std::string_view text) { return parse_choice(text, k_server_kinds); });
  mapping.read("url", metrics.url, parse_page_url);
  mapping.read("interval", metrics.interval,
               [](std::string_view text) { return parse_duration_within(text, 1s, 1h); });
  if (const Node* node = mapping.find("auth")) {
    metrics.auth = read_server_metrics_auth(
        MappingReader(*node, schema::k_server_metrics_auth, mapping.problems()), folder);
  }
  if (const Node* node = mapping.find("tls")) {
    metrics.tls = read_tls(MappingReader(*node, schema::k_tls, mapping.problems()), folder);
  }
  metrics.headers = read_name_values(mapping, k_headers);
  return metrics;
}

/// Reports `ignore_eos` where the protocol has no field for it.
void check_ignore_eos(const MappingReader& mapping, const Provider& provider,
                      const std::vector<ProtocolTraits>& protocols) {
  const auto takes = [&provider](const ProtocolTraits& protocol) {
    return protocol.name == provider.protocol && protocol.takes_ignore_eos;
  };
  if (provider.ignore_eos && !provider.protocol.empty() &&
      std::none_of(protocols.begin(), protocols.end(), takes)) {
    mapping.problems().add(
        mapping.mark("ignore_eos"),
        fmt::format("ignore_eos: the protocol {} cannot ask for it", provider.protocol),
        "remove it");
  }
}

std::vector<Model> read_models(const MappingReader& provider) {
  std::vector<Model> models;
  Names names("model", provider.problems());
  provider.each("models", [&](const Node& node) {
    Model model;
    if (node.kind == Node::Kind::mapping) {
      const MappingReader mapping(node, schema::k_model, provider.problems());
      mapping.read("name", model.name, parse_name);
      mapping.read("context_window", model.context_window,
                   [](std::string_view text) { return parse_whole_number(text, 1, 100'000'000); });
      mapping.read("extra_body", model.extra_body, parse_extra_body);
    } else {
      provider.read_item(node, "models", model.name, parse_name);
    }
    if (!model.name.empty() && names.add(model.name, node.mark)) {
      models.push_back(std::move(model));
    }
  });
  return models;
}

/// Reads the mappings of a provider that have keys of their own.
void read_sections(const MappingReader& mapping, const std::filesystem::path& folder,
                   const Environment& environment, Provider& provider) {
  Problems& problems = mapping.problems();
  if (const Node* node = mapping.find("auth")) {
    provider.auth = read_auth(MappingReader(*node, schema::k_auth, problems), folder, environment);
  }
  if (const Node* node = mapping.find("rate_limit")) {
    provider.rate_limit = read_rate_limit(MappingReader(*node, schema::k_rate_limit, problems));
  }
  if (const Node* node = mapping.find("tls")) {
    provider.tls = read_tls(MappingReader(*node, schema::k_tls, problems), folder);
  }
  if (const Node* node = mapping.find("proxy")) {
    provider.proxy = read_proxy(MappingReader(*node, schema::k_proxy, problems), folder);
  }
  if (const Node* node = mapping.find("server_metrics")) {
    provider.server_metrics =
        read_server_metrics(MappingReader(*node, schema::k_server_metrics, problems), folder);
  }
}

Provider read_provider(const MappingReader& mapping, const std::vector<ProtocolTraits>& protocols,
                       const std::filesystem::path& folder, const Environment& environment) {
  Provider provider;
  mapping.read("name", provider.name, parse_name);
  mapping.read("protocol", provider.protocol,
               [&](std::string_view text) { return parse_protocol(text, protocols); });
  mapping.read("base_url", provider.base_url, parse_base_url);
  mapping.read("max_tokens_parameter", provider.max_tokens_parameter,
               [](std::string_view text) { return parse_choice(text, k_max_tokens_parameters); });
  mapping.read("ignore_eos", provider.ignore_eos, parse_boolean);
  mapping.read("http_version", provider.http_version,
               [](std::string_view text) { return parse_choice(text, k_http_versions); });
  check_ignore_eos(mapping, provider, protocols);
  read_sections(mapping, folder, environment, provider);
  provider.query = read_name_values(mapping, k_query);
  provider.headers = read_name_values(mapping, k_headers);
  provider.labels = read_name_values(mapping, k_labels);
  provider.models = read_models(mapping);
  return provider;
}

}  // namespace

ReadProviders read_providers(const MappingReader& file,
                             const std::vector<ProtocolTraits>& protocols,
                             const std::filesystem::path& folder, const Environment& environment) {
  ReadProviders read;
  Names names("provider", file.problems());
  file.each("providers", [&](const Node& node) {
    const MappingReader mapping(node, schema::k_provider, file.problems());
    Provider provider = read_provider(mapping, protocols, folder, environment);
    if (!provider.name.empty() && names.add(provider.name, mapping.mark("name"))) {
      if (mapping.find("auth") != nullptr) {
        read.auth_marks.emplace(provider.name, mapping.mark("auth"));
      }
      read.providers.push_back(std::move(provider));
    }
  });
  return read;
}

}  // namespace inferometer::config
