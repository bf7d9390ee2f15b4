package io.salver.endpoint;

import io.salver.predict.ServingException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The secret by which predictions of endpoints are known again: 16 bytes, made at random, and kept
 * with the first endpoint. Immutable.
 */
public final class PredictionKey {
  private static final String SETTING = "prediction_key";
  private static final int BYTES = 16;

  private final String digits;

  private PredictionKey(String digits) {
    this.digits = digits;
  }

  /**
   * The key that a store has, or a new one.
   *
   * @throws ServingException if the store cannot be read
   */
  public static PredictionKey of(ControlStore store) {
    Optional<String> kept = store.read(view -> view.setting(SETTING));
    return new PredictionKey(kept.orElseGet(PredictionKey::random));
  }

  private static String random() {
    byte[] key = new byte[BYTES];
    new SecureRandom().nextBytes(key);
    return HexFormat.of().formatHex(key);
  }

  /** The key. */
  public byte[] bytes() {
    return HexFormat.of().parseHex(digits);
  }

  void keep(ControlStore.Transaction transaction) {
    if (transaction.setting(SETTING).isEmpty()) {
      transaction.putSetting(SETTING, digits);
    }
  }
}
