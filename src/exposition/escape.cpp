#include "exposition/escape.hpp"

namespace inferometer::exposition {

void append_escaped(std::string& out, std::string_view text, Quotes quotes) {
  const std::string_view special = quotes == Quotes::escaped ? "\\\n\"" : "\\\n";
  while (!text.empty()) {
    const std::string_view plain = text.substr(0, text.find_first_of(special));
    out += plain;
    text.remove_prefix(plain.size());
    if (!text.empty()) {
      out += '\\';
      out += text.front() == '\n' ? 'n' : text.front();
      text.remove_prefix(1);
    }
  }
}

}  // namespace inferometer::exposition
