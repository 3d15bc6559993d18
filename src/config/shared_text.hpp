#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace inferometer::config {

/// A text that never changes and that its copies share, so that a prompt file stands in memory once
/// however many targets send it. Copies may be used from different threads.
class SharedText {
 public:
  SharedText() : SharedText(std::string()) {}
  // As readily made as a string, in whose place it stands.
  // NOLINTBEGIN(google-explicit-constructor)
  SharedText(std::string text) : m_text(std::make_shared<const std::string>(std::move(text))) {}
  SharedText(const char* text) : SharedText(std::string(text)) {}
  operator const std::string&() const { return *m_text; }
  operator std::string_view() const { return *m_text; }
  // NOLINTEND(google-explicit-constructor)

  // Copied where it would be moved, so that it is never without a text.
  SharedText(const SharedText&) = default;
  SharedText& operator=(const SharedText&) = default;
  ~SharedText() = default;

  [[nodiscard]] const std::string& str() const { return *m_text; }

  [[nodiscard]] std::size_t size() const { return m_text->size(); }
  [[nodiscard]] bool empty() const { return m_text->empty(); }

  /// Whether both are the same text.
  bool operator==(const SharedText& other) const {
    return m_text == other.m_text || *m_text == *other.m_text;
  }

 private:
  std::shared_ptr<const std::string> m_text;  ///< never null
};

}  // namespace inferometer::config
