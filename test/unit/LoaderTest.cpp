//===- LoaderTest.cpp - Reading ONNX files --------------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "test/unit/OnnxTestSupport.h"

#include <catch2/catch.hpp>

using namespace burin;
using namespace burin::onnx;
using namespace burin::test;

// The tensor's view, or the message of the failure.
static std::pair<std::optional<TensorData>, std::string> read(const TensorProto &proto,
                                                              const std::string &folder = "") {
  auto owner = std::make_shared<TensorProto>(proto);
  ExternalFiles files(folder);
  std::string error;
  auto data = readTensor(*owner, owner, &files, error);
  return {std::move(data), error};
}

static std::string bytesOf(const TensorData &data) {
  return std::string(reinterpret_cast<const char *>(data.bytes), data.size);
}

TEST_CASE("every element type is read from raw_data and written again", "[loader]") {
  for (int32_t type = 1; type <= 26; ++type) {
    if (type == kString)
      continue;
    const ElementTypeInfo &info = *elementTypeInfo(type);
    CAPTURE(info.name.str());
    CHECK(info.dataType == type);
    constexpr int64_t kCount = 5;
    size_t fileBytes = (kCount * info.fileBits + 7) / 8;
    std::string raw;
    for (size_t i = 0; i < fileBytes; ++i)
      raw.push_back(static_cast<char>(type == kBool ? i % 2 : i * 37 + 9));
    if (info.fileBits < 8) // unused bits of the last byte are written as zeros
      raw.back() &= static_cast<char>((1 << (kCount * info.fileBits % 8)) - 1);
    TensorProto proto;
    fillTensor(proto, "t", type, {kCount}, raw);
    auto [data, error] = read(proto);
    REQUIRE(data);
    CHECK(data->size == kCount * info.memoryBytes);
    CHECK(writeTensor(*data).raw_data() == raw);

    proto.mutable_raw_data()->push_back('x');
    auto [tooLong, why] = read(proto);
    CHECK_FALSE(tooLong);
    CHECK(why == "tensor \"t\": raw_data has " + std::to_string(fileBytes + 1) +
                     " bytes, its type needs " + std::to_string(fileBytes));
  }
  CHECK(elementTypeInfo(0) == nullptr);
  CHECK(elementTypeInfo(27) == nullptr);
  CHECK(elementTypeName(99) == "type 99");
}

TEST_CASE("elements are read from the typed fields", "[loader]") {
  TensorProto proto;
  proto.add_dims(3);
  SECTION("float16 as bits in int32_data") {
    proto.set_data_type(kFloat16);
    for (int32_t bits : {0x3c00, 0xc000, 0x7bff})
      proto.add_int32_data(bits);
    CHECK(bytesOf(*read(proto).first) == rawBytes<uint16_t>({0x3c00, 0xc000, 0x7bff}));
  }
  SECTION("negative int8") {
    proto.set_data_type(kInt8);
    for (int32_t value : {-128, -1, 127})
      proto.add_int32_data(value);
    CHECK(bytesOf(*read(proto).first) == rawBytes<int8_t>({-128, -1, 127}));
  }
  SECTION("int4, two to an entry, the first one low") {
    proto.set_data_type(kInt4);
    proto.add_int32_data(0x7f); // -1, 7
    proto.add_int32_data(0x08); // -8
    CHECK(bytesOf(*read(proto).first) == rawBytes<int8_t>({-1, 7, -8}));
  }
  SECTION("uint2, four to an entry") {
    proto.set_data_type(kUint2);
    proto.add_int32_data(0b110110);
    CHECK(bytesOf(*read(proto).first) == rawBytes<uint8_t>({2, 1, 3}));
  }
  SECTION("uint32 in uint64_data") {
    proto.set_data_type(kUint32);
    for (uint64_t value : {1ull, 2ull, 4000000000ull})
      proto.add_uint64_data(value);
    CHECK(bytesOf(*read(proto).first) == rawBytes<uint32_t>({1, 2, 4000000000u}));
  }
  SECTION("complex64 takes two floats") {
    proto.set_data_type(kComplex64);
    for (int i = 0; i < 6; ++i)
      proto.add_float_data(i);
    CHECK(bytesOf(*read(proto).first) == rawBytes<float>({0, 1, 2, 3, 4, 5}));
    proto.add_float_data(6);
    CHECK(read(proto).second == "float_data has 7 entries, its type needs 6");
  }
  SECTION("bool is 0 or 1") {
    proto.set_data_type(kBool);
    for (int32_t value : {0, 1, 256})
      proto.add_int32_data(value);
    CHECK(bytesOf(*read(proto).first) == rawBytes<uint8_t>({0, 1, 1}));
    proto.clear_int32_data();
    proto.set_raw_data(rawBytes<uint8_t>({2, 0, 1}));
    CHECK(bytesOf(*read(proto).first) == rawBytes<uint8_t>({1, 0, 1}));
  }
  SECTION("strings") {
    proto.set_data_type(kString);
    for (const char *text : {"a", "", "c d"})
      proto.add_string_data(text);
    auto data = read(proto).first;
    REQUIRE(data);
    CHECK(data->strings == std::vector<std::string>{"a", "", "c d"});
    CHECK(writeTensor(*data).string_data_size() == 3);
  }
}

TEST_CASE("a big raw tensor is not copied", "[loader]") {
  ModelProto proto = makeRelu();
  std::string raw(1 << 20, 'w');
  addTensor(*proto.mutable_graph(), "w", kInt8, {1 << 20}, raw);
  auto model = LoadedModel::fromProto(std::move(proto), "m.onnx", "");
  std::string error;
  const TensorProto &tensor = model->proto().graph().initializer(0);
  auto data = model->tensor(tensor, error);
  REQUIRE(data);
  CHECK(static_cast<const void *>(data->bytes) == tensor.raw_data().data());
  // The view outlives the model.
  model.reset();
  CHECK(data->bytes[data->size - 1] == 'w');
}

TEST_CASE("dimensions are checked before anything is allocated", "[loader]") {
  TensorProto proto;
  fillTensor(proto, "t", kFloat, {1 << 20, 1 << 20}, "abcd");
  CHECK(read(proto).second == "tensor \"t\": raw_data has 4 bytes, its type needs 4398046511104");
  proto.add_dims(int64_t(1) << 40);
  CHECK(read(proto).second == "tensor \"t\": its dimensions overflow");
  proto.set_dims(0, -3);
  CHECK(read(proto).second == "tensor \"t\": negative dimension -3");
  // A zero makes the tensor empty; the others must still be sane.
  CHECK(elementCount({0, 5, 7}) == 0);
  CHECK(elementCount({int64_t(1) << 40, 0, int64_t(1) << 40}) == std::nullopt);
  CHECK(elementCount({}) == 1);
}

TEST_CASE("external data is mapped from the model's folder only", "[loader]") {
  TemporaryFolder folder;
  std::filesystem::create_directory(folder.path() / "model");
  std::filesystem::create_directory(folder.path() / "model/sub");
  std::string root = folder.file("model");
  writeFile(folder.path() / "secret", "12345678");
  writeFile(root + "/w.bin", "0123456789abcdef");
  writeFile(root + "/sub/v.bin", "vvvv");
  std::filesystem::create_symlink("../secret", root + "/link");
  std::filesystem::create_symlink("w.bin", root + "/inside");
  std::filesystem::create_symlink("..", root + "/up");

  TensorProto proto;
  proto.set_name("w");
  proto.set_data_type(kFloat);
  proto.add_dims(2);
  proto.set_data_location(1);
  auto set = [&](const std::string &key, const std::string &value) {
    auto *entry = proto.add_external_data();
    entry->set_key(key);
    entry->set_value(value);
  };
  auto fails = [&](const std::string &message) {
    auto [data, error] = read(proto, root);
    CHECK_FALSE(data);
    CHECK(error == "tensor \"w\": " + message);
  };

  SECTION("whole, with offset, by an inner link, in a folder below") {
    set("location", "w.bin");
    CHECK(bytesOf(*read(proto, root).first) == "01234567");
    set("offset", "8");
    set("length", "8");
    CHECK(bytesOf(*read(proto, root).first) == "89abcdef");
    proto.clear_external_data();
    set("location", "inside");
    CHECK(bytesOf(*read(proto, root).first) == "01234567");
    proto.clear_external_data();
    set("location", "./sub/v.bin");
    proto.set_dims(0, 1);
    CHECK(bytesOf(*read(proto, root).first) == "vvvv");
  }
  SECTION("an odd offset is legal, and the view aligned") {
    set("location", "w.bin");
    set("offset", "3");
    auto data = read(proto, root).first;
    REQUIRE(data);
    CHECK(bytesOf(*data) == "3456789a");
    CHECK(reinterpret_cast<uintptr_t>(data->bytes) % 4 == 0);
  }
  SECTION("no location") { fails("external data without a location"); }
  SECTION("missing file") {
    set("location", "gone.bin");
    fails("external data file 'gone.bin' does not exist beside the model");
  }
  SECTION("absolute") {
    set("location", folder.file("secret"));
    fails("external data location '" + folder.file("secret") +
          "' is absolute; it must be relative to the model's folder");
  }
  SECTION("parent") {
    set("location", "../secret");
    fails("external data location '../secret' leaves the model's folder");
  }
  SECTION("hidden parent") {
    set("location", "sub/../../secret");
    fails("external data location 'sub/../../secret' leaves the model's folder");
  }
  SECTION("link to a file outside") {
    set("location", "link");
    fails("external data location 'link' leaves the model's folder by a symbolic link");
  }
  SECTION("link to a folder outside") {
    set("location", "up/secret");
    fails("external data location 'up/secret' leaves the model's folder by a symbolic link");
  }
  SECTION("a folder") {
    set("location", "sub");
    fails("'" + std::filesystem::canonical(root + "/sub").string() + "' is not a regular file");
  }
  SECTION("beyond the end") {
    set("location", "w.bin");
    set("offset", "12");
    fails("external data reaches from byte 12 over 8 bytes, but 'w.bin' has only 16");
  }
  SECTION("huge offset") {
    set("location", "w.bin");
    set("offset", "18446744073709551615");
    fails("external data reaches from byte 18446744073709551615 over 8 bytes, but 'w.bin' has "
          "only 16");
  }
  SECTION("negative offset") {
    set("location", "w.bin");
    set("offset", "-8");
    fails("external data offset '-8' is not a number");
  }
  SECTION("wrong length") {
    set("location", "w.bin");
    set("length", "7");
    fails("external data has a length of 7 bytes, its type needs 8");
  }
}

TEST_CASE("sparse tensors become dense", "[loader]") {
  SparseTensorProto sparse;
  sparse.add_dims(2);
  sparse.add_dims(3);
  fillTensor(*sparse.mutable_values(), "s", kFloat, {2}, rawBytes<float>({5, 7}));
  fillTensor(*sparse.mutable_indices(), "", kInt64, {2}, rawBytes<int64_t>({1, 5}));
  auto owner = std::make_shared<int>(0);
  std::string error;
  auto data = readSparseTensor(sparse, owner, nullptr, error);
  REQUIRE(data);
  CHECK(bytesOf(*data) == rawBytes<float>({0, 5, 0, 0, 0, 7}));

  fillTensor(*sparse.mutable_indices(), "", kInt64, {2}, rawBytes<int64_t>({0, 1, 1, 0}));
  sparse.mutable_indices()->clear_dims();
  sparse.mutable_indices()->add_dims(2);
  sparse.mutable_indices()->add_dims(2);
  data = readSparseTensor(sparse, owner, nullptr, error);
  REQUIRE(data);
  CHECK(bytesOf(*data) == rawBytes<float>({0, 5, 0, 7, 0, 0}));

  sparse.set_dims(0, 1);
  CHECK_FALSE(readSparseTensor(sparse, owner, nullptr, error));
  CHECK(error == "sparse tensor \"s\": index 1 is out of range");
  sparse.set_dims(0, 1 << 30);
  CHECK_FALSE(readSparseTensor(sparse, owner, nullptr, error));
  CHECK(error == "sparse tensor \"s\": made dense it would take more than 256 MiB");
}

TEST_CASE("tensor, sequence and optional files", "[loader]") {
  TemporaryFolder folder;
  Diagnostics diagnostics;
  TensorData tensor;
  tensor.name = "x";
  tensor.dataType = kInt32;
  tensor.dims = {2};
  int32_t values[] = {3, -4};
  tensor.bytes = reinterpret_cast<const uint8_t *>(values);
  tensor.size = sizeof(values);
  REQUIRE(saveTensorFile(folder.file("t.pb"), tensor, diagnostics));
  auto loaded = loadTensorFile(folder.file("t.pb"), diagnostics);
  REQUIRE(loaded);
  CHECK(loaded->name == "x");
  CHECK(bytesOf(*loaded) == rawBytes<int32_t>({3, -4}));

  SequenceProto sequence;
  sequence.set_name("s");
  sequence.set_elem_type(1);
  *sequence.add_tensor_values() = writeTensor(tensor);
  *sequence.add_tensor_values() = writeTensor(tensor);
  writeFile(folder.path() / "s.pb", sequence.SerializeAsString());
  auto list = loadValueFile(folder.file("s.pb"), ValueData::Kind::Sequence, diagnostics);
  REQUIRE(list);
  CHECK(list->elements.size() == 2);
  CHECK(list->elements[1].tensor.dataType == kInt32);

  OptionalProto optional;
  optional.set_name("o");
  optional.set_elem_type(2);
  *optional.mutable_sequence_value() = sequence;
  writeFile(folder.path() / "o.pb", optional.SerializeAsString());
  auto some = loadValueFile(folder.file("o.pb"), ValueData::Kind::Optional, diagnostics);
  REQUIRE(some);
  REQUIRE(some->elements.size() == 1);
  CHECK(some->elements[0].elements.size() == 2);

  CHECK(diagnostics.str().empty());
  CHECK_FALSE(loadTensorFile(folder.file("none.pb"), diagnostics));
  CHECK(diagnostics.str() ==
        "error: cannot open '" + folder.file("none.pb") + "': No such file or directory\n");
}

TEST_CASE("messages are collected, capped and coloured", "[loader]") {
  std::string text;
  llvm::raw_string_ostream stream(text);
  Diagnostics diagnostics(&stream);
  diagnostics.error("m.onnx: node \"a\" (Conv)", "bad \x1b[31mname");
  CHECK(text == "m.onnx: node \"a\" (Conv): error: bad ?[31mname\n");
  for (int i = 0; i < 20; ++i)
    diagnostics.error("m.onnx", "the same");
  diagnostics.warning("", "careful");
  diagnostics.finish();
  CHECK(diagnostics.errorCount() == 21);
  CHECK(diagnostics.warningCount() == 1);
  CHECK(diagnostics.messages().size() == 2 + Diagnostics::kMaxRepeats);
  CHECK(text.find("15 more messages like these\n") != std::string::npos);
}
