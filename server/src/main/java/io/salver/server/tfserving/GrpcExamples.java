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
import org.jspecify.annotations.Nullable;

/** One call of {@code PredictionService/Classify} or {@code Regress}. */
final class GrpcExamples implements InferenceCall {
  private static final int MODEL_SPEC = 1;
  private static final int INPUT = 2;

  private final GrpcCodec codec;
  private final ExampleMethod method;
  private final UnaryCall call;
  private MemorySegment message;
  private final Target target;
  private @Nullable ExampleTask task;

  /** A call, whose request's target is read. */
  GrpcExamples(GrpcCodec codec, ExampleMethod method, UnaryCall call, ByteBuf message) {
    this.codec = codec;
    this.method = method;
    this.call = call;
    this.message = BufferViews.readable(message);
    this.target = codec.targets().read(this.message, MODEL_SPEC);
  }

  @Override
  public Method method() {
    return method.method();
  }

  @Override
  public String model() {
    return target.model();
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
    return models.lease(target.model(), target.selector(), call, waiter);
  }

  @Override
  public void keep(TensorArena arena) {
    message = BufferViews.copy(message, arena);
  }

  @Override
  public PredictRequest decode(ModelLease lease, TensorArena arena) {
    ExampleTask wanted = ExampleTask.named(method, target.signature(), lease.model());
    task = wanted;
    Tensor examples = new ExampleInputReader(message, INPUT, arena).read();
    return wanted.request(
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
    if (task == null) {
      throw new AssertionError("answered before it was decoded");
    }
    SignaturePlan plan = codec.plans().of(request.lease().version(), request.signature());
    GrpcMessages.reply(call, new Response(task.result(request), plan.modelSpec()));
  }

  @Override
  public void fail(ServingException failure) {
    GrpcMessages.fail(call, failure);
  }

  /** A {@code ClassificationResponse} or {@code RegressionResponse}. */
  @SuppressWarnings("ArrayRecordComponent")
  record Response(ExampleTask.Result result, byte[] modelSpec) implements GrpcMessages.Answer {
    private static final int RESULT = 1;
    private static final int SPEC = 2;

    @Override
    public long size() {
      return ProtoEncoder.fieldSize(RESULT, ExampleResultWriter.size(result))
          + ProtoEncoder.fieldSize(SPEC, modelSpec.length);
    }

    @Override
    public void write(ProtoEncoder out) {
      out.begin(RESULT, ExampleResultWriter.size(result));
      ExampleResultWriter.write(result, out);
      out.begin(SPEC, modelSpec.length);
      out.raw(modelSpec);
    }
  }
}
