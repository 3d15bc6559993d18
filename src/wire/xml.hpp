#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace inferometer::wire {

/// The text of the one element at `path`, such as `ErrorResponse/Error/Code`, in a document of the
/// XML that AWS' query services answer with: elements, attributes, texts, and the references that
/// every document may use. No value where there is no such element or several, where the document
/// is not well-formed, nests deeper than 16 elements, or has anything else in it: document types,
/// and so entities of its own, are refused. Whatever it holds, time is linear in its size.
[[nodiscard]] std::optional<std::string> xml_text(std::string_view document, std::string_view path);

}  // namespace inferometer::wire
