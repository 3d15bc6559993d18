#pragma once

#include "base/clock.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

/// An answer that says of each of its events when it was truly sent, so that the reader can tell by
/// how much its own stamps are off. Both sides share the monotonic clock of one machine.
namespace inferometer::selftest {

/// What one event says.
struct Stamp {
  base::MonotonicTime asked{};    ///< the kernel got the request; 0 if it did not tell when
  base::MonotonicTime sent{};     ///< read immediately before the event was written
  base::Duration write_before{};  ///< how long after its stamp the event before was written
};

/// A write that ended longer than this after its stamp was interrupted: the server lost its CPU in
/// between, and the time when the event left is unknown.
inline constexpr base::Duration k_longest_write = std::chrono::microseconds(200);

/// The text of an event: a chunk of OpenAI's chat API with one word of content, of a provider's
/// usual length. Only its stamps change from one to the next.
class StampedEvent {
 public:
  StampedEvent();

  /// Valid until the next call.
  [[nodiscard]] std::string_view text(const Stamp& stamp);

 private:
  std::string m_text;
  std::size_t m_stamp_at;
};

/// What follows the last event: the finish reason with the count of tokens, and the end mark. It
/// has a stamp as well.
[[nodiscard]] std::string closing_text(std::uint32_t events, const Stamp& stamp);

/// What follows that: a comment that tells how long its write took. Its stamp is the answer's last.
[[nodiscard]] std::string trailing_comment(const Stamp& stamp);

/// So many stamps of a whole answer are not those of events.
inline constexpr std::size_t k_last_stamps = 2;

/// Finds the stamps in a stream that reads cut anywhere. A stamp counts as read with the bytes that
/// bring its last one.
class StampReader {
 public:
  using Found = std::function<void(const Stamp&)>;

  void feed(std::string_view bytes, const Found& found);

 private:
  void search(std::string_view text, const Found& found);

  std::string m_rest;  // of a stamp that is not whole yet
};

}  // namespace inferometer::selftest
