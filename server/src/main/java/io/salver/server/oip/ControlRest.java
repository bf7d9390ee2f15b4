package io.salver.server.oip;

import com.google.protobuf.ByteString;
import io.salver.model.VersionSelector;
import io.salver.predict.ServingException;
import io.salver.server.http.HttpExchange;
import io.salver.server.inference.Failures;
import io.salver.server.json.JsonReader;
import io.salver.server.json.JsonWriter;
import io.salver.server.oip.proto.CudaSharedMemoryRegisterRequest;
import io.salver.server.oip.proto.CudaSharedMemoryStatusRequest;
import io.salver.server.oip.proto.CudaSharedMemoryUnregisterRequest;
import io.salver.server.oip.proto.LogSettingsRequest;
import io.salver.server.oip.proto.LogSettingsResponse;
import io.salver.server.oip.proto.ModelConfigRequest;
import io.salver.server.oip.proto.ModelRepositoryParameter;
import io.salver.server.oip.proto.ModelStatisticsRequest;
import io.salver.server.oip.proto.RepositoryIndexRequest;
import io.salver.server.oip.proto.RepositoryIndexResponse.ModelIndex;
import io.salver.server.oip.proto.RepositoryModelLoadRequest;
import io.salver.server.oip.proto.RepositoryModelUnloadRequest;
import io.salver.server.oip.proto.SystemSharedMemoryRegisterRequest;
import io.salver.server.oip.proto.SystemSharedMemoryStatusRequest;
import io.salver.server.oip.proto.SystemSharedMemoryUnregisterRequest;
import io.salver.server.oip.proto.TraceSettingRequest;
import io.salver.server.oip.proto.TraceSettingResponse;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The REST form of what {@link OipControl} answers by messages. Thread-safe. */
final class ControlRest {
  private final ModelConfigService configs;
  private final StatisticsReport statistics;
  private final RepositoryService repository;
  private final SharedMemoryService sharedMemory;
  private final TraceSettingService traces;
  private final LogSettingsService logs;

  ControlRest(
      ModelConfigService configs,
      StatisticsReport statistics,
      RepositoryService repository,
      SharedMemoryService sharedMemory,
      TraceSettingService traces,
      LogSettingsService logs) {
    this.configs = configs;
    this.statistics = statistics;
    this.repository = repository;
    this.sharedMemory = sharedMemory;
    this.traces = traces;
    this.logs = logs;
  }

  /** Answers now, or later on the exchange's loop; what is thrown is to be answered. */
  void handle(OipRoute.Control route, HttpExchange exchange, OipAnswers answers) {
    switch (route) {
      case OipRoute.ModelConfig(String model, VersionSelector selector) ->
          send(exchange, answers, config(model, selector));
      case OipRoute.Statistics(String model, VersionSelector selector) ->
          send(exchange, answers, statistics(model, selector));
      case OipRoute.RepositoryIndex(_) -> {
        RepositoryIndexRequest request = indexRequest(exchange);
        later(exchange, answers, () -> index(repository.index(request).getModelsList()));
      }
      case OipRoute.RepositoryModel(String in, String model, boolean load) -> {
        Supplier<@Nullable JsonWriter> action =
            load ? load(in, model, exchange) : unload(in, model, exchange);
        later(exchange, answers, action);
      }
      case OipRoute.SharedMemory memory ->
          send(
              exchange, answers, memory.cuda() ? cuda(memory, exchange) : system(memory, exchange));
      case OipRoute.TraceSetting(String model) -> send(exchange, answers, trace(model, exchange));
      case OipRoute.Logging() -> send(exchange, answers, log(exchange));
    }
  }

  private static void send(HttpExchange exchange, OipAnswers answers, @Nullable JsonWriter json) {
    if (json == null) {
      answers.sendEmpty(exchange, OipAnswers.OK);
    } else {
      answers.send(exchange, OipAnswers.OK, json);
    }
  }

  private static void later(
      HttpExchange exchange, OipAnswers answers, Supplier<@Nullable JsonWriter> action) {
    Thread.ofVirtual()
        .name("salver-control")
        .start(() -> {
          Runnable end = end(exchange, answers, action);
          exchange.loop().execute(end);
        });
  }

  private static Runnable end(
      HttpExchange exchange, OipAnswers answers, Supplier<@Nullable JsonWriter> action) {
    try {
      JsonWriter json = action.get();
      return () -> send(exchange, answers, json);
    } catch (RuntimeException e) {
      return () -> answers.fail(exchange, Failures.of(e));
    }
  }

  private static String version(VersionSelector selector) {
    return selector instanceof VersionSelector.Exact(long number) ? Long.toString(number) : "";
  }

  private JsonWriter config(String model, VersionSelector selector) {
    ModelConfigRequest request =
        ModelConfigRequest.newBuilder().setName(model).setVersion(version(selector)).build();
    JsonWriter json = new JsonWriter();
    MessageJson.write(configs.of(request).getConfig(), json);
    return json;
  }

  private JsonWriter statistics(@Nullable String model, VersionSelector selector) {
    ModelStatisticsRequest request =
        ModelStatisticsRequest.newBuilder()
            .setName(model == null ? "" : model)
            .setVersion(version(selector))
            .build();
    JsonWriter json = new JsonWriter();
    MessageJson.write(statistics.of(request), json);
    return json;
  }

  // --- the repository ---

  private static RepositoryIndexRequest indexRequest(HttpExchange exchange) {
    RepositoryIndexRequest.Builder request = RepositoryIndexRequest.newBuilder();
    ControlBody.read(
        exchange,
        (name, in) -> {
          if (name.equals("ready")) {
            request.setReady(ControlBody.bool(name, in));
          } else {
            in.skipValue();
          }
        });
    return request.build();
  }

  /** Leaves out what is not known, as Triton does. */
  private static JsonWriter index(List<ModelIndex> models) {
    JsonWriter json = new JsonWriter().raw('[');
    for (int i = 0; i < models.size(); i++) {
      ModelIndex model = models.get(i);
      json.raw(i == 0 ? "{\"name\":" : ",{\"name\":").string(model.getName());
      member("version", model.getVersion(), json);
      member("state", model.getState(), json);
      member("reason", model.getReason(), json);
      json.raw('}');
    }
    return json.raw(']');
  }

  private static void member(String name, String value, JsonWriter json) {
    if (!value.isEmpty()) {
      json.raw(',').string(name).raw(':').string(value);
    }
  }

  private Supplier<@Nullable JsonWriter> load(
      @Nullable String in, String model, HttpExchange exchange) {
    RepositoryModelLoadRequest.Builder request =
        RepositoryModelLoadRequest.newBuilder()
            .setRepositoryName(in == null ? "" : in)
            .setModelName(model);
    parameters(
        exchange, (name, value) -> request.putParameters(name, loadParameter(name, value).build()));
    String actor = exchange.principal().name();
    return () -> {
      var unused = repository.load(request.build(), actor);
      return null;
    };
  }

  private static ModelRepositoryParameter.Builder loadParameter(String name, JsonReader in) {
    ModelRepositoryParameter.Builder parameter = ModelRepositoryParameter.newBuilder();
    String text = ControlBody.string(name, in);
    if (!name.startsWith("file:")) {
      return parameter.setStringParam(text);
    }
    if (!in.decodeBase64()) {
      throw ServingException.invalid(name + ": not base64 (expected: the file's bytes as base64)");
    }
    return parameter.setBytesParam(
        ByteString.copyFrom(in.stringArray(), in.stringOffset(), in.stringLength()));
  }

  private Supplier<@Nullable JsonWriter> unload(
      @Nullable String in, String model, HttpExchange exchange) {
    RepositoryModelUnloadRequest.Builder request =
        RepositoryModelUnloadRequest.newBuilder()
            .setRepositoryName(in == null ? "" : in)
            .setModelName(model);
    parameters(
        exchange,
        (name, value) ->
            request.putParameters(
                name,
                ModelRepositoryParameter.newBuilder()
                    .setBoolParam(ControlBody.bool(name, value))
                    .build()));
    String actor = exchange.principal().name();
    return () -> {
      var unused = repository.unload(request.build(), actor);
      return null;
    };
  }

  private static void parameters(HttpExchange exchange, ControlBody.Members parameters) {
    ControlBody.read(
        exchange,
        (name, in) -> {
          if (name.equals("parameters")) {
            ControlBody.object(in, parameters);
          } else {
            in.skipValue();
          }
        });
  }

  // --- shared memory ---

  private @Nullable JsonWriter system(OipRoute.SharedMemory route, HttpExchange exchange) {
    String region = route.region() == null ? "" : route.region();
    switch (route.action()) {
      case STATUS -> {
        SystemSharedMemoryStatusRequest request =
            SystemSharedMemoryStatusRequest.newBuilder().setName(region).build();
        JsonWriter json = new JsonWriter().raw('[');
        String before = "";
        for (var status : sharedMemory.status(request).getRegionsMap().values()) {
          json.raw(before);
          MessageJson.write(status, json);
          before = ",";
        }
        return json.raw(']');
      }
      case REGISTER -> {
        var unused = sharedMemory.register(registerRequest(region, exchange));
      }
      case UNREGISTER -> {
        var unused =
            sharedMemory.unregister(
                SystemSharedMemoryUnregisterRequest.newBuilder().setName(region).build());
      }
    }
    return null;
  }

  private static SystemSharedMemoryRegisterRequest registerRequest(
      String region, HttpExchange exchange) {
    SystemSharedMemoryRegisterRequest.Builder request =
        SystemSharedMemoryRegisterRequest.newBuilder().setName(region);
    boolean[] found = new boolean[2];
    ControlBody.read(
        exchange,
        (name, in) -> {
          switch (name) {
            case "key" -> {
              request.setKey(ControlBody.string(name, in));
              found[0] = true;
            }
            case "offset" -> request.setOffset(ControlBody.unsigned(name, in));
            case "byte_size" -> {
              request.setByteSize(ControlBody.unsigned(name, in));
              found[1] = true;
            }
            default -> in.skipValue();
          }
        });
    for (int i = 0; i < found.length; i++) {
      if (!found[i]) {
        throw ServingException.invalid(
            "Shared memory register request has no '"
                + List.of("key", "byte_size").get(i)
                + "' field");
      }
    }
    return request.build();
  }

  private @Nullable JsonWriter cuda(OipRoute.SharedMemory route, HttpExchange exchange) {
    String region = route.region() == null ? "" : route.region();
    switch (route.action()) {
      case STATUS -> {
        var unused =
            sharedMemory.cudaStatus(
                CudaSharedMemoryStatusRequest.newBuilder().setName(region).build());
        return new JsonWriter().raw("[]");
      }
      case REGISTER -> {
        ControlBody.read(exchange, (name, in) -> in.skipValue());
        var unused =
            sharedMemory.cudaRegister(
                CudaSharedMemoryRegisterRequest.newBuilder().setName(region).build());
      }
      case UNREGISTER -> {
        var unused =
            sharedMemory.cudaUnregister(
                CudaSharedMemoryUnregisterRequest.newBuilder().setName(region).build());
      }
    }
    return null;
  }

  // --- settings ---

  private JsonWriter trace(@Nullable String model, HttpExchange exchange) {
    TraceSettingRequest.Builder request =
        TraceSettingRequest.newBuilder().setModelName(model == null ? "" : model);
    if (exchange.method().equals("POST")) {
      ControlBody.read(exchange, (name, in) -> request.putSettings(name, traceValue(name, in)));
    }
    return json(traces.settings(request.build()));
  }

  private static TraceSettingRequest.SettingValue traceValue(String name, JsonReader in) {
    TraceSettingRequest.SettingValue.Builder value = TraceSettingRequest.SettingValue.newBuilder();
    if (ControlBody.isNull(in)) {
      return value.build();
    }
    if (in.peek() == '[') {
      for (boolean more = in.firstElement(); more; more = in.nextElement()) {
        value.addValue(ControlBody.string(name, in));
      }
    } else {
      value.addValue(ControlBody.string(name, in));
    }
    return value.build();
  }

  /** The level is a list of its own, whatever else there is one value. */
  private static JsonWriter json(TraceSettingResponse response) {
    JsonWriter json = new JsonWriter();
    String before = "{";
    for (var setting : response.getSettingsMap().entrySet()) {
      List<String> values = setting.getValue().getValueList();
      json.raw(before).string(setting.getKey()).raw(':');
      if (setting.getKey().equals("trace_level")) {
        JsonLists.strings(values, json);
      } else {
        json.string(values.getFirst());
      }
      before = ",";
    }
    return json.raw('}');
  }

  private JsonWriter log(HttpExchange exchange) {
    LogSettingsRequest.Builder request = LogSettingsRequest.newBuilder();
    if (exchange.method().equals("POST")) {
      ControlBody.read(
          exchange,
          (name, in) -> {
            if (!ControlBody.isNull(in)) {
              request.putSettings(name, logValue(name, in));
            }
          });
    }
    return json(logs.settings(request.build()));
  }

  private static LogSettingsRequest.SettingValue logValue(String name, JsonReader in) {
    LogSettingsRequest.SettingValue.Builder value = LogSettingsRequest.SettingValue.newBuilder();
    switch (in.peek()) {
      case '"' -> value.setStringParam(ControlBody.string(name, in));
      case 't', 'f' -> value.setBoolParam(ControlBody.bool(name, in));
      default -> value.setUint32Param(saturated(ControlBody.unsigned(name, in)));
    }
    return value.build();
  }

  private static int saturated(long unsigned) {
    return Long.compareUnsigned(unsigned, Integer.MAX_VALUE) > 0
        ? Integer.MAX_VALUE
        : (int) unsigned;
  }

  private static JsonWriter json(LogSettingsResponse response) {
    JsonWriter json = new JsonWriter();
    String before = "{";
    for (var setting : response.getSettingsMap().entrySet()) {
      LogSettingsResponse.SettingValue value = setting.getValue();
      json.raw(before).string(setting.getKey()).raw(':');
      switch (value.getParameterChoiceCase()) {
        case BOOL_PARAM -> json.value(value.getBoolParam());
        case UINT32_PARAM -> json.value(Integer.toUnsignedLong(value.getUint32Param()));
        case STRING_PARAM, PARAMETERCHOICE_NOT_SET -> json.string(value.getStringParam());
      }
      before = ",";
    }
    return json.raw('}');
  }
}
