package io.salver.server.oip;

import com.google.protobuf.Message;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.netty.buffer.ByteBuf;
import io.salver.lifecycle.ServedModels;
import io.salver.model.VersionSelector;
import io.salver.predict.Caller;
import io.salver.predict.Predictor;
import io.salver.predict.ServingException;
import io.salver.server.grpc.GrpcMethod;
import io.salver.server.grpc.UnaryCall;
import io.salver.server.inference.Failures;
import io.salver.server.inference.GrpcMessages;
import io.salver.server.inference.Inference;
import io.salver.server.inference.InferenceObserver;
import io.salver.server.inference.PerLoop;
import io.salver.server.inference.SignatureCache;
import io.salver.server.oip.proto.ModelMetadataRequest;
import io.salver.server.oip.proto.ModelReadyRequest;
import io.salver.server.oip.proto.ModelReadyResponse;
import io.salver.server.oip.proto.ServerLiveRequest;
import io.salver.server.oip.proto.ServerLiveResponse;
import io.salver.server.oip.proto.ServerMetadataRequest;
import io.salver.server.oip.proto.ServerReadyRequest;
import io.salver.server.oip.proto.ServerReadyResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** The protocol over gRPC: {@code inference.GRPCInferenceService}. Thread-safe. */
public final class OipGrpc {
  static final String NAME = "inference.GRPCInferenceService/";

  private final Inference.Context context;
  private final ServerDescription server;
  private final OipControl control;
  private final GrpcInfer.Codec codec;

  /**
   * The service.
   *
   * @param spine the first stage that requests enter
   * @param observer told of each prediction after it was answered
   * @param version Salver's
   */
  public OipGrpc(
      ServedModels models,
      Predictor spine,
      InferenceObserver observer,
      String version,
      OipControl control) {
    this.context = new Inference.Context(models, spine, observer);
    this.server = ServerDescription.of(version, control);
    this.control = control;
    SignatureCache<InferPlan> plans = new SignatureCache<>(InferPlan::new);
    OutputLabels labels = new OutputLabels();
    this.codec =
        new GrpcInfer.Codec(
            new InferTargets(),
            new PerLoop<>(() -> new InferMessageReader(plans, control.sharedMemory(), labels)));
  }

  /** The methods to serve. */
  public List<GrpcMethod> methods() {
    List<GrpcMethod> methods = new ArrayList<>(control.methods());
    methods.add(
        new GrpcMethod.Unary(
            NAME + "ModelInfer",
            (call, message) ->
                GrpcInfer.start(context, codec, call, new InferSink.Unary(call), message)));
    methods.add(
        new GrpcMethod.Streaming(
            NAME + "ModelStreamInfer", call -> StreamInfer.open(context, codec, call)));
    methods.add(
        plain(
            "ServerLive",
            ServerLiveRequest.parser(),
            _ -> ServerLiveResponse.newBuilder().setLive(true).build()));
    methods.add(
        plain(
            "ServerReady",
            ServerReadyRequest.parser(),
            _ -> ServerReadyResponse.newBuilder().setReady(context.models().isReady()).build()));
    methods.add(plain("ServerMetadata", ServerMetadataRequest.parser(), _ -> server.toProto()));
    methods.add(plain("ModelReady", ModelReadyRequest.parser(), this::modelReady));
    methods.add(new GrpcMethod.Unary(NAME + "ModelMetadata", this::modelMetadata));
    return methods;
  }

  private void modelMetadata(UnaryCall call, ByteBuf message) {
    String model;
    VersionSelector selector;
    try {
      ModelMetadataRequest request = GrpcMessages.parse(message, ModelMetadataRequest.parser());
      model = request.getName();
      selector = ModelVersions.selector(request.getVersion());
    } catch (RuntimeException e) {
      GrpcMessages.fail(call, Failures.of(e));
      return;
    }
    GrpcMessages.answer(
        call,
        waiter -> ModelVersions.lease(context.models(), model, selector, Caller.SILENT, waiter),
        lease -> ModelDescription.of(context.models(), model, selector, lease).toProto());
  }

  /** A method that answers at once, off the hot path. */
  static <T extends MessageLite> GrpcMethod plain(
      String name, Parser<T> parser, Function<T, ? extends Message> answer) {
    return new GrpcMethod.Unary(
        NAME + name,
        (call, message) -> {
          try {
            GrpcMessages.reply(call, answer.apply(GrpcMessages.parse(message, parser)));
          } catch (RuntimeException e) {
            GrpcMessages.fail(call, Failures.of(e));
          }
        });
  }

  private ModelReadyResponse modelReady(ModelReadyRequest request) {
    return ModelReadyResponse.newBuilder().setReady(isReady(request)).build();
  }

  private boolean isReady(ModelReadyRequest request) {
    try {
      context
          .models()
          .lease(request.getName(), ModelVersions.selector(request.getVersion()))
          .close();
      return true;
    } catch (ServingException e) {
      return false;
    }
  }
}
