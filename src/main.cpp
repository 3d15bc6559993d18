#include "app/app.hpp"

int main(int argc, char** argv) {
  return inferometer::app::run(argc, argv);
}
