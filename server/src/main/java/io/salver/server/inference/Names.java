package io.salver.server.inference;

import io.salver.tensor.TensorSpec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The names of a signature's inputs or outputs as the bytes that stand for them in messages. */
public final class Names {
  private final byte[][] names;

  /** The names of {@code specs}, in their order. */
  public Names(List<TensorSpec> specs) {
    this.names =
        specs.stream()
            .map(spec -> spec.name().getBytes(StandardCharsets.UTF_8))
            .toArray(byte[][]::new);
  }

  /** How many there are. */
  public int count() {
    return names.length;
  }

  /** Name {@code i}; not to be changed. */
  public byte[] get(int i) {
    return names[i];
  }

  /** The index of the name that lies in {@code memory}, or -1. */
  public int indexOf(MemorySegment memory, long from, long to) {
    for (int i = 0; i < names.length; i++) {
      if (to - from == names[i].length && equal(memory, from, names[i].length, names[i])) {
        return i;
      }
    }
    return -1;
  }

  /** Whether {@code length} bytes of {@code memory} are {@code bytes}. */
  public static boolean equal(MemorySegment memory, long from, int length, byte[] bytes) {
    if (length != bytes.length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (memory.get(ValueLayout.JAVA_BYTE, from + i) != bytes[i]) {
        return false;
      }
    }
    return true;
  }
}
