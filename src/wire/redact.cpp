#include "wire/redact.hpp"

#include "base/ascii.hpp"
#include "wire/base64.hpp"
#include "wire/percent_encoding.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace inferometer::wire {
namespace {

constexpr std::size_t k_shortest = 4;
constexpr std::string_view k_mark = "<secret>";

/// What base64 makes of the secret wherever it stands in what is encoded: the characters that
/// depend on its bytes alone, for each of the three places that its first byte can have in a group.
void add_base64(std::string_view secret, std::string (*encode)(std::string_view),
                std::vector<std::string>& forms) {
  for (std::size_t before = 0; before < 3; ++before) {
    const std::string encoded = encode(std::string(before, '\0').append(secret));
    const std::size_t begin = (before * 8 + 5) / 6;
    const std::size_t end = (before + secret.size()) * 8 / 6;
    forms.push_back(encoded.substr(begin, end - begin));
  }
}

/// `text` with the digits of its escapes in lower case.
std::string with_lower_digits(std::string text) {
  for (std::size_t at = text.find('%'); at != std::string::npos; at = text.find('%', at + 3)) {
    const std::string digits = base::to_lower(text.substr(at + 1, 2));
    text.replace(at + 1, 2, digits);
  }
  return text;
}

/// What the secret may look like, the longest first, so that none hides a part of another.
std::vector<std::string> forms_of(const std::string& secret) {
  const std::string escaped = percent_encode(secret);
  std::vector<std::string> forms{secret, escaped, with_lower_digits(escaped)};
  add_base64(secret, base64_encode, forms);
  add_base64(secret, base64url_encode, forms);
  std::ranges::sort(forms, [](const std::string& one, const std::string& other) {
    return one.size() > other.size();
  });
  std::erase_if(forms, [](const std::string& form) { return form.size() < k_shortest; });
  return forms;
}

std::string replace_all(std::string_view text, std::string_view form) {
  std::string result;
  std::size_t begin = 0;
  for (std::size_t at = text.find(form); at != std::string_view::npos;
       at = text.find(form, begin)) {
    result.append(text.substr(begin, at - begin)).append(k_mark);
    begin = at + form.size();
  }
  return result.append(text.substr(begin));
}

}  // namespace

std::string redact(std::string_view text, const base::Secret& secret) {
  std::string result(text);
  if (secret.reveal().size() < k_shortest || text.empty()) {
    return result;
  }
  for (std::string& form : forms_of(secret.reveal())) {
    result = replace_all(result, form);
    const base::Secret wiped(std::move(form));
  }
  return result;
}

}  // namespace inferometer::wire
