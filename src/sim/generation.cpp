#include "sim/generation.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

namespace inferometer::sim {
namespace {

constexpr std::uint64_t k_endless = std::numeric_limits<std::uint64_t>::max();
constexpr std::size_t k_long_line = 10'000'000;
constexpr std::size_t k_line_piece = std::size_t{64} * 1024;

/// One word is one token. Some have characters of two and three bytes, so that a cut between any
/// two bytes of a stream meets them; none needs escaping in JSON.
constexpr std::array<std::string_view, 12> k_words{" time",   " to",      " first", " token",
                                                   " über",   " latency", " 光",    " wave",
                                                   " fringe", " naïve",   " phase", " path"};

/// Two bytes that are no UTF-8: the first announces a continuation that the second is not.
constexpr std::string_view k_invalid_utf8 = "\xc3(";

void append_words(std::string& out, std::uint64_t first, std::uint64_t count) {
  for (std::uint64_t i = first; i < first + count; ++i) {
    out.append(k_words[i % k_words.size()]);
  }
}

Duration scaled(Duration delay, double load) {
  return load == 1 ? delay : Duration(std::llround(static_cast<double>(delay.count()) * load));
}

}  // namespace

Generation::Generation(Ask ask, Behaviour behaviour, const Profile& profile,
                       std::unique_ptr<Renderer> renderer, Random random)
    : m_ask(std::move(ask)),
      m_behaviour(std::move(behaviour)),
      m_ttft(m_behaviour.ttft.value_or(profile.ttft)),
      m_itl(m_behaviour.itl.value_or(profile.itl)),
      m_renderer(std::move(renderer)),
      m_random(random),
      m_total(m_behaviour.output_tokens) {
  if (m_ask.max_tokens && *m_ask.max_tokens < m_total) {
    m_total = *m_ask.max_tokens;
    m_reason = FinishReason::length;
  }
  if (has(Fault::empty)) {
    m_total = 0;
    m_reason = FinishReason::stop;
  }
  if (m_behaviour.fault && info(*m_behaviour.fault).place == FaultPlace::middle) {
    m_disturb_at = std::max<std::uint64_t>(m_total / 2, 1);
  }
  if (has(Fault::trickle) || has(Fault::endless)) {
    m_total = k_endless;
  }
  m_reasoning = std::min<std::uint64_t>(m_behaviour.reasoning_tokens, m_total);
}

Duration Generation::first_delay(double load) {
  return scaled(m_ttft.sample(m_random), load);
}

Duration Generation::gap(double load) {
  return scaled(m_itl.sample(m_random), load);
}

void Generation::prologue(Frames& out) {
  if (has(Fault::hang_before_first_token)) {
    return;
  }
  if (m_behaviour.comments) {
    m_renderer->comment(out);
  }
  if (m_behaviour.role == RoleChunk::early) {
    m_renderer->opening(out, usage());
  }
}

Generation::Next Generation::step(Frames& out) {
  if (m_ask.stream) {
    return step_stream(out);
  }
  m_emitted += next_tokens();
  if (m_emitted < m_total) {
    return Next::wait;
  }
  std::string reasoning;
  append_words(reasoning, 0, m_reasoning);
  std::string content;
  append_words(content, m_reasoning, m_total - m_reasoning);
  out.bytes.append(m_renderer->completion(content, reasoning, m_reason, usage()));
  return Next::end;
}

Generation::Next Generation::step_stream(Frames& out) {
  if (has(Fault::hang_before_first_token)) {
    return Next::hang;
  }
  if (!std::exchange(m_opened, true) && m_behaviour.role == RoleChunk::with_first_token) {
    m_renderer->opening(out, usage());
  }
  if (m_disturb_at && m_emitted >= *m_disturb_at) {
    const Next next = disturb(out);
    if (next != Next::wait) {
      return next;
    }
    m_disturb_at.reset();
  }
  if (m_emitted < m_total) {
    emit(out);
  }
  if (m_emitted < m_total || m_disturb_at) {
    return has(Fault::endless) ? Next::now : Next::wait;
  }
  conclude(out);
  return Next::end;
}

/// What the fault of the middle does; `wait` means that the stream goes on as if nothing had been.
Generation::Next Generation::disturb(Frames& out) {
  switch (*m_behaviour.fault) {
    case Fault::stall:
      return Next::hang;
    case Fault::reset:
      return Next::reset;
    case Fault::close:
      return Next::cut;
    case Fault::truncate:
      return Next::end;
    case Fault::error_event:
      m_renderer->error(out, ErrorKind::server_error);
      return Next::end;
    case Fault::overloaded_event:
      m_renderer->error(out, ErrorKind::overloaded);
      return Next::end;
    case Fault::bad_json:
      m_renderer->malformed(out);
      return Next::wait;
    case Fault::invalid_utf8:
      m_renderer->tokens(out, TextKind::content, k_invalid_utf8, usage());
      return Next::wait;
    case Fault::long_line:
      return lengthen_line(out);
    case Fault::content_filter:
      m_reason = FinishReason::content_filter;
      conclude(out);
      return Next::end;
    case Fault::hang_before_headers:
    case Fault::silent_accept:
    case Fault::garbage:
    case Fault::html:
    case Fault::html_502:
    case Fault::json_error_200:
    case Fault::status_400:
    case Fault::status_401:
    case Fault::status_403:
    case Fault::status_404:
    case Fault::status_429:
    case Fault::status_500:
    case Fault::status_503:
    case Fault::status_529:
    case Fault::quota:
    case Fault::context_length:
    case Fault::rate_limit_ms:
    case Fault::rate_limit_seconds:
    case Fault::rate_limit_date:
    case Fault::hang_before_first_token:
    case Fault::trickle:
    case Fault::endless:
    case Fault::missing_done:
    case Fault::done_then_more:
    case Fault::trailing_spaces:
    case Fault::empty:
      break;  // Not of the middle.
  }
  return Next::wait;
}

Generation::Next Generation::lengthen_line(Frames& out) {
  if (m_line_left == 0) {
    m_line_left = k_long_line;
    m_renderer->unfinished(out);
  }
  const std::size_t piece = std::min(k_line_piece, m_line_left);
  out.bytes.append(piece, 'x');
  m_line_left -= piece;
  return m_line_left == 0 ? Next::end : Next::now;
}

void Generation::emit(Frames& out) {
  if (m_behaviour.comments) {
    m_renderer->comment(out);
  }
  const TextKind kind = next_kind();
  const std::uint64_t count = next_tokens();
  m_text.clear();
  append_words(m_text, m_emitted, count);
  m_emitted += count;
  m_renderer->tokens(out, kind, m_text, usage());
}

void Generation::conclude(Frames& out) {
  m_renderer->finish(out, m_reason, usage());
  if (has(Fault::missing_done)) {
    return;
  }
  m_renderer->terminator(out);
  if (has(Fault::done_then_more)) {
    m_renderer->tokens(out, TextKind::content, k_words.front(), usage());
  }
}

TextKind Generation::next_kind() const {
  return m_emitted < m_reasoning ? TextKind::reasoning : TextKind::content;
}

/// A chunk holds text of one kind only.
std::uint64_t Generation::next_tokens() const {
  const std::uint64_t end = m_emitted < m_reasoning ? m_reasoning : m_total;
  return std::min<std::uint64_t>(m_behaviour.tokens_per_chunk, end - m_emitted);
}

Usage Generation::usage() const {
  return {.prompt_tokens = m_ask.prompt_tokens,
          .completion_tokens = m_emitted,
          .reasoning_tokens = std::min(m_emitted, m_reasoning)};
}

}  // namespace inferometer::sim
