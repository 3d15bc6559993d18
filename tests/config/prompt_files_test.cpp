#include "config/sample.hpp"
#include "config/section/workload.hpp"
#include "fakes/temporary_folder.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

namespace inferometer::config {
namespace {

std::string refusal(PromptFiles& files, std::string_view path) {
  const auto file = files.read(path);
  REQUIRE_FALSE(file.has_value());
  return file.error().message;
}

}  // namespace

TEST_CASE("a prompt file is its text to the last line break") {
  const fakes::TemporaryFolder folder;
  folder.write("a.txt", "Grüße\n\tan alle\n");
  PromptFiles files(folder.path(""));
  const auto file = files.read("a.txt");
  REQUIRE(file.has_value());
  CHECK(file->text.str() == "Grüße\n\tan alle\n");
  CHECK(file->path == folder.path("a.txt"));
}

TEST_CASE("all who name a prompt file share its text") {
  const fakes::TemporaryFolder folder;
  const std::string path = folder.write("a.txt", "text");
  PromptFiles files(folder.path(""));
  const auto first = files.read("a.txt");
  const auto again = files.read(path);
  REQUIRE((first && again));
  CHECK(&first->text.str() == &again->text.str());
}

TEST_CASE("all targets share the text of their prompt file") {
  const fakes::TemporaryFolder folder;
  folder.write("a.txt", std::string(std::size_t{1024} * 1024, 'x'));
  std::string models;
  for (int i = 0; i < 2000; ++i) {
    models += "m" + std::to_string(i) + ",";
  }
  const LoadResult config = load_text(
      "providers: [{name: p, protocol: openai-chat, base_url: \"http://p\", models: [" + models +
          "]}]\nworkloads: [{name: w, prompt_file: a.txt, output_tokens: 1}]\n"
          "probes: [{providers: [p], workloads: [w]}]\n",
      folder.path("config.yml"), sample::options());
  REQUIRE_MESSAGE(config.has_value(), render("f", config.error()));
  REQUIRE(config->targets.size() == 2000);
  for (const Target& target : config->targets) {
    CHECK(&target.workload.prompt_file->text.str() ==
          &config->workloads[0].prompt_file->text.str());
  }
}

TEST_CASE("a prompt file has 1 byte to 1 MiB") {
  const fakes::TemporaryFolder folder;
  const std::string full(std::size_t{1024} * 1024, 'x');
  folder.write("empty.txt", "");
  folder.write("full.txt", full);
  folder.write("over.txt", full + "x");
  PromptFiles files(folder.path(""));
  CHECK(files.read("full.txt").has_value());
  CHECK(refusal(files, "empty.txt") == "it is empty: write the prompt into it");
  CHECK(refusal(files, "over.txt") == "it cannot be read: larger than 1048576 bytes");
}

TEST_CASE("what is no readable text is refused") {
  const fakes::TemporaryFolder folder;
  folder.write("latin1.txt", "Gr\xfc\xdf");
  REQUIRE(mkfifo(folder.path("fifo").c_str(), 0600) == 0);
  PromptFiles files(folder.path(""));
  CHECK(refusal(files, "latin1.txt") ==
        "its byte 3 is not valid UTF-8: save it in the encoding UTF-8");
  CHECK(refusal(files, "fifo").find("not a regular file") != std::string::npos);
  CHECK(refusal(files, ".").find("it is a directory") != std::string::npos);
  CHECK(refusal(files, "missing").find("No such file") != std::string::npos);
  CHECK_FALSE(refusal(files, "").empty());
}

TEST_CASE("all prompt files together have at most 64 MiB") {
  const fakes::TemporaryFolder folder;
  const std::string full(std::size_t{1024} * 1024, 'x');
  PromptFiles files(folder.path(""));
  for (int i = 0; i < 64; ++i) {
    const std::string path = folder.write(std::to_string(i), full);
    REQUIRE(files.read(path).has_value());
    REQUIRE(files.read(path).has_value());
  }
  folder.write("more", "x");
  CHECK(refusal(files, "more") ==
        "with it, the prompt files hold more than 67108864 bytes: split the configuration over "
        "several daemons");
}

}  // namespace inferometer::config
