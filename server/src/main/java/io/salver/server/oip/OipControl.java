package io.salver.server.oip;

import com.google.protobuf.Message;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.salver.endpoint.AuditLog;
import io.salver.lifecycle.ModelControl;
import io.salver.lifecycle.ServedModels;
import io.salver.server.grpc.GrpcMethod;
import io.salver.server.grpc.UnaryCall;
import io.salver.server.http.HttpExchange;
import io.salver.server.inference.Failures;
import io.salver.server.inference.GrpcMessages;
import io.salver.server.metrics.InferenceStatistics;
import io.salver.server.oip.proto.CudaSharedMemoryRegisterRequest;
import io.salver.server.oip.proto.CudaSharedMemoryStatusRequest;
import io.salver.server.oip.proto.CudaSharedMemoryUnregisterRequest;
import io.salver.server.oip.proto.LogSettingsRequest;
import io.salver.server.oip.proto.ModelConfigRequest;
import io.salver.server.oip.proto.ModelStatisticsRequest;
import io.salver.server.oip.proto.RepositoryIndexRequest;
import io.salver.server.oip.proto.RepositoryModelLoadRequest;
import io.salver.server.oip.proto.RepositoryModelUnloadRequest;
import io.salver.server.oip.proto.SystemSharedMemoryRegisterRequest;
import io.salver.server.oip.proto.SystemSharedMemoryStatusRequest;
import io.salver.server.oip.proto.SystemSharedMemoryUnregisterRequest;
import io.salver.server.oip.proto.TraceSettingRequest;
import io.salver.server.sharedmemory.SharedMemoryRegions;
import io.salver.server.triton.RepositoryControl;
import io.salver.server.triton.ServedConfig;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Answers what is no prediction: configuration, statistics, the repository, shared memory, traces
 * and the log. Thread-safe.
 *
 * <p>What looks at file systems, or waits for models, is done on virtual threads, never on an event
 * loop.
 */
public final class OipControl {
  private static final Set<String> EXTENSIONS =
      Set.of(
          "model_repository",
          "model_repository(unload_dependents)",
          "model_configuration",
          "statistics",
          "logging");
  private static final String SHARED_MEMORY = "system_shared_memory";

  private final Set<String> extensions;
  private final List<GrpcMethod> methods;
  private final SharedMemoryRegions regions;
  private final @Nullable ControlRest rest;

  /**
   * What is controlled.
   *
   * @param statistics told of every prediction, by whatever API
   * @param defaults what a model is run with where its own files say nothing, by its name
   * @param audit told of loads and unloads by request
   * @param regions closed by whoever made them
   * @param settings whether clients may change the log's settings
   */
  public record Parts(
      ServedModels models,
      ModelControl control,
      InferenceStatistics statistics,
      Function<String, ServedConfig.Defaults> defaults,
      RepositoryControl repository,
      AuditLog audit,
      SharedMemoryRegions regions,
      LogControl log,
      boolean settings) {}

  /** Controls that are all switched off. */
  public OipControl() {
    this.extensions = Set.of();
    this.methods = List.of();
    this.regions = SharedMemoryRegions.disabled();
    this.rest = null;
  }

  /** The controls of these parts. */
  public OipControl(Parts parts) {
    ModelConfigService configs =
        new ModelConfigService(parts.models, parts.control, parts.defaults);
    StatisticsReport statistics = new StatisticsReport(parts.models, parts.statistics);
    RepositoryService repository = new RepositoryService(parts.repository, parts.audit);
    SharedMemoryService sharedMemory = new SharedMemoryService(parts.regions);
    TraceSettingService traces = new TraceSettingService(parts.models);
    LogSettingsService logs = new LogSettingsService(parts.log, parts.settings);
    List<GrpcMethod> all = new ArrayList<>();
    all.add(OipGrpc.plain("ModelConfig", ModelConfigRequest.parser(), configs::of));
    all.add(OipGrpc.plain("ModelStatistics", ModelStatisticsRequest.parser(), statistics::of));
    all.add(OipGrpc.plain("TraceSetting", TraceSettingRequest.parser(), traces::settings));
    all.add(OipGrpc.plain("LogSettings", LogSettingsRequest.parser(), logs::settings));
    all.addAll(methods(repository));
    all.addAll(methods(sharedMemory));
    this.extensions = extensions(parts.regions);
    this.methods = List.copyOf(all);
    this.regions = parts.regions;
    this.rest = new ControlRest(configs, statistics, repository, sharedMemory, traces, logs);
  }

  private static Set<String> extensions(SharedMemoryRegions regions) {
    Set<String> extensions = new HashSet<>(EXTENSIONS);
    if (regions.isEnabled()) {
      extensions.add(SHARED_MEMORY);
    }
    return Set.copyOf(extensions);
  }

  private static List<GrpcMethod> methods(RepositoryService repository) {
    return List.of(
        blocking("RepositoryIndex", RepositoryIndexRequest.parser(), (r, _) -> repository.index(r)),
        blocking("RepositoryModelLoad", RepositoryModelLoadRequest.parser(), repository::load),
        blocking(
            "RepositoryModelUnload", RepositoryModelUnloadRequest.parser(), repository::unload));
  }

  private static List<GrpcMethod> methods(SharedMemoryService sharedMemory) {
    return List.of(
        OipGrpc.plain(
            "SystemSharedMemoryStatus",
            SystemSharedMemoryStatusRequest.parser(),
            sharedMemory::status),
        OipGrpc.plain(
            "SystemSharedMemoryRegister",
            SystemSharedMemoryRegisterRequest.parser(),
            sharedMemory::register),
        OipGrpc.plain(
            "SystemSharedMemoryUnregister",
            SystemSharedMemoryUnregisterRequest.parser(),
            sharedMemory::unregister),
        OipGrpc.plain(
            "CudaSharedMemoryStatus",
            CudaSharedMemoryStatusRequest.parser(),
            sharedMemory::cudaStatus),
        OipGrpc.plain(
            "CudaSharedMemoryRegister",
            CudaSharedMemoryRegisterRequest.parser(),
            sharedMemory::cudaRegister),
        OipGrpc.plain(
            "CudaSharedMemoryUnregister",
            CudaSharedMemoryUnregisterRequest.parser(),
            sharedMemory::cudaUnregister));
  }

  /** The extensions that it adds to those of predictions, by their names in the protocol. */
  Set<String> extensions() {
    return extensions;
  }

  /** The regions that predictions may read and write. */
  SharedMemoryRegions sharedMemory() {
    return regions;
  }

  /** The gRPC methods, by their full names. */
  List<GrpcMethod> methods() {
    return methods;
  }

  /** A method whose answer takes its time, and may depend on who calls. */
  private static <T extends MessageLite> GrpcMethod blocking(
      String name, Parser<T> parser, BiFunction<T, String, ? extends Message> answer) {
    return new GrpcMethod.Unary(
        OipGrpc.NAME + name,
        (call, message) -> {
          T request = GrpcMessages.parse(message, parser);
          String actor = call.principal().name();
          Thread.ofVirtual()
              .name("salver-control")
              .start(() -> {
                Runnable end = end(() -> answer.apply(request, actor), call);
                call.loop().execute(end);
              });
        });
  }

  private static Runnable end(Supplier<? extends Message> answer, UnaryCall call) {
    try {
      Message reply = answer.get();
      return () -> GrpcMessages.reply(call, reply);
    } catch (RuntimeException e) {
      return () -> GrpcMessages.fail(call, Failures.of(e));
    }
  }

  /** Answers a request that the route {@linkplain OipRoute#allows allows}, now or later. */
  void handle(OipRoute.Control route, HttpExchange exchange, OipAnswers answers) {
    if (rest == null) {
      answers.fail(exchange, 501, exchange.path() + " is not supported");
    } else {
      rest.handle(route, exchange, answers);
    }
  }
}
