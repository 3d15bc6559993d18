#include "config/load.hpp"
#include "daemon/daemon.hpp"
#include "fakes/eventually.hpp"
#include "fakes/raw_http_client.hpp"
#include "fakes/temporary_folder.hpp"

#include <doctest/doctest.h>
#include <prometheus/text_serializer.h>

#include <cstdint>
#include <memory>
#include <sstream>
#include <string>

namespace inferometer::daemon {
namespace {

/// The lines that say which families a page has.
std::string headings(const std::string& page) {
  std::istringstream lines(page);
  std::string found;
  for (std::string line; std::getline(lines, line);) {
    found += line.starts_with('#') ? line + '\n' : "";
  }
  return found;
}

std::string scrape(const Daemon& daemon) {
  const std::string& address = daemon.addresses().front();
  fakes::RawHttpClient client(
      static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
  client.send("GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  return client.read_response().body;
}

}  // namespace

TEST_CASE("prometheus-cpp shows the daemon's families as /metrics does") {
  const fakes::TemporaryFolder folder;
  const std::string file =
      folder.write("inferometer.yml",
                   "providers: [{name: p, protocol: openai-chat, "
                   "base_url: \"http://127.0.0.1:9/v1\", models: [m]}]\n"
                   "workloads: [{name: w, input_tokens: 16, output_tokens: 4}]\n"
                   "probes: [{providers: [p], workloads: [w], interval: 30d}]\n");
  config::Reloader reloader("inferometer.yml",
                            [&file] { return config::load_file(file, load_options()); });
  REQUIRE(reloader.reload());
  ServiceManager manager;
  const std::unique_ptr<Daemon> daemon =
      Daemon::start(reloader, {.listen = {"127.0.0.1:0"}, .shard = {}}, manager).value();
  const std::shared_ptr<prometheus::Collectable> collectable = daemon->collectable();
  // A family may come between the two.
  CHECK(fakes::eventually([&] {
    const std::string theirs =
        headings(prometheus::TextSerializer().Serialize(collectable->Collect()));
    return theirs.find("# TYPE llm_probe_ttft_seconds histogram\n") != std::string::npos &&
           theirs == headings(scrape(*daemon));
  }));
}

}  // namespace inferometer::daemon
