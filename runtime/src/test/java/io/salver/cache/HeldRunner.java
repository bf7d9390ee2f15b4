package io.salver.cache;

import io.salver.batching.RunStatistics;
import io.salver.engine.Batch;
import io.salver.lifecycle.VersionRunner;
import io.salver.predict.PredictRequest;
import io.salver.predict.Reply;
import io.salver.predict.ServingException;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import io.salver.tensor.StringTensorBuilder;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorSpec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Runs a model of a text and numbers, when it is told to: {@code twice} is every number times two,
 * {@code said} the text and the numbers' sum.
 */
final class HeldRunner implements VersionRunner {
  static final Signature SIGNATURE =
      new Signature(
          Signature.DEFAULT_NAME,
          "",
          List.of(
              TensorSpec.of("numbers", DType.FLOAT32, Shape.of(-1)),
              TensorSpec.of("text", DType.STRING, Shape.SCALAR)),
          List.of(
              TensorSpec.of("twice", DType.FLOAT32, Shape.of(-1)),
              TensorSpec.of("said", DType.STRING, Shape.SCALAR)));

  record Held(PredictRequest request, Reply reply) {}

  final ArrayDeque<Held> held = new ArrayDeque<>();
  final RunStatistics statistics = new RunStatistics();
  boolean hold;
  boolean closed;
  int runs;

  @Override
  public void predict(PredictRequest request, Reply reply) {
    runs++;
    if (hold) {
      held.add(new Held(request, reply));
    } else {
      run(request);
      reply.succeeded(request);
    }
  }

  /** Answers the one that was held first. */
  void answer() {
    Held first = held.remove();
    run(first.request);
    first.reply.succeeded(first.request);
  }

  /** Fails the one that was held first. */
  void fail(ServingException failure) {
    Held first = held.remove();
    first.reply.failed(first.request, failure);
  }

  private static void run(PredictRequest request) {
    Batch batch =
        new Batch(
            SIGNATURE, request.inputs(), request.wanted(), request.arena(), request.deadlineNs());
    Tensor numbers = numbers(request);
    if (request.wants(0)) {
      Tensor twice = request.arena().allocate(DType.FLOAT32, numbers.shape());
      for (long i = 0; i < numbers.elementCount(); i++) {
        twice.data().set(ValueLayout.JAVA_FLOAT, 4 * i, 2 * numbers.getFloat(i));
      }
      batch.setOutput(0, twice);
    }
    if (request.wants(1)) {
      batch.setOutput(1, string(request, said(request)));
    }
    request.setOutputs(batch);
  }

  private static Tensor numbers(PredictRequest request) {
    Tensor numbers = request.inputs()[0];
    if (numbers == null) {
      throw new AssertionError("numbers are required");
    }
    return numbers;
  }

  /** What the second output is. */
  static String said(PredictRequest request) {
    float sum = 0;
    for (long i = 0; i < numbers(request).elementCount(); i++) {
      sum += numbers(request).getFloat(i);
    }
    return text(request.inputs()[1]) + sum;
  }

  static String text(@Nullable Tensor string) {
    return string == null
        ? "none"
        : new String(string.data().toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
  }

  static Tensor string(PredictRequest request, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    StringTensorBuilder builder = new StringTensorBuilder(request.arena(), 1, bytes.length);
    builder.add(MemorySegment.ofArray(bytes), 0, bytes.length);
    return builder.build(Shape.SCALAR);
  }

  @Override
  public RunStatistics statistics() {
    return statistics;
  }

  @Override
  public void close() {
    closed = true;
  }
}
