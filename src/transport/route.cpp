#include "transport/route.hpp"

#include "base/ascii.hpp"
#include "transport/tls/context_cache.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace inferometer::transport {
namespace {

/// What must be equal for two requests to share a connection. A context stands for its files and
/// settings as they were when it was loaded.
std::string key_of(const Request& request, const Route& route) {
  const auto identity = [](const auto& pointer) { return static_cast<const void*>(pointer.get()); };
  std::string key = fmt::format("{}\n{}\n{}\n{}\n{}", route.url.scheme,
                                wire::authority_with_port(route.url), identity(route.tls),
                                request.tls.server_name, static_cast<int>(request.http_version));
  if (route.proxy) {
    key += fmt::format("\n{}\n{}\n{}\n{}\n{}", wire::authority_with_port(route.proxy->proxy),
                       route.proxy->socks, identity(route.proxy_tls), request.proxy.username,
                       std::hash<std::string>()(request.proxy_password.reveal()));
  }
  return key;
}

std::string_view method_name(Method method) {
  switch (method) {
    case Method::post:
      return "POST";
    case Method::get:
      return "GET";
    case Method::put:
      return "PUT";
  }
  return "";
}

/// What can be sent as SNI or compared with a certificate: a host name or an address.
bool is_host(std::string_view name) {
  return std::ranges::all_of(name, [](char c) {
    return base::is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == ':';
  });
}

/// Ours, unless the request says it otherwise.
void add_default(http::RequestHead& head, const Request& request, const char* name,
                 const char* value) {
  const bool given = std::ranges::any_of(request.headers, [name](const auto& header) {
    return base::equal_ignoring_case(header.first, name);
  });
  if (!given) {
    head.headers.emplace_back(name, value);
  }
}

}  // namespace

base::Result<Route> make_route(const Request& request, tls::ContextCache& contexts) {
  base::Result<wire::Url> url = wire::parse_url(request.url);
  if (!url) {
    return tl::make_unexpected(url.error());
  }
  Route route{.url = *std::move(url)};
  auto proxy = net::route(request.proxy, route.url);
  if (!proxy) {
    return tl::make_unexpected(proxy.error());
  }
  route.proxy = *std::move(proxy);
  if (!is_host(request.tls.server_name)) {
    return base::fail("tls.server_name is not a host name");
  }
  if (route.url.scheme == "https") {
    auto context = contexts.get(request.tls);
    if (!context) {
      return tl::make_unexpected(context.error());
    }
    route.tls = *std::move(context);
  }
  if (route.proxy && route.proxy->proxy.scheme == "https") {
    // The proxy is trusted as the site is, but is shown no certificate of ours.
    auto context = contexts.get(
        {.ca_file = request.tls.ca_file, .insecure_skip_verify = request.tls.insecure_skip_verify});
    if (!context) {
      return tl::make_unexpected(context.error());
    }
    route.proxy_tls = *std::move(context);
  }
  route.key = key_of(request, route);
  return route;
}

http::RequestHead make_head(const Request& request, const Route& route) {
  http::RequestHead head{.method = std::string(method_name(request.method)),
                         .scheme = route.url.scheme,
                         .authority = wire::authority(route.url),
                         .target = route.url.target};
  add_default(head, request, "User-Agent", "inferometer/" INFEROMETER_VERSION);
  add_default(head, request, "Accept", "*/*");
  // Asks for an unpacked stream; what a proxy packs all the same is unpacked.
  add_default(head, request, "Accept-Encoding", "identity");
  head.headers.insert(head.headers.end(), request.headers.begin(), request.headers.end());
  head.secret_headers = request.secret_headers;
  if (route.proxy && !route.proxy->tunnel) {
    head.target = route.url.scheme + "://" + head.authority + route.url.target;
    base::Secret credentials = net::proxy_credentials(request.proxy, request.proxy_password);
    if (!credentials.empty()) {
      head.secret_headers.emplace_back("Proxy-Authorization", std::move(credentials));
    }
  }
  return head;
}

}  // namespace inferometer::transport
