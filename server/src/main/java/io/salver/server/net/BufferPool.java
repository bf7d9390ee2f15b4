package io.salver.server.net;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** Byte arrays kept for reuse, in sizes that are powers of two. Confined to one event loop. */
public final class BufferPool {
  private static final int MIN_SHIFT = 10;
  private static final int MAX_SHIFT = 22;
  private static final int MAX_IDLE_BYTES = 16 << 20;

  private final List<ArrayDeque<byte[]>> idle = new ArrayList<>();
  private int idleBytes;

  BufferPool() {
    for (int shift = MIN_SHIFT; shift <= MAX_SHIFT; shift++) {
      idle.add(new ArrayDeque<>());
    }
  }

  /** An array of at least {@code sizeBytes} bytes, with whatever was in it. */
  public byte[] take(int sizeBytes) {
    int shift = shift(sizeBytes);
    if (shift > MAX_SHIFT) {
      return new byte[sizeBytes];
    }
    byte[] buffer = idle.get(shift - MIN_SHIFT).pollLast();
    if (buffer == null) {
      return new byte[1 << shift];
    }
    idleBytes -= buffer.length;
    return buffer;
  }

  /** Takes back an array from {@link #take}, once. */
  public void give(byte[] buffer) {
    int shift = shift(buffer.length);
    if (shift <= MAX_SHIFT && buffer.length == 1 << shift && idleBytes < MAX_IDLE_BYTES) {
      idle.get(shift - MIN_SHIFT).addLast(buffer);
      idleBytes += buffer.length;
    }
  }

  private static int shift(int sizeBytes) {
    return Math.max(MIN_SHIFT, Integer.SIZE - Integer.numberOfLeadingZeros(sizeBytes - 1));
  }
}
