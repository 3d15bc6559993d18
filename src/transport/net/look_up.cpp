#include "transport/net/look_up.hpp"

#include <fmt/format.h>
#include <netdb.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <new>
#include <system_error>

namespace inferometer::transport::net {
namespace {

using List = std::unique_ptr<addrinfo, void (*)(addrinfo*)>;

/// What getaddrinfo returned and what it left in errno.
struct Result {
  int code = 0;
  int error = 0;
  List list{nullptr, &freeaddrinfo};
};

/// No `host`: the loopback addresses.
Result ask(const char* host, const std::string& port, int flags) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV | flags;
  addrinfo* list = nullptr;
  Result result;
  errno = 0;
  result.code = getaddrinfo(host, port.c_str(), &hints, &list);
  result.error = errno;
  if (result.code == 0) {
    result.list.reset(list);
  }
  return result;
}

/// Whether the name may have addresses of a family that this machine seems not to have.
bool has_no_address_of_ours(int code) {
  return code == EAI_NONAME || code == EAI_NODATA || code == EAI_ADDRFAMILY || code == EAI_BADFLAGS;
}

/// glibc says EAI_NONAME where it could not open its own files: errno tells, and is 0 otherwise.
bool is_ours(const Result& result) {
  return result.code == EAI_MEMORY || result.error == EMFILE || result.error == ENFILE ||
         result.error == ENOMEM || result.error == ENOBUFS;
}

ResolveError error_of(const Result& result, const std::string& host) {
  const bool ours = is_ours(result);
  const bool system_knows = result.error != 0 && (ours || result.code == EAI_SYSTEM);
  const std::string reason = system_knows ? std::generic_category().message(result.error)
                                          : std::string(gai_strerror(result.code));
  return {.cause = ours ? ResolveError::Cause::resources : ResolveError::Cause::name,
          .message = fmt::format("cannot resolve {}: {}", host, reason)};
}

std::vector<Address> addresses_of(const addrinfo* entry) {
  std::vector<Address> addresses;
  for (; entry != nullptr; entry = entry->ai_next) {
    const bool is_ip = entry->ai_family == AF_INET || entry->ai_family == AF_INET6;
    if (is_ip && entry->ai_addrlen <= sizeof(sockaddr_storage)) {
      Address& address = addresses.emplace_back();
      std::memcpy(&address.storage, entry->ai_addr, entry->ai_addrlen);
      address.length = entry->ai_addrlen;
    }
  }
  return addresses;
}

Addresses look_up_or_throw(const std::string& host, std::uint16_t port) {
  const std::string service = std::to_string(port);
  Result result = ask(host.c_str(), service, AI_ADDRCONFIG);
  if (has_no_address_of_ours(result.code) && !is_ours(result)) {
    result = ask(host.c_str(), service, 0);
  }
  // Names of this machine even where no resolver knows them (RFC 6761, section 6.3): bare
  // containers lack the file that would tell.
  if (result.code != 0 && is_in_domain(host, "localhost")) {
    result = ask(nullptr, service, 0);
  }
  if (result.code != 0) {
    return tl::make_unexpected(error_of(result, host));
  }
  std::vector<Address> addresses = addresses_of(result.list.get());
  if (addresses.empty()) {
    return tl::make_unexpected(
        ResolveError{.message = fmt::format("{} has neither an IPv4 nor an IPv6 address", host)});
  }
  return addresses;
}

}  // namespace

Addresses look_up(const std::string& host, std::uint16_t port) noexcept {
  try {
    return look_up_or_throw(host, port);
  } catch (const std::bad_alloc&) {
    // Short enough to need no memory itself.
    return tl::make_unexpected(
        ResolveError{.cause = ResolveError::Cause::resources, .message = "out of memory"});
  }
}

}  // namespace inferometer::transport::net
