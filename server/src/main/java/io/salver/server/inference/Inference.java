package io.salver.server.inference;

import io.salver.lifecycle.LeaseWaiter;
import io.salver.lifecycle.ServedModels;
import io.salver.model.ModelLease;
import io.salver.model.Routed;
import io.salver.predict.Category;
import io.salver.predict.PredictRequest;
import io.salver.predict.Predictor;
import io.salver.predict.Reply;
import io.salver.predict.ServingException;
import io.salver.predict.Stage;
import io.salver.server.net.LoopContext;
import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * One prediction from its bytes to its answer: holds the version, or waits until it is loaded, has
 * the request read, sends it down the spine, has the answer written, tells the observer, and gives
 * lease and arena back exactly once, however it ends. A caller that went away is not answered, but
 * what runs for it is awaited.
 *
 * <p>Begins on the loop that owns the connection and ends there; the reply may come on any thread.
 */
public final class Inference implements Reply, LeaseWaiter {
  /** Stands for the signature of a request that was refused before its own was known. */
  private static final Signature UNKNOWN = new Signature("", "", List.of(), List.of());

  /** What all predictions of a server share. */
  public record Context(
      ServedModels models, Predictor spine, InferenceObserver observer, RoutedHeaders headers) {
    /** With headers of its own. */
    public Context(ServedModels models, Predictor spine, InferenceObserver observer) {
      this(models, spine, observer, new RoutedHeaders());
    }
  }

  private final Context context;
  private final InferenceCall call;
  private final LoopContext loop;
  private final long receivedNs;
  private @Nullable ModelLease lease;
  private @Nullable TensorArena arena;
  private volatile boolean gone;

  private Inference(Context context, InferenceCall call, LoopContext loop, long receivedNs) {
    this.context = context;
    this.call = call;
    this.loop = loop;
    this.receivedNs = receivedNs;
  }

  /**
   * Sees that {@code call} is answered, perhaps before this returns. Called on {@code loop}; never
   * throws.
   */
  public static void start(Context context, InferenceCall call, LoopContext loop, long receivedNs) {
    new Inference(context, call, loop, receivedNs).start();
  }

  private void start() {
    try {
      ModelLease held = call.lease(context.models(), this);
      if (held == null) {
        await();
        return;
      }
      lease = held;
      arena = loop.arenas().take();
    } catch (RuntimeException | Error e) {
      refuse(Failures.of(e));
      return;
    }
    run();
  }

  /** Reads the request of a version that is held, and sends it down the spine. */
  private void run() {
    ModelLease held = Objects.requireNonNull(lease);
    TensorArena memory = Objects.requireNonNull(arena);
    PredictRequest request;
    try {
      request = call.decode(held, memory);
      request.mark(Stage.DECODE);
      request.setTurn(loop.turn());
    } catch (RuntimeException | Error e) {
      refuse(Failures.of(e));
      return;
    }
    context.spine().predict(request, this);
    if (arena != null) {
      call.onCancel(request::cancel);
    }
  }

  // --- a version that is still to be loaded ---

  private void await() {
    try {
      TensorArena memory = loop.arenas().take();
      arena = memory;
      call.keep(memory);
    } catch (RuntimeException | Error e) {
      giveUp(Failures.of(e));
      return;
    }
    call.onCancel(() -> giveUp(cutOff(call.deadlineNs())));
  }

  private void giveUp(ServingException reason) {
    gone = true;
    refuse(reason);
  }

  @Override
  public boolean isGone() {
    return gone;
  }

  @Override
  public void leased(ModelLease given) {
    onLoop(() -> resume(given), given::close);
  }

  private void resume(ModelLease given) {
    if (gone) {
      given.close();
    } else {
      lease = given;
      run();
    }
  }

  @Override
  public void refused(ServingException reason) {
    onLoop(
        () -> {
          if (!gone) {
            giveUp(reason);
          }
        },
        () -> {});
  }

  /**
   * Runs what the lifecycle has to say. Not at once even if the caller is on the loop: the call may
   * still be about to wait.
   *
   * @param otherwise run if the loop is gone, and with it the connection
   */
  private void onLoop(Runnable task, Runnable otherwise) {
    try {
      loop.execute(task);
    } catch (RejectedExecutionException ended) {
      otherwise.run();
      release();
    }
  }

  /** Ends a call whose request could not be read. */
  private void refuse(ServingException failure) {
    ModelLease held = lease;
    TensorArena memory = arena;
    if (held == null || memory == null) {
      try {
        if (!call.isCancelled()) {
          call.fail(failure);
        }
        context.observer().refused(call, failure, receivedNs);
      } finally {
        release();
      }
      return;
    }
    finish(
        new PredictRequest(held, UNKNOWN, new Tensor[0], null, memory, receivedNs, Long.MAX_VALUE),
        failure);
  }

  @Override
  public void succeeded(PredictRequest request) {
    onLoop(request, null);
  }

  @Override
  public void failed(PredictRequest request, ServingException failure) {
    onLoop(request, failure);
  }

  private void onLoop(PredictRequest request, @Nullable ServingException failure) {
    if (loop.inLoop()) {
      finish(request, failure);
      return;
    }
    try {
      loop.execute(() -> finish(request, failure));
    } catch (RejectedExecutionException ended) {
      // The loop is gone, and with it the connection and everyone who could use the arena's pool.
      release();
    }
  }

  private void finish(PredictRequest request, @Nullable ServingException failure) {
    ServingException outcome = failure;
    try {
      outcome = respond(request, failure);
    } finally {
      try {
        observe(request, outcome);
      } finally {
        release();
      }
    }
  }

  private void observe(PredictRequest request, @Nullable ServingException outcome) {
    Routed routed = request.lease().routed();
    if (routed != null) {
      routed.finished(request, outcome);
    }
    context.observer().finished(call, request, outcome);
  }

  private @Nullable ServingException respond(
      PredictRequest request, @Nullable ServingException failure) {
    if (call.isCancelled()) {
      return cutOff(request.deadlineNs());
    }
    if (failure != null) {
      call.fail(failure);
      return failure;
    }
    try {
      Routed routed = request.lease().routed();
      if (routed != null) {
        context.headers().add(routed, request, call);
        // Before the answer: who has it may send feedback at once.
        routed.answering();
      }
      call.answer(request);
      request.mark(Stage.ENCODE);
      return null;
    } catch (RuntimeException | Error e) {
      ServingException broken = Failures.of(e);
      call.fail(broken);
      return broken;
    }
  }

  /** Why nobody waits any more: nobody does once the deadline has passed. */
  private static ServingException cutOff(long deadlineNs) {
    return deadlineNs != Long.MAX_VALUE && System.nanoTime() - deadlineNs >= 0
        ? new ServingException(Category.DEADLINE_EXCEEDED, "deadline exceeded before the answer")
        : new ServingException(Category.CANCELLED, "cancelled: the caller went away");
  }

  private void release() {
    TensorArena memory = arena;
    ModelLease held = lease;
    arena = null;
    lease = null;
    try {
      if (memory != null) {
        memory.close();
      }
    } finally {
      if (held != null) {
        held.close();
      }
    }
  }
}
