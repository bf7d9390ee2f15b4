package io.salver.endpoint;

import io.salver.predict.ServingException;
import java.time.Clock;
import java.util.List;
import java.util.function.Function;

/**
 * Who did what on the control side, and who was refused. Keeps the last {@value
 * ControlStore#MAX_AUDIT_ENTRIES} entries. Thread-safe; may block.
 */
public final class AuditLog {
  private static final System.Logger LOG = System.getLogger(AuditLog.class.getName());

  private final ControlStore store;
  private final Clock clock;

  public AuditLog(ControlStore store, Clock clock) {
    this.store = store;
    this.clock = clock;
  }

  /**
   * What somebody wants to do.
   *
   * @param actor who
   * @param action as {@code put}
   * @param target to what, as {@code endpoint/churn}
   * @param detail in words; may be empty
   */
  public record Action(String actor, String action, String target, String detail) {}

  /**
   * Adds an entry.
   *
   * @param outcome {@link AuditEntry#DONE}, or why not
   * @throws ServingException if it cannot be kept
   */
  public void record(Action action, String outcome) {
    store.change(transaction -> transaction.audit(entry(action, outcome)));
  }

  /**
   * Does what is wanted, and notes in the same transaction that it was done, or in one of its own
   * why it was refused.
   *
   * @throws ServingException what {@code work} or the store failed with
   */
  public <T> T audited(Action action, Function<ControlStore.Transaction, T> work) {
    try {
      return store.write(transaction -> {
        T result = work.apply(transaction);
        transaction.audit(entry(action, AuditEntry.DONE));
        return result;
      });
    } catch (ServingException e) {
      refused(action, e);
      throw e;
    }
  }

  /**
   * Does what the store has no part in, and notes that it was done or why not; if that cannot be
   * kept, in the server's log.
   *
   * @throws ServingException what {@code work} failed with
   */
  public void noted(Action action, Runnable work) {
    try {
      work.run();
    } catch (ServingException e) {
      refused(action, e);
      throw e;
    }
    note(action, AuditEntry.DONE);
  }

  /** Notes why something was not done; if that cannot be kept, in the server's log. */
  public void refused(Action action, ServingException reason) {
    note(action, "refused: " + reason.getMessage());
  }

  private void note(Action action, String outcome) {
    try {
      record(action, outcome);
    } catch (ServingException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "audit: {0}, {1}; not kept: {2}",
          action,
          outcome,
          e.getMessage());
    }
  }

  /** An entry of now, to be added by a transaction. */
  public AuditEntry entry(Action action, String outcome) {
    return new AuditEntry(
        0,
        clock.instant(),
        action.actor(),
        action.action(),
        action.target(),
        action.detail(),
        outcome);
  }

  /**
   * The newest entries.
   *
   * @param limit how many at most
   * @param before only those with lower ids; {@link Long#MAX_VALUE} for all
   */
  public List<AuditEntry> latest(int limit, long before) {
    return store.read(view -> view.audit(limit, before));
  }
}
