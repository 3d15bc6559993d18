#pragma once

#include "base/clock.hpp"
#include "base/secret.hpp"
#include "sim/api/wire_format.hpp"
#include "sim/decision.hpp"
#include "sim/http/message.hpp"
#include "sim/http/request_reader.hpp"
#include "sim/model/behaviour.hpp"
#include "sim/model/latency.hpp"
#include "sim/model/provider.hpp"
#include "sim/model/tokens.hpp"

#include <optional>
#include <utility>
#include <vector>

namespace inferometer::sim {

/// Decides what each request gets. Uses no sockets. Not thread-safe.
class Router {
 public:
  struct Options {
    std::uint64_t seed = 1;
    const Profile* profile = nullptr;  ///< answers on the paths that name no profile
    Behaviour behaviour;
    base::Secret key;  ///< the API key to ask for; empty: none
  };

  explicit Router(Options options)
      : m_options(std::move(options)),
        m_random(m_options.seed),
        m_prefix_caches(profiles().size()) {}

  /// `now` is for the dates in the answer. The same requests in the same order get the same
  /// answers from the same seed.
  [[nodiscard]] Decision decide(const http::Request& request, base::WallTime now);

  /// The response to bytes that are no request.
  [[nodiscard]] static http::Response refuse(const http::RequestReader::Failure& failure);

 private:
  Decision route(const http::Request& request, base::WallTime now);
  Decision serve(const http::Request& request, const Profile& profile, const Endpoint& endpoint,
                 base::WallTime now);
  Decision generate(const http::Request& request, const Profile& profile, const Endpoint& endpoint,
                    base::WallTime now);
  Decision consider(const http::Request& request, Behaviour behaviour, const Profile& profile,
                    const Endpoint& endpoint, base::WallTime now);
  Decision answer(Ask ask, Behaviour behaviour, const Profile& profile, const WireFormat& format,
                  Random random, base::WallTime now);
  void add_rate_limit_headers(Decision& decision, Dialect dialect, base::WallTime now);
  [[nodiscard]] std::optional<http::Response> refuse_without_key(const http::Request& request,
                                                                 const WireFormat& format,
                                                                 base::WallTime now) const;

  Options m_options;
  Random m_random;
  RateLimits m_rate_limits;
  std::vector<PrefixCache> m_prefix_caches;  ///< one for each of profiles(), in that order
};

}  // namespace inferometer::sim
