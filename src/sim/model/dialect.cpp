#include "sim/model/dialect.hpp"

namespace inferometer::sim {
namespace {

struct Habits {
  UsagePlacement usage;
  RoleChunk role;
  ReasoningField reasoning_field;
  bool comments = false;
};

Habits habits(Dialect dialect) {
  switch (dialect) {
    case Dialect::openai:
    case Dialect::azure:
      return {.usage = UsagePlacement::trailing,
              .role = RoleChunk::early,
              .reasoning_field = ReasoningField::none};
    case Dialect::vllm:
      return {.usage = UsagePlacement::trailing,
              .role = RoleChunk::with_first_token,
              .reasoning_field = ReasoningField::reasoning};
    case Dialect::sglang:
    case Dialect::tgi:
      return {.usage = UsagePlacement::trailing,
              .role = RoleChunk::with_first_token,
              .reasoning_field = ReasoningField::reasoning_content};
    case Dialect::llamacpp:
      return {.usage = UsagePlacement::trailing,
              .role = RoleChunk::early,
              .reasoning_field = ReasoningField::reasoning_content};
    case Dialect::deepseek:
      return {.usage = UsagePlacement::finish,
              .role = RoleChunk::early,
              .reasoning_field = ReasoningField::reasoning_content};
    case Dialect::openrouter:
      return {.usage = UsagePlacement::trailing_choice,
              .role = RoleChunk::with_first_token,
              .reasoning_field = ReasoningField::reasoning,
              .comments = true};
    case Dialect::groq:
      return {.usage = UsagePlacement::x_groq,
              .role = RoleChunk::early,
              .reasoning_field = ReasoningField::reasoning};
  }
  return {};
}

UsageParts native_parts(Dialect dialect) {
  switch (dialect) {
    case Dialect::openai:
    case Dialect::azure:
    case Dialect::deepseek:
    case Dialect::openrouter:
      return {.cached_input = true, .reasoning = true};
    case Dialect::sglang:
      return {.cached_input = false, .reasoning = true};
    case Dialect::vllm:
    case Dialect::tgi:
    case Dialect::llamacpp:
    case Dialect::groq:
      return {.cached_input = false, .reasoning = false};
  }
  return {};
}

}  // namespace

UsageParts usage_parts(const Behaviour& behaviour) {
  switch (behaviour.usage_details) {
    case UsageDetails::native:
      return native_parts(behaviour.dialect);
    case UsageDetails::all:
      return {.cached_input = true, .reasoning = true};
    case UsageDetails::none:
      return {.cached_input = false, .reasoning = false};
  }
  return {};
}

void adopt_dialect(Behaviour& behaviour, Dialect dialect) {
  const Habits own = habits(dialect);
  behaviour.dialect = dialect;
  behaviour.usage = own.usage;
  behaviour.role = own.role;
  behaviour.reasoning_field = own.reasoning_field;
  behaviour.comments = own.comments;
}

}  // namespace inferometer::sim
