// RUN: burin-opt %s | burin-opt | FileCheck %s

// CHECK: nn.constant dense_resource<weights> : tensor<3xf32>
%0 = nn.constant dense_resource<weights> : tensor<3xf32>
// CHECK: nn.constant dense_resource<codes> : tensor<2x!nn.f4e2m1>
%1 = nn.constant dense_resource<codes> : tensor<2x!nn.f4e2m1>

// CHECK: weights: "0x100000000000803F0000004000004040"
// CHECK: codes: "0x100000000705"
{-#
  dialect_resources: {
    builtin: {
      weights: "0x100000000000803F0000004000004040",
      codes: "0x100000000705"
    }
  }
#-}
