package io.salver.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Policy;
import io.salver.batching.RunStatistics;
import io.salver.lifecycle.VersionRunner;
import io.salver.predict.Category;
import io.salver.predict.PredictRequest;
import io.salver.predict.Reply;
import io.salver.predict.ServingException;
import io.salver.predict.Turn;
import io.salver.tensor.MemoryLimitException;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Answers a version's requests that were answered before, and has equal requests share one run.
 *
 * <p>Belongs to its version and goes with it. Which answers stay is decided by W-TinyLFU (Einziger,
 * Friedman and Manes, ACM Transactions on Storage 13(4), 2017), within a number of bytes. Warm-up
 * passes by: it is there to run the model.
 *
 * <p>A request that comes while an equal one is being run waits for that one's answer. If the run
 * fails because of the inputs, all fail; if it fails for any other reason, those who waited go on
 * by themselves.
 */
public final class PredictionCache implements VersionRunner {
  private final VersionRunner next;
  private final long maxEntryBytes;
  private final KeyHash hash;
  private final Cache<CacheKey, CachedAnswer> answers;
  private final ConcurrentHashMap<CacheKey, Flight> flights = new ConcurrentHashMap<>();
  private final LongAdder hits = new LongAdder();
  private final LongAdder misses = new LongAdder();
  private final LongAdder coalesced = new LongAdder();
  private final LongAdder evictions = new LongAdder();
  private final LongAdder hitNs = new LongAdder();
  private final LongAdder missNs = new LongAdder();
  private volatile boolean warm;

  PredictionCache(VersionRunner next, CacheOptions options, KeyHash hash) {
    this.next = next;
    this.maxEntryBytes = Math.min(options.maxBytes(), Integer.MAX_VALUE);
    this.hash = hash;
    this.answers =
        Caffeine.newBuilder()
            .maximumWeight(options.maxBytes())
            .weigher(PredictionCache::weight)
            .executor(Runnable::run)
            .evictionListener((key, answer, cause) -> evictions.increment())
            .build();
  }

  private static int weight(CacheKey key, CachedAnswer answer) {
    return (int) (key.sizeBytes() + answer.sizeBytes());
  }

  /** A cache in front of a version's last stages, which it closes when it is closed. */
  public static PredictionCache of(VersionRunner next, CacheOptions options) {
    return new PredictionCache(next, options, new InputHash(new SecureRandom()));
  }

  @Override
  public void predict(PredictRequest request, Reply reply) {
    if (!warm) {
      next.predict(request, reply);
      return;
    }
    long startNs = System.nanoTime();
    CacheKey key = CacheKey.of(request, hash);
    while (true) {
      CachedAnswer answer = answers.getIfPresent(key);
      if (answer != null) {
        answerWith(answer, request, reply, startNs);
        return;
      }
      Flight flight = flights.get(key);
      boolean done =
          flight == null ? lead(key, request, reply, startNs) : flight.join(request, reply);
      if (done) {
        return;
      }
    }
  }

  /** Runs the request, unless an equal one is being run by now: then says false. */
  private boolean lead(CacheKey key, PredictRequest request, Reply reply, long startNs) {
    CacheKey kept = kept(key);
    Flight flight = new Flight();
    if (kept != null && flights.putIfAbsent(kept, flight) != null) {
      return false;
    }
    misses.increment();
    missNs.add(System.nanoTime() - startNs);
    next.predict(request, kept == null ? reply : new Lead(kept, flight, reply));
    return true;
  }

  /** A copy of the key, or null if it does not fit. */
  private @Nullable CacheKey kept(CacheKey key) {
    try {
      return key.sizeBytes() > maxEntryBytes ? null : key.kept();
    } catch (OutOfMemoryError noHeap) {
      return null;
    }
  }

  private void answerWith(CachedAnswer answer, PredictRequest request, Reply reply, long startNs) {
    if (give(answer, request, reply)) {
      hits.increment();
      hitNs.add(System.nanoTime() - startNs);
      reply.succeeded(request);
    }
  }

  /** Gives the answer to the request, or fails it and says false. */
  private static boolean give(CachedAnswer answer, PredictRequest request, Reply reply) {
    try {
      answer.giveTo(request);
      return true;
    } catch (MemoryLimitException e) {
      reply.failed(request, ServingException.of(e));
      return false;
    }
  }

  /** The one whose request is run, and who sees to those that wait for it. */
  private final class Lead implements Reply {
    private final CacheKey key;
    private final Flight flight;
    private final Reply reply;

    Lead(CacheKey key, Flight flight, Reply reply) {
      this.key = key;
      this.flight = flight;
      this.reply = reply;
    }

    @Override
    public void succeeded(PredictRequest request) {
      CachedAnswer answer = keep(request);
      flights.remove(key, flight);
      List<Flight.Follower> followers = flight.land();
      if (answer == null && !followers.isEmpty()) {
        answer = copy(request);
      }
      reply.succeeded(request);
      for (Flight.Follower follower : followers) {
        if (follower.take()) {
          if (answer == null) {
            goOn(follower);
          } else if (give(answer, follower.request(), follower.reply())) {
            coalesced.increment();
            follower.reply().succeeded(follower.request());
          }
        }
      }
    }

    /** Keeps the answer, if it has room at all. */
    private @Nullable CachedAnswer keep(PredictRequest request) {
      long startNs = System.nanoTime();
      boolean fits = key.sizeBytes() + CachedAnswer.sizeBytes(request) <= maxEntryBytes;
      CachedAnswer answer = fits ? copy(request) : null;
      if (answer != null) {
        answers.put(key, answer);
        missNs.add(System.nanoTime() - startNs);
      }
      return answer;
    }

    @Override
    public void failed(PredictRequest request, ServingException failure) {
      flights.remove(key, flight);
      List<Flight.Follower> followers = flight.land();
      reply.failed(request, failure);
      for (Flight.Follower follower : followers) {
        if (follower.take()) {
          if (isAboutInputs(failure.category())) {
            coalesced.increment();
            follower.reply().failed(follower.request(), failure);
          } else {
            goOn(follower);
          }
        }
      }
    }
  }

  /** The answer on the heap, or null if there is no room for it. */
  private static @Nullable CachedAnswer copy(PredictRequest request) {
    try {
      return CachedAnswer.of(request);
    } catch (OutOfMemoryError | ArithmeticException tooLarge) {
      return null;
    }
  }

  /** Has a follower run by itself, begun by the thread that a request is begun by. */
  private void goOn(Flight.Follower follower) {
    PredictRequest request = follower.request();
    Turn turn = request.turn();
    if (turn == null) {
      predict(request, follower.reply());
      return;
    }
    try {
      turn.execute(() -> predict(request, follower.reply()));
    } catch (RejectedExecutionException ending) {
      follower
          .reply()
          .failed(request, new ServingException(Category.UNAVAILABLE, "event loop: it is ending"));
    }
  }

  private static boolean isAboutInputs(Category category) {
    return switch (category) {
      case INVALID_ARGUMENT, OUT_OF_RANGE, UNIMPLEMENTED -> true;
      case CANCELLED,
          UNKNOWN,
          DEADLINE_EXCEEDED,
          NOT_FOUND,
          ALREADY_EXISTS,
          PERMISSION_DENIED,
          RESOURCE_EXHAUSTED,
          FAILED_PRECONDITION,
          ABORTED,
          INTERNAL,
          UNAVAILABLE,
          DATA_LOSS,
          UNAUTHENTICATED ->
          false;
    };
  }

  @Override
  public void warmed() {
    next.warmed();
    warm = true;
  }

  @Override
  public RunStatistics statistics() {
    return next.statistics();
  }

  @Override
  public Optional<CacheStatistics> cacheStatistics() {
    answers.cleanUp();
    long bytes =
        answers.policy().eviction().map(Policy.Eviction::weightedSize).orElseThrow().orElse(0);
    return Optional.of(
        new CacheStatistics(
            hits.sum(),
            misses.sum(),
            coalesced.sum(),
            evictions.sum(),
            answers.estimatedSize(),
            bytes,
            hitNs.sum(),
            missNs.sum()));
  }

  @Override
  public void close() {
    answers.invalidateAll();
    next.close();
  }
}
