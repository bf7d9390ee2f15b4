package io.salver.server.oip;

import io.salver.lifecycle.ServedModels;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.server.oip.proto.TraceSettingRequest;
import io.salver.server.oip.proto.TraceSettingResponse;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The extension for the settings of traces, of which there are none: it says that they are off, and
 * refuses what would have to have an effect. Thread-safe.
 */
final class TraceSettingService {
  private static final String LEVEL = "trace_level";
  private static final String OFF = "OFF";
  private static final String FILE = "trace_file";

  /** What Triton has for a server that does not trace, in its order. */
  private static final Map<String, List<String>> SETTINGS = new LinkedHashMap<>();

  static {
    SETTINGS.put(LEVEL, List.of(OFF));
    SETTINGS.put("trace_rate", List.of("1000"));
    SETTINGS.put("trace_count", List.of("-1"));
    SETTINGS.put("log_frequency", List.of("0"));
    SETTINGS.put(FILE, List.of(""));
    SETTINGS.put("trace_mode", List.of("triton"));
  }

  private final ServedModels models;

  TraceSettingService(ServedModels models) {
    this.models = models;
  }

  /**
   * Says what holds.
   *
   * @throws ServingException UNIMPLEMENTED if something is to be traced; INVALID_ARGUMENT if there
   *     is no such model or setting
   */
  TraceSettingResponse settings(TraceSettingRequest request) {
    String model = request.getModelName();
    if (!model.isEmpty() && ModelVersions.ready(models, model).isEmpty()) {
      throw ServingException.invalid("Request for unknown model : " + model);
    }
    request.getSettingsMap().forEach((name, value) -> check(name, value.getValueList()));
    TraceSettingResponse.Builder response = TraceSettingResponse.newBuilder();
    SETTINGS.forEach((name, value) ->
        response.putSettings(
            name, TraceSettingResponse.SettingValue.newBuilder().addAllValue(value).build()));
    return response.build();
  }

  /** A setting without a value asks for the default, which is what holds. */
  private static void check(String name, List<String> value) {
    List<String> holds = SETTINGS.get(name);
    if (holds == null) {
      throw ServingException.invalid(
          "trace setting: \"" + name + "\" (expected: one of " + SETTINGS.keySet() + ")");
    }
    if (value.isEmpty() || value.equals(holds)) {
      return;
    }
    if (name.equals(FILE)) {
      throw new ServingException(
          Category.UNIMPLEMENTED,
          "trace file location can not be updated through network protocol");
    }
    throw new ServingException(
        Category.UNIMPLEMENTED,
        name + ": " + value + " (expected: " + holds + ", as requests are not traced)");
  }
}
