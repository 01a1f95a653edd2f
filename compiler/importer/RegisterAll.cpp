//===- RegisterAll.cpp - The list of operator families --------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
// A family is a file with one function that adds its operators, declared and
// called here.
//
//===----------------------------------------------------------------------===//

#include "compiler/importer/OpRegistry.h"

namespace burin {

void registerElementwiseOps(OpRegistry &registry);

} // namespace burin

burin::OpRegistry burin::makeOpRegistry() {
  OpRegistry registry;
  registerElementwiseOps(registry);
  return registry;
}
