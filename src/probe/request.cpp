#include "probe/request.hpp"

#include "wire/json.hpp"
#include "wire/percent_encoding.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <utility>

namespace inferometer::probe {
namespace {

/// The URL of the request: the provider's, with the model's name in its place and the query added.
std::string make_url(const config::Target& target, std::string_view path) {
  const config::Provider& provider = target.provider;
  constexpr std::string_view k_model = "{model}";
  std::string url = provider.base_url;
  if (const std::size_t at = url.find(k_model); at != std::string::npos) {
    url.replace(at, k_model.size(), wire::percent_encode(target.model.name));
  }
  url.append(path);
  char separator = path.find('?') == std::string_view::npos ? '?' : '&';
  for (const auto& [name, value] : provider.query) {
    url +=
        fmt::format("{}{}={}", separator, wire::percent_encode(name), wire::percent_encode(value));
    separator = '&';
  }
  return url;
}

/// The body with the user's own members merged into it (RFC 7396: a null takes a member out).
std::string merged(std::string_view body, std::string_view extra) {
  // Both are good: the one is ours, however long its prompt, and the loader has read the other.
  auto object = nlohmann::json::parse(body);
  object.merge_patch(nlohmann::json::parse(extra));
  return wire::write_json(object);
}

}  // namespace

transport::Request make_request(const config::Target& target, const protocol::Protocol& protocol,
                                prompt::Prompt prompt) {
  const config::Provider& provider = target.provider;
  protocol::HttpRequest http = protocol.make_request(protocol::Generation{
      .model = target.model.name,
      .system_prompt = std::move(prompt.system),
      .prompt = std::move(prompt.user),
      .stream = target.workload.stream,
      .max_output_tokens = target.workload.output_tokens,
      .ignore_eos = provider.ignore_eos,
      .temperature = target.workload.temperature,
      .max_tokens_parameter = provider.max_tokens_parameter,
  });
  transport::Request request;
  request.url = make_url(target, http.path);
  request.headers = std::move(http.headers);
  request.headers.insert(request.headers.end(), provider.headers.begin(), provider.headers.end());
  request.body = target.model.extra_body.empty() ? std::move(http.body)
                                                 : merged(http.body, target.model.extra_body);
  request.connection = target.connection;
  request.max_idle = target.max_idle;
  request.http_version = provider.http_version;
  request.tls = provider.tls;
  request.proxy = provider.proxy;
  return request;
}

}  // namespace inferometer::probe
