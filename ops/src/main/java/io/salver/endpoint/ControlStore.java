package io.salver.endpoint;

import io.salver.predict.ServingException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Where the control side keeps what a restart must not forget. Small: all endpoints fit in memory.
 *
 * <p>Thread-safe: one write at a time, and a read never sees half of one. May block on the disk, so
 * not for threads that serve requests. Times are kept in milliseconds.
 */
public interface ControlStore extends AutoCloseable {
  /** How many entries of the audit log are kept. */
  int MAX_AUDIT_ENTRIES = 100_000;

  /**
   * Reads.
   *
   * @throws ServingException UNAVAILABLE if the store cannot be read, DATA_LOSS if it is corrupt
   */
  <T> T read(Function<View, T> work);

  /**
   * Changes: all that {@code work} does, or, if it throws or the store fails, nothing.
   *
   * @throws ServingException UNAVAILABLE if the store cannot be written, as when the disk is full;
   *     DATA_LOSS if it is corrupt; what {@code work} threw
   */
  <T> T write(Function<Transaction, T> work);

  /** {@link #write(Function)} for work without a result. */
  default void change(Consumer<Transaction> work) {
    write(transaction -> {
      work.accept(transaction);
      return Boolean.TRUE;
    });
  }

  @Override
  void close();

  /** What is in the store. Valid while the work runs that was given it. */
  interface View {
    /** All endpoints, by name. */
    List<StoredEndpoint> endpoints();

    /** An endpoint. */
    Optional<StoredEndpoint> endpoint(String name);

    /** The state values of an endpoint by kind. */
    Map<String, String> states(String endpoint);

    /** The highest revision that was ever given out; 0 if none was. */
    long revision();

    /** A value that belongs to the server, not to an endpoint. */
    Optional<String> setting(String name);

    /** All such values whose names begin with {@code prefix}, by name. */
    Map<String, String> settings(String prefix);

    /**
     * The audit log, newest first.
     *
     * @param limit how many entries at most
     * @param before only those with lower ids
     */
    List<AuditEntry> audit(int limit, long before);

    /** Whether there has been feedback on a prediction. */
    boolean hasFeedback(String endpoint, String predictionId);

    /** The prediction that a join key stands for. */
    Optional<String> predictionOf(String endpoint, String joinKey);
  }

  /** What may be changed. Valid while the work runs that was given it. */
  interface Transaction extends View {
    /** Adds or replaces an endpoint, and raises the revision to its own. */
    void put(StoredEndpoint endpoint);

    /** Removes an endpoint with its states; not what is known of feedback, which goes by age. */
    void delete(String endpoint);

    /** Sets a state value of an endpoint, which has to be there. */
    void putState(String endpoint, String kind, String value);

    /** Removes a state value. */
    void deleteState(String endpoint, String kind);

    /** Sets a value that belongs to the server. */
    void putSetting(String name, String value);

    /** Removes such a value. */
    void deleteSetting(String name);

    /**
     * Adds to the audit log, whose oldest entry goes if there are {@link #MAX_AUDIT_ENTRIES}.
     *
     * @param entry its id is not looked at
     * @return the id that it got, higher than all before
     */
    long audit(AuditEntry entry);

    /**
     * Notes that there was feedback on a prediction.
     *
     * @return false if that was known
     */
    boolean addFeedback(String endpoint, String predictionId, Instant time);

    /** Lets a join key stand for a prediction, the last one that it is put for. */
    void putJoinKey(String endpoint, String joinKey, String predictionId, Instant time);

    /**
     * Forgets feedback and join keys.
     *
     * @param before those that are older
     * @param most and the oldest of each, until so many are left
     */
    void forgetFeedback(Instant before, int most);
  }
}
