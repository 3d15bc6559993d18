#include "base/duration.hpp"
#include "base/error.hpp"
#include "cli/cli.hpp"
#include "cli/terminal/output.hpp"

#include <fmt/format.h>
#include <httplib.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <string>

namespace inferometer::cli {
namespace {

constexpr std::size_t k_most_body = 4096;  // health is told in a line

struct HealthUrl {
  std::string origin;  ///< "http://127.0.0.1:9840"
  std::string path;    ///< "/-/healthy"
};

base::Result<HealthUrl> split_url(const std::string& url) {
  const std::size_t scheme_end = url.find("://");
  const std::string scheme = url.substr(0, scheme_end);
  if (scheme_end == std::string::npos || (scheme != "http" && scheme != "https")) {
    return base::fail("--url has to begin with http:// or https://");
  }
  const std::size_t path = std::min(url.find('/', scheme_end + 3), url.size());
  return HealthUrl{.origin = url.substr(0, path),
                   .path = path == url.size() ? "/-/healthy" : url.substr(path)};
}

/// What the daemon answered, or why there is no good answer.
base::Result<std::string> ask(const HealthUrl& url, const HealthcheckOptions& options) {
  httplib::Client client(url.origin);
  if (!client.is_valid()) {
    return base::fail(fmt::format("{} is no address of a server", url.origin));
  }
  client.set_connection_timeout(options.timeout);
  client.set_read_timeout(options.timeout);
  client.set_write_timeout(options.timeout);
  client.enable_server_certificate_verification(!options.insecure);
  if (!options.ca_file.empty()) {
    client.set_ca_cert_path(options.ca_file);
  }
  std::string body;
  const httplib::Result result = client.Get(url.path, [&body](const char* data, std::size_t size) {
    body.append(data, size);
    return body.size() <= k_most_body;
  });
  if (!result) {
    return base::fail(fmt::format("{}{} does not answer: {}", url.origin, url.path,
                                  httplib::to_string(result.error())));
  }
  if (result->status != 200) {
    return base::fail(
        fmt::format("{}{} answers {}: {}", url.origin, url.path, result->status, body));
  }
  return body;
}

}  // namespace

int run_healthcheck(const HealthcheckOptions& options) {
  const base::Result<HealthUrl> url = split_url(options.url);
  if (!url) {
    std::fprintf(stderr, "inferometer: %s\n", url.error().message.c_str());
    return k_exit_usage;
  }
  const base::Result<std::string> answer = ask(*url, options);
  if (!answer) {
    std::fprintf(stderr, "inferometer: %s\n", answer.error().message.c_str());
    return k_exit_failure;
  }
  return print(*answer) ? k_exit_ok : k_exit_failure;
}

}  // namespace inferometer::cli
