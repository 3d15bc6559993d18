#include "base/file_stamp.hpp"

#include <sys/stat.h>

namespace inferometer::base {

std::vector<FileStamp> take_stamps(const std::vector<std::string>& paths) {
  std::vector<FileStamp> result;
  result.reserve(paths.size());
  for (const std::string& path : paths) {
    struct stat status {};
    result.push_back(::stat(path.c_str(), &status) != 0
                         ? FileStamp{}
                         : FileStamp{status.st_ino, status.st_size, status.st_mtim.tv_sec,
                                     status.st_mtim.tv_nsec});
  }
  return result;
}

}  // namespace inferometer::base
