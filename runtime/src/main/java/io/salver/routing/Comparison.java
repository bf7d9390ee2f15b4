package io.salver.routing;

import io.salver.predict.PredictRequest;
import io.salver.predict.Reply;
import io.salver.predict.ServingException;
import io.salver.tensor.MemoryLimitException;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Gives copies of answered requests to other routes, and compares what they say with what was
 * answered. Nobody waits for that. Bounded: what there is no room for is dropped and counted.
 * Thread-safe.
 */
final class Comparison {
  private static final Logger LOG = System.getLogger(Comparison.class.getName());
  private static final int MAX_IN_FLIGHT = 256;
  private static final long LIMIT_NS = TimeUnit.SECONDS.toNanos(30);

  private final AtomicInteger inFlight = new AtomicInteger();
  private final LongAdder dropped = new LongAdder();

  /** Copies that were dropped so far. */
  long dropped() {
    return dropped.sum();
  }

  /**
   * Has {@code route} answer a copy of {@code answered}, after this returned or before.
   *
   * @param answered with its outputs; not used after this returns
   * @param counted the route for which it is counted whether they differ
   */
  void start(PredictRequest answered, EndpointLease lease, int route, int counted) {
    if (inFlight.incrementAndGet() > MAX_IN_FLIGHT) {
      drop();
      return;
    }
    ActiveEndpoint endpoint = lease.active();
    TensorArena arena = endpoint.parts().arenas().take();
    EndpointLease twinLease = lease.twin();
    Runnable release =
        () -> {
          inFlight.decrementAndGet();
          arena.close();
          twinLease.close();
        };
    long startNs = System.nanoTime();
    PredictRequest twin;
    @Nullable Tensor[] expected;
    try {
      twin = Legs.twin(answered, twinLease, arena, startNs + LIMIT_NS);
      expected = TensorCopies.of(Legs.outputs(answered), arena);
    } catch (MemoryLimitException full) {
      dropped.increment();
      release.run();
      return;
    }
    Legs.runIfThere(
        twin,
        twinLease,
        route,
        new Reply() {
          @Override
          public void succeeded(PredictRequest other) {
            try {
              endpoint.counters(counted).compared(Answers.differ(expected, Legs.outputs(other)));
              if (route == counted) {
                endpoint.counters(route).answered(System.nanoTime() - startNs);
              }
            } catch (RuntimeException e) {
              LOG.log(
                  Level.WARNING,
                  "Answers of endpoint {0} could not be compared",
                  endpoint.spec().name(),
                  e);
            } finally {
              release.run();
            }
          }

          @Override
          public void failed(PredictRequest other, ServingException failure) {
            if (route == counted) {
              endpoint.counters(route).failed();
            }
            release.run();
          }
        });
  }

  private void drop() {
    inFlight.decrementAndGet();
    dropped.increment();
  }
}
