package io.salver.server.tfserving;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.DiscardUnknownFieldsParser;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;
import io.salver.model.ModelLease;
import io.salver.model.VersionSelector;
import io.salver.predict.ServingException;
import io.salver.server.fuzz.AllocationBound;
import io.salver.server.inference.InlineRunner;
import io.salver.server.inference.StaticModels;
import io.salver.server.tfserving.proto.PredictRequest;
import io.salver.server.tfserving.proto.TensorProto;
import io.salver.tensor.ArenaPool;
import io.salver.tensor.DType;
import io.salver.tensor.MemoryLimitException;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import io.salver.testkit.HalfPlusTwo;
import io.salver.wire.WireFormatException;
import java.lang.foreign.MemorySegment;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Messages that are to be a {@code PredictRequest}. What is accepted of what the generated classes
 * can parse has, as they write it, the one input and the outputs that they say.
 */
class PredictMessageFuzzTest {
  private static final ArenaPool ARENAS = new ArenaPool(1 << 20);
  private static final GrpcCodec CODEC = new GrpcCodec(false);
  private static final String MODEL = "half_plus_two";
  private static final StaticModels MODELS = models();
  private static final Parser<PredictRequest> PARSER =
      DiscardUnknownFieldsParser.wrap(PredictRequest.parser());

  private static StaticModels models() {
    StaticModels models = new StaticModels(InlineRunner.FACTORY);
    models.add(MODEL, 1, new HalfPlusTwo());
    return models;
  }

  static Stream<byte[]> seeds() {
    TensorProto x = TensorProtos.header(DType.FLOAT32, 2).addFloatVal(1).addFloatVal(2).build();
    return Stream.of(
            PredictRequest.newBuilder().putInputs("x", x),
            PredictRequest.newBuilder().putInputs("x", x).addOutputFilter("y"),
            PredictRequest.newBuilder().putInputs("x", x).putInputs("z", x),
            PredictRequest.newBuilder().addOutputFilter("y").addOutputFilter("y"))
        .map(request -> request.build().toByteArray());
  }

  @MethodSource("seeds")
  @FuzzTest
  void requestsHaveWhatTheGeneratedClassesSay(byte[] message) {
    AllocationBound.check(message.length, () -> read(message));
    PredictRequest parsed = parsed(message);
    if (parsed == null) {
      return;
    }
    byte[][] x = read(parsed.toByteArray());
    if (x != null) {
      assertThat(parsed.getInputsMap()).containsOnlyKeys("x");
      assertThat(x)
          .isDeepEqualTo(TensorProtoOracle.elements(parsed.getInputsOrThrow("x"), DType.FLOAT32));
      assertThat(parsed.getOutputFilterList()).doesNotHaveDuplicates().isSubsetOf("y");
    }
  }

  private static @Nullable PredictRequest parsed(byte[] message) {
    try {
      return PARSER.parseFrom(message);
    } catch (InvalidProtocolBufferException e) {
      return null;
    }
  }

  /** The elements of the input, or null if the request is refused. */
  private static byte @Nullable [][] read(byte[] message) {
    try (ModelLease lease = MODELS.lease(MODEL, VersionSelector.LATEST);
        TensorArena arena = ARENAS.take()) {
      Tensor x =
          PredictMessageReader.request(
                  MemorySegment.ofArray(message),
                  HalfPlusTwo.SIGNATURE.name(),
                  CODEC,
                  lease,
                  arena,
                  0,
                  Long.MAX_VALUE,
                  0)
              .inputs()[0];
      return x == null ? null : TensorProtos.elementsOf(x).toArray(byte[][]::new);
    } catch (ServingException | WireFormatException | MemoryLimitException e) {
      return null;
    }
  }
}
