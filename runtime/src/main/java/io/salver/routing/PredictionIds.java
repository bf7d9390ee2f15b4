package io.salver.routing;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Predictions as texts that can be handed to callers: base64 (of the kind that fits into URLs) of
 * the values, then a {@link SipHash} of them, so that nobody makes up a prediction that was not
 * made. Immutable.
 */
public final class PredictionIds {
  private static final byte FORMAT = 2;
  private static final int MAC_BYTES = 8;
  private static final int MAX_NAME_BYTES = 64;
  private static final int MAX_ID_CHARS = 2048;
  private static final int FIXED_BYTES = 1 + 4 + 4 + 8 + 4 + 8 + 4 + 3 + 1;
  private static final byte NO_LABEL = 0;
  private static final byte NAME = 1;
  private static final byte INDEX = 2;
  private static final byte NUMBER = 3;
  private static final byte[] NOTHING = {};

  private final SipHash mac;

  /**
   * Ids of predictions made by who knows {@code key}.
   *
   * @param key 16 bytes, secret, the same after a restart
   */
  public PredictionIds(byte[] key) {
    this.mac = new SipHash(key);
  }

  /**
   * The id of a prediction. A class whose name has more than 64 bytes is left out.
   *
   * @param endpointHash the {@link #endpointHash} of its endpoint, which is the same for each of
   *     them
   */
  String encode(int endpointHash, Prediction prediction) {
    Label label = prediction.label();
    byte[] name = label instanceof Label.Name(String text) ? nameBytes(text) : NOTHING;
    byte kind = kind(label, name);
    int size =
        FIXED_BYTES
            + (kind == NAME ? name.length : kind == NO_LABEL ? 0 : Long.BYTES)
            + Float.BYTES * prediction.context().length
            + Integer.BYTES * prediction.members().length;
    ByteBuffer out = ByteBuffer.allocate(size + MAC_BYTES);
    out.put(FORMAT);
    out.putInt(endpointHash);
    out.putInt((int) prediction.timeSeconds());
    out.putLong(prediction.nonce());
    out.putInt(prediction.route());
    out.putLong(prediction.version());
    out.putFloat(prediction.probability());
    out.put(kind);
    out.put((byte) name.length);
    out.put((byte) prediction.context().length);
    out.put((byte) prediction.members().length);
    switch (label) {
      case Label.Index(long index) -> out.putLong(index);
      case Label.Number(double value) -> out.putDouble(value);
      case Label.Name _ -> out.put(name);
      case null -> {}
    }
    for (float feature : prediction.context()) {
      out.putFloat(feature);
    }
    for (int member : prediction.members()) {
      out.putInt(member);
    }
    out.putLong(mac.hash(out.array(), size));
    return Base64Url.encode(out.array());
  }

  /** A name in UTF-8; nothing if that is too long. */
  private static byte[] nameBytes(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return bytes.length <= MAX_NAME_BYTES ? bytes : NOTHING;
  }

  private static byte kind(@Nullable Label label, byte[] name) {
    return switch (label) {
      case Label.Name(String text) -> name.length < text.length() ? NO_LABEL : NAME;
      case Label.Index _ -> INDEX;
      case Label.Number _ -> NUMBER;
      case null -> NO_LABEL;
    };
  }

  /** What an id says of the endpoint that it belongs to. */
  int endpointHash(String endpoint) {
    byte[] name = endpoint.getBytes(StandardCharsets.UTF_8);
    return (int) mac.hash(name, name.length);
  }

  /**
   * The prediction of an endpoint that an id stands for; empty if it is not an id that this server
   * made for that endpoint.
   */
  public Optional<Prediction> decode(String endpoint, String id) {
    if (id.length() > MAX_ID_CHARS) {
      return Optional.empty();
    }
    byte[] bytes;
    try {
      bytes = Base64.getUrlDecoder().decode(id);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
    int size = bytes.length - MAC_BYTES;
    ByteBuffer in = ByteBuffer.wrap(bytes);
    if (size < FIXED_BYTES || in.getLong(size) != mac.hash(bytes, size) || in.get() != FORMAT) {
      return Optional.empty();
    }
    return in.getInt() == endpointHash(endpoint)
        ? Optional.of(read(endpoint, in))
        : Optional.empty();
  }

  private static @Nullable Label readLabel(byte kind, byte[] name, ByteBuffer in) {
    in.get(name);
    return switch (kind) {
      case NAME -> new Label.Name(new String(name, StandardCharsets.UTF_8));
      case INDEX -> new Label.Index(in.getLong());
      case NUMBER -> new Label.Number(in.getDouble());
      default -> null;
    };
  }

  /** The rest of what {@link #encode} wrote, which the hash vouches for. */
  private static Prediction read(String endpoint, ByteBuffer in) {
    long timeSeconds = in.getInt() & 0xffffffffL;
    long nonce = in.getLong();
    int route = in.getInt();
    long version = in.getLong();
    float probability = in.getFloat();
    byte kind = in.get();
    byte[] name = new byte[in.get()];
    float[] context = new float[in.get()];
    int[] members = new int[in.get()];
    Label label = readLabel(kind, name, in);
    for (int i = 0; i < context.length; i++) {
      context[i] = in.getFloat();
    }
    for (int i = 0; i < members.length; i++) {
      members[i] = in.getInt();
    }
    return new Prediction(
        endpoint, timeSeconds, nonce, route, version, probability, label, context, members);
  }
}
