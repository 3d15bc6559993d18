#pragma once

#include "base/error.hpp"
#include "http/codec.hpp"

#include <string>
#include <vector>

/// Which requests are let in; errors are for the client.
namespace inferometer::web {

/// Whether a request is for one of the `allowed` host names; any is if the list is empty. Against
/// DNS rebinding, where a page reaches this daemon under the name of its own host: an address in
/// place of a name cannot come about so, and is always let in. Ports do not matter.
[[nodiscard]] base::Result<void> check_host(const http::Request& request,
                                            const std::vector<std::string>& allowed);

/// Whether a request comes from a page of this daemon, or from no page at all: by Sec-Fetch-Site
/// where the browser sends that, or else by Origin, which is compared with the host.
[[nodiscard]] base::Result<void> check_origin(const http::Request& request);

}  // namespace inferometer::web
