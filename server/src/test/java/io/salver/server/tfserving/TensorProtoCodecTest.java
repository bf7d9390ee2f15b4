package io.salver.server.tfserving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.server.tfserving.proto.DataType;
import io.salver.server.tfserving.proto.TensorProto;
import io.salver.server.tfserving.proto.TensorShapeProto;
import io.salver.tensor.ArenaPool;
import io.salver.tensor.DType;
import io.salver.tensor.MemoryLimitException;
import io.salver.tensor.NativeMemory;
import io.salver.tensor.Shape;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import io.salver.tensor.TensorSpec;
import io.salver.wire.ProtoEncoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class TensorProtoCodecTest {
  private static final int ROUNDS = 300;

  private final long liveBytesBefore = NativeMemory.liveBytes();
  private final ArenaPool pool = new ArenaPool(1 << 20);
  private TensorArena arena;

  @BeforeEach
  void takeArena() {
    arena = pool.take();
  }

  @AfterEach
  void giveEverythingBack() {
    arena.close();
    pool.close();
    assertThat(NativeMemory.liveBytes()).isEqualTo(liveBytesBefore);
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void readsWhatTheGeneratedClassesWrite(DType dtype) {
    for (int seed = 0; seed < ROUNDS; seed++) {
      Random random = new Random(seed);
      long[] dims = TensorProtos.randomDims(random);
      List<byte[]> elements = TensorProtos.randomElements(random, dtype, TensorProtos.count(dims));
      TensorProto.Builder proto = TensorProtos.header(dtype, dims);
      if (random.nextBoolean()) {
        TensorProtos.addValues(proto, dtype, elements);
      } else {
        proto.setTensorContent(TensorProtos.content(dtype, elements));
      }
      assertElements(read(dtype, proto.build().toByteArray()), dims, elements, seed);
      nextArena();
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void completesMissingValuesWithTheLastOneOrZeros(DType dtype) {
    for (int seed = 0; seed < ROUNDS; seed++) {
      Random random = new Random(seed);
      int given = random.nextInt(4);
      int count = given + random.nextInt(20);
      List<byte[]> elements = TensorProtos.randomElements(random, dtype, given);
      TensorProto.Builder proto = TensorProtos.header(dtype, count);
      TensorProtos.addValues(proto, dtype, elements);
      List<byte[]> expected = new ArrayList<>(elements);
      byte[] rest = given == 0 ? new byte[dtype.sizeBytes()] : elements.getLast();
      expected.addAll(Collections.nCopies(count - given, rest));
      assertElements(read(dtype, proto.build().toByteArray()), new long[] {count}, expected, seed);
      nextArena();
    }
  }

  @Test
  void readsUnpackedAndSplitValuesAndFieldsInAnyOrder() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    out.writeFloat(5, 1);
    out.writeTag(5, 2);
    out.writeUInt32NoTag(8);
    out.writeFloatNoTag(2);
    out.writeFloatNoTag(3);
    out.writeInt32(3, 0);
    out.writeFloat(5, 4);
    out.writeMessage(2, shape(2, 2));
    out.writeEnum(1, DataType.DT_FLOAT_VALUE);
    out.flush();

    Tensor tensor = read(DType.FLOAT32, bytes.toByteArray());

    assertThat(tensor.shape()).isEqualTo(Shape.of(2, 2));
    assertThat(tensor.data().toArray(ValueLayout.JAVA_FLOAT)).containsExactly(1, 2, 3, 4);
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void writesWhatTheGeneratedClassesWouldWrite(DType dtype) {
    for (int seed = 0; seed < ROUNDS; seed++) {
      Random random = new Random(seed);
      long[] dims = TensorProtos.randomDims(random);
      List<byte[]> elements = TensorProtos.randomElements(random, dtype, TensorProtos.count(dims));
      TensorProto.Builder values = TensorProtos.header(dtype, dims);
      TensorProtos.addValues(values, dtype, elements);
      TensorProto content =
          TensorProtos.header(dtype, dims)
              .setTensorContent(TensorProtos.content(dtype, elements))
              .build();
      Tensor tensor = read(dtype, content.toByteArray());
      assertThat(write(tensor, false)).as("seed %d", seed).isEqualTo(values.build().toByteArray());
      assertThat(write(tensor, true)).as("seed %d", seed).isEqualTo(content.toByteArray());
      nextArena();
    }
  }

  @Test
  void refusesAnotherTypeThanTheSignatures() {
    assertRefused(
        DType.FLOAT32,
        TensorProtos.header(DType.INT64, 1).addInt64Val(1).build(),
        "tensor parsing error: x: dtype: DT_INT64 (expected: DT_FLOAT)");
    assertRefused(
        DType.FLOAT32,
        TensorProto.getDefaultInstance(),
        "tensor parsing error: x: dtype: DT_INVALID (expected: DT_FLOAT)");
  }

  @Test
  void refusesShapesThatCannotBe() {
    assertRefused(
        DType.FLOAT32,
        TensorProtos.header(DType.FLOAT32, 2, -1).build(),
        "tensor parsing error: x: tensor_shape: dimension 1 is -1 (expected: >= 0)");
    assertRefused(
        DType.FLOAT32,
        TensorProtos.header(DType.FLOAT32, 1L << 32, 1L << 31).build(),
        "tensor parsing error: x: dimensions: [4294967296, 2147483648] (expected: a product below"
            + " 2^63)");
    assertRefused(
        DType.FLOAT64,
        TensorProtos.header(DType.FLOAT64, 1L << 62).build(),
        "tensor parsing error: x: tensor: FLOAT64[4611686018427387904] (expected: a size below"
            + " 2^63 bytes)");
    assertRefused(
        DType.STRING,
        TensorProtos.header(DType.STRING, 1L << 61).build(),
        "tensor parsing error: x: tensor_shape: 2305843009213693952 strings (expected: less than"
            + " 2^60)");
    TensorProto unknown =
        TensorProtos.header(DType.FLOAT32)
            .setTensorShape(TensorShapeProto.newBuilder().setUnknownRank(true))
            .build();
    assertRefused(
        DType.FLOAT32,
        unknown,
        "tensor parsing error: x: tensor_shape: unknown_rank (expected: the tensor's dimensions)");
    assertThatThrownBy(
            () -> read(DType.FLOAT32, TensorProtos.header(DType.FLOAT32, 1L << 40).build()))
        .isInstanceOf(MemoryLimitException.class);
  }

  @Test
  void refusesContentThatDisagreesWithTheShape() {
    TensorProto.Builder floats = TensorProtos.header(DType.FLOAT32, 2);
    assertRefused(
        DType.FLOAT32,
        floats.clone().setTensorContent(ByteString.copyFrom(new byte[7])).build(),
        "tensor parsing error: x: tensor_content: 7 bytes (expected: 8 for FLOAT32[2])");
    assertRefused(
        DType.FLOAT32,
        floats.clone().addFloatVal(1).addFloatVal(2).addFloatVal(3).build(),
        "tensor parsing error: x: values: at least 3 (expected: at most 2, which is what the shape"
            + " holds)");
    assertRefused(
        DType.FLOAT32,
        floats.clone().addIntVal(1).build(),
        "tensor parsing error: x: values in field 7 (expected: field 5, which holds those of"
            + " DT_FLOAT)");
    assertRefused(
        DType.BOOL,
        TensorProtos.header(DType.BOOL, 1)
            .setTensorContent(ByteString.copyFrom(new byte[] {2}))
            .build(),
        "tensor parsing error: x: tensor_content: byte 0 is 2 (expected: 0 or 1)");
    assertRefused(
        DType.COMPLEX64,
        TensorProtos.header(DType.COMPLEX64, 2).addScomplexVal(1).build(),
        "tensor parsing error: x: an odd number of values (expected: real and imaginary parts in"
            + " turn)");
  }

  @Test
  void refusesStringsThatDisagreeWithTheShape() {
    TensorProto.Builder strings = TensorProtos.header(DType.STRING, 2);
    assertRefused(
        DType.STRING,
        strings.clone().addAllStringVal(Collections.nCopies(3, ByteString.EMPTY)).build(),
        "tensor parsing error: x: string_val: 3 values (expected: 2 for STRING[2])");
    assertRefused(
        DType.STRING,
        strings.clone().setTensorContent(ByteString.copyFrom(new byte[] {1, 9, 0})).build(),
        "tensor parsing error: x: tensor_content: string 1 of 9 bytes (expected: what is there)");
    assertRefused(
        DType.STRING,
        strings.clone().setTensorContent(ByteString.copyFrom(new byte[] {1, 1, 0})).build(),
        "tensor parsing error: x: tensor_content: 1 bytes of strings (expected: 2 by their"
            + " lengths)");
    assertThatThrownBy(() ->
            read(
                DType.STRING,
                TensorProtos.header(DType.STRING, 1000)
                    .addStringVal(ByteString.copyFrom(new byte[4000]))
                    .build()))
        .isInstanceOf(MemoryLimitException.class);
  }

  private void assertRefused(DType dtype, TensorProto proto, String message) {
    assertThatThrownBy(() -> read(dtype, proto))
        .isInstanceOfSatisfying(
            ServingException.class,
            e -> assertThat(e.category()).isEqualTo(Category.INVALID_ARGUMENT))
        .hasMessage(message);
  }

  private static void assertElements(Tensor tensor, long[] dims, List<byte[]> expected, int seed) {
    assertThat(tensor.shape()).as("seed %d", seed).isEqualTo(Shape.of(dims));
    assertThat(TensorProtos.elementsOf(tensor).toArray(byte[][]::new))
        .as("seed %d", seed)
        .isDeepEqualTo(expected.toArray(byte[][]::new));
  }

  private Tensor read(DType dtype, TensorProto proto) {
    return read(dtype, proto.toByteArray());
  }

  private Tensor read(DType dtype, byte[] proto) {
    TensorSpec spec = TensorSpec.of("x", dtype, Shape.UNKNOWN_RANK);
    return new TensorProtoReader().read(MemorySegment.ofArray(proto), 0, proto.length, spec, arena);
  }

  private static byte[] write(Tensor tensor, boolean asContent) {
    long payload = TensorProtoWriter.payloadSize(tensor, asContent);
    byte[] bytes = new byte[(int) TensorProtoWriter.size(tensor, payload, asContent)];
    ProtoEncoder out = new ProtoEncoder(MemorySegment.ofArray(bytes));
    TensorProtoWriter.write(tensor, payload, asContent, out);
    assertThat(out.position()).isEqualTo(bytes.length);
    return bytes;
  }

  private void nextArena() {
    arena.close();
    arena = pool.take();
  }

  private static TensorShapeProto shape(long... dims) {
    return TensorProtos.header(DType.FLOAT32, dims).getTensorShape();
  }
}
