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
  private static final byte FORMAT = 1;
  private static final int MAC_BYTES = 8;
  private static final int MAX_LABEL_BYTES = 64;
  private static final int MAX_ID_CHARS = 2048;
  private static final int FIXED_BYTES = 1 + 4 + 4 + 8 + 4 + 8 + 4 + 3 + 1;
  private static final byte NO_LABEL = 0;
  private static final byte CLASS = 1;
  private static final byte NUMBER = 2;

  private final SipHash mac;

  /**
   * Ids of predictions made by who knows {@code key}.
   *
   * @param key 16 bytes, secret, the same after a restart
   */
  public PredictionIds(byte[] key) {
    this.mac = new SipHash(key);
  }

  /** The id of a prediction. A label of more than 64 bytes is left out. */
  public String encode(Prediction prediction) {
    byte[] label = labelBytes(prediction.label());
    int size =
        FIXED_BYTES
            + label.length
            + Float.BYTES * prediction.context().length
            + Integer.BYTES * prediction.members().length;
    ByteBuffer out = ByteBuffer.allocate(size + MAC_BYTES);
    out.put(FORMAT);
    out.putInt(endpointHash(prediction.endpoint()));
    out.putInt((int) prediction.timeSeconds());
    out.putLong(prediction.nonce());
    out.putInt(prediction.route());
    out.putLong(prediction.version());
    out.putFloat(prediction.probability());
    out.put(kind(prediction.label(), label));
    out.put((byte) label.length);
    out.put((byte) prediction.context().length);
    out.put((byte) prediction.members().length);
    out.put(label);
    for (float feature : prediction.context()) {
      out.putFloat(feature);
    }
    for (int member : prediction.members()) {
      out.putInt(member);
    }
    out.putLong(mac.hash(out.array(), size));
    return new String(
        Base64.getUrlEncoder().withoutPadding().encode(out.array()), StandardCharsets.ISO_8859_1);
  }

  private static byte[] labelBytes(@Nullable Label label) {
    byte[] bytes = label == null ? new byte[0] : label.text().getBytes(StandardCharsets.UTF_8);
    return bytes.length <= MAX_LABEL_BYTES ? bytes : new byte[0];
  }

  private static byte kind(@Nullable Label label, byte[] bytes) {
    if (label == null || bytes.length < label.text().length()) {
      return NO_LABEL;
    }
    return label.isClass() ? CLASS : NUMBER;
  }

  private int endpointHash(String endpoint) {
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

  /** The rest of what {@link #encode} wrote, which the hash vouches for. */
  private static Prediction read(String endpoint, ByteBuffer in) {
    long timeSeconds = in.getInt() & 0xffffffffL;
    long nonce = in.getLong();
    int route = in.getInt();
    long version = in.getLong();
    float probability = in.getFloat();
    byte kind = in.get();
    byte[] label = new byte[in.get()];
    float[] context = new float[in.get()];
    int[] members = new int[in.get()];
    in.get(label);
    for (int i = 0; i < context.length; i++) {
      context[i] = in.getFloat();
    }
    for (int i = 0; i < members.length; i++) {
      members[i] = in.getInt();
    }
    Label said =
        kind == NO_LABEL
            ? null
            : new Label(new String(label, StandardCharsets.UTF_8), kind == CLASS);
    return new Prediction(
        endpoint, timeSeconds, nonce, route, version, probability, said, context, members);
  }
}
