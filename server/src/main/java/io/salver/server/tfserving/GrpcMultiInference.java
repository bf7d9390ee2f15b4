package io.salver.server.tfserving;

import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import io.salver.lifecycle.LeaseWaiter;
import io.salver.lifecycle.ServedModels;
import io.salver.model.ModelLease;
import io.salver.predict.PredictRequest;
import io.salver.predict.ServingException;
import io.salver.server.grpc.UnaryCall;
import io.salver.server.inference.BufferViews;
import io.salver.server.inference.GrpcMessages;
import io.salver.server.inference.InferenceCall;
import io.salver.server.metrics.Method;
import io.salver.server.net.Transfer;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import io.salver.wire.ProtoEncoder;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One call of {@code PredictionService/MultiInference}: several tasks, one run. */
final class GrpcMultiInference implements InferenceCall {
  private static final int INPUT = 2;

  private final InferenceTasks.Cache cache;
  private final UnaryCall call;
  private MemorySegment message;
  private final List<InferenceTasks.Named> named;
  private @Nullable InferenceTasks tasks;

  /** A call, whose tasks are read. */
  GrpcMultiInference(GrpcCodec codec, InferenceTasks.Cache cache, UnaryCall call, ByteBuf message) {
    this.cache = cache;
    this.call = call;
    this.message = BufferViews.readable(message);
    this.named = InferenceTasksReader.read(this.message, codec.targets());
  }

  @Override
  public Method method() {
    return Method.MULTI_INFERENCE;
  }

  @Override
  public String model() {
    return named.getFirst().target().model();
  }

  @Override
  public Transfer transfer() {
    return call;
  }

  @Override
  public long deadlineNs() {
    return call.deadlineNs();
  }

  @Override
  public @Nullable ModelLease lease(ServedModels models, LeaseWaiter waiter) {
    Target first = named.getFirst().target();
    return models.lease(first.model(), first.selector(), call, waiter);
  }

  @Override
  public void keep(TensorArena arena) {
    message = BufferViews.copy(message, arena);
  }

  @Override
  public PredictRequest decode(ModelLease lease, TensorArena arena) {
    InferenceTasks merged = cache.of(lease.version(), named, lease.model());
    tasks = merged;
    Tensor examples = new ExampleInputReader(message, INPUT, arena).read();
    return merged.request(
        lease, examples, arena, call.receivedNs(), call.deadlineNs(), GrpcMessages.priority(call));
  }

  @Override
  public void onCancel(Runnable action) {
    call.onCancel(action);
  }

  @Override
  public boolean isCancelled() {
    return call.isCancelled();
  }

  @Override
  public void addHeader(AsciiString lowerCaseName, AsciiString value) {
    call.addInitialMetadata(lowerCaseName, value);
  }

  @Override
  public void answer(PredictRequest request) {
    if (tasks == null) {
      throw new AssertionError("answered before it was decoded");
    }
    GrpcMessages.reply(call, Response.of(tasks, request));
  }

  @Override
  public void fail(ServingException failure) {
    GrpcMessages.fail(call, failure);
  }

  /** An {@code InferenceResult}. */
  @SuppressWarnings("ArrayRecordComponent")
  record TaskResult(ExampleTask.Result result, byte[] modelSpec) implements GrpcMessages.Answer {
    private static final int SPEC = 1;
    private static final int CLASSIFICATION_RESULT = 2;
    private static final int REGRESSION_RESULT = 3;

    private int field() {
      return switch (result) {
        case ExampleTask.Classified _ -> CLASSIFICATION_RESULT;
        case ExampleTask.Regressed _ -> REGRESSION_RESULT;
      };
    }

    @Override
    public long size() {
      return ProtoEncoder.fieldSize(SPEC, modelSpec.length)
          + ProtoEncoder.fieldSize(field(), ExampleResultWriter.size(result));
    }

    @Override
    public void write(ProtoEncoder out) {
      out.begin(SPEC, modelSpec.length);
      out.raw(modelSpec);
      out.begin(field(), ExampleResultWriter.size(result));
      ExampleResultWriter.write(result, out);
    }
  }

  /** A {@code MultiInferenceResponse}. */
  record Response(List<TaskResult> results) implements GrpcMessages.Answer {
    private static final int RESULTS = 1;

    static Response of(InferenceTasks tasks, PredictRequest request) {
      List<TaskResult> results = new ArrayList<>();
      for (int i = 0; i < tasks.tasks().size(); i++) {
        byte[] spec =
            SignaturePlan.modelSpec(request.lease().version(), tasks.names().get(i)).toByteArray();
        results.add(new TaskResult(tasks.tasks().get(i).result(request), spec));
      }
      return new Response(results);
    }

    @Override
    public long size() {
      long size = 0;
      for (TaskResult result : results) {
        size += ProtoEncoder.fieldSize(RESULTS, result.size());
      }
      return size;
    }

    @Override
    public void write(ProtoEncoder out) {
      for (TaskResult result : results) {
        out.begin(RESULTS, result.size());
        result.write(out);
      }
    }
  }
}
