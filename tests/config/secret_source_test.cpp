#include "config/secrets.hpp"
#include "fakes/temporary_folder.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <cstdlib>

namespace inferometer::config {
namespace {

constexpr const char* k_variable = "INFEROMETER_TEST_SECRET";

base::Result<base::Secret> from_variable(const char* value) {
  setenv(k_variable, value, 1);
  return read_secret({.kind = SecretRef::Kind::environment, .name = k_variable});
}

base::Result<base::Secret> from_file(const std::string& path) {
  return read_secret({.kind = SecretRef::Kind::file, .name = path});
}

}  // namespace

TEST_CASE("a secret comes from an environment variable") {
  CHECK(from_variable("sk-0123").value().reveal() == "sk-0123");
  CHECK(from_variable("sk-0123\n").value().reveal() == "sk-0123");
}

TEST_CASE("a variable that is not set is named in the error") {
  unsetenv(k_variable);
  const auto secret = read_secret({.kind = SecretRef::Kind::environment, .name = k_variable});
  REQUIRE_FALSE(secret.has_value());
  CHECK(secret.error().message ==
        "the environment variable \"INFEROMETER_TEST_SECRET\" is not set");
}

TEST_CASE("a secret comes from a file without its last line break") {
  const fakes::TemporaryFolder folder;
  for (const char* content : {"sk-0123", "sk-0123\n", "sk-0123\r\n"}) {
    CHECK(from_file(folder.write("key", content)).value().reveal() == "sk-0123");
  }
  CHECK(from_file(folder.write("key", " a b ")).value().reveal() == " a b ");
}

TEST_CASE("a changed file counts at the next call") {
  const fakes::TemporaryFolder folder;
  const std::string path = folder.write("key", "old\n");
  CHECK(from_file(path).value().reveal() == "old");
  CHECK(from_file(folder.write("key", "new\n")).value().reveal() == "new");
}

TEST_CASE("what is no secret is refused by the path and never by its content") {
  const fakes::TemporaryFolder folder;
  for (const std::string_view content :
       {std::string_view(""), std::string_view("\n"), std::string_view("\r\n"),
        std::string_view("hunter2\n\n"), std::string_view("hunter2\nhunter3"),
        std::string_view("\nhunter2"), std::string_view("hunter2\r"), std::string_view("hunter\t2"),
        std::string_view("hunter2\0", 8), std::string_view("hunter2\x7f")}) {
    const std::string path = folder.write("key", content);
    const auto secret = from_file(path);
    REQUIRE_FALSE(secret.has_value());
    CHECK(secret.error().message.find(path.substr(0, 40)) != std::string::npos);
    CHECK(secret.error().message.find("hunter") == std::string::npos);
  }
  for (const char* value : {"", "\n", "hunter2\nhunter3"}) {
    const auto secret = from_variable(value);
    REQUIRE_FALSE(secret.has_value());
    CHECK(secret.error().message.find(k_variable) != std::string::npos);
    CHECK(secret.error().message.find("hunter") == std::string::npos);
  }
}

TEST_CASE("a secret has at most 64 KiB") {
  const fakes::TemporaryFolder folder;
  const std::string longest(std::size_t{64} * 1024, 'x');
  CHECK(from_file(folder.write("key", longest)).value().reveal() == longest);
  CHECK(from_file(folder.write("key", longest + "\r\n")).value().reveal() == longest);
  CHECK_FALSE(from_file(folder.write("key", longest + "x")).has_value());
  CHECK_FALSE(from_file(folder.write("key", longest + "xyz")).has_value());
  CHECK_FALSE(from_variable((longest + "x").c_str()).has_value());
}

TEST_CASE("what cannot be read as a file is refused and nothing waits for a pipe") {
  const fakes::TemporaryFolder folder;
  REQUIRE(mkfifo(folder.path("fifo").c_str(), 0600) == 0);
  for (const char* name : {"missing", "", "fifo"}) {
    const auto secret = from_file(folder.path(name));
    REQUIRE_FALSE(secret.has_value());
    CHECK(secret.error().message.find("cannot be read") != std::string::npos);
  }
}

}  // namespace inferometer::config
