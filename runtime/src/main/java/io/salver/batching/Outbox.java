package io.salver.batching;

import io.salver.predict.PredictRequest;
import io.salver.predict.Reply;
import io.salver.predict.ServingException;
import io.salver.predict.Turn;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Takes the answers of a thread that runs models to the event loops that they are for: those of a
 * batch in one task for each loop. Waking a loop costs a system call and the interruption of
 * another processor, which is much beside a run of 30 us, so the answers of short runs that follow
 * each other at once are held for a while: for an eighth of what the request took until then, and
 * for {@link #MAX_HOLD_NS} at most.
 *
 * <p>Confined to the thread that runs. It has to {@link #send} before it waits for anything.
 */
final class Outbox {
  static final long MAX_HOLD_NS = TimeUnit.MICROSECONDS.toNanos(500);

  private static final int HELD_SHARE_SHIFT = 3;

  private final List<Letter> letters = new ArrayList<>();
  private long dueNs;

  /** A reply that takes the way through here to {@code reply}, and calls it on the loop. */
  Reply to(Reply reply) {
    return new Reply() {
      @Override
      public void succeeded(PredictRequest request) {
        add(new Answer(request, reply, null));
      }

      @Override
      public void failed(PredictRequest request, ServingException failure) {
        add(new Answer(request, reply, failure));
      }
    };
  }

  private void add(Answer answer) {
    Turn turn = answer.request.turn();
    if (turn == null) {
      answer.give();
      return;
    }
    if (letters.isEmpty()) {
      dueNs = dueNs(answer.request, System.nanoTime());
    }
    for (Letter letter : letters) {
      if (letter.turn == turn) {
        letter.answers.add(answer);
        return;
      }
    }
    Letter letter = new Letter(turn);
    letter.answers.add(answer);
    letters.add(letter);
  }

  private static long dueNs(PredictRequest request, long nowNs) {
    long tookNs = nowNs - request.receivedNs();
    return nowNs + Math.min(MAX_HOLD_NS, tookNs >> HELD_SHARE_SHIFT);
  }

  boolean isEmpty() {
    return letters.isEmpty();
  }

  /** Sends what would be held too long if the thread did something for {@code nextNs} first. */
  void sendIfDue(long nowNs, long nextNs) {
    if (!letters.isEmpty() && nowNs + nextNs - dueNs >= 0) {
      send();
    }
  }

  /** Sends what is here. */
  void send() {
    letters.forEach(Letter::send);
    letters.clear();
  }

  private record Answer(PredictRequest request, Reply reply, @Nullable ServingException failure) {
    void give() {
      if (failure == null) {
        reply.succeeded(request);
      } else {
        reply.failed(request, failure);
      }
    }
  }

  /** What goes to one loop. */
  private static final class Letter implements Runnable {
    private final Turn turn;
    private final List<Answer> answers = new ArrayList<>();

    Letter(Turn turn) {
      this.turn = turn;
    }

    void send() {
      try {
        turn.execute(this);
      } catch (RejectedExecutionException ended) {
        run();
      }
    }

    @Override
    public void run() {
      answers.forEach(Answer::give);
    }
  }
}
