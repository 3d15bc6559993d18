#pragma once

#include "config/config.hpp"

#include <optional>
#include <string>

namespace inferometer::config {

/// Why a workload can never be sent to a model.
struct Misfit {
  std::string message;  ///< with the figures, to stand behind what they are of
  std::string hint;
};

/// Whether the workload's prompts, with the reserve for the output, are longer than the model's
/// context window, so far as that is known before a tokenizer saw them: a text of the user's own is
/// taken for a token in 4 bytes. Where the workload lets prompts be cut, only the rest must fit.
[[nodiscard]] std::optional<Misfit> find_misfit(const Model& model, const Workload& workload);

}  // namespace inferometer::config
