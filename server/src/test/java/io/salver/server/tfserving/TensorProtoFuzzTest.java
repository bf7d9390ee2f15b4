package io.salver.server.tfserving;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.DiscardUnknownFieldsParser;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;
import io.salver.predict.ServingException;
import io.salver.server.fuzz.AllocationBound;
import io.salver.server.tfserving.proto.TensorProto;
import io.salver.tensor.ArenaPool;
import io.salver.tensor.DType;
import io.salver.tensor.MemoryLimitException;
import io.salver.tensor.Shape;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import io.salver.tensor.TensorSpec;
import io.salver.wire.WireFormatException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Messages that are to be a {@code TensorProto}; the first byte chooses the type wanted. What the
 * generated classes can parse has, as they write it, the elements that they say.
 */
class TensorProtoFuzzTest {
  private static final ArenaPool ARENAS = new ArenaPool(1 << 20);
  private static final byte[][] NONE = {};
  private static final Parser<TensorProto> PARSER =
      DiscardUnknownFieldsParser.wrap(TensorProto.parser());
  private static final DType[] DTYPES = DType.values();

  static Stream<byte[]> seeds() {
    return IntStream.range(0, 4 * DTYPES.length).mapToObj(TensorProtoFuzzTest::seed);
  }

  private static byte[] seed(int seed) {
    Random random = new Random(seed);
    DType dtype = DTYPES[seed % DTYPES.length];
    long[] dims = TensorProtos.randomDims(random);
    List<byte[]> elements = TensorProtos.randomElements(random, dtype, TensorProtos.count(dims));
    TensorProto.Builder proto = TensorProtos.header(dtype, dims);
    if (random.nextBoolean()) {
      TensorProtos.addValues(proto, dtype, elements);
    } else {
      proto.setTensorContent(TensorProtos.content(dtype, elements));
    }
    byte[] message = proto.build().toByteArray();
    byte[] input = new byte[message.length + 1];
    input[0] = (byte) dtype.ordinal();
    System.arraycopy(message, 0, input, 1, message.length);
    return input;
  }

  @MethodSource("seeds")
  @FuzzTest
  void tensorsHaveTheElementsThatTheGeneratedClassesSay(byte[] input) {
    if (input.length == 0) {
      return;
    }
    DType dtype = DTYPES[(input[0] & 0xFF) % DTYPES.length];
    byte[] message = Arrays.copyOfRange(input, 1, input.length);
    AllocationBound.check(message.length, () -> read(dtype, message, _ -> NONE));
    TensorProto parsed = parsed(message);
    if (parsed != null) {
      Read canonical =
          read(
              dtype,
              parsed.toByteArray(),
              tensor -> TensorProtos.elementsOf(tensor).toArray(byte[][]::new));
      if (!canonical.tooLarge()) {
        assertThat(canonical.elements()).isDeepEqualTo(TensorProtoOracle.elements(parsed, dtype));
      }
    }
  }

  private static @Nullable TensorProto parsed(byte[] message) {
    try {
      return PARSER.parseFrom(message);
    } catch (InvalidProtocolBufferException e) {
      return null;
    }
  }

  /** The elements, or null if the tensor was refused. */
  private record Read(byte @Nullable [][] elements, boolean tooLarge) {}

  /**
   * Reads a message.
   *
   * @param elements takes them out of the tensor: a list on the heap, which is the test's own
   */
  private static Read read(DType dtype, byte[] message, Function<Tensor, byte[][]> elements) {
    TensorSpec spec = TensorSpec.of("x", dtype, Shape.UNKNOWN_RANK);
    MemorySegment segment = MemorySegment.ofArray(message);
    try (TensorArena arena = ARENAS.take()) {
      Tensor tensor = new TensorProtoReader().read(segment, 0, message.length, spec, arena);
      return new Read(elements.apply(tensor), false);
    } catch (ServingException | WireFormatException e) {
      return new Read(null, false);
    } catch (MemoryLimitException e) {
      return new Read(null, true);
    }
  }
}
