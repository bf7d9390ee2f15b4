package io.salver.server.tfserving;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.InvalidProtocolBufferException;
import io.salver.predict.ServingException;
import io.salver.server.fuzz.AllocationBound;
import io.salver.server.tfserving.proto.Example;
import io.salver.tensor.ArenaPool;
import io.salver.tensor.TensorArena;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Bodies of {@code :classify} and {@code :regress}: what is read are messages, at least one. */
class ExamplesJsonFuzzTest {
  private static final ArenaPool ARENAS = new ArenaPool(1 << 22);
  private static final ExamplesJsonReader READER = new ExamplesJsonReader();

  static Stream<byte[]> seeds() {
    return Stream.of(
            "{\"signature_name\": \"s\", \"context\": {\"a\": 1}, \"examples\": [{\"x\": [1.5, 2]}]}",
            "{\"examples\": [{\"x\": \"a\", \"y\": {\"b64\": \"YQ==\"}}, {\"x\": [true]}]}",
            "{\"examples\": [{\"x\": [\"a\", {\"b64\": \"YQ==\"}]}], \"context\": {\"y\": -3}}")
        .map(body -> body.getBytes(StandardCharsets.UTF_8));
  }

  @MethodSource("seeds")
  @FuzzTest
  void bodiesBecomeMessagesOrAreRefused(byte[] body) {
    AllocationBound.check(body.length, () -> check(body));
  }

  private static void check(byte[] body) {
    try (TensorArena arena = ARENAS.take()) {
      ExamplesBody read = READER.read(body, body.length, arena);
      assertThat(read.examples().elementCount()).isPositive();
      for (long i = 0; i < read.examples().elementCount(); i++) {
        Example.parseFrom(read.examples().getString(i).toArray(ValueLayout.JAVA_BYTE));
      }
    } catch (ServingException e) {
      assertThat(e.getMessage()).isNotEmpty();
    } catch (InvalidProtocolBufferException e) {
      // A name of bytes that are not UTF-8 is passed on as it is; nothing else may be wrong.
      assertThat(e).hasMessageContaining("UTF-8");
    }
  }
}
