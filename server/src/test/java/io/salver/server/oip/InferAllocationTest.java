package io.salver.server.oip;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import io.salver.batching.Spine;
import io.salver.predict.Observer;
import io.salver.server.access.Principal;
import io.salver.server.grpc.GrpcMetadata;
import io.salver.server.grpc.GrpcMethod;
import io.salver.server.grpc.GrpcStatus;
import io.salver.server.grpc.UnaryCall;
import io.salver.server.inference.FakeLoop;
import io.salver.server.inference.InferenceObserver;
import io.salver.server.inference.InlineRunner;
import io.salver.server.inference.StaticModels;
import io.salver.server.net.LoopContext;
import io.salver.server.net.Peer;
import io.salver.testkit.HalfPlusTwo;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a small request leaves on the heap, from its message's bytes to its answer's. */
final class InferAllocationTest {
  private static final int WARM_UPS = 30_000;
  private static final int CALLS = 10_000;
  private static final long LIMIT_BYTES = 1 << 10;

  @Test
  void aSmallRequestAllocatesLessThanAKilobyte() {
    Observer nobody = (_, _) -> {};
    try (FakeLoop loop = new FakeLoop(1 << 20);
        StaticModels models =
            new StaticModels(InlineRunner.FACTORY).add("half", 1, new HalfPlusTwo())) {
      OipGrpc grpc =
          new OipGrpc(models, new Spine(10), InferenceObserver.of(nobody), "1", new OipControl());
      GrpcMethod.Unary infer =
          (GrpcMethod.Unary)
              grpc.methods().stream()
                  .filter(method -> method.fullName().endsWith("/ModelInfer"))
                  .findFirst()
                  .orElseThrow();
      byte[] message = InferGrpcTest.half(1, 2, 5).setId("17").build().toByteArray();
      ByteBuf request = Unpooled.directBuffer(message.length).writeBytes(message);
      LeanCall call = new LeanCall(loop);
      for (int i = 0; i < WARM_UPS; i++) {
        infer.handler().handle(call, request);
      }
      ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < CALLS; i++) {
        infer.handler().handle(call, request);
      }
      long each = (threads.getCurrentThreadAllocatedBytes() - before) / CALLS;
      assertThat(call.replies).isEqualTo(WARM_UPS + CALLS);
      assertThat(each).as("bytes for each request").isLessThan(LIMIT_BYTES);
      request.release();
      call.out.release();
    }
  }

  /** Answers into the same buffer again and again. */
  private static final class LeanCall implements UnaryCall {
    private final LoopContext loop;
    private final ByteBuf out = Unpooled.directBuffer(4096);
    private int replies;

    LeanCall(LoopContext loop) {
      this.loop = loop;
    }

    @Override
    public LoopContext loop() {
      return loop;
    }

    @Override
    public Peer peer() {
      return new Peer(Peer.Kind.UNIX_SOCKET, "", List.of());
    }

    @Override
    public Principal principal() {
      return Principal.NOBODY;
    }

    @Override
    public void actAs(Principal principal) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long receivedNs() {
      return 0;
    }

    @Override
    public long deadlineNs() {
      return Long.MAX_VALUE;
    }

    @Override
    public GrpcMetadata requestMetadata() {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean isMessageCompressed() {
      return false;
    }

    @Override
    public boolean isCancelled() {
      return false;
    }

    @Override
    public void onCancel(Runnable action) {}

    @Override
    public void compressReplies(boolean compress) {}

    @Override
    public void addInitialMetadata(AsciiString name, AsciiString value) {}

    @Override
    public void addTrailer(String name, String value) {}

    @Override
    public void addTrailer(String name, byte[] value) {}

    @Override
    public ByteBuf newMessage(int sizeHintBytes) {
      return out.setIndex(5, 5);
    }

    @Override
    public void reply(ByteBuf message) {
      replies++;
    }

    @Override
    public void fail(GrpcStatus status, String message) {
      throw new AssertionError(status + ": " + message);
    }
  }
}
