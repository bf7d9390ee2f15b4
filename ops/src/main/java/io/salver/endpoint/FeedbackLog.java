package io.salver.endpoint;

import io.salver.predict.ServingException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * On which predictions there was feedback, and which prediction a join key stands for. Forgets what
 * is older than its age, and the oldest where there are more than {@value #MAX_KEPT} of either.
 * Thread-safe; may block.
 */
public final class FeedbackLog {
  /** How many of each are kept at most. */
  static final int MAX_KEPT = 1_000_000;

  /** The longest name that a client may have for a prediction. */
  static final int MAX_KEY_CHARS = 256;

  private static final int MAX_ID_CHARS = 2_048;
  private static final int HASH_BYTES = 16;
  private static final int TRIM_EVERY = 1_000;

  private final ControlStore store;
  private final Clock clock;
  private final Duration maxAge;
  private final AtomicInteger untrimmed = new AtomicInteger(TRIM_EVERY);

  /**
   * A log.
   *
   * @param maxAge how long after a prediction feedback may come
   */
  public FeedbackLog(ControlStore store, Clock clock, Duration maxAge) {
    this.store = store;
    this.clock = clock;
    this.maxAge = maxAge;
  }

  /**
   * A client's own name for what it asked about.
   *
   * @throws ServingException INVALID_ARGUMENT if it is empty or too long
   */
  public record Join(String joinKey, String predictionId) {
    public Join {
      check("join_key", joinKey, MAX_KEY_CHARS);
      check("prediction_id", predictionId, MAX_ID_CHARS);
    }
  }

  private static void check(String name, String key, int maxChars) {
    if (key.isEmpty() || key.length() > maxChars) {
      throw ServingException.invalid(
          name + ": " + key.length() + " characters (expected: from 1 to " + maxChars + ")");
    }
  }

  /**
   * Notes that there was feedback on a prediction.
   *
   * @return false if that was known
   */
  public boolean note(String endpoint, String predictionId) {
    check("prediction_id", predictionId, MAX_ID_CHARS);
    // Ids carry what was predicted and are long; to know one again its hash is enough.
    String hash = Hashes.sha256(predictionId, HASH_BYTES);
    return store.write(transaction -> {
      trim(transaction, 1);
      return transaction.addFeedback(endpoint, hash, clock.instant());
    });
  }

  /** Lets join keys stand for predictions, in one transaction. */
  public void join(String endpoint, List<Join> joins) {
    store.change(transaction -> {
      trim(transaction, joins.size());
      for (Join join : joins) {
        transaction.putJoinKey(endpoint, join.joinKey(), join.predictionId(), clock.instant());
      }
    });
  }

  /** The prediction that a join key stands for; empty if none, or not any more. */
  public Optional<String> predictionOf(String endpoint, String joinKey) {
    return store.read(view -> view.predictionOf(endpoint, joinKey));
  }

  private void trim(ControlStore.Transaction transaction, int added) {
    if (untrimmed.addAndGet(added) >= TRIM_EVERY) {
      untrimmed.set(0);
      transaction.forgetFeedback(clock.instant().minus(maxAge), MAX_KEPT);
    }
  }
}
