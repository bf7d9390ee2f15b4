package io.salver.lifecycle;

import io.salver.engine.LoadedModel;
import io.salver.engine.ModelFiles;
import io.salver.model.ModelLease;
import io.salver.predict.PredictRequest;
import io.salver.predict.Reply;
import io.salver.predict.ServingException;
import io.salver.tensor.ArenaPool;
import io.salver.tensor.DType;
import io.salver.tensor.MemoryLimitException;
import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import io.salver.tensor.StringTensorBuilder;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import io.salver.tensor.TensorSpec;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs a version's default signature a few times on made-up inputs: zeros; the model's own examples
 * of strings, or empty strings, which are also empty serialized examples; unknown dimensions are 1,
 * and optional inputs are left out.
 *
 * <p>Other signatures are not run, because they might change what the model remembers; nor is a
 * model without a default signature. A model may refuse such inputs: that ends the warm-up and
 * fails nothing.
 */
public final class SyntheticWarmup implements Warmup {
  private static final long MAX_INPUT_BYTES = 256L << 20;
  private static final long MAX_STRINGS = 1L << 20;
  private static final byte[] EMPTY = new byte[0];

  private final int iterations;
  private final Duration limit;
  private final LongSupplier nanoTime;

  /**
   * A warm-up.
   *
   * @param iterations how many requests to run at most, at least 0
   * @param limit no request is begun after this time, and none is waited for in a queue
   */
  public SyntheticWarmup(int iterations, Duration limit) {
    this(iterations, limit, System::nanoTime);
  }

  SyntheticWarmup(int iterations, Duration limit, LongSupplier nanoTime) {
    if (iterations < 0 || limit.isNegative()) {
      throw new IllegalArgumentException(
          "warm-up: " + iterations + " iterations, " + limit + " (expected: >= 0 each)");
    }
    this.iterations = iterations;
    this.limit = limit;
    this.nanoTime = nanoTime;
  }

  @Override
  public void warm(ModelFiles files, ModelLease lease) {
    Signature signature = lease.model().signatures().get(Signature.DEFAULT_NAME);
    if (signature == null) {
      return;
    }
    long startNs = nanoTime.getAsLong();
    try (ArenaPool arenas = new ArenaPool(MAX_INPUT_BYTES)) {
      boolean worked = true;
      for (int i = 0; i < iterations && worked; i++) {
        worked = nanoTime.getAsLong() - startNs < limit.toNanos() && run(lease, signature, arenas);
      }
    }
  }

  private boolean run(ModelLease lease, Signature signature, ArenaPool arenas) {
    try (TensorArena arena = arenas.take()) {
      CompletableFuture<PredictRequest> answer = new CompletableFuture<>();
      long nowNs = System.nanoTime();
      PredictRequest request =
          new PredictRequest(
              lease,
              signature,
              inputs(lease.model(), signature, arena),
              null,
              arena,
              nowNs,
              nowNs + limit.toNanos());
      lease.predictor().predict(request, replyTo(answer));
      answer.join();
      return true;
    } catch (IllegalArgumentException | MemoryLimitException | CompletionException e) {
      return false;
    }
  }

  private static Reply replyTo(CompletableFuture<PredictRequest> answer) {
    return new Reply() {
      @Override
      public void succeeded(PredictRequest request) {
        answer.complete(request);
      }

      @Override
      public void failed(PredictRequest request, ServingException failure) {
        answer.completeExceptionally(failure);
      }
    };
  }

  private static @Nullable Tensor[] inputs(
      LoadedModel model, Signature signature, TensorArena arena) {
    @Nullable Tensor[] inputs = new Tensor[signature.inputs().size()];
    for (int i = 0; i < inputs.length; i++) {
      TensorSpec spec = signature.inputs().get(i);
      inputs[i] =
          spec.optional()
              ? null
              : spec.dtype().isFixedSize()
                  ? zeros(spec.dtype(), known(spec.shape()), arena)
                  : strings(model.examples(signature, i), known(spec.shape()), arena);
    }
    return inputs;
  }

  private static Shape known(Shape shape) {
    if (!shape.isRankKnown()) {
      return Shape.of(1);
    }
    long[] dims = shape.dims();
    for (int i = 0; i < dims.length; i++) {
      dims[i] = dims[i] == -1 ? 1 : dims[i];
    }
    return Shape.of(dims);
  }

  private static Tensor zeros(DType dtype, Shape shape, TensorArena arena) {
    Tensor zeros = arena.allocate(dtype, shape);
    zeros.data().fill((byte) 0);
    return zeros;
  }

  private static Tensor strings(List<byte[]> examples, Shape shape, TensorArena arena) {
    if (shape.elementCount() > MAX_STRINGS) {
      throw new IllegalArgumentException(
          "strings: " + shape + " (expected: <= " + MAX_STRINGS + ")");
    }
    StringTensorBuilder strings = new StringTensorBuilder(arena, shape.elementCount(), 0);
    for (long i = 0; i < shape.elementCount(); i++) {
      strings.add(examples.isEmpty() ? EMPTY : examples.get((int) (i % examples.size())));
    }
    return strings.build(shape);
  }
}
