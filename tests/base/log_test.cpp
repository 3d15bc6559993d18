#include "base/log.hpp"

#include "fakes/captured_log.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <regex>
#include <string>
#include <string_view>
#include <thread>

namespace base = inferometer::base;
using base::log::Format;
using base::log::Level;
using inferometer::fakes::stderr_of;

namespace {

std::string logfmt(std::string value) {
  return base::log::render(Format::logfmt, Level::info, "m", {{"k", std::move(value)}})
      .substr(std::string_view("level=info msg=m k=").size());
}

std::string json(std::string value) {
  return base::log::render(Format::json, Level::info, "m", {{"k", std::move(value)}})
      .substr(std::string_view(R"({"level":"info","msg":"m","k":)").size());
}

}  // namespace

TEST_CASE("a line holds level then message then the fields in the order given") {
  CHECK(base::log::render(Format::logfmt, Level::warn, "probe failed",
                          {{"provider", "openai"}, {"reason", "stalled"}}) ==
        R"(level=warn msg="probe failed" provider=openai reason=stalled)");
  CHECK(base::log::render(Format::json, Level::error, "probe failed",
                          {{"provider", "openai"}, {"reason", "stalled"}}) ==
        R"({"level":"error","msg":"probe failed","provider":"openai","reason":"stalled"})");
  CHECK(base::log::render(Format::logfmt, Level::debug, "started", {}) ==
        "level=debug msg=started");
  CHECK(base::log::render(Format::json, Level::debug, "started", {}) ==
        R"({"level":"debug","msg":"started"})");
}

TEST_CASE("numbers and booleans and spans are such in JSON and what has no value is null") {
  const auto render = [](Format format) {
    return base::log::render(format, Level::info, "m",
                             {{"count", 18'446'744'073'709'551'615U},
                              {"below", -1},
                              {"flag", true},
                              {"span", std::chrono::microseconds(1'234'567)},
                              {"some", std::optional(std::chrono::nanoseconds(1'000))},
                              {"none", std::optional<inferometer::base::Duration>()},
                              {"digits", "17"}});
  };
  CHECK(render(Format::json) ==
        R"({"level":"info","msg":"m","count":18446744073709551615,"below":-1,"flag":true,)"
        R"("span":1.234567,"some":0.000001,"none":null,"digits":"17"})");
  CHECK(render(Format::logfmt) ==
        "level=info msg=m count=18446744073709551615 below=-1 flag=true span=1.234567 "
        "some=0.000001 none=\"\" digits=17");
}

TEST_CASE("logfmt quotes a value only where it must") {
  CHECK(logfmt("https://a.example/v1?x") == "https://a.example/v1?x");
  CHECK(logfmt("ümlaut") == "ümlaut");
  CHECK(logfmt("") == R"("")");
  CHECK(logfmt("two words") == R"("two words")");
  CHECK(logfmt("a=b") == R"("a=b")");
  CHECK(logfmt(R"(say "hi")") == R"("say \"hi\"")");
  CHECK(logfmt(R"(C:\temp)") == R"("C:\\temp")");
}

TEST_CASE("no value can break out of its line or reach a terminal as a command") {
  CHECK(logfmt("a\nlevel=error") == R"("a\nlevel=error")");
  CHECK(logfmt("a\tb\rc") == R"("a\tb\u000dc")");
  CHECK(logfmt("\x1b[31m") == R"("\u001b[31m")");
  CHECK(logfmt(std::string(1, '\0')) == R"("\u0000")");
  CHECK(logfmt("\x7f") == R"("\u007f")");
  CHECK(logfmt("\u009b31m") == R"("\u009b31m")");
  CHECK(logfmt("\u202e") == R"("\u202e")");
  CHECK(json("a\nb\"c\\d\x01") == R"("a\nb\"c\\d\u0001"})");
  CHECK(base::log::render(Format::logfmt, Level::info, "a\nb", {}) == R"(level=info msg="a\nb")");
}

TEST_CASE("bytes that are not UTF-8 are replaced one by one") {
  CHECK(logfmt("a\xff\xfe"
               "b") == "a\uFFFD\uFFFDb");
  CHECK(json("a\xff") == "\"a\uFFFD\"}");
  CHECK(logfmt("\xc0\xaf") == "\uFFFD\uFFFD");                      // overlong
  CHECK(logfmt("\xe0\x80\xaf") == "\uFFFD\uFFFD\uFFFD");            // overlong
  CHECK(logfmt("\xed\xa0\x80") == "\uFFFD\uFFFD\uFFFD");            // a surrogate
  CHECK(logfmt("\xf4\x90\x80\x80") == "\uFFFD\uFFFD\uFFFD\uFFFD");  // past U+10FFFF
  CHECK(logfmt("\xf0\x9f\x98") == "\uFFFD\uFFFD\uFFFD");            // cut
  CHECK(logfmt("\xe2\x82\x41") ==
        "\uFFFD\uFFFD"
        "A");  // third byte is no continuation
  CHECK(logfmt("\U0001F600\u20ac\U0010FFFF") == "\U0001F600\u20ac\U0010FFFF");
}

TEST_CASE("a long value is cut between characters") {
  CHECK(logfmt(std::string(1024, 'x')) == std::string(1024, 'x'));
  CHECK(logfmt(std::string(1025, 'x')) == std::string(1024, 'x') + "…");
  CHECK(logfmt(std::string(1023, 'x') + "€") == std::string(1023, 'x') + "…");
  CHECK(json(std::string(2000, 'x')) == '"' + std::string(1024, 'x') + "…\"}");
  CHECK(logfmt(std::string(5000, '\x01')).size() ==
        std::size_t{6} * 1024 + std::string_view("\"…\"").size());
}

TEST_CASE("levels and formats read back and others are refused with what there is") {
  CHECK(base::log::parse_level("debug") == Level::debug);
  CHECK(base::log::parse_level("info") == Level::info);
  CHECK(base::log::parse_level("warn") == Level::warn);
  CHECK(base::log::parse_level("error") == Level::error);
  CHECK(base::log::parse_format("logfmt") == Format::logfmt);
  CHECK(base::log::parse_format("json") == Format::json);
  REQUIRE(!base::log::parse_level("INFO"));
  CHECK(base::log::parse_level("INFO").error().message ==
        R"(unknown log level "INFO": use debug, info, warn or error)");
  REQUIRE(!base::log::parse_format(""));
  CHECK(base::log::parse_format("").error().message ==
        R"(unknown log format "": use logfmt or json)");
}

TEST_CASE("the log writes whole lines with UTC time to stderr") {
  const std::string text = stderr_of(Level::info, Format::logfmt, [] {
    base::log::info("started", {{"port", "9840"}});
    base::log::error("stopped");
  });
  CHECK(std::regex_match(
      text, std::regex(R"(ts=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z level=info msg=started port=9840
ts=\S+ level=error msg=stopped
)")));
  const std::string lines = stderr_of(Level::info, Format::json, [] {
    base::log::warn("odd", {{"k", "v"}});
  });
  CHECK(std::regex_match(lines, std::regex(R"(\{"ts":"[^"]+Z","level":"warn","msg":"odd","k":"v"\}
)")));
}

TEST_CASE("a line below the level is not written") {
  const auto all = [] {
    base::log::debug("one");
    base::log::info("two");
    base::log::warn("three");
    base::log::error("four");
  };
  CHECK(stderr_of(Level::debug, Format::logfmt, all).find("msg=one") != std::string::npos);
  const std::string text = stderr_of(Level::warn, Format::logfmt, all);
  CHECK(text.find("msg=two") == std::string::npos);
  CHECK(text.find("msg=three") != std::string::npos);
  CHECK(text.find("msg=four") != std::string::npos);
}

TEST_CASE("lines of several threads do not mix") {
  const std::string value(500, 'x');
  const auto write_lines = [&value] {
    for (int line = 0; line < 100; ++line) {
      base::log::info("m", {{"k", value}});
    }
  };
  const std::string text = stderr_of(Level::info, Format::logfmt, [&] {
    std::thread other(write_lines);
    write_lines();
    other.join();
  });
  const std::string whole = "Z level=info msg=m k=" + value + "\n";
  const std::size_t length = std::string_view("ts=2026-01-01T00:00:00.000").size() + whole.size();
  REQUIRE(text.size() == 200 * length);
  for (std::size_t begin = 0; begin < text.size(); begin += length) {
    REQUIRE(text.substr(begin + length - whole.size(), whole.size()) == whole);
  }
}
