package io.salver.cache;

import io.salver.predict.Category;
import io.salver.predict.PredictRequest;
import io.salver.predict.Reply;
import io.salver.predict.ServingException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A run that is under way, and the equal requests that wait for it. Thread-safe, without locks. */
final class Flight {
  /** The newest of the followers, each of whom knows the one before; or that it has landed. */
  private sealed interface Head {}

  private record Landed() implements Head {}

  /** A request that waits, and the duty to answer it. */
  static final class Follower implements Head {
    private final PredictRequest request;
    private final Reply reply;
    private final @Nullable Follower before;
    private final Runnable onCancel = this::cancelled;

    private Follower(PredictRequest request, Reply reply, @Nullable Follower before) {
      this.request = request;
      this.reply = reply;
      this.before = before;
    }

    private void cancelled() {
      reply.failed(
          request, new ServingException(Category.CANCELLED, "cancelled: the caller went away"));
    }

    PredictRequest request() {
      return request;
    }

    Reply reply() {
      return reply;
    }

    /** Whether the follower is still to be answered, which is now up to the caller. */
    boolean take() {
      return request.endAwait(onCancel);
    }
  }

  private static final Landed LANDED = new Landed();

  private final AtomicReference<@Nullable Head> head = new AtomicReference<>();

  /**
   * Has a request wait.
   *
   * @return false if the flight has landed; then the request is the caller's to answer
   */
  boolean join(PredictRequest request, Reply reply) {
    while (true) {
      Head seen = head.get();
      if (seen instanceof Landed) {
        return false;
      }
      Follower follower = new Follower(request, reply, (Follower) seen);
      if (!request.awaitCancel(follower.onCancel)) {
        follower.cancelled();
        return true;
      }
      if (head.compareAndSet(seen, follower) || !follower.take()) {
        return true;
      }
    }
  }

  /** Lets nobody join any more, and gives those who wait, first come first. Called once. */
  List<Follower> land() {
    List<Follower> followers = new ArrayList<>();
    Follower follower = head.getAndSet(LANDED) instanceof Follower newest ? newest : null;
    for (; follower != null; follower = follower.before) {
      followers.add(follower);
    }
    Collections.reverse(followers);
    return followers;
  }
}
