package io.salver.server.tfserving;

import io.salver.model.VersionSelector;
import io.salver.predict.ServingException;
import io.salver.server.inference.Names;
import io.salver.wire.ProtoReader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * Reads the {@code ModelSpec} of requests, and remembers what it read: a server sees the same few
 * specs again and again, and comparing bytes is cheaper than making strings of them.
 *
 * <p>Thread-safe: entries are immutable, and a race loses at most an entry.
 */
final class TargetReader {
  private static final int SLOTS = 256;
  private static final int MAX_REMEMBERED_BYTES = 256;

  @SuppressWarnings("ArrayRecordComponent")
  private record Entry(byte[] bytes, Target target) {}

  private final @Nullable Entry[] slots = new Entry[SLOTS];

  /**
   * The target of a request message whose field {@code field} is its {@code ModelSpec}.
   *
   * @throws ServingException if the field is missing, or names no model
   */
  Target read(MemorySegment message, int field) {
    ProtoReader reader = new ProtoReader(message);
    long from = -1;
    long to = -1;
    while (reader.next()) {
      if (reader.field() != field) {
        reader.skip();
        continue;
      }
      if (from >= 0) {
        return merged(message, field);
      }
      long outer = reader.enter();
      from = reader.position();
      to = reader.end();
      reader.leave(outer);
    }
    if (from < 0) {
      throw ServingException.invalid("Missing ModelSpec");
    }
    return to - from <= MAX_REMEMBERED_BYTES
        ? remembered(message, from, (int) (to - from))
        : parse(message, from, to);
  }

  private Target remembered(MemorySegment message, long from, int length) {
    int hash = length;
    for (int i = 0; i < length; i++) {
      hash = 31 * hash + message.get(ValueLayout.JAVA_BYTE, from + i);
    }
    int slot = (hash ^ hash >>> 16) & SLOTS - 1;
    Entry entry = slots[slot];
    if (entry != null && Names.equal(message, from, length, entry.bytes)) {
      return entry.target;
    }
    Target target = parse(message, from, from + length);
    byte[] bytes = message.asSlice(from, length).toArray(ValueLayout.JAVA_BYTE);
    slots[slot] = new Entry(bytes, target);
    return target;
  }

  private static Target parse(MemorySegment message, long from, long to) {
    Fields fields = new Fields();
    ProtoReader reader = new ProtoReader();
    reader.reset(message, from, to);
    fields.read(reader);
    return fields.target();
  }

  /** The rule of the wire format for a message field that comes more than once. */
  private static Target merged(MemorySegment message, int field) {
    Fields fields = new Fields();
    ProtoReader reader = new ProtoReader(message);
    while (reader.next()) {
      if (reader.field() == field) {
        long outer = reader.enter();
        fields.read(reader);
        reader.leave(outer);
      } else {
        reader.skip();
      }
    }
    return fields.target();
  }

  /** A {@code ModelSpec} as it is read. */
  private static final class Fields {
    private String model = "";
    private String signature = "";
    private VersionSelector selector = VersionSelector.LATEST;

    void read(ProtoReader reader) {
      while (reader.next()) {
        switch (reader.field()) {
          case 1 -> model = reader.readString();
          case 2 -> selector = new VersionSelector.Exact(readInt64Value(reader));
          case 3 -> signature = reader.readString();
          case 4 -> selector = new VersionSelector.Labelled(reader.readString());
          default -> reader.skip();
        }
      }
    }

    private static long readInt64Value(ProtoReader reader) {
      long value = 0;
      long outer = reader.enter();
      while (reader.next()) {
        if (reader.field() == 1) {
          value = reader.readInt64();
        } else {
          reader.skip();
        }
      }
      reader.leave(outer);
      return value;
    }

    Target target() {
      if (model.isEmpty()) {
        throw ServingException.invalid("ModelSpec has no name specified.");
      }
      return new Target(model, selector, signature);
    }
  }
}
