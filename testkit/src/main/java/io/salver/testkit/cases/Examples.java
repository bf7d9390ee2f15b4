package io.salver.testkit.cases;

import io.salver.wire.ProtoWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/** Serialised {@code tf.Example}s. */
public final class Examples {
  private Examples() {}

  /**
   * An example.
   *
   * @param features by name: a {@link Float}, {@link Long} or {@link String} for a feature of one
   *     value; an empty string for one without values
   */
  public static byte[] of(Map<String, Object> features) {
    ProtoWriter map = new ProtoWriter();
    new TreeMap<>(features)
        .forEach((name, value) ->
            map.message(1, new ProtoWriter().string(1, name).message(2, feature(value))));
    return new ProtoWriter().message(1, map).toByteArray();
  }

  private static ProtoWriter feature(Object value) {
    return switch (value) {
      case Float f -> new ProtoWriter().message(2, new ProtoWriter().packedFloat32(1, f));
      case Long i -> new ProtoWriter().message(3, new ProtoWriter().packedInt64(1, i));
      case String s when s.isEmpty() -> new ProtoWriter();
      case String s ->
          new ProtoWriter()
              .message(1, new ProtoWriter().bytes(1, s.getBytes(StandardCharsets.UTF_8)));
      default -> throw new IllegalArgumentException("feature: " + value);
    };
  }
}
