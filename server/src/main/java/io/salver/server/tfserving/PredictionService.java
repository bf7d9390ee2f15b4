package io.salver.server.tfserving;

import com.google.protobuf.Any;
import io.netty.buffer.ByteBuf;
import io.salver.lifecycle.ServedModels;
import io.salver.model.ModelLease;
import io.salver.model.VersionSelector;
import io.salver.predict.Caller;
import io.salver.predict.Observer;
import io.salver.predict.Predictor;
import io.salver.predict.ServingException;
import io.salver.server.grpc.GrpcMethod;
import io.salver.server.grpc.UnaryCall;
import io.salver.server.inference.Failures;
import io.salver.server.inference.GrpcMessages;
import io.salver.server.inference.Inference;
import io.salver.server.inference.InferenceCall;
import io.salver.server.inference.InferenceObserver;
import io.salver.server.metrics.Method;
import io.salver.server.tfserving.proto.GetModelMetadataRequest;
import io.salver.server.tfserving.proto.GetModelMetadataResponse;
import io.salver.server.tfserving.proto.ModelSpec;
import java.util.List;
import java.util.function.BiFunction;

/** TensorFlow Serving's {@code PredictionService} over gRPC. Thread-safe. */
public final class PredictionService {
  private static final String NAME = "tensorflow.serving.PredictionService/";

  private final Inference.Context context;
  private final GrpcCodec codec;
  private final InferenceTasks.Cache inferenceTasks = new InferenceTasks.Cache();

  /**
   * The service.
   *
   * @param spine the first stage that requests enter
   * @param observer told of each prediction after it was answered
   * @param asTensorContent whether answers carry elements in {@code tensor_content} instead of the
   *     type's own field
   */
  public PredictionService(
      ServedModels models, Predictor spine, Observer observer, boolean asTensorContent) {
    this(models, spine, InferenceObserver.of(observer), asTensorContent);
  }

  /** As the other, with an observer that is also told of what is refused early. */
  public PredictionService(
      ServedModels models, Predictor spine, InferenceObserver observer, boolean asTensorContent) {
    this.context = new Inference.Context(models, spine, observer);
    this.codec = new GrpcCodec(asTensorContent);
  }

  /** The methods to serve. */
  public List<GrpcMethod> methods() {
    return List.of(
        inference(Method.PREDICT, (call, message) -> new GrpcPredict(codec, call, message)),
        inference(
            Method.CLASSIFY,
            (call, message) -> new GrpcExamples(codec, ExampleMethod.CLASSIFY, call, message)),
        inference(
            Method.REGRESS,
            (call, message) -> new GrpcExamples(codec, ExampleMethod.REGRESS, call, message)),
        inference(
            Method.MULTI_INFERENCE,
            (call, message) -> new GrpcMultiInference(codec, inferenceTasks, call, message)),
        new GrpcMethod.Unary(NAME + Method.GET_MODEL_METADATA.label(), this::getModelMetadata));
  }

  private GrpcMethod inference(
      Method method, BiFunction<UnaryCall, ByteBuf, InferenceCall> reader) {
    return new GrpcMethod.Unary(
        NAME + method.label(),
        (call, message) -> {
          InferenceCall inference;
          try {
            inference = reader.apply(call, message);
          } catch (RuntimeException e) {
            ServingException failure = Failures.of(e);
            GrpcMessages.fail(call, failure);
            context.observer().refused(method, "", failure, call.receivedNs());
            return;
          }
          Inference.start(context, inference, call.loop(), call.receivedNs());
        });
  }

  private void getModelMetadata(UnaryCall call, ByteBuf message) {
    ModelSpec spec;
    try {
      spec = spec(GrpcMessages.parse(message, GetModelMetadataRequest.parser()));
    } catch (RuntimeException e) {
      GrpcMessages.fail(call, Failures.of(e));
      return;
    }
    GrpcMessages.answer(
        call,
        waiter -> context.models().lease(spec.getName(), selector(spec), Caller.SILENT, waiter),
        PredictionService::metadata);
  }

  private static ModelSpec spec(GetModelMetadataRequest request) {
    if (!request.hasModelSpec()) {
      throw ServingException.invalid("Missing ModelSpec");
    }
    if (request.getMetadataFieldCount() == 0) {
      throw ServingException.invalid(
          "GetModelMetadataRequest must specify at least one metadata_field");
    }
    for (String field : request.getMetadataFieldList()) {
      if (!field.equals(ModelMetadata.FIELD)) {
        throw ServingException.invalid("Metadata field " + field + " is not supported");
      }
    }
    ModelSpec spec = request.getModelSpec();
    if (spec.getName().isEmpty()) {
      throw ServingException.invalid("ModelSpec has no name specified.");
    }
    return spec;
  }

  private static GetModelMetadataResponse metadata(ModelLease lease) {
    ModelMetadata metadata = ModelMetadata.of(lease);
    return GetModelMetadataResponse.newBuilder()
        .setModelSpec(metadata.modelSpec())
        .putMetadata(ModelMetadata.FIELD, Any.pack(metadata.signatures()))
        .build();
  }

  private static VersionSelector selector(ModelSpec spec) {
    return switch (spec.getVersionChoiceCase()) {
      case VERSION -> new VersionSelector.Exact(spec.getVersion().getValue());
      case VERSION_LABEL -> new VersionSelector.Labelled(spec.getVersionLabel());
      case VERSIONCHOICE_NOT_SET -> VersionSelector.LATEST;
    };
  }
}
