#include "config/secrets.hpp"

#include "base/ascii.hpp"
#include "config/problem.hpp"
#include "config/read_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

namespace inferometer::config {
namespace {

constexpr std::size_t k_longest_secret = std::size_t{64} * 1024;

std::string_view without_line_break(std::string_view text) {
  if (text.ends_with('\n')) {
    text.remove_suffix(text.ends_with("\r\n") ? 2 : 1);
  }
  return text;
}

/// `where` names the source in messages.
base::Result<base::Secret> check(std::string_view content, const std::string& where) {
  const std::string_view secret = without_line_break(content);
  if (secret.empty()) {
    return base::fail(where + " is empty: put the secret there");
  }
  if (secret.size() > k_longest_secret) {
    return base::fail(
        fmt::format("{} holds more than {} bytes, which is no secret", where, k_longest_secret));
  }
  if (std::any_of(secret.begin(), secret.end(), base::is_control)) {
    return base::fail(where + " holds control characters or several lines: one line is needed");
  }
  return base::Secret(std::string(secret));
}

base::Result<base::Secret> read_variable(const std::string& name) {
  const std::string where = "the environment variable " + quote(name);
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) {
    return base::fail(where + " is not set");
  }
  return check(value, where);
}

base::Result<base::Secret> read_secret_file(const std::string& path) {
  const std::string where = "the secret file " + quote(path);
  auto content = read_file_within(k_read_limit, path, k_longest_secret + 2);  // with its line break
  if (!content) {
    return base::fail(fmt::format("{} cannot be read: {}", where, content.error().message));
  }
  const base::Secret wiped(*std::move(content));
  return check(wiped.reveal(), where);
}

/// More than any file of certificates or keys has.
constexpr std::size_t k_largest_tls_file = std::size_t{16} * 1024 * 1024;

/// Goes through what one provider names.
class Search {
 public:
  explicit Search(const Provider& provider) : m_provider(provider) {}

  /// `key` without its `_env` or `_file`.
  void try_secret(std::string_view key, const SecretRef& reference) {
    const bool in_file = reference.kind == SecretRef::Kind::file;
    if (const auto secret = read_secret(reference); !secret) {
      add(fmt::format("{}{}", key, in_file ? "_file" : "_env"), reference.name,
          secret.error().message,
          in_file ? "it is tried again with each attempt"
                  : "set it and restart: a process keeps the environment that it began with");
    }
  }

  void try_file(std::string_view key, const std::string& path) {
    if (path.empty()) {
      return;
    }
    if (const auto content = read_file_within(k_read_limit, path, k_largest_tls_file); !content) {
      add(std::string(key), path,
          fmt::format("the file {} cannot be read: {}", quote(path), content.error().message),
          "let the user that runs this read it");
    }
  }

  void operator()(std::monostate /*none*/) {}
  void operator()(const BearerAuth& auth) { try_secret("bearer", auth.token); }
  void operator()(const ApiKeyAuth& auth) { try_secret("api_key", auth.key); }
  void operator()(const GoogleAuth& auth) {
    try_file("google_service_account_file", auth.service_account_file);
  }
  void operator()(const AwsAuth& auth) {
    try_secret("access_key_id", auth.access_key_id);
    try_secret("secret_access_key", auth.secret_access_key);
    if (auth.session_token) {
      try_secret("session_token", *auth.session_token);
    }
  }
  void operator()(const GoogleMetadataAuth& /*auth*/) {}
  void operator()(const GoogleExternalAccountAuth& auth) {
    try_file("google_external_account_file", auth.file);
  }
  void operator()(const AwsWebIdentityAuth& auth) {
    constexpr std::string_view k_hint =
        "EKS sets it where the service account has the annotation eks.amazonaws.com/role-arn";
    try_given("role_arn", "AWS_ROLE_ARN", auth.role_arn, k_hint);
    if (try_given("token_file", "AWS_WEB_IDENTITY_TOKEN_FILE", auth.token_file, k_hint)) {
      try_secret_file("token_file", auth.token_file);
    }
  }
  void operator()(const AwsPodIdentityAuth& auth) {
    try_given("credentials", "AWS_CONTAINER_CREDENTIALS_FULL_URI", auth.url,
              "EKS sets it in pods whose service account has a Pod Identity association, and ECS "
              "sets AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    try_surrounding(auth.token);
  }
  void operator()(const AwsInstanceAuth& /*auth*/) {}
  void operator()(const AzureManagedIdentityAuth& auth) { try_surrounding(auth.header); }
  void operator()(const AzureWorkloadIdentityAuth& auth) {
    constexpr std::string_view k_hint =
        "AKS sets it in pods with the label azure.workload.identity/use, from the annotations of "
        "their service account";
    try_given("client_id", "AZURE_CLIENT_ID", auth.client_id, k_hint);
    try_given("tenant_id", "AZURE_TENANT_ID", auth.tenant_id, k_hint);
    if (try_given("token_file", "AZURE_FEDERATED_TOKEN_FILE", auth.token_file, k_hint)) {
      try_secret_file("token_file", auth.token_file);
    }
  }
  void operator()(const OAuth2Auth& auth) { try_secret("client_secret", auth.client_secret); }
  void operator()(const HeaderAuth& auth) { try_secret("value", auth.value); }

  void try_tls(const Tls& tls) {
    try_file("ca_file", tls.ca_file);
    try_file("cert_file", tls.cert_file);
    try_file("key_file", tls.key_file);
  }

  [[nodiscard]] std::vector<MissingSecret> take() { return std::move(m_missing); }

  /// Notes where all that was found so far is named.
  void mark(Mark mark) {
    for (MissingSecret& missing : m_missing) {
      missing.mark = mark;
    }
  }

 private:
  /// What neither the file nor the environment says is empty. Whether it is there.
  bool try_given(std::string_view key, std::string_view variable, std::string_view value,
                 std::string_view hint) {
    if (value.empty()) {
      add(std::string(key), std::string(variable),
          fmt::format("the environment variable {} is not set", quote(variable)),
          std::string(hint));
    }
    return !value.empty();
  }

  void try_secret_file(std::string_view key, const std::string& path) {
    const SecretRef reference{.kind = SecretRef::Kind::file, .name = path};
    if (const auto secret = read_secret(reference); !secret) {
      add(std::string(key), path, secret.error().message, "it is tried again with each fetch");
    }
  }

  /// A secret that the environment and no key of the file names.
  void try_surrounding(const std::optional<SecretRef>& reference) {
    if (const auto secret = read_secret(reference); !secret) {
      add("credentials", reference->name, secret.error().message,
          "it is tried again with each fetch");
    }
  }

  void add(std::string key, std::string source, std::string reason, std::string hint) {
    m_missing.push_back({m_provider.name,
                         std::move(key),
                         std::move(source),
                         std::move(reason),
                         std::move(hint),
                         {}});
  }

  const Provider& m_provider;
  std::vector<MissingSecret> m_missing;
};

}  // namespace

base::Result<base::Secret> read_secret(const SecretRef& reference) {
  switch (reference.kind) {
    case SecretRef::Kind::environment:
      return read_variable(reference.name);
    case SecretRef::Kind::file:
      return read_secret_file(reference.name);
  }
  return base::fail("a secret of no kind");
}

base::Result<base::Secret> read_secret(const std::optional<SecretRef>& reference) {
  return reference ? read_secret(*reference) : base::Result<base::Secret>(base::Secret());
}

std::vector<MissingSecret> missing_secrets(const Provider& provider, Mark auth) {
  Search search(provider);
  std::visit(search, provider.auth);
  search.mark(auth);
  if (provider.proxy.password) {
    search.try_secret("password", *provider.proxy.password);
  }
  search.try_tls(provider.tls);
  if (const auto& metrics = provider.server_metrics) {
    std::visit(search, metrics->auth);
    search.try_tls(metrics->tls.value_or(Tls()));
  }
  return search.take();
}

std::vector<MissingSecret> missing_secrets(const Config& config) {
  std::vector<MissingSecret> all;
  for (const Provider& provider : config.providers) {
    const auto mark = config.auth_marks.find(provider.name);
    std::vector<MissingSecret> missing =
        missing_secrets(provider, mark == config.auth_marks.end() ? Mark() : mark->second);
    std::move(missing.begin(), missing.end(), std::back_inserter(all));
  }
  return all;
}

}  // namespace inferometer::config
