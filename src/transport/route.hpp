#pragma once

#include "base/error.hpp"
#include "transport/http/message.hpp"
#include "transport/net/proxy.hpp"
#include "transport/tls/context.hpp"
#include "transport/transport.hpp"
#include "wire/url.hpp"

#include <memory>
#include <optional>
#include <string>

namespace inferometer::transport {

/// How a request travels: decided before the exchange begins, as files may have to be read for it.
struct Route {
  wire::Url url;
  std::optional<net::ProxyRoute> proxy;
  std::shared_ptr<const tls::Context> tls;  ///< of the site; null for http
  std::shared_ptr<const tls::Context>
      proxy_tls;    ///< null where the proxy is spoken to in clear text
  std::string key;  ///< equal where a connection may be shared
};

/// An error says what is wrong with the request. Cheap once `contexts` knows what it needs;
/// otherwise it reads files. Thread-safe.
[[nodiscard]] base::Result<Route> make_route(const Request& request, tls::ContextCache& contexts);

/// The head of a request that travels by `route`: its own headers, and those that identify this
/// client and the codings it understands.
[[nodiscard]] http::RequestHead make_head(const Request& request, const Route& route);

}  // namespace inferometer::transport
