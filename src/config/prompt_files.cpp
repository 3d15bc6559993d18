#include "config/prompt_files.hpp"

#include "config/read_file.hpp"
#include "config/utf8.hpp"
#include "config/values.hpp"

#include <fmt/format.h>

#include <utility>

namespace inferometer::config {
namespace {

constexpr std::size_t k_largest_prompt = std::size_t{1024} * 1024;
constexpr std::size_t k_most_prompt_bytes = 64 * k_largest_prompt;

}  // namespace

base::Result<PromptFile> PromptFiles::read(std::string_view path) {
  const auto whole = parse_path(path, m_folder);
  if (!whole) {
    return tl::make_unexpected(whole.error());
  }
  const auto known = m_known.find(*whole);
  return known == m_known.end() ? m_known.emplace(*whole, load(*whole)).first->second
                                : known->second;
}

base::Result<PromptFile> PromptFiles::load(const std::string& path) {
  auto text = read_file(path, k_largest_prompt);
  if (!text) {
    return base::fail("it cannot be read: " + text.error().message);
  }
  if (text->empty()) {
    return base::fail("it is empty: write the prompt into it");
  }
  if (const std::size_t at = find_invalid_utf8(*text); at != std::string_view::npos) {
    return base::fail(
        fmt::format("its byte {} is not valid UTF-8: save it in the encoding UTF-8", at + 1));
  }
  if (text->size() > k_most_prompt_bytes - m_bytes) {
    return base::fail(
        fmt::format("with it, the prompt files hold more than {} bytes: split the "
                    "configuration over several daemons",
                    k_most_prompt_bytes));
  }
  m_bytes += text->size();
  return PromptFile{path, *std::move(text)};
}

}  // namespace inferometer::config
