#include "config/load.hpp"

#include "config/sample.hpp"
#include "fakes/temporary_folder.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <thread>

using namespace std::chrono_literals;

namespace inferometer::config {
namespace {

std::string messages_of_file(const std::string& path) {
  const LoadResult config = load_file(path, sample::options());
  REQUIRE_FALSE(config.has_value());
  return render("f", config.error());
}

}  // namespace

TEST_CASE("every section of a file is read") {
  const Config config = sample::load_good(sample::full_text());
  CHECK(config.providers.size() == 13);
  CHECK(config.workloads.size() == 3);
  CHECK(config.targets.size() == 4);
  CHECK(config.web.listen == std::vector<std::string>{"127.0.0.1:9840", "[::1]:0", ":80"});
  CHECK(config.web.allowed_hosts == std::vector<std::string>{"llm.example.com", "[::1]"});
  CHECK(!config.web.enable_probe);
  CHECK(!config.web.enable_lifecycle);
  CHECK(config.web.probe_requests_per_minute == 90);
  CHECK(config.trust.max_error == 2ms);
  CHECK(config.histograms == Histograms{.classic = false, .native = true, .native_schema = 5});
  CHECK(config.slos.size() == 4);
  CHECK(config.targets[0].key() == TargetKey{"p $ \"1\"", "7", "short"});
  CHECK(config.targets[0].interval == 100ms);
  CHECK(config.targets[0].connection == ConnectionPolicy::fresh);
  CHECK(config.targets[0].timeouts ==
        Timeouts{.connect = 2s, .first_token = 20s, .stall = 5s, .total = 30s});
  CHECK(config.targets[3].key() == TargetKey{"second", "m", "short"});
  CHECK(config.targets[3].interval == 2min);
  CHECK(config.targets[3].max_in_flight == 3);
}

TEST_CASE("the sections that may be left out have defaults") {
  const Config config = sample::load_good(sample::text_with({}));
  CHECK(config.web == Web{.listen = {"0.0.0.0:9840"},
                          .allowed_hosts = {},
                          .enable_probe = true,
                          .enable_lifecycle = true,
                          .probe_requests_per_minute = 60});
  CHECK(config.trust == Trust{.max_error = 1ms});
  CHECK(config.histograms == Histograms{.classic = true, .native = true, .native_schema = 3});
  CHECK(config.slos.empty());
  CHECK(sample::load_good(sample::text_with(
            {.file = "web: {}\ntrust: {}\ndefaults: {}\nhistograms: {}"})) == config);
}

TEST_CASE("each form of histograms can be off while the other is on") {
  const auto histograms = [](const std::string& text) {
    return sample::load_good(sample::text_with({.file = "histograms: " + text})).histograms;
  };
  CHECK(histograms("{native: false}") == Histograms{.classic = true, .native = false});
  CHECK(histograms("{classic: false}") == Histograms{.classic = false, .native = true});
  CHECK(histograms("{native_schema: 3}") == Histograms());
}

TEST_CASE("a form of histograms that was refused does not count as off") {
  CHECK(sample::load_bad(sample::text_with({.file = "histograms: {classic: false, native: off}"}))
            .find("both") == std::string::npos);
}

TEST_CASE("a file whose lists are all there and empty probes nothing yet") {
  const std::string nothing = "providers: []\nworkloads: []\nprobes: []\n";
  const Config config = sample::load_good(nothing + "web: {listen: [':1']}\n");
  CHECK(config.targets.empty());
  CHECK(config.web.listen == std::vector<std::string>{":1"});
  CHECK_FALSE(load_text("providers: []\nworkloads: []\n", "f", sample::options()));
  CHECK_FALSE(load_text(nothing + "slos: [{name: s, objective: 99, sli: {availability: true}}]\n",
                        "f", sample::options()));
}

TEST_CASE("the order of the sections does not matter") {
  const std::string text = sample::text_with({});
  const std::size_t probes = text.find("probes:");
  CHECK(sample::load_good(text.substr(probes) + text.substr(0, probes)) == sample::load_good(text));
}

TEST_CASE("anchors and aliases work") {
  const Config config = sample::load_good(sample::text_with(
      {.probe = "timeouts: &limits {stall: 3s}", .file = "defaults: {timeouts: *limits}"}));
  CHECK(config.targets[0].timeouts.stall == 3s);
}

TEST_CASE("relative paths start from the folder of the file") {
  const std::string text = sample::text_with({.provider = "tls: {ca_file: ca.pem}"});
  const auto ca_file = [&text](const std::string& file_name) {
    return load_text(text, file_name, sample::options())->providers.at(0).tls.ca_file;
  };
  const std::string here = std::filesystem::current_path().string();
  CHECK(ca_file("/etc/x/config.yml") == "/etc/x/ca.pem");
  CHECK(ca_file("config.yml") == here + "/ca.pem");
  CHECK(ca_file("sub/config.yml") == here + "/sub/ca.pem");
  CHECK(ca_file("") == here + "/ca.pem");
}

TEST_CASE("a file loads as its text does") {
  const fakes::TemporaryFolder folder;
  const std::string path = folder.write("config.yml", sample::full_text());
  const LoadResult config = load_file(path, sample::options());
  REQUIRE(config.has_value());
  CHECK(*config == *load_text(sample::full_text(), path, sample::options()));
}

TEST_CASE("a file that cannot be read says why") {
  const fakes::TemporaryFolder folder;
  CHECK(messages_of_file(folder.path("missing")) ==
        "f: cannot be read: No such file or directory: name a configuration file that this user "
        "can read\n");
  CHECK(messages_of_file(folder.path("")).find("it is a directory") != std::string::npos);
  REQUIRE(mkfifo(folder.path("fifo").c_str(), 0600) == 0);
  const std::string once =
      "f: can be read only once, at the start: restart to read another configuration\n";
  CHECK(messages_of_file(folder.path("fifo")) == once);
  CHECK(messages_of_file("-") == once);
  const std::string secret = folder.write("secret.yml", sample::full_text());
  REQUIRE(chmod(secret.c_str(), 0) == 0);
  if (geteuid() != 0) {  // root may read anything
    CHECK(messages_of_file(secret).find("Permission denied") != std::string::npos);
  }
}

TEST_CASE("at the start a pipe is read as well and its paths start from the current folder") {
  const fakes::TemporaryFolder folder;
  const std::string path = folder.path("fifo");
  REQUIRE(mkfifo(path.c_str(), 0600) == 0);
  std::jthread writer([&path] { std::ofstream(path) << sample::full_text(); });
  const LoadResult config = load_first(path, sample::options());
  REQUIRE(config.has_value());
  CHECK(*config == *load_text(sample::full_text(), "", sample::options()));
  const std::string regular = folder.write("config.yml", sample::full_text());
  CHECK(*load_first(regular, sample::options()) == *load_file(regular, sample::options()));
  CHECK_FALSE(load_first(folder.path("missing"), sample::options()).has_value());
}

TEST_CASE("standard input is named as compilers name it") {
  CHECK(shown_name("-") == "<stdin>");
  CHECK(shown_name("a.yml") == "a.yml");
}

TEST_CASE("a file has at most 4 MiB") {
  const fakes::TemporaryFolder folder;
  const std::string text = sample::text_with({}) + "#";
  std::string padded = text + std::string(std::size_t{4} * 1024 * 1024 - text.size(), 'x');
  CHECK(load_file(folder.write("full.yml", padded), sample::options()).has_value());
  padded += "x";
  CHECK(messages_of_file(folder.write("over.yml", padded)).find("larger than 4194304 bytes") !=
        std::string::npos);
}

TEST_CASE("a hopeless file gives a hundred problems and their number") {
  std::string text;
  for (int i = 0; i < 1000; ++i) {
    text += "key-" + std::to_string(i) + ": 1\n";
  }
  const LoadResult config = load_text(text, "f", sample::options());
  REQUIRE_FALSE(config.has_value());
  CHECK(config.error().size() == 101);
  CHECK(config.error().back().message == "and 903 more problems");
}

TEST_CASE("a good file that is cut anywhere loads or says what is wrong") {
  // A prime number of bytes, so that lines that look alike are cut at different places.
  constexpr std::size_t k_step = 7;
  const std::string text = sample::full_text();
  std::size_t loaded = 0;
  for (std::size_t size = 0; size <= text.size(); size += k_step) {
    const LoadResult config = load_text(text.substr(0, size), "f", sample::options());
    CHECK((config.has_value() || !config.error().empty()));
    loaded += config.has_value() ? 1U : 0U;
  }
  CHECK(loaded > 0);
}

TEST_CASE("a good file that was changed at random loads or says what is wrong") {
  constexpr std::string_view k_pieces[] = {
      "\n", "\t", "\"", "'", "#",     "$", "${",  "}",    "&a ",  "*a",
      "- ", ": ", "? ", "[", "]",     "{", "<<:", "|\n",  ">\n",  "!a ",
      "%",  "@",  "~",  ",", "---\n", "0", "-",   "\x80", "\xff", "\xc3\xbc"};
  const std::string text = sample::full_text();
  for (unsigned seed = 0; seed < 1000; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    std::string changed = text;
    for (std::size_t changes = 1 + random() % 3; changes > 0; --changes) {
      const std::size_t at = random() % changed.size();
      const std::size_t length = random() % 4;  // 0: inserted, else in the place of these bytes
      const std::string_view piece = k_pieces[random() % std::size(k_pieces)];
      changed.replace(at, std::min(length, changed.size() - at), piece);
    }
    const LoadResult config = load_text(changed, "f", sample::options());
    CHECK((config.has_value() || !config.error().empty()));
  }
}

}  // namespace inferometer::config
