#include "sim/model/generation.hpp"

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

constexpr std::size_t k_large_text = std::size_t{1024} * 1024;

/// Two bytes that are no UTF-8: the first announces a continuation that the second is not.
constexpr std::string_view k_invalid_utf8 = "\xc3(";

Duration scaled(Duration delay, double load) {
  return load == 1 ? delay : Duration(std::llround(static_cast<double>(delay.count()) * load));
}

}  // namespace

Generation::Generation(Ask ask, Behaviour behaviour, const Profile& profile,
                       std::unique_ptr<Renderer> renderer, Random random,
                       std::uint64_t cached_tokens)
    : m_ask(std::move(ask)),
      m_behaviour(std::move(behaviour)),
      m_ttft(m_behaviour.ttft.value_or(profile.ttft)),
      m_itl(m_behaviour.itl.value_or(profile.itl)),
      m_renderer(std::move(renderer)),
      m_random(random),
      m_total(
          std::max<std::uint64_t>(m_behaviour.output_tokens,
                                  std::min<std::uint64_t>(m_ask.min_tokens, k_most_output_tokens))),
      m_cached(std::min(cached_tokens, m_ask.prompt_tokens)) {
  if (m_ask.max_tokens && (m_ask.ignore_eos || *m_ask.max_tokens < m_total)) {
    m_total = std::min<std::uint64_t>(*m_ask.max_tokens, k_most_output_tokens);
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
  const Duration delay = m_ttft.sample(m_random);
  if (m_cached == 0) {
    return scaled(delay, load);
  }
  const double cached = static_cast<double>(m_cached) / static_cast<double>(m_ask.prompt_tokens);
  return scaled(delay, load * (1 - m_behaviour.prefix_cache_speedup * cached));
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
  m_thoughts.append(reasoning, 0, m_reasoning);
  std::string content;
  m_behaviour.content.append(content, 0, m_total - m_reasoning);
  m_finished = m_reason;
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
  struct Act {
    Fault fault;
    Next (*perform)(Generation& self, Frames& out);
  };
  static constexpr std::array k_acts{
      Act{Fault::stall, [](Generation&, Frames&) { return Next::hang; }},
      Act{Fault::reset, [](Generation&, Frames&) { return Next::reset; }},
      Act{Fault::close, [](Generation&, Frames&) { return Next::cut; }},
      Act{Fault::truncate, [](Generation&, Frames&) { return Next::end; }},
      Act{Fault::error_event,
          [](Generation& self, Frames& to) { return self.fail(to, ErrorKind::server_error); }},
      Act{Fault::overloaded_event,
          [](Generation& self, Frames& to) { return self.fail(to, ErrorKind::overloaded); }},
      Act{Fault::rate_limit_event,
          [](Generation& self, Frames& to) { return self.fail(to, ErrorKind::rate_limit); }},
      Act{Fault::bad_json, [](Generation& self, Frames& to) { return self.break_event(to); }},
      Act{Fault::corrupt_crc, [](Generation& self, Frames& to) { return self.break_event(to); }},
      Act{Fault::invalid_utf8,
          [](Generation& self, Frames& to) { return self.insert_text(to, k_invalid_utf8); }},
      Act{Fault::large_event,
          [](Generation& self, Frames& to) {
            return self.insert_text(to, std::string(k_large_text, 'x'));
          }},
      Act{Fault::long_line, [](Generation& self, Frames& to) { return self.lengthen_line(to); }},
      Act{Fault::refusal, [](Generation& self, Frames& to) { return self.decline(to); }},
      Act{Fault::content_filter, [](Generation& self, Frames& to) { return self.filter(to); }},
  };
  const auto found =
      std::find_if(k_acts.begin(), k_acts.end(), [this](const Act& act) { return has(act.fault); });
  return found == k_acts.end() ? Next::wait : found->perform(*this, out);
}

Generation::Next Generation::fail(Frames& out, ErrorKind kind) {
  m_renderer->error(out, kind);
  return Next::end;
}

Generation::Next Generation::break_event(Frames& out) {
  m_renderer->malformed(out);
  return Next::wait;
}

/// A text that is no token of the answer.
Generation::Next Generation::insert_text(Frames& out, std::string_view text) {
  m_renderer->tokens(out, TextKind::content, text, usage());
  return Next::wait;
}

Generation::Next Generation::decline(Frames& out) {
  m_finished = FinishReason::content_filter;
  m_renderer->refusal(out, usage());
  m_renderer->terminator(out);
  return Next::end;
}

Generation::Next Generation::filter(Frames& out) {
  m_reason = FinishReason::content_filter;
  conclude(out);
  return Next::end;
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
  set_text(count);
  m_emitted += count;
  m_renderer->tokens(out, kind, m_text, usage());
}

/// Sets `m_text` to the next tokens, all of one kind.
void Generation::set_text(std::uint64_t count) {
  m_text.clear();
  if (next_kind() == TextKind::reasoning) {
    m_thoughts.append(m_text, m_emitted, count);
  } else {
    m_behaviour.content.append(m_text, m_emitted - m_reasoning, count);
  }
}

void Generation::conclude(Frames& out) {
  m_finished = m_reason;
  m_renderer->finish(out, m_reason, usage());
  if (has(Fault::missing_done)) {
    return;
  }
  m_renderer->terminator(out);
  if (has(Fault::done_then_more)) {
    m_renderer->tokens(out, TextKind::content, " more", usage());
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
          .cached_prompt_tokens = m_cached,
          .completion_tokens = m_emitted,
          .reasoning_tokens = std::min(m_emitted, m_reasoning)};
}

}  // namespace inferometer::sim
