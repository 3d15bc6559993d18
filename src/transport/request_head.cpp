#include "transport/request_head.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace inferometer::transport {
namespace {

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

http::RequestHead make_head(const Request& request, const Route& route) {
  http::RequestHead head{.method = request.method == Method::post ? "POST" : "GET",
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
