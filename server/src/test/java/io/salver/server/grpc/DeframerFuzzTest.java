package io.salver.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.salver.server.fuzz.AllocationBound;
import io.salver.server.net.LoopMemory;
import io.salver.tensor.MemoryBudget;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The bytes of a gRPC request, cut at random, where the first byte is the seed and says whether
 * messages may be compressed: the messages are those of the bytes as a whole.
 */
class DeframerFuzzTest {
  private static final int MAX_MESSAGE_BYTES = 1 << 16;

  static Stream<byte[]> seeds() {
    byte[] two = joined(framed(0, "first".getBytes()), framed(0, new byte[3000]));
    return Stream.of(
        joined(new byte[] {2}, two),
        joined(new byte[] {5}, two, framed(1, gzip("compressed".getBytes()))),
        joined(new byte[] {7}, framed(1, gzip(new byte[MAX_MESSAGE_BYTES + 1]))));
  }

  @MethodSource("seeds")
  @FuzzTest
  void messagesAreTheSameHoweverTheBytesAreCut(byte[] input) {
    if (input.length == 0) {
      return;
    }
    boolean gzip = (input[0] & 1) != 0;
    byte[] bytes = Arrays.copyOfRange(input, 1, input.length);
    AllocationBound.check(
        bytes.length + MAX_MESSAGE_BYTES,
        () ->
            assertThat(deframed(bytes, gzip, new Random(input[0])))
                .isEqualTo(expected(bytes, gzip)));
  }

  /** The messages as text, and "refused" behind them where something was no message. */
  private static List<String> deframed(byte[] bytes, boolean gzip, Random random) {
    UnpooledByteBufAllocator alloc = new UnpooledByteBufAllocator(true);
    MemoryBudget budget = new MemoryBudget(1 << 20);
    Deframer deframer = new Deframer(alloc, new LoopMemory(budget), MAX_MESSAGE_BYTES, gzip);
    List<String> messages = new ArrayList<>();
    try {
      for (int at = 0; at < bytes.length; ) {
        int count = Math.min(bytes.length - at, 1 + random.nextInt(1 + random.nextInt(4096)));
        read(deframer, Unpooled.wrappedBuffer(bytes, at, count), messages);
        at += count;
      }
    } catch (GrpcProblem e) {
      messages.add("refused");
    } finally {
      deframer.free();
    }
    assertThat(alloc.metric().usedDirectMemory()).isZero();
    return messages;
  }

  private static void read(Deframer deframer, ByteBuf chunk, List<String> messages)
      throws GrpcProblem {
    deframer.begin(chunk);
    for (ByteBuf message = deframer.next(); message != null; message = deframer.next()) {
      byte[] content = new byte[message.readableBytes()];
      message.readBytes(content);
      message.release();
      messages.add(Arrays.toString(content));
    }
    deframer.end();
  }

  private static List<String> expected(byte[] bytes, boolean gzip) {
    List<String> messages = new ArrayList<>();
    ByteBuffer rest = ByteBuffer.wrap(bytes);
    while (rest.remaining() >= Deframer.PREFIX_BYTES) {
      int flag = rest.get();
      long length = rest.getInt() & 0xFFFF_FFFFL;
      if ((flag & 0xFF) > (gzip ? 1 : 0) || length > MAX_MESSAGE_BYTES) {
        messages.add("refused");
        return messages;
      }
      if (length > rest.remaining()) {
        return messages;
      }
      byte[] message = new byte[(int) length];
      rest.get(message);
      byte[] content = flag == 1 ? gunzip(message) : message;
      messages.add(content == null ? "refused" : Arrays.toString(content));
      if (content == null) {
        return messages;
      }
    }
    return messages;
  }

  private static byte[] gunzip(byte[] compressed) {
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(compressed))) {
      byte[] content = in.readNBytes(MAX_MESSAGE_BYTES + 1);
      return content.length > MAX_MESSAGE_BYTES ? null : content;
    } catch (IOException e) {
      return null;
    }
  }

  private static byte[] gzip(byte[] content) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(content);
    } catch (IOException e) {
      throw new AssertionError("an array does not fail", e);
    }
    return bytes.toByteArray();
  }

  private static byte[] framed(int flag, byte[] message) {
    return ByteBuffer.allocate(Deframer.PREFIX_BYTES + message.length)
        .put((byte) flag)
        .putInt(message.length)
        .put(message)
        .array();
  }

  private static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }
}
