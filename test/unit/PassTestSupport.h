//===- PassTestSupport.h - A pass must not change results -------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_TEST_UNIT_PASSTESTSUPPORT_H
#define BURIN_TEST_UNIT_PASSTESTSUPPORT_H

#include <cstdint>
#include <map>
#include <string>

struct SameOptions {
  double relative = 1e-5, absolute = 1e-6;
  std::map<std::string, int64_t> dims = {}; ///< extents of symbols in nn.dims
  std::string absent = {};                  ///< op that the pipeline must remove
};

/// Interprets every public function of the module before and after the
/// pipeline on pseudo-random arguments and compares all results. Returns what
/// differs, empty where nothing does. Integer arguments are small and
/// non-negative.
std::string differenceAfter(const std::string &pipeline, const std::string &module,
                            const SameOptions &options = {});

#endif // BURIN_TEST_UNIT_PASSTESTSUPPORT_H
