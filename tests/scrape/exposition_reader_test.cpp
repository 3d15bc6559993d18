#include "scrape/exposition_reader.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>

using namespace inferometer::scrape;

namespace {

const NameFilter k_all = [](std::string_view) { return true; };

/// The samples of a page that is read.
std::vector<Sample> read(std::string_view text, const NameFilter& is_kept = k_all) {
  const auto page = read_exposition(text, is_kept);
  REQUIRE_MESSAGE(page, (page ? "" : page.error().message));
  return page->samples;
}

/// The value of a page's only sample.
double value_of(const std::string& line) {
  const std::vector<Sample> samples = read(line + "\n");
  REQUIRE(samples.size() == 1);
  return samples.front().value;
}

/// Why a page is refused.
std::string refusal(std::string_view text) {
  const auto page = read_exposition(text, k_all);
  REQUIRE_FALSE(page);
  return page.error().message;
}

/// The same for a good line and then this one.
std::string refused_line(const std::string& line) {
  std::string message = refusal("good 1\n" + line + "\n");
  CHECK(message.starts_with("line 2 of the metrics is broken: "));
  CHECK(message.find('\n') == std::string::npos);
  return message;
}

}  // namespace

TEST_CASE("exposition: a sample has a name and labels and a value") {
  const auto samples = read(
      "# HELP a:b_1 \\n { \" what it \\\\ is\n"
      "# TYPE a:b_1 gauge\n"
      "a:b_1{x=\"1\",_y=\"two, {three} = 3\"} 4.5\n"
      "\n"
      "  plain\t6  \n");
  REQUIRE(samples.size() == 2);
  CHECK(samples[0].name == "a:b_1");
  REQUIRE(samples[0].labels.size() == 2);
  CHECK(samples[0].label("x") == "1");
  CHECK(samples[0].label("_y") == "two, {three} = 3");
  CHECK(samples[0].label("z").empty());
  CHECK(samples[0].value == 4.5);
  CHECK(samples[1].name == "plain");
  CHECK(samples[1].labels.empty());
  CHECK(samples[1].value == 6);
}

TEST_CASE("exposition: escapes in label values are undone") {
  const auto samples = read(R"(a{path="C:\\DIR\\",quote="say \"x\"",line="a\nb",odd="\x"} 1)"
                            "\n");
  CHECK(samples.at(0).label("path") == "C:\\DIR\\");
  CHECK(samples.at(0).label("quote") == "say \"x\"");
  CHECK(samples.at(0).label("line") == "a\nb");
  CHECK(samples.at(0).label("odd") == "x");
}

TEST_CASE("exposition: blanks and a last comma are allowed wherever the format allows them") {
  const auto samples = read(
      "a {  x = \"1\" ,\ty=\"2\" , } 3 \n"
      "b{} 4\n"
      "c{x=\"1\"}5\n");
  REQUIRE(samples.size() == 3);
  CHECK(samples[0].label("x") == "1");
  CHECK(samples[0].label("y") == "2");
  CHECK(samples[0].value == 3);
  CHECK(samples[1].value == 4);
  CHECK(samples[2].value == 5);
}

TEST_CASE("exposition: numbers are read in every form that servers write") {
  constexpr double k_infinity = std::numeric_limits<double>::infinity();
  CHECK(value_of("a 0") == 0);
  CHECK(value_of("a -1.5") == -1.5);
  CHECK(value_of("a +2") == 2);
  CHECK(value_of("a 1.2849152e+010") == 12849152000.0);
  CHECK(value_of("a 1e-3") == 0.001);
  CHECK(value_of("a 5.") == 5);
  CHECK(value_of("a .5") == 0.5);
  CHECK(value_of("a +Inf") == k_infinity);
  CHECK(value_of("a Inf") == k_infinity);
  CHECK(value_of("a -Inf") == -k_infinity);
  CHECK(std::isnan(value_of("a NaN")));
  CHECK(std::isnan(value_of("a nan")));
}

TEST_CASE("exposition: timestamps and exemplars and the end mark of OpenMetrics change nothing") {
  const auto samples = read(
      "a 1 1700000000000\n"
      "a 2 -1\n"
      "a 3 1700000000.123\n"
      "a_bucket{le=\"1\"} 4 # {trace_id=\"KOO5S4vxi0o\"} 0.67 1520879607.789\n"
      "a_bucket{le=\"2\"} 5 1700000000.1 # {trace_id=\"x\"} 0.67\n"
      "# UNIT a seconds\n"
      "# EOF\n");
  REQUIRE(samples.size() == 5);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    CHECK(samples[i].value == static_cast<double>(i + 1));
  }
}

TEST_CASE("exposition: an empty page has no samples") {
  CHECK(read("").empty());
  CHECK(read("\n\n").empty());
  CHECK(read("# only a comment\n#\n").empty());
}

TEST_CASE("exposition: only names of the filter are kept and all are counted") {
  const auto page = read_exposition("a 1\nb 2\na{x=\"1\"} 3\n",
                                    [](std::string_view name) { return name == "a"; });
  REQUIRE(page);
  CHECK(page->sample_count == 3);
  REQUIRE(page->samples.size() == 2);
  CHECK(page->samples[1].value == 3);
}

TEST_CASE("exposition: one broken line refuses the page though its name is not kept") {
  const auto page =
      read_exposition("a 1\nb{ 2\n", [](std::string_view name) { return name == "a"; });
  REQUIRE_FALSE(page);
  CHECK(page.error().message ==
        "line 2 of the metrics is broken: a label's name or a closing brace is missing (`b{ 2`)");
}

TEST_CASE("exposition: a broken line is refused for what is wrong with it") {
  const auto check = [](const std::string& line, std::string_view reason) {
    CAPTURE(line);
    CHECK(refused_line(line).find(reason) != std::string::npos);
  };
  check("1a 2", "no metric's name");
  check("{x=\"1\"} 2", "no metric's name");
  check("é 1", "no metric's name");
  check("a-b 2", "impossible character");
  check("a", "no number");
  check("a{x=\"1\"}", "no number");
  check("a one", "no number");
  check("a 1,5", "no number");
  check("a +-1", "no number");
  check("a ++1", "no number");
  check("a nan(1)", "no number");
  check("a 0x10", "no number");
  check("a 1e999", "no number");
  check("a 1 soon", "timestamp");
  check("a 1 2 3", "more behind its value");
  check("a{x=1} 2", "not quoted");
  check("a{x\"1\"} 2", "equals sign");
  check("a{x=\"1} 2", "does not end");
  check("a{x=\"1\\", "does not end");
  check("a{x=\"1\" y=\"2\"} 2", "comma");
  check("a{x=\"1\"", "comma");
  check("a{x=\"1\",", "closing brace");
  check("a{,} 2", "closing brace");
  check("a{1=\"1\"} 2", "closing brace");
  check("a 1\r", "no number");
}

TEST_CASE("exposition: a type that is none is refused and other comments are not read") {
  CHECK(refused_line("# TYPE a speed").find("TYPE is unknown") != std::string::npos);
  CHECK(refused_line("# TYPE a").find("TYPE is unknown") != std::string::npos);
  CHECK(refused_line("# TYPE").find("TYPE is of no metric") != std::string::npos);
  CHECK(refused_line("# TYPE 1 counter").find("TYPE is of no metric") != std::string::npos);
  CHECK(read("# HELP\n# TYPES of things\n#TYPE a counter\n").empty());
}

TEST_CASE("exposition: a page that is cut off is refused as its last number may be half of one") {
  CHECK(refusal("a 1\nb 12") ==
        "line 2 of the metrics is broken: the page was cut off in it (`b 12`)");
  const std::string page = "# TYPE a gauge\na{x=\"1\\n\",y=\"2\"} 3.5e+1 17 # {z=\"1\"} 2\n";
  for (std::size_t length = 1; length < page.size(); ++length) {
    const auto cut = read_exposition(std::string_view(page).substr(0, length), k_all);
    CHECK(cut.has_value() == (length == page.find('\n') + 1));
  }
}

TEST_CASE("exposition: a web page and binary and half a page of another kind are refused") {
  CHECK(refusal("<!DOCTYPE html>\n<html></html>\n") ==
        "line 1 of the metrics is broken: it begins with no metric's name (`<!DOCTYPE html>`)");
  CHECK(refusal("{\"error\": {\"code\": 501}}\n").find("line 1") != std::string::npos);
  const std::string binary("\x1f\x8b\x08\0\0\xff\n\x01", 8);
  CHECK(refusal(binary) ==
        "line 1 of the metrics is broken: it begins with no metric's name (` ?   ?`)");
}

TEST_CASE("exposition: a huge line is refused and shown only in part") {
  const std::string message = refusal("a 1\n" + std::string(k_max_line_bytes + 1, 'x') + "\n");
  CHECK(message.starts_with("line 2 of the metrics is broken: it is too long (`xxx"));
  CHECK(message.size() < 200);
  CHECK(read("a{x=\"" + std::string(k_max_line_bytes - 20, 'x') + "\"} 1\n").size() == 1);
  CHECK(refusal(std::string(k_max_line_bytes + 1, 'x')).find("too long") != std::string::npos);
}

TEST_CASE("exposition: the page and the samples and the kept samples have a limit") {
  CHECK(refusal(std::string(k_max_page_bytes + 1, '\n')).find("bytes") != std::string::npos);
  std::string page;
  for (std::size_t i = 0; i < k_max_samples; ++i) {
    page += "a 1\n";
  }
  const NameFilter none = [](std::string_view) { return false; };
  CHECK(read_exposition(page, none));
  CHECK_FALSE(read_exposition(page + "a 1\n", none));
  CHECK(refusal(page).find("samples of the names that are read") != std::string::npos);
  CHECK(read(page.substr(0, 4 * k_max_kept_samples)).size() == k_max_kept_samples);
}
