//===- WasmWeights.cpp - Constants as a WebAssembly object ----------------===//
//
// Part of Burin, under the Apache License v2.0.
//
// The file, in order: the memory that the linker provides, as an import; one data
// segment per constant; and the section "linking" of the tool conventions, which names
// the segments and tells their alignment and symbols.
//
//===----------------------------------------------------------------------===//

#include "codegen/object/WeightsWriter.h"

#include "llvm/BinaryFormat/Wasm.h"
#include "llvm/Support/LEB128.h"
#include "llvm/Support/MathExtras.h"

using namespace llvm;

namespace burin::object {

static void putNumber(std::string &to, uint64_t value) {
  raw_string_ostream out(to);
  encodeULEB128(value, out);
}

static void putSigned(std::string &to, int64_t value) {
  raw_string_ostream out(to);
  encodeSLEB128(value, out);
}

static void putName(std::string &to, StringRef name) {
  putNumber(to, name.size());
  to += name;
}

/// `payload` behind its kind and size, as sections and subsections stand.
static std::string framed(uint8_t kind, StringRef payload) {
  std::string text(1, static_cast<char>(kind));
  putNumber(text, payload.size());
  text += payload;
  return text;
}

namespace {

class WasmWriter : public WeightsWriter {
public:
  WasmWriter(StringRef model, ArrayRef<WeightConstant> constants)
      : WeightsWriter(model, constants) {
    head.assign(wasm::WasmMagic, sizeof(wasm::WasmMagic));
    head.append({static_cast<char>(wasm::WasmVersion), 0, 0, 0});
    head += imports();
    makeSegments();
    tail = linking();
    size = head.size() + tail.size();
    for (auto [segment, constant] : zip_equal(segments, constants))
      size += segment.size() + constant.bytes.size();
  }
  void write(raw_ostream &out) override;

private:
  std::string imports() const;
  void makeSegments();
  std::string linking() const;

  std::string head, tail;            ///< all before the first segment, all behind the last
  std::vector<std::string> segments; ///< what stands before each constant's bytes
};

} // namespace

std::string WasmWriter::imports() const {
  constexpr uint64_t kPage = 65536;
  std::string text;
  putNumber(text, 1);
  putName(text, "env");
  putName(text, "__linear_memory");
  text += static_cast<char>(wasm::WASM_EXTERNAL_MEMORY);
  text += static_cast<char>(wasm::WASM_LIMITS_FLAG_NONE);
  putNumber(text, divideCeil(dataSize, kPage));
  return framed(wasm::WASM_SEC_IMPORT, text);
}

void WasmWriter::makeSegments() {
  uint64_t bytes = 0;
  for (auto [constant, offset] : zip_equal(constants, offsets)) {
    std::string &segment = segments.emplace_back();
    putNumber(segment, 0); // placed in memory 0
    segment += static_cast<char>(wasm::WASM_OPCODE_I32_CONST);
    putSigned(segment, static_cast<int64_t>(offset));
    segment += static_cast<char>(wasm::WASM_OPCODE_END);
    putNumber(segment, constant.bytes.size());
    bytes += segment.size() + constant.bytes.size();
  }
  std::string count;
  putNumber(count, segments.size());
  head += static_cast<char>(wasm::WASM_SEC_DATA);
  putNumber(head, count.size() + bytes);
  head += count;
}

std::string WasmWriter::linking() const {
  std::string info, symbols;
  putNumber(info, constants.size());
  putNumber(symbols, constants.size());
  for (auto [index, constant] : enumerate(constants)) {
    putName(info, ".rodata.burin." + model + ".weights." + constant.symbol);
    putNumber(info, Log2_64(std::max<uint64_t>(constant.alignment, 1)));
    putNumber(info, 0);

    symbols += static_cast<char>(wasm::WASM_SYMBOL_TYPE_DATA);
    putNumber(symbols, wasm::WASM_SYMBOL_VISIBILITY_HIDDEN);
    putName(symbols, constant.symbol);
    putNumber(symbols, index);
    putNumber(symbols, 0); // from the segment's start
    putNumber(symbols, constant.bytes.size());
  }
  std::string text;
  putName(text, "linking");
  putNumber(text, wasm::WasmMetadataVersion);
  text += framed(wasm::WASM_SEGMENT_INFO, info);
  text += framed(wasm::WASM_SYMBOL_TABLE, symbols);
  return framed(wasm::WASM_SEC_CUSTOM, text);
}

void WasmWriter::write(raw_ostream &out) {
  begin(out);
  put(StringRef(head));
  for (auto [segment, constant] : zip_equal(segments, constants)) {
    put(StringRef(segment));
    put(StringRef(constant.bytes.data(), constant.bytes.size()));
  }
  put(StringRef(tail));
}

std::unique_ptr<WeightsWriter> createWasmWriter(const ObjectFormat &, StringRef model,
                                                ArrayRef<WeightConstant> constants) {
  return std::make_unique<WasmWriter>(model, constants);
}

} // namespace burin::object
