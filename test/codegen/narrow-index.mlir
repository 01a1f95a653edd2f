// RUN: burin compile %s --target cortex-m4 --emit llvm -o - | FileCheck %s --check-prefix=NARROW
// RUN: burin compile %s --target x86-64 --emit llvm -o - | FileCheck %s --check-prefix=WIDE

// An i64 index saturates where an index has 32 bits; one that was i32 needs nothing.
// NARROW-LABEL: define internal {{.*}}@g{{[0-9]+}}_wide_rows(
// NARROW: call i64 @llvm.smax.i64(i64 %{{.*}}, i64 -2147483648)
// NARROW: call i64 @llvm.smin.i64(i64 %{{.*}}, i64 2147483647)
// NARROW: trunc nsw i64 %{{.*}} to i32
// NARROW-LABEL: define internal {{.*}}@g{{[0-9]+}}_word_rows(
// NARROW-NOT: i64
// NARROW: }
// WIDE-LABEL: define internal {{.*}}@g{{[0-9]+}}_wide_rows(
// WIDE-NOT: llvm.smax
// WIDE-NOT: llvm.smin
// WIDE: }

// As many trips as an index counts.
// NARROW-LABEL: define {{.*}}@narrow_index_runFunctionentry(
// NARROW: icmp eq i32 %{{.*}}, 2147483647
// WIDE-LABEL: define {{.*}}@narrow_index_runFunctionentry(
// WIDE: icmp eq i64 %{{.*}}, 9223372036854775807
func.func @main(%x: tensor<8x3xf32> {nn.name = "x"}, %wide: tensor<4xi64> {nn.name = "wide"},
                %words: tensor<4xi32> {nn.name = "words"}, %limit: tensor<i64> {nn.name = "limit"})
    -> (tensor<4x3xf32> {nn.name = "wide_rows"}, tensor<4x3xf32> {nn.name = "word_rows"},
        tensor<i64> {nn.name = "trips"}) {
  %0 = nn.gather %x, %wide {axis = 0} : (tensor<8x3xf32>, tensor<4xi64>) -> tensor<4x3xf32> loc("wide_rows")
  %1 = nn.gather %x, %words {axis = 0} : (tensor<8x3xf32>, tensor<4xi32>) -> tensor<4x3xf32> loc("word_rows")
  %zero = nn.constant dense<0> : tensor<i64>
  %one = nn.constant dense<1> : tensor<i64>
  %lower = arith.constant 0 : index
  %by = arith.constant 1 : index
  %upper = arith.constant 9223372036854775807 : index
  %2 = scf.for %i = %lower to %upper step %by iter_args(%n = %zero) -> (tensor<i64>) {
    %ok = nn.compare lt, %n, %limit : (tensor<i64>, tensor<i64>) -> tensor<i1>
    nn.check %ok, 5, "too many trips" : tensor<i1>
    %next = nn.binary add, %n, %one : (tensor<i64>, tensor<i64>) -> tensor<i64>
    scf.yield %next : tensor<i64>
  }
  return %0, %1, %2 : tensor<4x3xf32>, tensor<4x3xf32>, tensor<i64>
}
