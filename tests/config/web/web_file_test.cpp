#include "config/web/web_file.hpp"

#include "config/sample.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <sstream>
#include <string>

namespace inferometer::config {
namespace {

constexpr const char* k_hash = "$2y$10$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW";
constexpr const char* k_tls = "tls_server_config:\n  cert_file: a.crt\n  key_file: a.key\n";

std::string problems(const std::string& text) {
  const auto loaded = load_web_text(text, "web.yml");
  return loaded ? "" : render("web.yml", loaded.error());
}

std::string hash_of_cost(const std::string& cost) {
  return "$2b$" + cost + std::string(k_hash).substr(6);
}

}  // namespace

TEST_CASE("paths in the web configuration start from its folder") {
  const auto loaded = load_web_text(k_tls, "/etc/inferometer/web.yml");
  REQUIRE(loaded);
  CHECK(loaded->tls->certificate.file == "/etc/inferometer/a.crt");
  CHECK(loaded->tls->key.file == "/etc/inferometer/a.key");
  CHECK(loaded->tls->min_version == TlsVersion::tls_1_2);
  CHECK(loaded->tls->client_auth == ClientAuth::none);
}

TEST_CASE("every rule of the web configuration names the place and the way out") {
  CHECK(problems("tls_sever_config: {}\n") ==
        "web.yml:1:1: unknown key \"tls_sever_config\" in the web configuration: did you mean "
        "\"tls_server_config\"?\n");
  CHECK(
      problems("tls_server_config: {}\n") ==
      "web.yml:1:20: missing key \"cert_file\" or \"cert\" in tls_server_config: add one of "
      "them\n"
      "web.yml:1:20: missing key \"key_file\" or \"key\" in tls_server_config: add one of them\n");
  CHECK(problems(std::string(k_tls) + "  cert: x\n").find("both cert_file and cert are given") !=
        std::string::npos);
  CHECK(problems(std::string(k_tls) + "  min_version: TLS13\n  max_version: TLS12\n")
            .find("min_version is above max_version") != std::string::npos);
  CHECK(problems(std::string(k_tls) + "  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA25]\n")
            .find("did you mean \"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256\"?") != std::string::npos);
  CHECK(problems(std::string(k_tls) + "  max_version: TLS12\n  cipher_suites: "
                                      "[TLS_AES_128_GCM_SHA256]\nhttp_server_config: {http2: "
                                      "false}\n")
            .find("cipher_suites has none of those of max_version") != std::string::npos);
  CHECK(problems(std::string(k_tls) + "  client_allowed_sans: [a]\n")
            .find("client_allowed_sans without a client_auth_type") != std::string::npos);
  CHECK(problems("http_server_config: {headers: {Server: x}}\n").find("known keys: ") !=
        std::string::npos);
  CHECK(problems("http_server_config: {headers: {X-XSS-Protection: \"a\\r\\nb: c\"}}\n")
            .find("write it as one line") != std::string::npos);
  CHECK(problems("rate_limit: {interval: 1s}\n").find("missing key \"burst\"") !=
        std::string::npos);
  CHECK(problems("rate_limit: {interval: 1000000000, burst: 1}\n").find("interval: expected") !=
        std::string::npos);
  CHECK(problems("basic_auth_users:\n").find("name at least one user") != std::string::npos);
  CHECK(problems("[]\n").find("expected a mapping, found a list") != std::string::npos);
}

TEST_CASE("hashes of a cost that no check should have are refused") {
  for (const char* cost : {"04", "10", "18"}) {
    CHECK(problems("basic_auth_users: {a: " + hash_of_cost(cost) + "}\n").empty());
  }
  for (const char* cost : {"00", "03", "19", "31", "99"}) {
    CAPTURE(cost);
    CHECK(!problems("basic_auth_users: {a: " + hash_of_cost(cost) + "}\n").empty());
  }
}

TEST_CASE("what is no bcrypt hash is refused and not shown") {
  for (const std::string& hash :
       {std::string("hunter2"), std::string("$1$hunter2"), std::string(k_hash).substr(1),
        std::string(k_hash) + "x", "$2x" + std::string(k_hash).substr(3),
        std::string(k_hash).substr(0, 59) + "!", "$2y$1x" + std::string(k_hash).substr(6)}) {
    CAPTURE(hash);
    const std::string text = problems("basic_auth_users: {a: '" + hash + "'}\n");
    CHECK(text.find("no bcrypt hash") != std::string::npos);
    CHECK(text.find(hash) == std::string::npos);
  }
  CHECK(problems("basic_auth_users: {'a:b': x, '': y}\n").find("no user's name") !=
        std::string::npos);
  CHECK(problems(std::string("basic_auth_users:\n  a: ") + k_hash + "\n  a: " + k_hash + "\n")
            .find("user \"a\" is already in line 2") != std::string::npos);
}

TEST_CASE("a dollar in the web configuration is a dollar") {
  const auto loaded =
      load_web_text(std::string("basic_auth_users: {\"${HOME}\": ") + k_hash + "}\n", "web.yml");
  REQUIRE(loaded);
  CHECK(loaded->users.at("${HOME}").reveal() == k_hash);
}

TEST_CASE("the documentation has every key of the web configuration and no other") {
  std::set<std::string> documented;
  std::istringstream stream(sample::read_repository_file("docs/web-configuration.md"));
  std::string section;
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with("## ")) {
      section = line == "## The file" ? "the web configuration" : line.substr(3);
    } else if (line.starts_with("| `")) {
      documented.insert(section + " | " +
                        line.substr(2, line.find('|', line.find('|', 1) + 1) - 2));
    }
  }
  std::set<std::string> known;
  for (const schema::Section* const each : web_sections()) {
    for (const schema::Key& key : each->keys) {
      known.insert(std::string(each->name) + " | `" + std::string(key.name) + "` | " +
                   std::string(key.expects) + " ");
    }
  }
  for (const std::string& row : known) {
    CHECK_MESSAGE(documented.contains(row), "not documented: " << row);
  }
  for (const std::string& row : documented) {
    CHECK_MESSAGE(known.contains(row), "not in the schema: " << row);
  }
}

}  // namespace inferometer::config
