#include "protocol/answer/api_error.hpp"

#include "base/ascii.hpp"
#include "protocol/answer/refused_length.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace inferometer::protocol {
namespace {

using measure::Outcome;

enum class Place { names, message, anywhere };

struct Rule {
  std::string_view text;  ///< in lower case
  Place place;
  Outcome outcome;
};

/// The first rule that fits decides, whatever the status; where none fits the status does.
constexpr std::array k_rules{
    // The text of Bedrock's throttling has "too many tokens": it must be matched before what is too
    // long.
    Rule{"too many tokens, please wait", Place::message, Outcome::rate_limited},
    Rule{"throttlingexception", Place::names, Outcome::rate_limited},

    Rule{"maximum context length", Place::anywhere, Outcome::context_length},
    Rule{"context_length_exceeded", Place::anywhere, Outcome::context_length},
    Rule{"exceed_context_size_error", Place::anywhere, Outcome::context_length},
    Rule{"prompt is too long", Place::anywhere, Outcome::context_length},
    Rule{"longer than the model's context length", Place::anywhere, Outcome::context_length},
    Rule{"longer than the context length", Place::anywhere, Outcome::context_length},
    Rule{"exceeds the available context size", Place::anywhere, Outcome::context_length},
    Rule{"exceeds the maximum number of tokens", Place::anywhere, Outcome::context_length},
    Rule{"input is too long", Place::anywhere, Outcome::context_length},
    Rule{"exceed context limit", Place::anywhere, Outcome::context_length},
    Rule{"exceeds the context length", Place::anywhere, Outcome::context_length},
    Rule{"reduce the length of the messages", Place::anywhere, Outcome::context_length},
    Rule{"`inputs` must have less than", Place::anywhere, Outcome::context_length},
    Rule{"context length is only", Place::anywhere, Outcome::context_length},
    Rule{"longer than the maximum model length", Place::anywhere, Outcome::context_length},
    Rule{"too long to fit into the model", Place::anywhere, Outcome::context_length},
    Rule{"exceeds the context window", Place::anywhere, Outcome::context_length},
    Rule{"maximum prompt length is", Place::anywhere, Outcome::context_length},
    Rule{"but model only supports up to", Place::anywhere, Outcome::context_length},

    Rule{"insufficient_quota", Place::names, Outcome::quota_exhausted},
    Rule{"credit_balance_exhausted", Place::names, Outcome::quota_exhausted},
    Rule{"billing_error", Place::names, Outcome::quota_exhausted},
    Rule{"credit balance is too low", Place::message, Outcome::quota_exhausted},  // Anthropic, 400
    Rule{"servicequotaexceededexception", Place::names, Outcome::quota_exhausted},
    Rule{"perday", Place::names, Outcome::quota_exhausted},  // of Gemini's quotaId

    Rule{"rate_limit", Place::anywhere, Outcome::rate_limited},
    Rule{"resource_exhausted", Place::anywhere, Outcome::rate_limited},

    Rule{"content_filter", Place::names, Outcome::content_filtered},
    Rule{"responsibleaipolicyviolation", Place::names, Outcome::content_filtered},
    Rule{"bio_policy", Place::names, Outcome::content_filtered},

    Rule{"overloaded", Place::names, Outcome::overloaded},
    Rule{"unavailable", Place::names, Outcome::overloaded},
    Rule{"insufficient_system_resource", Place::names, Outcome::overloaded},
    Rule{"capacity_exceeded", Place::names, Outcome::overloaded},
    Rule{"modelnotreadyexception", Place::names, Outcome::overloaded},
    Rule{"model is overloaded", Place::message, Outcome::overloaded},
    Rule{"server busy", Place::message, Outcome::overloaded},

    Rule{"invalid_api_key", Place::names, Outcome::auth_error},
    Rule{"api_key_invalid", Place::names, Outcome::auth_error},
    Rule{"authentication_error", Place::names, Outcome::auth_error},
    Rule{"permission_error", Place::names, Outcome::auth_error},
    Rule{"permission_denied", Place::names, Outcome::auth_error},
    Rule{"unauthenticated", Place::names, Outcome::auth_error},
    Rule{"accessdeniedexception", Place::names, Outcome::auth_error},
};

/// Whether a request that is too long may be refused with that status.
bool may_be_too_long(int status) {
  constexpr std::array k_statuses{0, 200, 400, 403, 413, 422};
  return std::find(k_statuses.begin(), k_statuses.end(), status) != k_statuses.end();
}

bool contains(std::string_view text, std::string_view needle) {
  return text.find(needle) != std::string_view::npos;
}

bool fits(const Rule& rule, int status, std::string_view names, std::string_view message) {
  if (rule.outcome == Outcome::context_length && !may_be_too_long(status)) {
    return false;
  }
  return (rule.place != Place::message && contains(names, rule.text)) ||
         (rule.place != Place::names && contains(message, rule.text));
}

/// A time-out of the server's own is a server_error: 408 and 504, and the names that come with them
/// (timeout_error, DEADLINE_EXCEEDED, ModelTimeoutException).
Outcome by_status(int status) {
  switch (status) {
    case 401:
    case 403:
      return Outcome::auth_error;
    case 402:
      return Outcome::quota_exhausted;
    case 407:  // no provider's, but a proxy's on the way
      return Outcome::connect_error;
    case 429:
      return Outcome::rate_limited;
    case 498:
    case 503:
    case 529:
      return Outcome::overloaded;
    case 408:
    case 424:
      return Outcome::server_error;
    default:
      return status >= 500 ? Outcome::server_error : Outcome::client_error;
  }
}

/// All that is given, with a space between two.
std::string joined(std::initializer_list<std::string_view> parts) {
  std::string all;
  for (const std::string_view part : parts) {
    all.append(all.empty() || part.empty() ? "" : " ").append(part);
  }
  return all;
}

/// The message, or what there is in its place.
std::string description(const ErrorFields& fields) {
  const std::string text =
      fields.message.empty() ? joined({fields.type, fields.code, fields.details}) : fields.message;
  return text.empty() ? "no message" : text;
}

ApiError api_error(Outcome outcome, std::string message, const ErrorFields& fields) {
  return {.outcome = outcome,
          .message = std::move(message),
          .retry_after = fields.retry_after,
          .input_tokens =
              outcome == Outcome::context_length ? refused_input_tokens(fields) : std::nullopt};
}

/// Bedrock's name of the exception: the header cut at the first colon, else the body's `__type`
/// behind a namespace.
std::string_view exception_name(std::string_view header, const wire::MaybeJson& body) {
  std::string_view name = header.empty() ? wire::text(body, "__type") : header;
  name = name.substr(0, name.find(':'));
  return name.substr(name.find('#') + 1);
}

/// The fields of a body in any known form; no value if it is in none.
std::optional<ErrorFields> read_body(const ErrorResponse& response) {
  const wire::MaybeJson body = wire::parse_json(response.body);
  std::optional<ErrorFields> fields = error_fields(body);
  if (!fields && !wire::text(body, "message").empty()) {  // Bedrock's, and many a gateway's
    fields = fields_of_error(body);
  }
  if (const std::string_view name = exception_name(response.error_type, body); !name.empty()) {
    fields = fields.value_or(ErrorFields{});
    fields->type = joined({name, fields->type});
  }
  return fields;
}

}  // namespace

Outcome classify(const ErrorFields& fields) {
  const std::string names = base::to_lower(joined({fields.type, fields.code, fields.details}));
  const std::string message = base::to_lower(fields.message);
  const auto* const rule = std::find_if(k_rules.begin(), k_rules.end(), [&](const Rule& each) {
    return fits(each, fields.status, names, message);
  });
  if (rule != k_rules.end()) {
    return rule->outcome;
  }
  // TGI: "`inputs` tokens + `max_new_tokens` must be <= 4096".
  const bool tgi_bound = contains(message, "max_new_tokens") && contains(message, "must be <=");
  return tgi_bound && may_be_too_long(fields.status) ? Outcome::context_length
                                                     : by_status(fields.status);
}

ApiError classify_response(const ErrorResponse& response) {
  constexpr std::size_t k_excerpt = 200;
  ErrorFields fields = read_body(response).value_or(ErrorFields{});
  if (fields.message.empty() && fields.type.empty() && fields.code.empty()) {
    fields.message = response.body.substr(0, k_excerpt);
  }
  fields.status = response.status;
  return api_error(classify(fields),
                   fmt::format("HTTP {}: {}", response.status, description(fields)), fields);
}

std::optional<ApiError> classify_body_error(std::string_view body) {
  const std::optional<ErrorFields> fields = error_fields(wire::parse_json(body));
  return fields ? std::optional(classify_stream_error(*fields)) : std::nullopt;
}

ApiError classify_stream_error(const ErrorFields& fields) {
  Outcome outcome = classify(fields);
  if (outcome == Outcome::server_error || outcome == Outcome::client_error) {
    outcome = Outcome::stream_error;
  }
  return api_error(outcome, "error in the stream: " + description(fields), fields);
}

}  // namespace inferometer::protocol
