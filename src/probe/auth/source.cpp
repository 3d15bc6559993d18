#include "probe/auth/source.hpp"

#include "probe/auth/services.hpp"

#include <concepts>
#include <utility>
#include <variant>

namespace inferometer::probe::auth {
namespace {

template <typename Auth>
concept Fetched = requires(const Auth& auth, const CredentialSource& source) {
  { first_step(auth, source, base::WallTime()) } -> std::same_as<base::Result<Step>>;
};

}  // namespace

CredentialSource source_of(const config::Provider& provider) {
  return {.auth = provider.auth,
          .base_url = provider.base_url,
          .tls = provider.tls,
          .proxy = provider.proxy};
}

bool is_fetched(const config::Auth& auth) {
  return std::visit([]<typename Kind>(const Kind& /*kind*/) { return Fetched<Kind>; }, auth);
}

base::Result<Step> first_step(const CredentialSource& source, base::WallTime now) {
  return std::visit(
      [&]<typename Kind>(const Kind& kind) -> base::Result<Step> {
        if constexpr (Fetched<Kind>) {
          return first_step(kind, source, now);
        }
        return base::fail("the provider's auth needs no token");
      },
      source.auth);
}

}  // namespace inferometer::probe::auth
