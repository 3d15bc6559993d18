#include "daemon/web_config.hpp"

#include "fakes/captured_log.hpp"
#include "fakes/temporary_folder.hpp"
#include "metrics/self.hpp"
#include "transport/integration/certificates.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace inferometer::daemon {
namespace {

using fakes::TemporaryFolder;
using transport::Authority;
using transport::CertificateFiles;
using Clock = std::chrono::system_clock;

std::time_t days_from_now(int days) {
  return std::time(nullptr) + days * 24L * 3600;
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void copy(const std::string& from, const std::string& to) {
  std::filesystem::copy_file(from, to, std::filesystem::copy_options::overwrite_existing);
}

/// A folder with what exporter-toolkit's examples name.
struct Examples {
  TemporaryFolder folder;
  Authority authority{folder, "authority"};

  Examples() {
    const CertificateFiles server = authority.issue("localhost", days_from_now(1));
    copy(server.certificate, folder.path("server.crt"));
    copy(server.key, folder.path("server.key"));
    for (const char* name : {"client_selfsigned.pem", "client2_selfsigned.pem"}) {
      copy(authority.issue_self_signed(name, days_from_now(1)).certificate, folder.path(name));
    }
  }

  /// `@server.key@` in a line of its own stands for that file, indented as the line is.
  [[nodiscard]] std::string filled_in(std::string text) const {
    for (std::size_t at = text.find("    @"); at != std::string::npos; at = text.find("    @")) {
      const std::size_t end = text.find('@', at + 5);
      std::string pem = "    " + read_file(folder.path(text.substr(at + 5, end - at - 5)));
      pem.pop_back();
      for (std::size_t line = pem.find('\n'); line != std::string::npos;
           line = pem.find('\n', line + 1)) {
        pem.insert(line + 1, "    ");
      }
      text.replace(at, end + 1 - at, pem);
    }
    return text;
  }

  /// The problems of an example; empty: it loads.
  [[nodiscard]] std::string problems(const std::filesystem::path& example) const {
    const std::string file =
        folder.write(example.filename().string(), filled_in(read_file(example)));
    const auto loaded = load_web_config(file).access;
    return loaded ? "" : config::render(example.filename().string(), loaded.error());
  }
};

/// What a WebConfig keeps a door by, and what it reports.
struct Site {
  TemporaryFolder folder;
  Authority authority{folder, "authority"};
  std::shared_ptr<http::Door> door;
  std::unique_ptr<WebConfig> config;
  bool ok = false;
  std::optional<std::chrono::sys_seconds> expiry;

  explicit Site(std::time_t not_after = days_from_now(1), const std::string& more = "") {
    install(authority.issue("localhost", not_after));
    folder.write("web.yml", "tls_server_config: {cert_file: cert.pem, key_file: key.pem}\n" + more);
    LoadedWebConfig loaded = load_web_config(folder.path("web.yml"));
    REQUIRE(loaded.access);
    door = std::make_shared<http::Door>(*loaded.access);
    config = std::make_unique<WebConfig>(folder.path("web.yml"), std::move(loaded), door,
                                         [this](bool good, auto ends) {
                                           ok = good;
                                           expiry = ends;
                                         });
  }

  void install(const CertificateFiles& files) const {
    copy(files.certificate, folder.path("cert.pem"));
    copy(files.key, folder.path("key.pem"));
  }

  /// Looks until what has changed was the same twice.
  void look() const {
    config->look(Clock::now());
    config->look(Clock::now());
  }
};

constexpr const char* k_alice =
    "basic_auth_users:\n  alice: $2y$10$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW\n";

}  // namespace

TEST_CASE("exporter-toolkit's good examples load and its bad ones are refused") {
  const Examples examples;
  // That everybody with a certificate of a public authority is let in is nothing that we load.
  const std::set<std::string> also_refused{"web_config_junk.yml", "web_config_junk_key.yml",
                                           "web_config_noAuth.good.blocking.yml"};
  int count = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(INFEROMETER_SOURCE_DIR "/tests/data/web")) {
    const std::string name = entry.path().filename().string();
    const std::string problems = examples.problems(entry.path());
    CAPTURE(name);
    CAPTURE(problems);
    const bool refused = name.ends_with(".bad.yml") || also_refused.contains(name);
    CHECK(problems.empty() != refused);
    if (refused) {
      CHECK(problems.starts_with(name + ":"));
    }
    ++count;
  }
  CHECK(count == 41);
}

TEST_CASE("a problem with a file stands where the file is named") {
  const Examples examples;
  const auto problems = [&](const std::string& text) {
    examples.folder.write("web.yml", text);
    const auto loaded = load_web_config(examples.folder.path("web.yml")).access;
    REQUIRE(!loaded);
    return config::render("web.yml", loaded.error());
  };
  examples.folder.write("broken.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n");
  CHECK(problems("tls_server_config:\n  cert_file: broken.pem\n  key_file: server.key\n")
            .starts_with("web.yml:2:14: cert_file \""));
  CHECK(problems("tls_server_config:\n  cert_file: server.crt\n  key_file: absent.key\n")
            .starts_with("web.yml:3:13: key_file \""));
  const std::string other = examples.authority.issue("other", days_from_now(1)).key;
  CHECK(problems("tls_server_config:\n  cert_file: server.crt\n  key_file: " + other + "\n")
            .find("does not go with the certificate") != std::string::npos);
  CHECK(problems("tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n"
                 "  client_auth_type: VerifyClientCertIfGiven\n  client_ca_file: server.key\n")
            .starts_with("web.yml:5:19: client_ca_file \""));
}

TEST_CASE("a renewed certificate is in force once its files are still") {
  const Site site;
  const auto before = site.door->access()->tls;
  site.look();
  CHECK(site.door->access()->tls == before);
  site.install(site.authority.issue("localhost", days_from_now(30)));
  site.config->look(Clock::now());
  CHECK(site.door->access()->tls == before);  // it might still be written
  site.config->look(Clock::now());
  CHECK(site.door->access()->tls != before);
  CHECK(site.ok);
  REQUIRE(site.expiry);
  CHECK(site.expiry->time_since_epoch().count() >= days_from_now(30) - 60);
}

TEST_CASE("a broken certificate keeps the old one, is logged once and shows until it is mended") {
  Site site;
  const auto before = site.door->access()->tls;
  const std::string good = read_file(site.folder.path("cert.pem"));
  const std::string log = fakes::stderr_of(base::log::Level::info, base::log::Format::logfmt, [&] {
    site.folder.write("cert.pem", "garbage");
    for (int i = 0; i < 10; ++i) {
      site.look();
    }
  });
  CHECK(site.door->access()->tls == before);
  CHECK(!site.ok);
  CHECK(site.expiry == before->expiry());
  const std::size_t first = log.find("web configuration not reloaded");
  CHECK(first != std::string::npos);
  CHECK(log.find("web configuration not reloaded", first + 1) == std::string::npos);
  CHECK(log.find("cert.pem") != std::string::npos);
  site.folder.write("cert.pem", good);
  site.look();
  CHECK(site.ok);
}

TEST_CASE("an expired certificate is served, and the log says so once") {
  Site site(days_from_now(-1));
  const std::string log = fakes::stderr_of(base::log::Level::info, base::log::Format::logfmt, [&] {
    for (int i = 0; i < 10; ++i) {
      site.look();
    }
  });
  const std::size_t first = log.find("certificate has expired");
  CHECK(first != std::string::npos);
  CHECK(log.find("certificate has expired", first + 1) == std::string::npos);
  REQUIRE(site.expiry);
  CHECK(site.expiry->time_since_epoch().count() < std::time(nullptr));
}

TEST_CASE("a file that is empty for a moment opens nothing") {
  Site site(days_from_now(1), k_alice);
  site.folder.write("web.yml", "");
  site.look();
  CHECK(site.door->access()->tls != nullptr);
  CHECK(site.door->access()->users.size() == 1);
  CHECK(!site.ok);
  const auto reloaded = site.config->reload();
  REQUIRE(!reloaded);
  CHECK(reloaded.error().message.find("restart") != std::string::npos);
  site.folder.write("web.yml", "tls_server_config: {cert_file: cert.pem, key_file: key.pem}\n");
  CHECK(!site.config->reload());
  CHECK(site.door->access()->users.size() == 1);
}

TEST_CASE("passwords, headers and the rate limit are in force after a reload at once") {
  Site site;
  site.folder.write("web.yml",
                    std::string("tls_server_config: {cert_file: cert.pem, key_file: key.pem}\n") +
                        k_alice + "rate_limit: {interval: 1s, burst: 5}\n" +
                        "http_server_config: {headers: {X-Frame-Options: deny}}\n");
  CHECK(site.config->reload());
  const auto access = site.door->access();
  CHECK(access->users.contains("alice"));
  CHECK(access->rate_limit == config::RequestRate{.interval = std::chrono::seconds(1), .burst = 5});
  CHECK(access->headers.size() == 1);
}

TEST_CASE("each reason of a refusal has its series") {
  std::vector<std::string_view> names;
  for (const http::Refusal refusal : http::k_refusals) {
    names.push_back(http::to_string(refusal));
  }
  CHECK(std::ranges::equal(names, metrics::k_web_refusals));
}

}  // namespace inferometer::daemon
