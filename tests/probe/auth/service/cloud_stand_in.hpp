#pragma once

#include "fakes/contains.hpp"
#include "fakes/fake_clock.hpp"
#include "fakes/scripted_server.hpp"
#include "fakes/temporary_folder.hpp"
#include "probe/auth/credential_cache.hpp"
#include "transport/transport.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

/// What the tests of the clouds' services share: they are asked over real sockets.
namespace inferometer::probe::auth {

using fakes::contains;

struct Reply {
  int status = 200;
  std::string body;
  std::string headers{};  ///< lines that end in CRLF
};

/// A service of a cloud's that gives these answers one after the other, each on a connection of its
/// own, and the last again and again.
inline std::vector<fakes::Script> replies(const std::vector<Reply>& answers) {
  std::vector<fakes::Script> scripts;
  for (const Reply& answer : answers) {
    scripts.push_back({fakes::script::ReadRequest{},
                       fakes::script::Send{fmt::format("HTTP/1.1 {} x\r\n{}Content-Length: {}\r\n"
                                                       "Connection: close\r\n\r\n{}",
                                                       answer.status, answer.headers,
                                                       answer.body.size(), answer.body)}});
  }
  return scripts;
}

inline std::vector<fakes::Script> replies(int status, std::string body) {
  return replies({{.status = status, .body = std::move(body)}});
}

/// Ten minutes after the clock's beginning, as AWS and Google write it.
inline constexpr std::string_view k_in_ten_minutes = "2023-11-14T23:23:20Z";

/// One provider and its credentials, fetched by a real transport; the clock stands still.
struct CloudFetch {
  fakes::TemporaryFolder folder;
  std::unique_ptr<transport::Transport> transport = transport::make_transport({});
  fakes::FakeClock clock;
  std::shared_ptr<CredentialCache> cache = std::make_shared<CredentialCache>(*transport, clock);
  config::Provider provider{};

  explicit CloudFetch(config::Auth auth) {
    provider.name = "p";
    provider.base_url = "https://api.example";
    provider.auth = std::move(auth);
  }
  CloudFetch(const CloudFetch&) = delete;
  CloudFetch& operator=(const CloudFetch&) = delete;
  ~CloudFetch() { transport->stop(); }  // before the clock goes

  [[nodiscard]] CredentialResult get() const {
    std::promise<std::optional<CredentialResult>> done;
    cache->get(provider, [&done](std::optional<CredentialResult> result) {
      done.set_value(std::move(result));
    });
    std::optional<CredentialResult> result = done.get_future().get();
    REQUIRE(result);
    return *std::move(result);
  }

  [[nodiscard]] std::string token() const {
    const CredentialResult result = get();
    REQUIRE_MESSAGE(result, result.error().message);
    return std::get<base::Secret>(result->value).reveal();
  }

  /// "id key token", separated by spaces.
  [[nodiscard]] std::string keys() const {
    const CredentialResult result = get();
    REQUIRE_MESSAGE(result, result.error().message);
    const auto& keys = std::get<AwsKeys>(result->value);
    return fmt::format("{} {} {}", keys.access_key_id.reveal(), keys.secret_access_key.reveal(),
                       keys.session_token.reveal());
  }

  /// "outcome: message"
  [[nodiscard]] std::string error() const {
    const CredentialResult result = get();
    REQUIRE_FALSE(result);
    return fmt::format("{}: {}", measure::to_string(result.error().outcome),
                       result.error().message);
  }
};

/// The origin of the stand-in.
inline std::string origin(const fakes::ScriptedServer& server) {
  return server.url("");
}

/// A proxy that nothing listens at: what goes through it fails.
inline config::Proxy dead_proxy() {
  config::Proxy proxy;
  proxy.url = "http://127.0.0.1:1";
  return proxy;
}

}  // namespace inferometer::probe::auth
