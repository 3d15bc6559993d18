#pragma once

#include "base/clock.hpp"
#include "base/secret.hpp"
#include "sim/behaviour.hpp"
#include "sim/decision.hpp"
#include "sim/http.hpp"
#include "sim/profile.hpp"
#include "sim/random.hpp"
#include "sim/wire_format.hpp"

#include <string_view>
#include <utility>

namespace inferometer::sim {

/// Decides what each request gets. Knows no sockets. Not thread-safe.
class Router {
 public:
  struct Options {
    std::uint64_t seed = 1;
    const Profile* profile = nullptr;  ///< answers on the paths that name no profile
    Behaviour behaviour;
    base::Secret key;  ///< the bearer token to ask for; empty: none
  };

  explicit Router(Options options) : m_options(std::move(options)), m_random(m_options.seed) {}

  /// `now` is for the dates in the answer. The same requests in the same order get the same
  /// answers from the same seed.
  [[nodiscard]] Decision decide(const http::Request& request, base::WallTime now);

  /// The response to bytes that are no request.
  [[nodiscard]] static http::Response refuse(const http::RequestReader::Failure& failure);

 private:
  Decision route(const http::Request& request, base::WallTime now);
  Decision route_api(const http::Request& request, const Profile& profile, std::string_view path,
                     base::WallTime now);
  Decision generate(const http::Request& request, const Profile& profile, const WireFormat& format,
                    base::WallTime now);
  [[nodiscard]] bool authorized(const http::Request& request) const;

  Options m_options;
  Random m_random;
};

}  // namespace inferometer::sim
