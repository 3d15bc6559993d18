#include "scrape/exposition_reader.hpp"

#include "base/ascii.hpp"
#include "base/printable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <system_error>
#include <utility>

namespace inferometer::scrape {
namespace {

/// Why a line is refused; empty if it is not.
using Problem = std::string_view;

constexpr bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

constexpr bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/// What is left of one line.
class Cursor {
 public:
  explicit Cursor(std::string_view line) : m_rest(line) {}

  [[nodiscard]] bool at_end() const { return m_rest.empty(); }
  [[nodiscard]] bool at(char c) const { return m_rest.starts_with(c); }

  void skip_blanks() {
    while (!m_rest.empty() && is_blank(m_rest.front())) {
      m_rest.remove_prefix(1);
    }
  }

  bool take(char c) {
    const bool found = at(c);
    m_rest.remove_prefix(found ? 1 : 0);
    return found;
  }

  /// A name of a label, or of a metric if it may have colons; empty if there is none here.
  std::string_view take_name(bool colons) {
    std::size_t length = 0;
    while (length < m_rest.size() &&
           (is_letter(m_rest[length]) || (colons && m_rest[length] == ':') ||
            (length > 0 && base::is_digit(m_rest[length])))) {
      ++length;
    }
    return take(length);
  }

  /// Up to the next blank or the end.
  std::string_view take_word() {
    return take(static_cast<std::size_t>(std::ranges::find_if(m_rest, is_blank) - m_rest.begin()));
  }

  /// A value up to its closing quote, still with its escapes; none if it has no end.
  std::optional<std::string_view> take_quoted() {
    std::size_t end = 0;
    while (end < m_rest.size() && m_rest[end] != '"') {
      end += m_rest[end] == '\\' ? 2U : 1U;
    }
    if (end >= m_rest.size()) {
      return std::nullopt;
    }
    const std::string_view value = take(end);
    m_rest.remove_prefix(1);
    return value;
  }

 private:
  std::string_view take(std::size_t length) {
    const std::string_view taken = m_rest.substr(0, length);
    m_rest.remove_prefix(length);
    return taken;
  }

  std::string_view m_rest;
};

/// The views of one line, so that a line that is not kept costs no allocation.
struct RawSample {
  std::string_view name;
  std::vector<std::pair<std::string_view, std::string_view>> labels;  // values with escapes
  double value = 0;
};

std::optional<double> parse_number(std::string_view word) {
  if (word.starts_with('+')) {
    word.remove_prefix(1);
    if (word.starts_with('-')) {
      return std::nullopt;
    }
  }
  double value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  const bool whole = error == std::errc() && end == word.data() + word.size();
  // "nan(…)" is C's alone.
  return whole && !word.ends_with(')') ? std::optional(value) : std::nullopt;
}

Problem parse_labels(Cursor& cursor, RawSample& sample) {
  for (cursor.skip_blanks(); !cursor.take('}'); cursor.skip_blanks()) {
    const std::string_view name = cursor.take_name(false);
    if (name.empty()) {
      return "a label's name or a closing brace is missing";
    }
    cursor.skip_blanks();
    if (!cursor.take('=')) {
      return "a label has no equals sign";
    }
    cursor.skip_blanks();
    if (!cursor.take('"')) {
      return "a label's value is not quoted";
    }
    const std::optional<std::string_view> value = cursor.take_quoted();
    if (!value) {
      return "a label's value does not end";
    }
    sample.labels.emplace_back(name, *value);
    cursor.skip_blanks();
    if (!cursor.take(',') && !cursor.at('}')) {
      return "a comma between labels or a closing brace is missing";
    }
  }
  return {};
}

Problem parse_sample(Cursor& cursor, RawSample& sample) {
  sample.labels.clear();
  sample.name = cursor.take_name(true);
  if (sample.name.empty()) {
    return "it begins with no metric's name";
  }
  bool separated = cursor.at(' ') || cursor.at('\t');
  cursor.skip_blanks();
  if (cursor.take('{')) {
    if (const Problem problem = parse_labels(cursor, sample); !problem.empty()) {
      return problem;
    }
    separated = true;
    cursor.skip_blanks();
  }
  if (!separated && !cursor.at_end()) {
    return "a metric's name has an impossible character";
  }
  const std::optional<double> value = parse_number(cursor.take_word());
  if (!value) {
    return "its value is no number";
  }
  sample.value = *value;
  cursor.skip_blanks();
  if (!cursor.at_end() && !cursor.at('#') && !parse_number(cursor.take_word())) {
    return "its timestamp is no number";
  }
  cursor.skip_blanks();
  // What is behind a # is an exemplar, OpenMetrics' example of a request: of no use here.
  return cursor.at_end() || cursor.at('#') ? Problem() : "there is more behind its value";
}

/// A comment, of which only `# TYPE <name> <type>` means anything.
Problem check_comment(Cursor& cursor) {
  constexpr std::array<std::string_view, 9> k_types{"counter", "gauge",    "histogram",
                                                    "summary", "untyped",  "unknown",
                                                    "info",    "stateset", "gaugehistogram"};
  cursor.take('#');
  cursor.skip_blanks();
  if (cursor.take_word() != "TYPE") {
    return {};
  }
  cursor.skip_blanks();
  if (cursor.take_name(true).empty()) {
    return "its TYPE is of no metric";
  }
  cursor.skip_blanks();
  const std::string_view type = cursor.take_word();
  return std::ranges::find(k_types, type) != k_types.end() ? Problem() : "its TYPE is unknown";
}

std::string unescaped(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      ++i;
      result += text[i] == 'n' ? '\n' : text[i];
    } else {
      result += text[i];
    }
  }
  return result;
}

Sample keep(const RawSample& raw) {
  Sample sample{.name = std::string(raw.name), .labels = {}, .value = raw.value};
  sample.labels.reserve(raw.labels.size());
  for (const auto& [name, value] : raw.labels) {
    sample.labels.push_back({.name = std::string(name), .value = unescaped(value)});
  }
  return sample;
}

/// The beginning of the line as printable text: the server may have sent any bytes.
std::string quoted(std::string_view line) {
  constexpr std::size_t k_length = 60;
  return base::one_line(line, k_length) + (line.size() > k_length ? "…" : "");
}

tl::unexpected<base::Error> refuse(std::size_t line_number, std::string_view line,
                                   Problem problem) {
  return base::fail(fmt::format("line {} of the metrics is broken: {} (`{}`)", line_number, problem,
                                quoted(line)));
}

}  // namespace

std::string_view Sample::label(std::string_view label_name) const {
  const auto found = std::ranges::find(labels, label_name, &Label::name);
  return found != labels.end() ? std::string_view(found->value) : std::string_view();
}

base::Result<Page> read_exposition(std::string_view text, const NameFilter& is_kept) {
  if (text.size() > k_max_page_bytes) {
    return base::fail(fmt::format("the page of metrics has over {} bytes", k_max_page_bytes));
  }
  Page page;
  RawSample raw;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    if (line.size() > k_max_line_bytes) {
      return refuse(number, line, "it is too long");
    }
    if (end == std::string_view::npos) {
      return refuse(number, line, "the page was cut off in it");
    }
    text.remove_prefix(end + 1);
    Cursor cursor(line);
    cursor.skip_blanks();
    if (cursor.at_end()) {
      continue;
    }
    const bool comment = cursor.at('#');
    const Problem problem = comment ? check_comment(cursor) : parse_sample(cursor, raw);
    if (!problem.empty()) {
      return refuse(number, line, problem);
    }
    if (comment) {
      continue;
    }
    if (++page.sample_count > k_max_samples) {
      return base::fail(fmt::format("the page of metrics has over {} samples", k_max_samples));
    }
    if (is_kept(raw.name)) {
      if (page.samples.size() == k_max_kept_samples) {
        return base::fail(
            fmt::format("the page of metrics has over {} samples of the names that are read",
                        k_max_kept_samples));
      }
      page.samples.push_back(keep(raw));
    }
  }
  return page;
}

}  // namespace inferometer::scrape
