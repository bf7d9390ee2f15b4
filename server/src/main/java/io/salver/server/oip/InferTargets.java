package io.salver.server.oip;

import io.salver.model.VersionSelector;
import io.salver.server.inference.Names;
import io.salver.wire.ProtoReader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads which version a {@code ModelInferRequest} is for, and remembers what it read: a server sees
 * the same few names again and again, and comparing bytes is cheaper than making strings of them.
 *
 * <p>Thread-safe: entries are immutable, and a race loses at most an entry.
 */
final class InferTargets {
  private static final int MODEL_NAME = 1;
  private static final int MODEL_VERSION = 2;
  private static final int SLOTS = 256;
  private static final int MAX_REMEMBERED_BYTES = 256;

  /** A model and which of its versions. */
  record Target(String model, VersionSelector selector) {}

  @SuppressWarnings("ArrayRecordComponent")
  private record Entry(byte[] name, byte[] version, Target target) {}

  private final @Nullable Entry[] slots = new Entry[SLOTS];

  /**
   * The target of a request. Where a field comes twice the last one counts.
   *
   * @throws io.salver.predict.ServingException if the version is not a number
   */
  Target read(MemorySegment message) {
    ProtoReader reader = new ProtoReader(message);
    long nameFrom = 0;
    long nameTo = 0;
    long versionFrom = 0;
    long versionTo = 0;
    while (reader.next()) {
      switch (reader.field()) {
        case MODEL_NAME -> {
          long outer = reader.enter();
          nameFrom = reader.position();
          nameTo = reader.end();
          reader.leave(outer);
        }
        case MODEL_VERSION -> {
          long outer = reader.enter();
          versionFrom = reader.position();
          versionTo = reader.end();
          reader.leave(outer);
        }
        default -> reader.skip();
      }
    }
    return nameTo - nameFrom + versionTo - versionFrom <= MAX_REMEMBERED_BYTES
        ? remembered(message, nameFrom, nameTo, versionFrom, versionTo)
        : target(bytes(message, nameFrom, nameTo), bytes(message, versionFrom, versionTo));
  }

  private Target remembered(
      MemorySegment message, long nameFrom, long nameTo, long versionFrom, long versionTo) {
    int hash = 31 * hash(message, nameFrom, nameTo) + hash(message, versionFrom, versionTo);
    int slot = (hash ^ hash >>> 16) & SLOTS - 1;
    Entry entry = slots[slot];
    if (entry != null
        && Names.equal(message, nameFrom, (int) (nameTo - nameFrom), entry.name)
        && Names.equal(message, versionFrom, (int) (versionTo - versionFrom), entry.version)) {
      return entry.target;
    }
    byte[] name = bytes(message, nameFrom, nameTo);
    byte[] version = bytes(message, versionFrom, versionTo);
    Target target = target(name, version);
    slots[slot] = new Entry(name, version, target);
    return target;
  }

  private static int hash(MemorySegment message, long from, long to) {
    int hash = 1;
    for (long i = from; i < to; i++) {
      hash = 31 * hash + message.get(ValueLayout.JAVA_BYTE, i);
    }
    return hash;
  }

  private static byte[] bytes(MemorySegment message, long from, long to) {
    return message.asSlice(from, to - from).toArray(ValueLayout.JAVA_BYTE);
  }

  private static Target target(byte[] name, byte[] version) {
    return new Target(
        new String(name, StandardCharsets.UTF_8),
        ModelVersions.selector(new String(version, StandardCharsets.UTF_8)));
  }
}
