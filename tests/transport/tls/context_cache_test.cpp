#include "transport/tls/context_cache.hpp"

#include "transport/tls/certificates.hpp"
#include "transport/tls/site.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

using namespace inferometer::transport::tls;
using inferometer::config::Tls;
using inferometer::transport::Authority;
using inferometer::transport::CertificateFiles;

namespace {

void copy_file(const std::string& from, const std::string& to) {
  std::filesystem::copy_file(from, to, std::filesystem::copy_options::overwrite_existing);
}

std::shared_ptr<const Context> get(ContextCache& cache, const Tls& tls) {
  const auto entry = cache.get(tls);
  REQUIRE_MESSAGE(entry, (entry ? "" : entry.error().message));
  return *entry;
}

}  // namespace

TEST_CASE("tls context cache: a context is loaded once and found from then on") {
  const Site site;
  ContextCache cache;
  CHECK(cache.find(site.trusting()) == nullptr);
  const auto context = get(cache, site.trusting());
  CHECK(get(cache, site.trusting()) == context);
  CHECK(cache.find(site.trusting()) == context);
  Tls named = site.trusting();
  named.server_name = "other.example";
  CHECK(cache.find(named) == context);
  Tls insecure = site.trusting();
  insecure.insecure_skip_verify = true;
  CHECK(cache.find(insecure) == nullptr);
  CHECK(get(cache, insecure) != context);
}

TEST_CASE("tls context cache: an error stays until the reload") {
  const Site site;
  const Tls tls{.ca_file = site.folder.path("later.pem")};
  ContextCache cache;
  const auto refused = cache.get(tls);
  REQUIRE_FALSE(refused);
  CHECK(contains(refused.error().message, "later.pem"));
  CHECK(cache.find(tls) == nullptr);
  copy_file(site.authority.file(), tls.ca_file);
  CHECK_FALSE(cache.get(tls));
  cache.reload();
  CHECK(cache.find(tls) != nullptr);
  CHECK(cache.get(tls));
}

TEST_CASE("tls context cache: a reload makes anew what has changed and nothing else") {
  const Site site;
  const Authority other(site.folder, "other");
  const Tls changing{.ca_file = site.folder.path("changing.pem")};
  copy_file(other.file(), changing.ca_file);
  ContextCache cache;
  const auto kept = get(cache, site.trusting());
  const auto old = get(cache, changing);
  cache.reload();
  CHECK(cache.find(changing) == old);

  std::filesystem::remove(changing.ca_file);
  copy_file(site.authority.file(), changing.ca_file);
  CHECK(get(cache, changing) == old);
  cache.reload();
  CHECK(cache.find(site.trusting()) == kept);
  const auto renewed = cache.find(changing);
  REQUIRE(renewed != nullptr);
  CHECK(renewed != old);
  MemoryServer server(site.files);
  Session session(renewed, {"api.example"});
  exchange(session, server);
  CHECK_MESSAGE(session.state() == Session::State::open, session.problem());

  std::filesystem::remove(changing.ca_file);
  cache.reload();
  CHECK(cache.find(changing) == nullptr);
  CHECK_FALSE(cache.get(changing));
}

TEST_CASE("tls context cache: a client's certificate that was renewed is taken by the reload") {
  const Site site;
  const Authority clients(site.folder, "clients");
  Tls tls = site.trusting();
  tls.cert_file = site.folder.path("client.pem");
  tls.key_file = site.folder.path("client.key");
  ContextCache cache;
  for (const char* name : {"first.example", "second.example"}) {
    const CertificateFiles files = clients.issue(name, in_a_year());
    std::filesystem::rename(files.certificate, tls.cert_file);
    std::filesystem::rename(files.key, tls.key_file);
    cache.reload();
    MemoryServer server(site.files, {.client_authority = clients.file()});
    Session session(get(cache, tls), {"api.example"});
    exchange(session, server);
    CHECK(contains(server.client_name(), name));
  }
}

TEST_CASE("tls context cache: the system's authorities are read anew where they have changed") {
  const Site site;
  const Authority other(site.folder, "other");
  const std::string system = site.folder.path("system.pem");
  copy_file(other.file(), system);
  REQUIRE(setenv("SSL_CERT_FILE", system.c_str(), 1) == 0);
  ContextCache cache;
  cache.reload();
  const auto state_of = [&](const std::shared_ptr<const Context>& context) {
    MemoryServer server(site.files);
    Session session(context, {"api.example"});
    exchange(session, server);
    return session.state();
  };
  forget_system_authorities();
  const auto old = get(cache, {});
  CHECK(state_of(old) == Session::State::failed);
  copy_file(site.authority.file(), system);
  cache.reload();
  CHECK(state_of(get(cache, {})) == Session::State::open);
  CHECK(state_of(old) == Session::State::failed);
  REQUIRE(unsetenv("SSL_CERT_FILE") == 0);
  forget_system_authorities();
}

TEST_CASE("tls context cache: any thread may ask while another reloads") {
  const Site site;
  const Tls missing{.ca_file = site.folder.path("missing.pem")};
  ContextCache cache;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&cache, &site, &missing, i] {
      for (int turn = 0; turn < 50; ++turn) {
        if (i == 0) {
          cache.reload();
        }
        (void)cache.get(missing);
        (void)cache.find(site.trusting());
        (void)cache.get(site.trusting());
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  CHECK(cache.find(site.trusting()) != nullptr);
}
