#include "transport/net/name_library.hpp"

#include <dlfcn.h>
#include <netdb.h>

#include <cerrno>

using inferometer::transport::net::name_library;

namespace inferometer::transport::net {

/// Never destroyed: a thread that was left behind may be in it until the very end.
NameLibrary& name_library() {
  static NameLibrary* const k_library = new NameLibrary;
  return *k_library;
}

}  // namespace inferometer::transport::net

namespace {

int fail_with(int code, int error) {
  errno = error;
  return code;
}

}  // namespace

/// Takes the place of the C library's for the whole test program.
extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints,
                           addrinfo** result) {
  using Function = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
  static const auto k_real = reinterpret_cast<Function>(dlsym(RTLD_NEXT, "getaddrinfo"));
  const std::string name(node != nullptr ? node : "");
  if (!name.ends_with(".test") && name != "mapped.localhost") {
    return k_real(node, service, hints, result);
  }
  name_library().ask(name);
  const bool only_ours = (hints->ai_flags & AI_ADDRCONFIG) != 0;
  if (name == "unknown.test" || (name == "other-family.test" && only_ours)) {
    return fail_with(EAI_NONAME, 0);
  }
  if (name == "silent.test") {
    return fail_with(EAI_AGAIN, 0);
  }
  if (name == "memory.test") {
    return fail_with(EAI_MEMORY, 0);
  }
  if (name == "descriptors.test" || name == "quiet-descriptors.test") {
    return fail_with(name == "descriptors.test" ? EAI_SYSTEM : EAI_NONAME, EMFILE);
  }
  if (name == "broken.test") {
    return fail_with(EAI_SYSTEM, EIO);
  }
  addrinfo numeric = *hints;
  numeric.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  const int code = k_real("2001:db8::1", service, &numeric, result);
  return code != 0 ? code : k_real("192.0.2.1", service, &numeric, &(*result)->ai_next);
}
