#include "cli/cli.hpp"

int main(int argc, char** argv) {
  return inferometer::cli::run(argc, argv);
}
