#pragma once

#include "base/error.hpp"
#include "config/config.hpp"
#include "http/codec.hpp"
#include "web/callbacks.hpp"

#include <string>
#include <string_view>
#include <vector>

/// What the routes read from a request; errors are for the client and name what there is.
namespace inferometer::web {

/// The metric names that `/metrics?name[]=a&name[]=b` asks for; none: all.
[[nodiscard]] base::Result<std::vector<std::string>> read_metric_names(std::string_view query);

/// The target of a `/probe` request, checked to be one of `configured`, and how and until when to
/// answer.
[[nodiscard]] base::Result<ProbeRequest> read_probe_request(
    const http::Request& request, const std::vector<config::TargetKey>& configured);

/// The id at the end of the path, in lower case.
[[nodiscard]] base::Result<std::string> read_measurement_id(std::string_view path);

/// Whether a client prefers a page to JSON by its Accept, as a browser does.
[[nodiscard]] bool wants_page(const http::Request& request);

/// Whether a client prefers JSON to a page; not so without an Accept that says it.
[[nodiscard]] bool wants_json(const http::Request& request);

/// The filter in the query of the page at /; it ignores what else is there, as pages do.
[[nodiscard]] base::Result<std::string> read_filter(std::string_view query);

}  // namespace inferometer::web
