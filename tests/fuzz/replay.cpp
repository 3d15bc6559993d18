#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

// Stands in for libFuzzer where that is not at hand: feeds the files of the given folders, and
// each of their beginnings, to the target.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

void replay(const std::string& bytes) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): libFuzzer's own interface
  const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  constexpr std::size_t k_most_beginnings = 512;
  const std::size_t step = bytes.size() / k_most_beginnings + 1;
  for (std::size_t size = 0; size < bytes.size(); size += step) {
    LLVMFuzzerTestOneInput(data, size);
  }
  LLVMFuzzerTestOneInput(data, bytes.size());
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t files = 0;
  for (int i = 1; i < argc; ++i) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(argv[i])) {
      if (entry.is_regular_file()) {
        std::ifstream file(entry.path(), std::ios::binary);
        replay({std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()});
        ++files;
      }
    }
  }
  std::printf("%zu files replayed\n", files);
  return files > 0 ? 0 : 1;
}
