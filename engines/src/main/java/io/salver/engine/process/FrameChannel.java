package io.salver.engine.process;

import io.salver.engine.process.BrokenWorkerException.Fault;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;

/**
 * Sends and receives frames, each before a time.
 *
 * <p>Used by one thread at a time; {@link #close} may be called by any. After an exception nothing
 * but {@link #close} makes sense.
 */
final class FrameChannel implements AutoCloseable {
  static final int HEADER_BYTES = 16;
  static final int MAGIC = 'S' | 'W' << 8 | 'P' << 16 | '1' << 24;

  /** A frame is addressed with 31 bits. */
  static final long MAX_BODY_BYTES = Integer.MAX_VALUE - (64 << 10);

  private static final int SCRATCH_BYTES = 64 << 10;
  private static final long LONGEST_WAIT_MS = TimeUnit.HOURS.toMillis(1);

  private final SocketChannel channel;
  private final Selector selector;
  private final SelectionKey key;
  private final ByteBuffer header =
      ByteBuffer.allocateDirect(HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);

  /**
   * A channel over a connection, which it closes when it is closed itself.
   *
   * @throws IOException if the connection is closed
   */
  FrameChannel(SocketChannel channel) throws IOException {
    this.channel = channel;
    channel.configureBlocking(false);
    this.selector = Selector.open();
    this.key = channel.register(selector, SelectionKey.OP_READ);
  }

  /**
   * What begins a frame.
   *
   * @param bodyBytes how much follows, at most {@link #MAX_BODY_BYTES}
   */
  record Header(FrameType type, int sequence, long bodyBytes) {}

  /** Sends a whole frame. */
  void send(FrameType type, int sequence, FrameBuffer body, long untilNs)
      throws BrokenWorkerException {
    ByteBuffer frame = body.frame(type, sequence);
    try {
      while (frame.hasRemaining()) {
        if (channel.write(frame) == 0) {
          await(SelectionKey.OP_WRITE, untilNs, "took no more of the request");
        }
      }
    } catch (IOException | ClosedSelectorException | CancelledKeyException e) {
      throw gone(e);
    }
  }

  /**
   * Receives what begins a frame.
   *
   * @throws BrokenWorkerException also if it is not the beginning of one
   */
  Header receive(long untilNs) throws BrokenWorkerException {
    header.clear();
    receive(header, untilNs);
    int magic = header.getInt(0);
    if (magic != MAGIC) {
      throw BrokenWorkerException.garbage(
          "frame: begins with 0x%08x (expected: 0x%08x, \"SWP1\")"
              .formatted(Integer.reverseBytes(magic), Integer.reverseBytes(MAGIC)));
    }
    long bodyBytes = Integer.toUnsignedLong(header.getInt(12));
    if (bodyBytes > MAX_BODY_BYTES) {
      throw BrokenWorkerException.garbage(
          "frame: " + bodyBytes + " bytes (expected: at most " + MAX_BODY_BYTES + ")");
    }
    return new Header(type(header.get(4)), header.getInt(8), bodyBytes);
  }

  private static FrameType type(byte code) throws BrokenWorkerException {
    for (FrameType type : FrameType.values()) {
      if (type.code() == code) {
        return type;
      }
    }
    throw BrokenWorkerException.garbage("frame: type " + code + " (expected: 1 to 6)");
  }

  /** Receives as many bytes as {@code target} has. */
  void receive(MemorySegment target, long untilNs) throws BrokenWorkerException {
    receive(target.asByteBuffer(), untilNs);
  }

  /** Receives a body that nobody wants. */
  void skip(long bytes, long untilNs) throws BrokenWorkerException {
    ByteBuffer scratch = ByteBuffer.allocateDirect(SCRATCH_BYTES);
    for (long left = bytes; left > 0; ) {
      scratch.clear().limit((int) Math.min(left, SCRATCH_BYTES));
      left -= scratch.remaining();
      receive(scratch, untilNs);
    }
  }

  private void receive(ByteBuffer target, long untilNs) throws BrokenWorkerException {
    try {
      while (target.hasRemaining()) {
        int count = channel.read(target);
        if (count < 0) {
          throw new BrokenWorkerException(Fault.GONE, "closed its connection");
        }
        if (count == 0) {
          await(SelectionKey.OP_READ, untilNs, "did not answer");
        }
      }
    } catch (IOException | ClosedSelectorException | CancelledKeyException e) {
      throw gone(e);
    }
  }

  private void await(int operation, long untilNs, String otherwise)
      throws IOException, BrokenWorkerException {
    long leftNs = untilNs - System.nanoTime();
    if (leftNs <= 0) {
      throw new BrokenWorkerException(Fault.LATE, otherwise + " in time");
    }
    long leftMs = Math.min(TimeUnit.NANOSECONDS.toMillis(leftNs) + 1, LONGEST_WAIT_MS);
    key.interestOps(operation);
    var unused = selector.select(_ -> {}, leftMs);
  }

  /** The connection broke, or was closed by another thread. */
  private static BrokenWorkerException gone(Exception e) {
    return new BrokenWorkerException(Fault.GONE, "its connection broke: " + e, e);
  }

  @Override
  public void close() {
    try {
      selector.close();
      channel.close();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
