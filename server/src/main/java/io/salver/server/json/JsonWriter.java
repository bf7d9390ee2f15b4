package io.salver.server.json;

import java.util.Arrays;

/**
 * Appends JSON to a byte array that grows and is used again. Commas and colons are the caller's.
 *
 * <p>One for each event loop; not thread-safe.
 */
public final class JsonWriter {
  private byte[] array = new byte[1024];
  private int size;

  /** An empty writer. */
  public JsonWriter() {}

  /** The bytes written, from index 0 to {@link #size()}; valid until the next write. */
  public byte[] array() {
    return array;
  }

  /** How many bytes of {@link #array()} are written. */
  public int size() {
    return size;
  }

  /** Forgets what was written. */
  public JsonWriter clear() {
    size = 0;
    return this;
  }

  /** Appends a byte as it is. */
  public JsonWriter raw(char ascii) {
    if (size == array.length) {
      array = Arrays.copyOf(array, 2 * size);
    }
    array[size++] = (byte) ascii;
    return this;
  }
}
