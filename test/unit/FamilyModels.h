//===- FamilyModels.h - Good models of intricate operators ------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_TEST_UNIT_FAMILYMODELS_H
#define BURIN_TEST_UNIT_FAMILYMODELS_H

#include "test/unit/OperatorRun.h"

namespace burin::test {

/// Models that can be imported, of operators whose attributes and operands hang together
/// so that random ones get nowhere: spectra, training, sequences, trees, attention.
std::vector<OperatorRun> familyModels();

} // namespace burin::test

#endif // BURIN_TEST_UNIT_FAMILYMODELS_H
