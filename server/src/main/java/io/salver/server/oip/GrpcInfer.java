package io.salver.server.oip;

import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import io.salver.lifecycle.LeaseWaiter;
import io.salver.lifecycle.ServedModels;
import io.salver.model.ModelLease;
import io.salver.predict.PredictRequest;
import io.salver.predict.ServingException;
import io.salver.server.grpc.GrpcCall;
import io.salver.server.inference.BufferViews;
import io.salver.server.inference.Failures;
import io.salver.server.inference.Inference;
import io.salver.server.inference.InferenceCall;
import io.salver.server.inference.PerLoop;
import io.salver.server.metrics.Method;
import io.salver.server.net.Transfer;
import io.salver.tensor.TensorArena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One {@code ModelInferRequest}, of a call of its own or of a stream. */
final class GrpcInfer implements InferenceCall {
  /**
   * What all of them share. Thread-safe.
   *
   * @param readers one for each loop
   */
  record Codec(InferTargets targets, PerLoop<InferMessageReader> readers) {}

  private final Codec codec;
  private final GrpcCall call;
  private final InferSink sink;
  private MemorySegment message;
  private final InferTargets.Target target;
  private @Nullable ReplyForm form;

  private GrpcInfer(Codec codec, GrpcCall call, InferSink sink, MemorySegment message) {
    this.codec = codec;
    this.call = call;
    this.sink = sink;
    this.message = message;
    this.target = codec.targets().read(message);
  }

  /** Sees that a request is answered, perhaps before this returns. Called on the call's loop. */
  static void start(
      Inference.Context context, Codec codec, GrpcCall call, InferSink sink, ByteBuf message) {
    GrpcInfer infer;
    try {
      infer = new GrpcInfer(codec, call, sink, BufferViews.readable(message));
    } catch (RuntimeException e) {
      ServingException failure = Failures.of(e);
      sink.fail(failure);
      context.observer().refused(Method.PREDICT, "", failure, call.receivedNs());
      return;
    }
    Inference.start(context, infer, call.loop(), call.receivedNs());
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
    return ModelVersions.lease(models, target.model(), target.selector(), call, waiter);
  }

  @Override
  public void keep(TensorArena arena) {
    message = BufferViews.copy(message, arena);
  }

  @Override
  public PredictRequest decode(ModelLease lease, TensorArena arena) {
    InferMessageReader.Read read =
        codec
            .readers()
            .of(call.loop())
            .read(message, lease, arena, call.receivedNs(), call.deadlineNs());
    form = read.form();
    return read.request();
  }

  @Override
  public void onCancel(Runnable action) {
    sink.onCancel(action);
  }

  @Override
  public boolean isCancelled() {
    return sink.isCancelled();
  }

  @Override
  public void addHeader(AsciiString lowerCaseName, AsciiString value) {
    sink.addHeader(lowerCaseName, value);
  }

  @Override
  public void answer(PredictRequest request) {
    sink.answer(request, Objects.requireNonNull(form, "answered before it was decoded"));
  }

  @Override
  public void fail(ServingException failure) {
    sink.fail(failure);
  }
}
