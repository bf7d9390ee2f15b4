package io.salver.server.tfserving;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.DiscardUnknownFieldsParser;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;
import io.salver.predict.ServingException;
import io.salver.server.fuzz.AllocationBound;
import io.salver.server.tfserving.proto.ClassificationRequest;
import io.salver.server.tfserving.proto.Example;
import io.salver.server.tfserving.proto.ExampleListWithContext;
import io.salver.server.tfserving.proto.Input;
import io.salver.tensor.ArenaPool;
import io.salver.tensor.MemoryLimitException;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import io.salver.wire.WireFormatException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Messages that are to be a {@code ClassificationRequest}. What the generated classes can parse
 * has, as they write it, the examples that they say, each merged into the context.
 */
class ExampleInputFuzzTest {
  private static final int INPUT = 2;
  private static final Parser<ClassificationRequest> PARSER =
      DiscardUnknownFieldsParser.wrap(ClassificationRequest.parser());
  private static final ArenaPool ARENAS = new ArenaPool(1 << 22);

  static Stream<byte[]> seeds() {
    Input plain = PredictionServiceTest.examples(1, 2.5f);
    Example first = plain.getExampleList().getExamples(0);
    ExampleListWithContext withContext =
        ExampleListWithContext.newBuilder().addExamples(first).setContext(first).build();
    return Stream.of(plain, Input.newBuilder().setExampleListWithContext(withContext).build())
        .map(input -> ClassificationRequest.newBuilder().setInput(input).build().toByteArray());
  }

  @MethodSource("seeds")
  @FuzzTest
  void examplesAreThoseThatTheGeneratedClassesSay(byte[] message)
      throws InvalidProtocolBufferException {
    AllocationBound.check(message.length, () -> read(message));
    ClassificationRequest parsed;
    try {
      parsed = PARSER.parseFrom(message);
    } catch (InvalidProtocolBufferException e) {
      return;
    }
    List<byte[]> serialised = read(parsed.toByteArray());
    if (serialised != null) {
      List<Example> examples = new ArrayList<>();
      for (byte[] example : serialised) {
        examples.add(Example.parseFrom(example));
      }
      assertThat(examples).isEqualTo(expected(parsed.getInput()));
    }
  }

  private static List<Example> expected(Input input) {
    if (!input.hasExampleListWithContext()) {
      return input.getExampleList().getExamplesList();
    }
    ExampleListWithContext list = input.getExampleListWithContext();
    return list.getExamplesList().stream()
        .map(example -> list.getContext().toBuilder().mergeFrom(example).build())
        .toList();
  }

  /** The serialised examples; null if they were too many, and none if the message was refused. */
  private static @Nullable List<byte[]> read(byte[] message) {
    List<byte[]> examples = new ArrayList<>();
    try (TensorArena arena = ARENAS.take()) {
      Tensor read = new ExampleInputReader(MemorySegment.ofArray(message), INPUT, arena).read();
      for (long i = 0; i < read.elementCount(); i++) {
        examples.add(read.getString(i).toArray(ValueLayout.JAVA_BYTE));
      }
      return examples;
    } catch (ServingException | WireFormatException e) {
      return examples;
    } catch (MemoryLimitException e) {
      return null;
    }
  }
}
