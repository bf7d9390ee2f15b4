package io.salver.engine.process;

import io.salver.engine.Batch;
import io.salver.engine.LoadedModel;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.tensor.ArenaPool;
import io.salver.tensor.MemoryLimitException;
import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Answers what the server asks over one connection, one run after the other, on its own thread. */
final class HostedConnection implements Runnable {
  private static final Logger LOG = System.getLogger(HostedConnection.class.getName());
  private static final long FOREVER_NS = TimeUnit.DAYS.toNanos(10_000);
  private static final int OTHER_SIGNATURE = 0xffff;
  private static final int MAX_OTHERS = 64;
  private static final int MAX_MESSAGE_CHARS = 8 << 10;

  private final FrameChannel channel;
  private final LoadedModel model;
  private final WorkerDescription description;
  private final Path directory;
  private final @Nullable Object turn;
  private final FrameBuffer out = new FrameBuffer();
  private final Map<Integer, Opened> segments = new HashMap<>();
  private final Map<String, Signature> others = new HashMap<>();

  private record Opened(Arena arena, MemorySegment memory) {}

  /**
   * A connection that has said nothing yet.
   *
   * @param turn held while the model runs, if it may not run concurrently
   */
  HostedConnection(
      FrameChannel channel,
      LoadedModel model,
      WorkerDescription description,
      Path directory,
      Object turn) {
    this.channel = channel;
    this.model = model;
    this.description = description;
    this.directory = directory;
    this.turn = model.isConcurrent() ? null : turn;
  }

  /** Says, in place of an introduction, that there is nothing to serve. */
  static void refuse(FrameChannel channel, Exception why) {
    try {
      sendError(
          channel,
          new FrameBuffer(),
          0,
          Category.FAILED_PRECONDITION,
          String.valueOf(why.getMessage()));
    } catch (BrokenWorkerException e) {
      LOG.log(Level.WARNING, "The server was not told: {0}", e.getMessage());
    }
  }

  /** A time that does not come: the server closes the connection when it has had enough. */
  private static long forever() {
    return System.nanoTime() + FOREVER_NS;
  }

  private static void sendError(
      FrameChannel channel, FrameBuffer out, int sequence, Category category, String message)
      throws BrokenWorkerException {
    String cut =
        message.length() <= MAX_MESSAGE_CHARS ? message : message.substring(0, MAX_MESSAGE_CHARS);
    out.clear().u8(category.ordinal() + 1).string(cut);
    channel.send(FrameType.ERROR, sequence, out, forever());
  }

  @Override
  public void run() {
    try (ArenaPool pool = new ArenaPool(Long.MAX_VALUE)) {
      Descriptions.write(out.clear(), description);
      channel.send(FrameType.HELLO, 0, out, forever());
      while (true) {
        try (TensorArena arena = pool.take()) {
          answer(arena);
        }
      }
    } catch (BrokenWorkerException e) {
      if (e.fault() != BrokenWorkerException.Fault.GONE) {
        LOG.log(Level.ERROR, "The server said what nobody understands: {0}", e.getMessage());
      }
    } finally {
      channel.close();
    }
  }

  private void answer(TensorArena arena) throws BrokenWorkerException {
    FrameChannel.Header header = channel.receive(forever());
    MemorySegment body = arena.allocate(header.bodyBytes());
    channel.receive(body, forever());
    switch (header.type()) {
      case PING -> channel.send(FrameType.PONG, header.sequence(), out.clear(), forever());
      case RUN -> answerRun(new FrameReader(body), header.sequence(), arena);
      case HELLO, RESULT, ERROR, PONG ->
          throw BrokenWorkerException.garbage(
              "frame: " + header.type() + " (expected: RUN or PING)");
    }
  }

  private void answerRun(FrameReader in, int sequence, TensorArena arena)
      throws BrokenWorkerException {
    try {
      run(in, arena);
      channel.send(FrameType.RESULT, sequence, out, forever());
    } catch (ServingException e) {
      sendError(channel, out, sequence, e.category(), e.getMessage());
    } catch (MemoryLimitException | OutOfMemoryError e) {
      sendError(channel, out, sequence, Category.RESOURCE_EXHAUSTED, e.toString());
    } catch (RuntimeException | StackOverflowError | LinkageError | AssertionError e) {
      LOG.log(Level.ERROR, "A run failed", e);
      sendError(channel, out, sequence, Category.INTERNAL, e.toString());
    }
  }

  private void run(FrameReader in, TensorArena arena) throws BrokenWorkerException {
    int dropped = in.u16("dropped segments");
    for (int i = 0; i < dropped; i++) {
      Opened old = segments.remove(in.u32("dropped segment"));
      if (old != null) {
        old.arena.close();
      }
    }
    int outputSegment = in.u32("segment for outputs");
    MemorySegment forOutputs = outputSegment == 0 ? null : segment(outputSegment);
    long budgetUs = in.i64("time left");
    Signature signature = signature(in);
    boolean[] wanted = new boolean[in.u16("outputs")];
    for (int i = 0; i < wanted.length; i++) {
      wanted[i] = in.u8("whether an output is wanted") != 0;
    }
    @Nullable Tensor[] inputs =
        TensorReader.read(in, this::segment, arena, signature.inputs().size());
    in.end();
    long deadlineNs =
        budgetUs == 0
            ? Long.MAX_VALUE
            : System.nanoTime() + TimeUnit.MICROSECONDS.toNanos(budgetUs);
    Batch batch = new Batch(signature, inputs, wanted, arena, deadlineNs);
    if (turn == null) {
      model.run(batch);
    } else {
      synchronized (turn) {
        model.run(batch);
      }
    }
    @Nullable Tensor[] outputs = new Tensor[wanted.length];
    for (int i = 0; i < outputs.length; i++) {
      outputs[i] = wanted[i] && batch.isSet(i) ? batch.output(i) : null;
    }
    TensorWriter.write(
        out.clear(), outputs, forOutputs == null ? null : new Placed(outputSegment, forOutputs));
  }

  /** Those that are not the model's own are kept, so that each is one object. */
  private Signature signature(FrameReader in) throws BrokenWorkerException {
    int index = in.u16("signature");
    List<Signature> own = description.signatures();
    if (index < own.size()) {
      return own.get(index);
    }
    if (index != OTHER_SIGNATURE) {
      throw BrokenWorkerException.garbage(
          "signature: " + index + " (expected: one of " + own.size() + ")");
    }
    Signature other = Descriptions.signature(in);
    if (others.size() >= MAX_OTHERS) {
      others.clear();
    }
    return others.computeIfAbsent(other.toString(), _ -> other);
  }

  private MemorySegment segment(int id) throws BrokenWorkerException {
    Opened known = segments.get(id);
    if (known != null) {
      return known.memory;
    }
    Path file = directory.resolve(SharedMemory.fileName(id));
    Arena arena = Arena.ofShared();
    try (FileChannel opened =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      MemorySegment memory = opened.map(FileChannel.MapMode.READ_WRITE, 0, opened.size(), arena);
      segments.put(id, new Opened(arena, memory));
      return memory;
    } catch (IOException e) {
      arena.close();
      throw BrokenWorkerException.garbage("segment: " + file + ": " + e);
    }
  }
}
