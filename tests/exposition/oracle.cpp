#include "exposition/oracle.hpp"

#include "fakes/process.hpp"
#include "fakes/temporary_folder.hpp"

#include <chrono>
#include <cstdlib>
#include <map>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace inferometer::exposition {
namespace {

const std::string k_folder = std::string(INFEROMETER_SOURCE_DIR) + "/tests/exposition";

std::vector<ReadSample> read_with_python(const std::string& format, std::string_view page) {
  // Debian's own Python: its packages are not those of another one in PATH.
  std::istringstream lines(
      run_on({"/usr/bin/python3", k_folder + "/print_samples.py", format}, page));
  std::vector<ReadSample> samples;
  std::string series;
  std::string value;
  std::string exemplar;
  while (std::getline(lines, series, '\t') && std::getline(lines, value, '\t') &&
         std::getline(lines, exemplar)) {
    samples.push_back({series, std::strtod(value.c_str(), nullptr), exemplar});
  }
  return samples;
}

/// A length before a message; takes it off `rest`.
std::size_t take_length(std::string_view& rest) {
  std::size_t length = 0;
  for (int shift = 0; shift < 35 && !rest.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(rest.front());
    rest.remove_prefix(1);
    length |= static_cast<std::size_t>(byte & 0x7F) << shift;
    if (byte < 0x80) {
      return length;
    }
  }
  throw std::runtime_error("a length that does not end");
}

std::string unquoted(const std::string& text) {
  return text.substr(1, text.size() - 2);
}

/// `{le="1.0",model="x"}`, or nothing; the values are in quotes already.
std::string braced(const std::map<std::string, std::string>& labels) {
  std::string text;
  for (const auto& [name, value] : labels) {
    text += text.empty() ? "{" : ",";
    text += name;
    text += '=';
    text += value;
  }
  return text.empty() ? text : text + "}";
}

/// Reads a decoded page field by field: each line completes what is kept of those before it.
class ClassicReader {
 public:
  void open(const std::string& message) { m_path.push_back(message); }

  void read(const std::string& field, const std::string& value) {
    const std::string& message = m_path.back();
    if (message == "family" && field == "name") {
      m_name = unquoted(value);
    } else if (message == "label" && m_path.size() == 3) {  // not an exemplar's
      (field == "name" ? m_label_name : m_labels[m_label_name]) =
          field == "name" ? unquoted(value) : value;
    } else if ((message == "counter" || message == "gauge") && field == "value") {
      add("", m_labels, value);
    } else if (message == "histogram" || message == "bucket" || message == "summary") {
      m_fields[field] = value;
    }
  }

  void close() {
    if (m_path.back() == "bucket" && m_fields["upper_bound"] != "inf") {
      add_bucket(m_fields["upper_bound"], m_fields["cumulative_count"]);
    } else if (m_path.back() == "histogram" || m_path.back() == "summary") {
      if (m_path.back() == "histogram") {
        add_bucket("+Inf", m_fields["sample_count"]);
      }
      add("_sum", m_labels, m_fields["sample_sum"]);
      add("_count", m_labels, m_fields["sample_count"]);
    } else if (m_path.back() == "metric") {
      m_labels.clear();
    }
    m_path.pop_back();
  }

  [[nodiscard]] std::vector<ReadSample> samples() && { return std::move(m_samples); }

 private:
  void add(const std::string& suffix, const std::map<std::string, std::string>& labels,
           const std::string& value) {
    m_samples.push_back(
        {m_name + suffix + braced(labels), std::strtod(value.c_str(), nullptr), {}});
  }

  void add_bucket(const std::string& bound, const std::string& count) {
    const bool is_whole = bound.find_first_not_of("0123456789") == std::string::npos;
    std::map<std::string, std::string> labels = m_labels;
    labels["le"] = '"' + bound + (is_whole ? ".0" : "") + '"';
    add("_bucket", labels, count);
  }

  std::vector<std::string> m_path;
  std::string m_name;
  std::map<std::string, std::string> m_labels;
  std::string m_label_name;
  std::map<std::string, std::string> m_fields;
  std::vector<ReadSample> m_samples;
};

}  // namespace

std::string run_on(const std::vector<std::string>& argv, std::string_view input) {
  const fakes::TemporaryFolder folder;
  std::vector<std::string> command{"sh", "-c", R"(input=$1; shift; exec "$@" < "$input")", "sh",
                                   folder.write("input", input)};
  command.insert(command.end(), argv.begin(), argv.end());
  fakes::Process process(command);
  const std::optional<int> status = process.wait_for_exit(std::chrono::seconds(30));
  if (status != 0) {
    throw std::runtime_error(argv.at(0) + " failed: " + process.output());
  }
  return process.output();
}

std::vector<ReadSample> read_text(std::string_view page) {
  return read_with_python("text", page);
}

std::vector<ReadSample> read_openmetrics(std::string_view page) {
  return read_with_python("openmetrics", page);
}

std::string decode_protobuf(std::string_view page) {
  std::string message;
  while (!page.empty()) {
    const std::string_view before = page;
    const std::size_t length = take_length(page);
    if (length > page.size()) {
      throw std::runtime_error("a message that is cut off");
    }
    message += '\x0A';  // the tag of Page.family: what follows has its length in front already
    message += before.substr(0, before.size() - page.size() + length);
    page.remove_prefix(length);
  }
  return run_on({"protoc", "--proto_path=" + k_folder, "--decode=io.prometheus.client.Page",
                 k_folder + "/metrics.proto"},
                message);
}

std::vector<ReadSample> read_protobuf(std::string_view page) {
  std::istringstream lines(decode_protobuf(page));
  ClassicReader reader;
  for (std::string line; std::getline(lines, line);) {
    line.erase(0, line.find_first_not_of(' '));
    if (line == "}") {
      reader.close();
    } else if (line.ends_with(" {")) {
      reader.open(line.substr(0, line.size() - 2));
    } else {
      const std::size_t colon = line.find(": ");
      reader.read(line.substr(0, colon), line.substr(colon + 2));
    }
  }
  return std::move(reader).samples();
}

}  // namespace inferometer::exposition
