//===- Coefficients.h - Minimax polynomials -----------------------*- C -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// Made by coefficients.py. The error of each is relative to the function that
// it serves, before rounding.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_RUNTIME_LIB_COEFFICIENTS_H
#define BURIN_RUNTIME_LIB_COEFFICIENTS_H

#define BURIN_LN2_HI_F32 0x1.62e4000000000p-1f
#define BURIN_LN2_LO_F32 0x1.7f7d1c0000000p-20f
#define BURIN_LN2_HI_F64 0x1.62e42fefa3000p-1
#define BURIN_LN2_LO_F64 0x1.3de6af278ece6p-42
#define BURIN_PI_2_HI_F32 0x1.921fb60000000p+0f
#define BURIN_PI_2_LO_F32 -0x1.777a5c0000000p-25f
#define BURIN_PI_2_HI_F64 0x1.921fb54442d18p+0
#define BURIN_PI_2_LO_F64 0x1.1a62633145c07p-54
#define BURIN_PI_4_HI_F32 0x1.921fb60000000p-1f
#define BURIN_PI_4_LO_F32 -0x1.777a5c0000000p-26f
#define BURIN_PI_4_HI_F64 0x1.921fb54442d18p-1
#define BURIN_PI_4_LO_F64 0x1.1a62633145c07p-55
#define BURIN_PI_HI_F32 0x1.921fb60000000p+1f
#define BURIN_PI_LO_F32 -0x1.777a5c0000000p-24f
#define BURIN_PI_HI_F64 0x1.921fb54442d18p+1
#define BURIN_PI_LO_F64 0x1.1a62633145c07p-53
#define BURIN_TWO_LOG2E_HI_F32 0x1.7154760000000p+1f
#define BURIN_TWO_LOG2E_LO_F32 0x1.4ae0c00000000p-25f
#define BURIN_TWO_LOG2E_HI_F64 0x1.71547652b82fep+1
#define BURIN_TWO_LOG2E_LO_F64 0x1.777d0ffda0d24p-55
#define BURIN_THIRD_HI_F32 0x1.5555560000000p-2f
#define BURIN_THIRD_LO_F32 -0x1.5555560000000p-27f
#define BURIN_THIRD_HI_F64 0x1.5555555555555p-2
#define BURIN_THIRD_LO_F64 0x1.5555555555555p-56

/// (exp(x) - 1 - x) / x^2, |x| <= ln2 / 2; error 2.4e-8.
#define BURIN_EXPM1_F32(x)                                                                         \
  (0x1.0000000000000p-1f +                                                                         \
   (x) * (0x1.5554d80000000p-3f +                                                                  \
          (x) * (0x1.5554e40000000p-5f +                                                           \
                 (x) * (0x1.1210800000000p-7f + (x) * (0x1.6d54200000000p-10f)))))

/// (exp(x) - 1 - x) / x^2, |x| <= ln2 / 2; error 5.4e-19.
#define BURIN_EXPM1_F64(x)                                                                         \
  (0x1.0000000000000p-1 +                                                                          \
   (x) *                                                                                           \
       (0x1.5555555555557p-3 +                                                                     \
        (x) *                                                                                      \
            (0x1.5555555555557p-5 +                                                                \
             (x) *                                                                                 \
                 (0x1.111111110ffc9p-7 +                                                           \
                  (x) *                                                                            \
                      (0x1.6c16c16c1564ap-10 +                                                     \
                       (x) * (0x1.a01a01ac86f13p-13 +                                              \
                              (x) * (0x1.a01a01abd1eb8p-16 +                                       \
                                     (x) * (0x1.71de002c5576ep-19 +                                \
                                            (x) * (0x1.27e4cefadad3bp-22 +                         \
                                                   (x) * (0x1.af522b1cf49fcp-26 +                  \
                                                          (x) * (0x1.1f8856e6474b9p-29)))))))))))

/// (2 atanh(s) / s - 2) / z, z = s^2; error 8.7e-10.
#define BURIN_LOG_F32(x)                                                                           \
  (0x1.55557c0000000p-1f + (x) * (0x1.995d000000000p-2f + (x) * (0x1.3211600000000p-2f)))

/// (2 atanh(s) / s - 2) / z, z = s^2; error 1.5e-18.
#define BURIN_LOG_F64(x)                                                                           \
  (0x1.5555555555582p-1 +                                                                          \
   (x) * (0x1.9999999983655p-2 +                                                                   \
          (x) * (0x1.2492493fc556ap-2 +                                                            \
                 (x) * (0x1.c71c5347d75a7p-3 +                                                     \
                        (x) * (0x1.7466119b83005p-3 +                                              \
                               (x) * (0x1.39a4b7b4df219p-3 + (x) * (0x1.2ef442b528b15p-3)))))))

/// (atanh(s) / s - 1 - z / 3) / z^2, z = s^2; error 1.1e-11.
#define BURIN_POW_F32(x)                                                                           \
  (0x1.9999f00000000p-3f + (x) * (0x1.2457860000000p-3f + (x) * (0x1.deddc80000000p-4f)))

/// (atanh(s) / s - 1 - z / 3) / z^2, z = s^2; error 3.2e-23.
#define BURIN_POW_F64(x)                                                                           \
  (0x1.999999999999ap-3 +                                                                          \
   (x) * (0x1.24924924922dfp-3 +                                                                   \
          (x) * (0x1.c71c71c763f4bp-4 +                                                            \
                 (x) * (0x1.745d171882f64p-4 +                                                     \
                        (x) * (0x1.3b13c15ea7b95p-4 +                                              \
                               (x) * (0x1.110da349250cdp-4 +                                       \
                                      (x) * (0x1.e2c13d14973cdp-5 +                                \
                                             (x) * (0x1.9f030a4519a91p-5 +                         \
                                                    (x) * (0x1.0b74e1778936fp-4)))))))))

/// (tanh(x) / x - 1) / z, z = x^2, |x| <= 0.625; error 4.5e-9.
#define BURIN_TANH_F32(x)                                                                          \
  (-0x1.5555340000000p-2f +                                                                        \
   (x) * (0x1.1107540000000p-3f +                                                                  \
          (x) * (-0x1.b8410c0000000p-5f +                                                          \
                 (x) * (0x1.5240700000000p-6f + (x) * (-0x1.7646a00000000p-8f)))))

/// (sinh(x) / x - 1) / z, z = x^2, |x| <= 1; error 3.6e-10.
#define BURIN_SINH_F32(x)                                                                          \
  (0x1.5555560000000p-3f + (x) * (0x1.1110ea0000000p-7f + (x) * (0x1.a01c220000000p-13f +          \
                                                                 (x) * (0x1.76771e0000000p-19f))))

/// (sin(x) / x - 1) / z, z = x^2, |x| <= pi / 4; error 4.1e-9.
#define BURIN_SIN_F32(x)                                                                           \
  (-0x1.5555460000000p-3f + (x) * (0x1.1107780000000p-7f + (x) * (-0x1.9953c40000000p-13f)))

/// (sin(x) / x - 1) / z, z = x^2, |x| <= pi / 4; error 4.0e-18.
#define BURIN_SIN_F64(x)                                                                           \
  (-0x1.555555555554bp-3 +                                                                         \
   (x) * (0x1.111111110faa3p-7 +                                                                   \
          (x) * (-0x1.a01a019c431d8p-13 +                                                          \
                 (x) * (0x1.71de35984e9e8p-19 +                                                    \
                        (x) * (-0x1.ae5e7a5001a59p-26 + (x) * (0x1.5d97b25b13920p-33))))))

/// (cos(x) - 1 + z / 2) / z^2, z = x^2, |x| <= pi / 4; error 1.2e-10.
#define BURIN_COS_F32(x)                                                                           \
  (0x1.55554c0000000p-5f + (x) * (-0x1.6c0d320000000p-10f + (x) * (0x1.9a2ace0000000p-16f)))

/// (cos(x) - 1 + z / 2) / z^2, z = x^2, |x| <= pi / 4; error 8.2e-20.
#define BURIN_COS_F64(x)                                                                           \
  (0x1.5555555555554p-5 +                                                                          \
   (x) * (-0x1.6c16c16c1610fp-10 +                                                                 \
          (x) * (0x1.a01a019e09e45p-16 +                                                           \
                 (x) * (-0x1.27e4f8ea0d7dfp-22 +                                                   \
                        (x) * (0x1.1eea7723e212ep-29 + (x) * (-0x1.8ff131cc3195fp-37))))))

/// (tan(x) / x - 1) / z, z = x^2, |x| <= pi / 4; error 1.8e-8.
#define BURIN_TAN_F32(x)                                                                           \
  (0x1.5554de0000000p-2f +                                                                         \
   (x) * (0x1.112df60000000p-3f +                                                                  \
          (x) * (0x1.b582aa0000000p-5f +                                                           \
                 (x) * (0x1.9088540000000p-6f +                                                    \
                        (x) * (0x1.9547e00000000p-9f + (x) * (0x1.341ae00000000p-7f))))))

/// (asin(x) / x - 1) / z, z = x^2 <= 1 / 4; error 4.9e-9.
#define BURIN_ASIN_F32(x)                                                                          \
  (0x1.5555c80000000p-3f +                                                                         \
   (x) * (0x1.3302060000000p-4f +                                                                  \
          (x) * (0x1.747b8e0000000p-5f +                                                           \
                 (x) * (0x1.8c3f180000000p-6f + (x) * (0x1.595ca00000000p-5f)))))

/// (asin(x) / x - 1) / z, z = x^2 <= 1 / 4; error 1.1e-18.
#define BURIN_ASIN_F64(x)                                                                          \
  (0x1.555555555555ep-3 +                                                                          \
   (x) *                                                                                           \
       (0x1.333333333094bp-4 +                                                                     \
        (x) *                                                                                      \
            (0x1.6db6db708bd10p-5 +                                                                \
             (x) *                                                                                 \
                 (0x1.f1c71b1219760p-6 +                                                           \
                  (x) *                                                                            \
                      (0x1.6e8bd2c1baafdp-6 +                                                      \
                       (x) *                                                                       \
                           (0x1.1c4ab3c28d10ap-6 +                                                 \
                            (x) *                                                                  \
                                (0x1.ca0ee2bf9da56p-7 +                                            \
                                 (x) *                                                             \
                                     (0x1.76032238acbc2p-7 +                                       \
                                      (x) *                                                        \
                                          (0x1.5eae65d71fab0p-7 +                                  \
                                           (x) *                                                   \
                                               (0x1.050c635f7f88dp-8 +                             \
                                                (x) *                                              \
                                                    (0x1.5942d8c70845bp-6 +                        \
                                                     (x) *                                         \
                                                         (-0x1.4a207a0d27575p-6 +                  \
                                                          (x) * (0x1.0727d14718e73p-5)))))))))))))

/// (atan(x) / x - 1) / z, z = x^2, |x| <= tan(pi / 8); error 7.1e-10.
#define BURIN_ATAN_F32(x)                                                                          \
  (-0x1.55554a0000000p-2f +                                                                        \
   (x) * (0x1.9991e20000000p-3f +                                                                  \
          (x) * (-0x1.23b9980000000p-3f +                                                          \
                 (x) * (0x1.b2230c0000000p-4f + (x) * (-0x1.f2db880000000p-5f)))))

/// (atan(x) / x - 1) / z, z = x^2, |x| <= tan(pi / 8); error 1.5e-18.
#define BURIN_ATAN_F64(x)                                                                          \
  (-0x1.555555555554ep-2 +                                                                         \
   (x) *                                                                                           \
       (0x1.999999999752ap-3 +                                                                     \
        (x) *                                                                                      \
            (-0x1.249249233f936p-3 +                                                               \
             (x) *                                                                                 \
                 (0x1.c71c711643eb5p-4 +                                                           \
                  (x) *                                                                            \
                      (-0x1.745cfd905f28dp-4 +                                                     \
                       (x) * (0x1.3b11633d4b0ddp-4 +                                               \
                              (x) * (-0x1.10eeae1a190dfp-4 +                                       \
                                     (x) * (0x1.df367b9c07782p-5 +                                 \
                                            (x) * (-0x1.9d74d648ebdcbp-5 +                         \
                                                   (x) * (0x1.395283cc4fa21p-5 +                   \
                                                          (x) * (-0x1.287289bbe71bfp-6)))))))))))

/// erf(x) / x - 1, z = x^2, |x| <= 0.925 (f32) or 1 (f64); error 8.6e-10.
#define BURIN_ERF_SMALL_F32(x)                                                                     \
  (0x1.06eba80000000p-3f +                                                                         \
   (x) * (-0x1.8127420000000p-2f +                                                                 \
          (x) * (0x1.ce2dee0000000p-4f +                                                           \
                 (x) * (-0x1.b80d260000000p-6f +                                                   \
                        (x) * (0x1.54bf080000000p-8f + (x) * (-0x1.aa0bb40000000p-11f +            \
                                                              (x) * (0x1.5c6b3a0000000p-14f)))))))

/// erf(x) / x - 1, z = x^2, |x| <= 0.925 (f32) or 1 (f64); error 1.1e-17.
#define BURIN_ERF_SMALL_F64(x)                                                                     \
  (0x1.06eba8214db69p-3 +                                                                          \
   (x) *                                                                                           \
       (-0x1.812746b0379e7p-2 +                                                                    \
        (x) *                                                                                      \
            (0x1.ce2f21a042bddp-4 +                                                                \
             (x) *                                                                                 \
                 (-0x1.b82ce3128899cp-6 +                                                          \
                  (x) *                                                                            \
                      (0x1.565bcd0e64accp-8 +                                                      \
                       (x) *                                                                       \
                           (-0x1.c02db3fed9305p-11 +                                               \
                            (x) *                                                                  \
                                (0x1.f9a326bfbd7e3p-14 +                                           \
                                 (x) *                                                             \
                                     (-0x1.f4d255e1be07fp-17 +                                     \
                                      (x) *                                                        \
                                          (0x1.b9e64d0d9121fp-20 +                                 \
                                           (x) *                                                   \
                                               (-0x1.5f6d6b80be73fp-23 +                           \
                                                (x) *                                              \
                                                    (0x1.fc4118f92e22ap-27 +                       \
                                                     (x) *                                         \
                                                         (-0x1.4e55d1f6f65f9p-30 +                 \
                                                          (x) *                                    \
                                                              (0x1.7ecc02beb62e5p-34 +             \
                                                               (x) *                               \
                                                                   (-0x1.2928e53f721c2p-38))))))))))))))

/// -log(erfc(x)), 0.925 <= x <= 4; error 3.3e-10.
#define BURIN_ERF_LARGE_F32(x)                                                                     \
  (-0x1.1dce560000000p-12f +                                                                       \
   (x) * (0x1.2149700000000p+0f +                                                                  \
          (x) * (0x1.43b06c0000000p-1f +                                                           \
                 (x) * (0x1.c150bc0000000p-4f +                                                    \
                        (x) * (-0x1.ad0bee0000000p-6f +                                            \
                               (x) * (0x1.3225660000000p-8f +                                      \
                                      (x) * (-0x1.2e65960000000p-11f +                             \
                                             (x) * (0x1.6d46680000000p-15f +                       \
                                                    (x) * (-0x1.9390fe0000000p-20f)))))))))

/// erf(c + t), c = 1.25 + i / 2, |t| <= 1/4; row i, lowest order first.
static const double BurinErfTable[10][14] = {
    {0x1.d8865d98abe00p-1, 0x1.e4652fadcb6b1p-3, -0x1.2ebf3dcc9f055p-2, 0x1.571d01c5c591ep-3,
     -0x1.93a9a7bf771f8p-8, -0x1.8281ce0b98886p-5, 0x1.5d0003eb72fa9p-6, 0x1.db43cb36b2f02p-9,
     -0x1.756749dcf336cp-8, 0x1.cc214e872a9bcp-11, 0x1.a01619bbcc921p-11, -0x1.538884baa8ac9p-12,
     -0x1.c1fe993eabf52p-15, 0x1.c745ba6f050e8p-15},
    {0x1.f92d077f8d56dp-1, 0x1.b055303221018p-5, -0x1.7a4a8a2bdcab3p-4, 0x1.7148c3d57c046p-4,
     -0x1.8a0da5434b11cp-5, 0x1.b22257debf802p-8, 0x1.25b379178e2e5p-7, -0x1.8d10fbe657ea3p-8,
     0x1.7ec119c48edb8p-11, 0x1.d4cf966f56b57p-11, -0x1.d024da64e9159p-12, -0x1.72c950ca0ef30p-18,
     0x1.1b55da4ba9a65p-14, -0x1.1bdaf9d2e33d6p-16},
    {0x1.ff404760319b4p-1, 0x1.d4143a9dfe95fp-8, -0x1.074b60f8de7a6p-6, 0x1.63ef61e824734p-6,
     -0x1.38a98327d03c6p-6, 0x1.5d3b17bba50bfp-7, -0x1.7cae0d03e58f4p-9, -0x1.5f8312b20e6f7p-11,
     0x1.0602e9072beabp-10, -0x1.835316a240708p-12, -0x1.81dfea75e05fep-17, 0x1.11488e68020ffp-14,
     -0x1.72ad84fcbd3efp-16, -0x1.9de9c10aa81d9p-20},
    {0x1.fff2cfb0453d9p-1, 0x1.3360ccd23db3ap-11, -0x1.a6a519a0fde47p-10, 0x1.69cf466ccdf76p-9,
     -0x1.ab0c2740abd21p-9, 0x1.6935960663cadp-9, -0x1.b2755957c511fp-10, 0x1.52b626404f6d2p-11,
     -0x1.755c2d4851b8bp-14, -0x1.2abb3e20eb662p-14, 0x1.cde2a5cbf03cdp-15, -0x1.09d03c98ec8f4p-16,
     -0x1.92b9d2d033e59p-20, 0x1.68a48bfa541bep-19},
    {0x1.ffff6f9f67e55p-1, 0x1.e9b5e8d00cec9p-16, -0x1.8de3cd276526dp-14, 0x1.9aa489e3c95d7p-13,
     -0x1.2c7d5f24f47d0p-12, 0x1.490a4d2388a60p-12, -0x1.145459a546525p-12, 0x1.647f71d5959dap-13,
     -0x1.56792afa2dc20p-14, 0x1.b2c373cfe61b7p-16, -0x1.3112b1913027ep-19, -0x1.80a5d763e4f92p-19,
     0x1.b5697292a105bp-20, -0x1.1db494e28fe9cp-21},
    {0x1.fffffc2f171e3p-1, 0x1.d9371e2ff78e7p-21, -0x1.bba3ac2267ad7p-19, 0x1.0b6a7b0f22287p-17,
     -0x1.d06f5daf58fcdp-17, 0x1.3436bc9db43afp-16, -0x1.435724382ac32p-16, 0x1.110de52ae473ap-16,
     -0x1.7584d4663eab0p-17, 0x1.99f57526c75b7p-18, -0x1.57728db1e80e7p-19, 0x1.a073a83088d22p-21,
     -0x1.45a6f57ea7924p-22, -0x1.055f5c1a2b1aap-24},
    {0x1.fffffff01a8b6p-1, 0x1.155a09065d172p-26, -0x1.26afa976d45e0p-24, 0x1.95ea6fe009b8cp-23,
     -0x1.96ba776890440p-22, 0x1.3b4680178cca2p-21, -0x1.8868733b114b1p-21, 0x1.916e92c731588p-21,
     -0x1.567aa6eb85fe2p-21, 0x1.eab4bcfc08590p-22, -0x1.2627e9284b52ap-22, 0x1.27dfc99ca9152p-23,
     -0x1.0928a4afb3fdap-24, 0x1.2455d96d3005ap-26},
    {0x1.ffffffffd759dp-1, 0x1.8a61745ed7ad5p-33, -0x1.d45049530c823p-31, 0x1.6a8aeba26b7fbp-29,
     -0x1.9b387da56abedp-28, 0x1.6b43c9a2294e9p-27, -0x1.013d4cd4f4371p-26, 0x1.35dc786703017p-26,
     -0x1.86ad18e1bfc1dp-26, 0x1.0d4e7438e5416p-26, 0x1.91b273c8a3909p-25, 0x1.01aab5b92d0d9p-27,
     -0x1.392f4137bcf50p-22, 0x1.1add1bbeb20b6p-29},
    {0x1.ffffffffffc05p-1, 0x1.5422ef5e1d2b4p-40, -0x1.bd8746094fb7ep-38, 0x1.7f8a0f2b18962p-36,
     -0x1.f3319c142821dp-35, 0x1.e044b6ccab61dp-34, -0x1.7d2eabed21472p-34, 0x1.065926e4a5dcbp-32,
     -0x1.6e756e98e165cp-29, 0x1.2e3f56dcbf29dp-32, 0x1.049fc3560e388p-25, 0x1.9318afddde82bp-33,
     -0x1.43525511dde37p-23, 0x1.5d007aca306f4p-34},
    {0x1.ffffffffffffcp-1, 0x1.63daf8b86ff03p-48, -0x1.5733a1e9e5456p-46, 0x1.e2d06cf47b3a6p-44,
     -0x1.a480c4c265489p-40, 0x1.70b70a6a0441cp-41, 0x1.1af3991b1c03ap-34, 0x1.f3c4507ca6e87p-40,
     -0x1.e073ca1e85166p-30, 0x1.6d2f6b02cddc2p-39, 0x1.7f8145caa8fedp-26, 0x1.3d565beecadfbp-39,
     -0x1.d7b0f4768c7a1p-24, 0x1.8313c278ffc38p-40},
};

/// The fraction bits of 2 / pi, highest first, behind 64 zero bits.
static const uint32_t BurinTwoOverPi[42] = {
    0,           0,           0xa2f9836eu, 0x4e441529u, 0xfc2757d1u, 0xf534ddc0u, 0xdb629599u,
    0x3c439041u, 0xfe5163abu, 0xdebbc561u, 0xb7246e3au, 0x424dd2e0u, 0x06492eeau, 0x09d1921cu,
    0xfe1deb1cu, 0xb129a73eu, 0xe88235f5u, 0x2ebb4484u, 0xe99c7026u, 0xb45f7e41u, 0x3991d639u,
    0x835339f4u, 0x9c845f8bu, 0xbdf9283bu, 0x1ff897ffu, 0xde05980fu, 0xef2f118bu, 0x5a0a6d1fu,
    0x6d367ecfu, 0x27cb09b7u, 0x4f463f66u, 0x9e5fea2du, 0x7527bac7u, 0xebe5f17bu, 0x3d0739f7u,
    0x8a5292eau, 0x6bfb5fb1u, 0x1f8d5d08u, 0x56033046u, 0xfc7b6babu, 0xf0cfbc20u, 0x9af4361du};

#endif // BURIN_RUNTIME_LIB_COEFFICIENTS_H
