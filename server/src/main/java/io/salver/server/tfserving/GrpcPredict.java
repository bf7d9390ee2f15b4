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
import io.salver.tensor.TensorArena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** One call of {@code PredictionService/Predict}. */
final class GrpcPredict implements InferenceCall {
  private final GrpcCodec codec;
  private final UnaryCall call;
  private MemorySegment message;
  private final Target target;

  /** A call, whose request's target is read. */
  GrpcPredict(GrpcCodec codec, UnaryCall call, ByteBuf message) {
    this.codec = codec;
    this.call = call;
    this.message = BufferViews.readable(message);
    this.target = codec.targets().read(this.message, PredictMessageReader.MODEL_SPEC);
  }

  @Override
  public Method method() {
    return Method.PREDICT;
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
    return PredictMessageReader.request(
        message,
        target.signature(),
        codec,
        lease,
        arena,
        call.receivedNs(),
        call.deadlineNs(),
        GrpcMessages.priority(call));
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
    SignaturePlan plan = codec.plans().of(request.lease().version(), request.signature());
    GrpcMessages.reply(call, new PredictMessageWriter(request, plan, codec.asTensorContent()));
  }

  @Override
  public void fail(ServingException failure) {
    GrpcMessages.fail(call, failure);
  }
}
