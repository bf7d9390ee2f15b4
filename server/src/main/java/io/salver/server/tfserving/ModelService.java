package io.salver.server.tfserving;

import io.netty.buffer.ByteBuf;
import io.salver.control.Configurations;
import io.salver.lifecycle.ServedModels;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.server.grpc.GrpcMethod;
import io.salver.server.grpc.UnaryCall;
import io.salver.server.inference.Failures;
import io.salver.server.inference.GrpcMessages;
import io.salver.server.tfserving.proto.GetModelStatusRequest;
import io.salver.server.tfserving.proto.ModelServerConfig;
import io.salver.server.tfserving.proto.ModelSpec;
import io.salver.server.tfserving.proto.ReloadConfigRequest;
import io.salver.server.tfserving.proto.ReloadConfigResponse;
import io.salver.server.tfserving.proto.StatusProto;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;

/** TensorFlow Serving's {@code ModelService} over gRPC. Thread-safe. */
public final class ModelService {
  private static final String NAME = "tensorflow.serving.ModelService/";

  private final ServedModels models;
  private final Set<String> platforms;
  private final Duration reloadLimit;
  private final Function<String, Configurations> reloads;
  private final Consumer<ModelServerConfigs> reloaded;

  /**
   * The service.
   *
   * @param platforms the engines that a configuration may name
   * @param reloadLimit how long a reload waits for models at most, where the caller sets no
   *     deadline
   * @param reloads takes the configurations that somebody sends
   * @param reloaded told of each configuration as soon as it has been taken, for what it says
   *     beside the models; called on a thread of the reload's own
   */
  public ModelService(
      ServedModels models,
      Set<String> platforms,
      Duration reloadLimit,
      Function<String, Configurations> reloads,
      Consumer<ModelServerConfigs> reloaded) {
    this.models = models;
    this.platforms = Set.copyOf(platforms);
    this.reloadLimit = reloadLimit;
    this.reloads = reloads;
    this.reloaded = reloaded;
  }

  /** The methods to serve. */
  public List<GrpcMethod> methods() {
    return List.of(
        new GrpcMethod.Unary(NAME + "GetModelStatus", this::getModelStatus),
        new GrpcMethod.Unary(NAME + "HandleReloadConfigRequest", this::reload));
  }

  private void getModelStatus(UnaryCall call, ByteBuf message) {
    try {
      GetModelStatusRequest request = GrpcMessages.parse(message, GetModelStatusRequest.parser());
      if (!request.hasModelSpec()) {
        throw ServingException.invalid("Missing ModelSpec");
      }
      ModelSpec spec = request.getModelSpec();
      OptionalLong version =
          spec.hasVersion() ? OptionalLong.of(spec.getVersion().getValue()) : OptionalLong.empty();
      GrpcMessages.reply(call, ModelStatuses.of(models, spec.getName(), version));
    } catch (RuntimeException e) {
      GrpcMessages.fail(call, Failures.of(e));
    }
  }

  private void reload(UnaryCall call, ByteBuf message) {
    ModelServerConfigs config;
    try {
      config = config(GrpcMessages.parse(message, ReloadConfigRequest.parser()).getConfig());
    } catch (RuntimeException e) {
      GrpcMessages.fail(call, Failures.of(e));
      return;
    }
    Duration limit = limit(call.deadlineNs());
    Configurations configurations = reloads.apply(call.principal().name());
    Thread.ofVirtual()
        .name("salver-reload")
        .start(() -> {
          Runnable answer = reload(call, config, limit, configurations);
          call.loop().execute(answer);
        });
  }

  private ModelServerConfigs config(ModelServerConfig proto) {
    if (!proto.hasModelConfigList()) {
      throw ServingException.invalid(
          "ServerModelConfig type not supported by HandleReloadConfigRequest. Only ModelConfigList"
              + " is currently supported");
    }
    return ModelServerConfigs.of(proto, platforms);
  }

  private Duration limit(long deadlineNs) {
    if (deadlineNs == Long.MAX_VALUE) {
      return reloadLimit;
    }
    return Duration.ofNanos(
        Math.max(TimeUnit.MILLISECONDS.toNanos(1), deadlineNs - System.nanoTime()));
  }

  /** Reloads, and returns what is then to be done on the loop. */
  private Runnable reload(
      UnaryCall call, ModelServerConfigs config, Duration limit, Configurations configurations) {
    try {
      Map<String, String> failed =
          configurations.configure(config.models(), limit, () -> reloaded.accept(config));
      if (!failed.isEmpty()) {
        throw unavailable(failed);
      }
      return () -> GrpcMessages.reply(call, done());
    } catch (RuntimeException e) {
      return () -> GrpcMessages.fail(call, Failures.of(e));
    }
  }

  private static ReloadConfigResponse done() {
    return ReloadConfigResponse.newBuilder().setStatus(StatusProto.getDefaultInstance()).build();
  }

  private static ServingException unavailable(Map<String, String> failed) {
    StringBuilder message = new StringBuilder();
    message.append(failed.size()).append(" model(s) did not become available: {");
    new TreeMap<>(failed)
        .forEach((model, reason) ->
            message
                .append("{name: ")
                .append(model)
                .append(" due to error: ")
                .append(reason)
                .append("}, "));
    return new ServingException(Category.UNKNOWN, message.append('}').toString());
  }
}
