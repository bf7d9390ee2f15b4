package io.salver.server.tfserving;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import io.salver.lifecycle.Warmup;
import io.salver.model.ModelLease;
import io.salver.model.VersionSelector;
import io.salver.predict.Category;
import io.salver.predict.PredictRequest;
import io.salver.predict.Reply;
import io.salver.predict.ServingException;
import io.salver.server.inference.Failures;
import io.salver.server.tfserving.proto.ClassifyLog;
import io.salver.server.tfserving.proto.ModelSpec;
import io.salver.server.tfserving.proto.MultiInferenceLog;
import io.salver.server.tfserving.proto.PredictLog;
import io.salver.server.tfserving.proto.PredictionLog;
import io.salver.server.tfserving.proto.RegressLog;
import io.salver.tensor.ArenaPool;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * Runs the requests that a model brings along: {@code assets.extra/tf_serving_warmup_requests}, a
 * TFRecord file of at most 1,000 {@code PredictionLog}s. A version without that file is left as it
 * is. Which model a record names does not matter. Thread-safe.
 */
public final class TfRecordWarmup implements Warmup {
  private static final String FILE = "assets.extra/tf_serving_warmup_requests";
  private static final int MAX_RECORDS = 1000;
  private static final int INPUT = 2;

  private final int iterations;
  private final long requestLimitBytes;
  private final GrpcCodec codec = new GrpcCodec(false);

  /**
   * A warm-up.
   *
   * @param iterations how often each record is run, at least 1
   * @param requestLimitBytes the most tensor memory that one record may take
   */
  public TfRecordWarmup(int iterations, long requestLimitBytes) {
    if (iterations < 1) {
      throw new IllegalArgumentException("iterations: " + iterations + " (expected: >= 1)");
    }
    this.iterations = iterations;
    this.requestLimitBytes = requestLimitBytes;
  }

  @Override
  public void warm(ModelFiles files, ModelLease lease) throws ModelLoadException {
    Path file = files.resolve(FILE);
    if (!Files.exists(file)) {
      return;
    }
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file));
        ArenaPool arenas = new ArenaPool(requestLimitBytes)) {
      TfRecords.Reader reader = new TfRecords.Reader(in);
      int count = 0;
      for (byte[] record = reader.next(); record != null; record = reader.next()) {
        if (count == MAX_RECORDS) {
          throw new ModelLoadException(
              "Number of warmup records exceeds the maximum (" + MAX_RECORDS + ") at " + file);
        }
        run(record, count++, file, lease, arenas);
      }
    } catch (IOException e) {
      throw new ModelLoadException(
          file + ": " + e.getMessage() + ". Please verify your warmup data is in TFRecord format.",
          e);
    }
  }

  private void run(byte[] record, int index, Path file, ModelLease lease, ArenaPool arenas)
      throws ModelLoadException {
    PredictionLog log;
    try {
      log = PredictionLog.parseFrom(record);
    } catch (InvalidProtocolBufferException e) {
      throw new ModelLoadException(
          "Failed to parse warmup record: " + index + " from " + file + ": " + e.getMessage(), e);
    }
    for (int i = 0; i < iterations; i++) {
      try (TensorArena arena = arenas.take()) {
        await(request(log, lease, arena));
      } catch (RuntimeException e) {
        ServingException failure = Failures.of(e);
        throw new ModelLoadException(
            "warm-up record "
                + index
                + " of "
                + file
                + ": "
                + failure.category()
                + ": "
                + failure.getMessage(),
            e);
      }
    }
  }

  private PredictRequest request(PredictionLog log, ModelLease lease, TensorArena arena) {
    return switch (log.getLogTypeCase()) {
      case PREDICT_LOG -> predict(log.getPredictLog(), lease, arena);
      case CLASSIFY_LOG -> classify(log.getClassifyLog(), lease, arena);
      case REGRESS_LOG -> regress(log.getRegressLog(), lease, arena);
      case MULTI_INFERENCE_LOG -> multiInference(log.getMultiInferenceLog(), lease, arena);
      case SESSION_RUN_LOG, PREDICT_STREAMED_LOG, LOGTYPE_NOT_SET ->
          throw new ServingException(
              Category.UNIMPLEMENTED,
              "Unsupported log_type for warmup: " + log.getLogTypeCase().getNumber());
    };
  }

  private PredictRequest predict(PredictLog log, ModelLease lease, TensorArena arena) {
    return PredictMessageReader.request(
        copy(log.getRequest(), arena),
        target(log.getRequest().getModelSpec(), lease).signature(),
        codec,
        lease,
        arena,
        System.nanoTime(),
        Long.MAX_VALUE,
        0);
  }

  private static PredictRequest classify(ClassifyLog log, ModelLease lease, TensorArena arena) {
    return examples(
        ExampleMethod.CLASSIFY, log.getRequest().getModelSpec(), log.getRequest(), lease, arena);
  }

  private static PredictRequest regress(RegressLog log, ModelLease lease, TensorArena arena) {
    return examples(
        ExampleMethod.REGRESS, log.getRequest().getModelSpec(), log.getRequest(), lease, arena);
  }

  private static PredictRequest examples(
      ExampleMethod method,
      ModelSpec spec,
      MessageLite request,
      ModelLease lease,
      TensorArena arena) {
    Tensor examples = new ExampleInputReader(copy(request, arena), INPUT, arena).read();
    return ExampleTask.named(method, target(spec, lease).signature(), lease.model())
        .request(lease, examples, arena, System.nanoTime(), Long.MAX_VALUE, 0);
  }

  private static PredictRequest multiInference(
      MultiInferenceLog log, ModelLease lease, TensorArena arena) {
    List<InferenceTasks.Named> tasks =
        log.getRequest().getTasksList().stream()
            .map(task ->
                new InferenceTasks.Named(target(task.getModelSpec(), lease), task.getMethodName()))
            .toList();
    Tensor examples = new ExampleInputReader(copy(log.getRequest(), arena), INPUT, arena).read();
    return InferenceTasks.of(tasks, lease.model())
        .request(lease, examples, arena, System.nanoTime(), Long.MAX_VALUE, 0);
  }

  private static Target target(ModelSpec spec, ModelLease lease) {
    return new Target(lease.version().model(), VersionSelector.LATEST, spec.getSignatureName());
  }

  /** Outside the heap, where messages that come from a connection lie. */
  private static MemorySegment copy(MessageLite request, TensorArena arena) {
    byte[] bytes = request.toByteArray();
    MemorySegment copy = arena.allocate(bytes.length);
    MemorySegment.copy(bytes, 0, copy, ValueLayout.JAVA_BYTE, 0, bytes.length);
    return copy;
  }

  private static void await(PredictRequest request) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    request
        .lease()
        .predictor()
        .predict(
            request,
            new Reply() {
              @Override
              public void succeeded(PredictRequest answered) {
                done.complete(null);
              }

              @Override
              public void failed(PredictRequest refused, ServingException failure) {
                done.completeExceptionally(failure);
              }
            });
    try {
      done.get();
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      throw Failures.of(cause == null ? e : cause);
    } catch (InterruptedException e) {
      // The run still uses the arena: wait for it, and let whoever interrupted know afterwards.
      done.exceptionally(_ -> null).join();
      Thread.currentThread().interrupt();
      throw new ServingException(Category.CANCELLED, "interrupted while warming up", e);
    }
  }
}
