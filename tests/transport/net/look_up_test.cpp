#include "transport/net/look_up.hpp"

#include "fakes/no_descriptors.hpp"
#include "transport/net/name_library.hpp"

#include <doctest/doctest.h>
#include <netdb.h>

#include <algorithm>
#include <iterator>
#include <map>

using namespace inferometer::transport::net;
using Cause = ResolveError::Cause;

namespace {

std::vector<std::string> texts_of(const Addresses& addresses) {
  REQUIRE(addresses);
  std::vector<std::string> texts;
  std::transform(addresses->begin(), addresses->end(), std::back_inserter(texts), &to_string);
  return texts;
}

}  // namespace

TEST_CASE("look_up: a name has the library's addresses in the library's order") {
  CHECK(texts_of(look_up("name.test", 8000)) ==
        std::vector<std::string>{"[2001:db8::1]:8000", "192.0.2.1:8000"});
}

TEST_CASE("look_up: localhost is this machine also where no resolver knows it") {
  for (const std::string name : {"localhost", "a.b.localhost."}) {
    CAPTURE(name);
    for (const std::string& text : texts_of(look_up(name, 9))) {
      CHECK((text == "127.0.0.1:9" || text == "[::1]:9"));
    }
  }
  CHECK(texts_of(look_up("localhost.test", 9)).front() == "[2001:db8::1]:9");
  CHECK(texts_of(look_up("mapped.localhost", 9)).front() == "[2001:db8::1]:9");
}

TEST_CASE("look_up: an address with a zone is found by the interfaces") {
  CHECK(texts_of(look_up("fe80::1%lo", 9)) == std::vector<std::string>{"[fe80::1%lo]:9"});
}

TEST_CASE("look_up: a name that has no address is an error that names it") {
  const NameLibraryCleanup cleanup;
  const std::map<std::string, std::string> reasons{{"unknown.test", gai_strerror(EAI_NONAME)},
                                                   {"silent.test", gai_strerror(EAI_AGAIN)},
                                                   {"broken.test", "Input/output error"}};
  for (const auto& [name, reason] : reasons) {
    const Addresses answer = look_up(name, 80);
    REQUIRE_FALSE(answer);
    CHECK(answer.error().cause == Cause::name);
    CHECK(answer.error().message == "cannot resolve " + name + ": " + reason);
  }
  CHECK(name_library().asked("silent.test") == 1);  // hanging twice helps no one
}

TEST_CASE("look_up: a family that this machine seems to lack is better than nothing") {
  const NameLibraryCleanup cleanup;
  CHECK(texts_of(look_up("other-family.test", 80)).size() == 2);
  CHECK(name_library().asked("other-family.test") == 2);
}

TEST_CASE("look_up: a lack of descriptors or memory is no fault of the name") {
  const NameLibraryCleanup cleanup;
  for (const std::string name : {"memory.test", "descriptors.test", "quiet-descriptors.test"}) {
    const Addresses answer = look_up(name, 80);
    REQUIRE_FALSE(answer);
    CHECK(answer.error().cause == Cause::resources);
    CHECK(name_library().asked(name) == 1);
  }
  Addresses answer;
  {
    const inferometer::fakes::NoDescriptors none;
    answer = look_up("no-such-name.invalid", 80);
  }
  REQUIRE_FALSE(answer);
  CHECK(answer.error().cause == Cause::resources);
  CHECK(answer.error().message == "cannot resolve no-such-name.invalid: Too many open files");
}
