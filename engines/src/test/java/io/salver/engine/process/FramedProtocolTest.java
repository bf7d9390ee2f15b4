package io.salver.engine.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.salver.engine.Batch;
import io.salver.engine.EngineOptions;
import io.salver.engine.LoadedModel;
import io.salver.engine.ModelFiles;
import io.salver.engine.process.BrokenWorkerException.Fault;
import io.salver.predict.ServingException;
import io.salver.tensor.ArenaPool;
import io.salver.tensor.DType;
import io.salver.tensor.MemoryLimitException;
import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import io.salver.tensor.StringTensorBuilder;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import io.salver.tensor.TensorSpec;
import io.salver.testkit.FakeEngine;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Both ends of the protocol in one process; what goes through comes out as it went in. */
@Timeout(60)
class FramedProtocolTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final Signature ANY =
      new Signature(
          "any",
          "method",
          List.of(
              TensorSpec.of("a", DType.FLOAT32, Shape.UNKNOWN_RANK),
              new TensorSpec("b", DType.STRING, Shape.of(-1), "b:0", true),
              TensorSpec.of("c", DType.COMPLEX128, Shape.of(-1, 2))),
          List.of(
              TensorSpec.of("a", DType.FLOAT32, Shape.UNKNOWN_RANK),
              TensorSpec.of("b", DType.STRING, Shape.of(-1)),
              TensorSpec.of("c", DType.COMPLEX128, Shape.of(-1, 2))));

  private final ArenaPool pool = new ArenaPool(1L << 30);

  @TempDir Path directory;

  @AfterEach
  void close() {
    pool.close();
  }

  /** Gives each input back as the output of its place. */
  private static final class Echo implements LoadedModel {
    @Override
    public Map<String, Signature> signatures() {
      return Map.of(ANY.name(), ANY);
    }

    @Override
    public boolean isConcurrent() {
      return false;
    }

    @Override
    public void run(Batch batch) {
      for (int i = 0; i < batch.signature().outputs().size(); i++) {
        Tensor input = batch.input(i);
        if (input == null) {
          throw ServingException.invalid("input " + i + " is missing");
        }
        batch.setOutput(i, input);
      }
    }

    @Override
    public long memoryBytes() {
      return 12_345;
    }

    @Override
    public java.util.Optional<byte[]> metadata(String key) {
      return java.util.Optional.of(key.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    @Override
    public java.util.Set<String> metadataKeys() {
      return java.util.Set.of("key");
    }

    @Override
    public void close() {}
  }

  private static long soon() {
    return System.nanoTime() + LIMIT.toNanos();
  }

  private WorkerPlace place() {
    return new WorkerPlace(
        directory, directory.resolve("worker.sock"), new ModelFiles(directory), 1);
  }

  private WorkerConnection hosted() throws Exception {
    FrameChannel channel;
    try (WorkerProtocol.Expected expected = new FramedProtocol().expect(place())) {
      SocketChannel socket = connect();
      channel = new FrameChannel(socket);
      LoadedModel echo = new Echo();
      Thread.ofPlatform()
          .daemon()
          .start(
              new HostedConnection(
                  channel, echo, WorkerHost.describe(echo), directory, new Object()));
      return expected.connect(soon(), () -> true).getFirst();
    }
  }

  private SocketChannel connect() throws IOException {
    SocketChannel socket = SocketChannel.open(StandardProtocolFamily.UNIX);
    socket.connect(UnixDomainSocketAddress.of(directory.resolve("worker.sock")));
    return socket;
  }

  @Test
  void aDescriptionComesAsItWasGiven() throws Exception {
    try (WorkerConnection connection = hosted()) {
      WorkerDescription description = connection.description();
      assertThat(description.signatures().toString()).isEqualTo(List.of(ANY).toString());
      assertThat(description.signatures().getFirst().methodName()).isEqualTo("method");
      assertThat(description.memoryBytes()).isEqualTo(12_345);
      assertThat(description.metadata().get("key")).asString().isEqualTo("key");
      connection.ping(soon());
    }
  }

  @Test
  void randomTensorsComeBackAsTheyWent() throws Exception {
    long seed = 20;
    Random random = new Random(seed);
    try (WorkerConnection connection = hosted()) {
      for (int run = 0; run < 200; run++) {
        try (TensorArena arena = pool.take()) {
          Signature signature = run % 3 == 0 ? reordered() : ANY;
          Tensor[] inputs = {random(arena, random), strings(arena, random), complex(arena, random)};
          if (run % 3 == 0) {
            inputs = new Tensor[] {inputs[2], inputs[0]};
          }
          Batch batch = new Batch(signature, inputs, null, arena, Long.MAX_VALUE);
          connection.run(batch, run % 3 == 0 ? -1 : 0, soon());
          for (int i = 0; i < inputs.length; i++) {
            assertSame(batch.output(i), inputs[i], "seed " + seed + ", run " + run);
          }
        }
      }
    }
  }

  /** As front ends make of a model's signatures. */
  private static Signature reordered() {
    return new Signature(
        "merged",
        "",
        List.of(ANY.inputs().get(2), ANY.inputs().get(0)),
        List.of(ANY.outputs().get(2), ANY.outputs().get(0)));
  }

  private static void assertSame(Tensor out, Tensor in, String where) {
    assertThat(out).as(where).hasToString(in.toString());
    if (in.dtype() != DType.STRING) {
      assertThat(out.data().mismatch(in.data())).as(where).isEqualTo(-1);
      return;
    }
    for (long i = 0; i < in.elementCount(); i++) {
      assertThat(out.getString(i).mismatch(in.getString(i))).as(where).isEqualTo(-1);
    }
  }

  private static long size(Random random) {
    return random.nextInt(4) == 0 ? random.nextInt(200_000) : random.nextInt(20);
  }

  private static Tensor random(TensorArena arena, Random random) {
    Tensor tensor =
        random.nextInt(5) == 0
            ? arena.allocate(DType.FLOAT32, Shape.SCALAR)
            : arena.allocate(DType.FLOAT32, Shape.of(1, size(random)));
    return filled(tensor, random);
  }

  private static Tensor complex(TensorArena arena, Random random) {
    return filled(arena.allocate(DType.COMPLEX128, Shape.of(size(random), 2)), random);
  }

  private static Tensor filled(Tensor tensor, Random random) {
    byte[] bytes = new byte[(int) tensor.data().byteSize()];
    random.nextBytes(bytes);
    tensor.data().copyFrom(java.lang.foreign.MemorySegment.ofArray(bytes));
    return tensor;
  }

  private static Tensor strings(TensorArena arena, Random random) {
    long count = random.nextInt(10);
    StringTensorBuilder builder = new StringTensorBuilder(arena, count, 0);
    for (long i = 0; i < count; i++) {
      byte[] bytes = new byte[(int) size(random)];
      random.nextBytes(bytes);
      builder.add(bytes);
    }
    return builder.build(Shape.of(count));
  }

  @Test
  void whatTheModelRefusesAndWhatMemoryDoesNotHoldLeavesTheConnectionUsable() throws Exception {
    try (WorkerConnection connection = hosted();
        TensorArena arena = pool.take();
        ArenaPool little = new ArenaPool(1 << 10);
        TensorArena smallArena = little.take()) {
      Tensor x = filled(arena.allocate(DType.FLOAT32, Shape.of(5_000)), new Random(1));
      Tensor none = filled(arena.allocate(DType.COMPLEX128, Shape.of(0, 2)), new Random(1));
      Tensor[] inputs = {x, strings(arena, new Random(1)), none};
      assertThatThrownBy(() ->
              connection.run(
                  new Batch(ANY, new Tensor[] {x, null, none}, null, arena, Long.MAX_VALUE),
                  0,
                  soon()))
          .isInstanceOf(ServingException.class)
          .hasMessage("input 1 is missing");
      assertThatThrownBy(() ->
              connection.run(new Batch(ANY, inputs, null, smallArena, Long.MAX_VALUE), 0, soon()))
          .isInstanceOf(MemoryLimitException.class);
      Batch batch = new Batch(ANY, inputs, null, arena, Long.MAX_VALUE);
      connection.run(batch, 0, soon());
      assertSame(batch.output(0), x, "afterwards");
    }
  }

  @Test
  void aModelThatCannotBeLoadedSaysWhy() throws Exception {
    FakeEngine.write(directory, "broken");
    try (WorkerProtocol.Expected expected = new FramedProtocol().expect(place())) {
      Thread host =
          Thread.ofPlatform()
              .daemon()
              .start(() -> {
                try {
                  WorkerHost.serve(
                      new FakeEngine("fake"),
                      new ModelFiles(directory),
                      EngineOptions.DEFAULT,
                      directory,
                      1);
                } catch (Exception e) {
                  // The server is told.
                }
              });
      assertThatThrownBy(() -> expected.connect(soon(), () -> true))
          .isInstanceOf(BrokenWorkerException.class)
          .hasMessageStartingWith("it cannot serve: ");
      host.join();
    }
  }

  /** What a connection makes of these bytes in place of an introduction. */
  private BrokenWorkerException broken(byte[] bytes) throws Exception {
    try (WorkerProtocol.Expected expected = new FramedProtocol().expect(place())) {
      try (SocketChannel socket = connect()) {
        socket.write(ByteBuffer.wrap(bytes));
        socket.shutdownOutput();
        BrokenWorkerException[] caught = new BrokenWorkerException[1];
        try {
          expected.connect(soon(), () -> true).forEach(WorkerConnection::close);
        } catch (BrokenWorkerException e) {
          caught[0] = e;
        }
        return caught[0];
      }
    } finally {
      Files.deleteIfExists(directory.resolve("worker.sock"));
    }
  }

  private static byte[] hello() {
    FrameBuffer out = new FrameBuffer();
    Descriptions.write(
        out.clear(), new WorkerDescription(List.of(ANY), 1, Map.of("k", new byte[] {1})));
    ByteBuffer frame = out.frame(FrameType.HELLO, 0);
    byte[] bytes = new byte[frame.remaining()];
    frame.get(bytes);
    return bytes;
  }

  @Test
  void introductionsThatAreCutOrChangedAreRefusedByReason() throws Exception {
    byte[] whole = hello();
    assertThat(broken(whole)).isNull();
    assertThat(broken("GET / HTTP/1.1\r\n".getBytes(java.nio.charset.StandardCharsets.UTF_8)))
        .hasMessage("frame: begins with 0x47455420 (expected: 0x53575031, \"SWP1\")");
    for (int length = 0; length < whole.length; length += 7) {
      BrokenWorkerException cut = broken(java.util.Arrays.copyOf(whole, length));
      assertThat(cut.fault()).as("cut to %d", length).isEqualTo(Fault.GONE);
    }
    long seed = 4;
    Random random = new Random(seed);
    for (int i = 0; i < 400; i++) {
      byte[] changed = whole.clone();
      int at = FrameChannel.HEADER_BYTES + random.nextInt(whole.length - 16);
      changed[at] = (byte) random.nextInt();
      BrokenWorkerException refused = broken(changed);
      if (refused != null) {
        assertThat(refused.fault())
            .as("seed %d, change %d at %d: %s", seed, i, at, refused)
            .isEqualTo(Fault.GARBAGE);
      }
    }
  }

  @Test
  void aFrameOfAnImpossibleSizeIsRefusedBeforeMemoryIsTaken() throws Exception {
    byte[] huge = hello();
    ByteBuffer.wrap(huge).order(ByteOrder.LITTLE_ENDIAN).putInt(12, -1);
    assertThat(broken(huge)).hasMessageContaining("frame: 4294967295 bytes (expected: at most");
    ByteBuffer.wrap(huge).order(ByteOrder.LITTLE_ENDIAN).putInt(12, 1 << 30);
    assertThat(broken(huge)).hasMessageContaining("HELLO of 1073741824 bytes (expected: HELLO of");
  }

  @Test
  void aWorkerThatNeverConnectsOrHasEndedIsNotWaitedFor() throws Exception {
    try (WorkerProtocol.Expected expected = new FramedProtocol().expect(place())) {
      assertThatThrownBy(() -> expected.connect(System.nanoTime(), () -> true))
          .hasMessage("did not connect in time");
      assertThatThrownBy(() -> expected.connect(soon(), () -> false))
          .hasMessage("ended before it connected");
    }
  }
}
