// Two outputs, of which one is made before the call that may fail and one by it.
func.func @main(%x: tensor<1x1x4x4xf32> {nn.name = "x"}, %rois: tensor<1x4xf32> {nn.name = "rois"},
                %image: tensor<1xi64> {nn.name = "image"})
    -> (tensor<1x1x4x4xf32> {nn.name = "early"}, tensor<1x1x2x2xf32> {nn.name = "late"}) {
  %0 = nn.unary relu, %x : (tensor<1x1x4x4xf32>) -> tensor<1x1x4x4xf32>
  %1 = nn.call "roi_align"(%0, %rois, %image)
      {ints = array<i64: 0, 1, 0>, floats = array<f64: 1.0>}
      : (tensor<1x1x4x4xf32>, tensor<1x4xf32>, tensor<1xi64>) -> tensor<1x1x2x2xf32>
  return %0, %1 : tensor<1x1x4x4xf32>, tensor<1x1x2x2xf32>
}
